"""The JSON of AVeriTeC, a corpus of real-world claims (Schlichtkrull, Guo, Vlachos 2023).

https://fever.ai/dataset/averitec.html
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from api.exports.dossier import Dossier, Format, Source, as_array, wording

LABELS = {
    "true": "Supported",
    "false": "Refuted",
    "unverifiable": "Not Enough Evidence",
    "mixed": "Conflicting Evidence/Cherrypicking",
}
CLAIM_TYPES = {
    "numerical": "Numerical Claim",
    "quote": "Quote Verification",
    "event": "Event/Property Claim",
    "position": "Position Statement",
    "causal": "Causal Claim",
}
MEDIA = {
    "web_text": "Web text",
    "web_table": "Web table",
    "pdf": "PDF",
    "image": "Image/graphic",
    "video": "Video",
    "audio": "Audio",
    "metadata": "Metadata",
    "other": "Other",
}


def write(dossiers: Iterable[Dossier], source: Source) -> Iterator[bytes]:
    return as_array(_labelled(dossier, source) for dossier in dossiers)


def _labelled(dossier: Dossier, source: Source) -> Iterator[dict[str, Any]]:
    return (_claim(dossier["article"], claim, source) for claim in dossier["claims"] if claim["resolution"])


def _claim(article: dict[str, Any], claim: dict[str, Any], source: Source) -> dict[str, Any]:
    first = claim["first_appearance"] or {"url": article["url"], "archive_url": None}
    return {
        "claim": wording(claim),
        "required_reannotation": False,
        "label": LABELS[source.verdict(claim["verdict"])["truth_class"]],
        "justification": _justification(claim),
        "claim_date": _day(claim["claimed_at"]),
        "speaker": claim["claimant"] and claim["claimant"]["name"],
        "original_claim_url": first["url"],
        "cached_original_claim_url": first["archive_url"],
        "fact_checking_article": source.address("claims", claim["id"]),
        "reporting_source": article["publisher"],
        "location_ISO_code": _country(claim["location"]),
        "claim_types": [CLAIM_TYPES.get(kind, kind) for kind in claim["types"]],
        "fact_checking_strategies": [],
        "questions": [_question(evidence) for evidence in claim["evidence"]],
    }


def _justification(claim: dict[str, Any]) -> str:
    """The rationale of the resolution; if it has none, those of the assessments it rests on."""
    resolution = claim["resolution"]
    if resolution["rationale"]:
        return str(resolution["rationale"])
    rests_on = set(resolution["assessments"])
    reasons = [each["rationale"] for each in claim["assessments"] if each["id"] in rests_on]
    return "\n\n".join(filter(None, reasons))


def _day(at: str | None) -> str | None:
    """As AVeriTeC writes days.

    >>> _day("2020-08-05T10:00:00Z")
    '5-8-2020'
    """
    if at is None:
        return None
    year, month, day = at[:10].split("-")
    return f"{int(day)}-{int(month)}-{year}"


def _country(location: str | None) -> str | None:
    """Only codes of countries: other places have no place there."""
    return location if location and re.fullmatch("[A-Z]{2}", location) else None


def _question(evidence: dict[str, Any]) -> dict[str, Any]:
    """The evidence as an answer; what was asked for it is not known, and not made up."""
    answer = {
        "answer": evidence["excerpt"] or evidence["note"] or evidence["title"] or "",
        "answer_type": "Extractive" if evidence["excerpt"] else "Abstractive",
        "source_url": evidence["url"],
        "cached_source_url": evidence["archive_url"],
        "source_medium": MEDIA[evidence["medium"] or "other"],
    }
    return {"question": "", "answers": [answer]}


FORMAT = Format(
    "averitec",
    "application/vnd.averitec+json",
    "json",
    "The JSON of the AVeriTeC corpus: resolved claims, labelled by truth class, with evidence as answers.",
    "Claims that are not resolved, where claims stand, single assessments, stances, tags; the questions are empty.",
    write,
)
