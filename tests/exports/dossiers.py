"""Dossiers as the service gathers them, for formats to write: the documented examples, with other words."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from api.exports import formats
from api.exports.dossier import Dossier, Source
from api.rules.scales import PRESETS
from api.schemas.dossiers import DossierArticle, DossierAssessment, DossierClaim
from api.schemas.evidence import Evidence

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SOURCE = Source("default", "The <b>Desk</b>", PRESETS["six_point"], "https://facts.example", "/v1/projects/default")
HOSTILE = (
    "<script>alert('x')</script> said \"trees\" & more.\r\n"
    "=1+1\t@SUM(A1) 🌳🌳 it grew; e\u0301ven #1. \u2028</textarea>]]>\x0b 漢字です。終わり\n\n"
    "\u202eesrever # newdoc id = 1\rThe end"
)
PLACES = [(0, 27), (8, 13), (20, 45), (50, 64), (54, 55), (60, 90), (88, 100), (0, len(HOSTILE)), (130, 140)]
"""Overlapping, nested, across every kind of line end, and inside a word."""


def claim(n: int, stands_on: str, *places: tuple[int, int], **facts: Any) -> dict[str, Any]:
    """The claim number `n`, on these places of the text; resolved as false if `verdict` is not said to be None."""
    id = str(UUID(int=n))
    verdict = facts.get("verdict", "false")
    resolution = {**DossierClaim.example["resolution"], "verdict": verdict, "resolved_at": NOON} if verdict else None
    spans = [span(stands_on, *place) for place in places]
    assessment = {**DossierAssessment.example, "claim": id, "verdict": verdict or "true", "created_at": NOON}
    example = {
        **DossierClaim.example,
        "id": id,
        "spans": spans,
        "assessments": [{**assessment, "updated_at": NOON}],
        "evidence": [evidence()],
        "relations": [],
        "verdict": verdict,
        "status": "resolved" if verdict else "unverified",
        "resolution": resolution,
        "created_at": NOON,
        "updated_at": NOON,
    }
    return {**example, **facts}


def span(text: str, start: int, end: int, outcome: str = "marked") -> dict[str, Any]:
    return {
        **DossierClaim.example["spans"][0],
        "start": start,
        "end": end,
        "exact": text[start:end],
        "prefix": text[max(0, start - 32) : start],
        "suffix": text[end : end + 32],
        "anchor": {"outcome": outcome, "score": 1.0, "from_revision": 1, "confirmed": None},
    }


def evidence(**facts: Any) -> dict[str, Any]:
    return {**Evidence.example, "created_at": NOON, **facts}


def dossier(text: str, *claims: dict[str, Any], **facts: Any) -> Dossier:
    article = {**DossierArticle.example, "text": text, "revisions": [], "created_at": NOON, "updated_at": NOON}
    return {"article": {**article, **facts}, "claims": list(claims)}


def hostile() -> Dossier:
    """Hostile text in every place where users write."""
    claims = [
        claim(
            n,
            HOSTILE,
            place,
            text=HOSTILE,
            tags=[HOSTILE],
            types=["=1+1"],
            location=HOSTILE,
            external_id=HOSTILE,
            claimant={"id": "1", "name": HOSTILE, "kind": "person", "job_title": HOSTILE, "same_as": []},
            evidence=[evidence(title=HOSTILE, publisher=HOSTILE, excerpt=HOSTILE, note=HOSTILE)],
            resolution={**claim(n, HOSTILE, place)["resolution"], "rationale": HOSTILE},
        )
        for n, place in enumerate(PLACES, 1)
    ]
    return dossier(HOSTILE, *claims, title=HOSTILE, publisher=HOSTILE, byline=HOSTILE)


def written(format: str, *dossiers: Dossier, source: Source = SOURCE) -> bytes:
    return b"".join(formats()[format].write(iter(dossiers), source))
