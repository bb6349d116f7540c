"""schema.org ClaimReview, as Google's guidelines for fact checks ask for it.

https://schema.org/ClaimReview, https://developers.google.com/search/docs/appearance/structured-data/factcheck
"""

from collections.abc import Iterable, Iterator
from typing import Any

from api.exports.dossier import Dossier, Format, Source, as_array, given, rfc3339, wording

TYPES = {"person": "Person", "organization": "Organization", "unknown": "Person"}


def write(dossiers: Iterable[Dossier], source: Source) -> Iterator[bytes]:
    pieces = as_array(_reviews(dossier, source) for dossier in dossiers)
    # So that an element can be put into the script of a page as it is: none closes the script.
    return (piece.replace(b"<", b"\\u003c") for piece in pieces)


def _reviews(dossier: Dossier, source: Source) -> Iterator[dict[str, Any]]:
    return (_review(dossier["article"], claim, source) for claim in dossier["claims"] if claim["resolution"])


def _review(article: dict[str, Any], claim: dict[str, Any], source: Source) -> dict[str, Any]:
    resolution = claim["resolution"]
    return given(
        _context="https://schema.org",
        _type="ClaimReview",
        url=source.address("claims", claim["id"]),
        claimReviewed=wording(claim),
        datePublished=rfc3339(resolution["resolved_at"]),
        author={"@type": "Organization", "name": source.name, "url": source.address("projects", source.project)},
        reviewRating=_rating(resolution, source),
        itemReviewed=_claim(article, claim),
        inLanguage=claim["language"] or article["language"],
    )


def _rating(resolution: dict[str, Any], source: Source) -> dict[str, Any]:
    """With numbers if the verdict has one, and the scale a best and a worst."""
    verdict = source.verdict(resolution["verdict"])
    numbers = {entry["number"] for entry in source.scale["values"]} - {None}
    numeric = verdict["number"] is not None and len(numbers) > 1
    return given(
        _type="Rating",
        ratingValue=_plain(verdict["number"]) if numeric else None,
        bestRating=_plain(max(numbers)) if numeric else None,
        worstRating=_plain(min(numbers)) if numeric else None,
        alternateName=verdict["label"],
        ratingExplanation=resolution["rationale"] or None,
    )


def _plain(number: float) -> float:
    return int(number) if number == int(number) else number


def _claim(article: dict[str, Any], claim: dict[str, Any]) -> dict[str, Any]:
    return given(
        _type="Claim",
        text=wording(claim),
        author=_author(claim["claimant"]),
        datePublished=claim["claimed_at"],
        appearance=[*_marked(article), *map(_work, claim["appearances"])],
        firstAppearance=_work(claim["first_appearance"]) if claim["first_appearance"] else None,
    )


def _author(claimant: dict[str, Any] | None) -> dict[str, Any] | None:
    if claimant is None:
        return None
    return given(
        _type=TYPES[claimant["kind"]],
        name=claimant["name"],
        jobTitle=claimant["job_title"] if claimant["kind"] == "person" else None,
        sameAs=claimant["same_as"],
    )


def _marked(article: dict[str, Any]) -> list[dict[str, Any]]:
    """The article itself, if it has an address: the claim is marked in it."""
    work = given(
        _type="CreativeWork",
        url=article["url"],
        headline=article["title"],
        datePublished=article["published_at"],
        publisher={"@type": "Organization", "name": article["publisher"]} if article["publisher"] else None,
    )
    return [work] if article["url"] else []


def _work(appearance: dict[str, Any]) -> dict[str, Any]:
    return given(_type="CreativeWork", url=appearance["url"], archivedAt=appearance["archive_url"])


FORMAT = Format(
    "claim-review",
    "application/ld+json",
    "jsonld",
    "schema.org ClaimReview: one for each resolved claim, for pages of fact checks; put the page into `url`.",
    "Claims that are not resolved, where claims stand, assessments, evidence, tags; claimants of unknown kind become "
    "persons.",
    write,
)
