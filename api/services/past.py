"""A claim as it was at some time, put together from its events."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from api.errors import NotFound
from api.rules.blinding import REVIEW, unassessed
from api.rules.history import UNASSESSED, Event, State, replayed
from api.services.answers import Answer, Found
from api.services.blinding import unseen
from api.services.history import beginning, until
from api.services.spans import in_unit
from api.text.marks import Mark, stands_on
from api.text.units import CODE_POINT

LATER: State = {"priority": 0}
"""Members that claims had not yet when the first histories began, as they all were."""


def claim_at(tx: sa.Connection, claim: Found, at: datetime, unit: str) -> Answer:
    """Raises: NotFound: the claim was not there at that time."""
    events = until(tx, claim.project, claim.id, at)
    standing = replayed(events)
    if ("claim", claim.id) not in standing:
        raise NotFound
    hidden = unseen(tx, claim, [claim.id])
    answer = _answer(standing, [event for event in events if not (hidden and event.resource in REVIEW)], claim.id)
    answer["claimant"] = _claimant(tx, claim.project, answer["claimant"], at)
    in_unit(tx, claim.project, [answer], unit)
    return unassessed(answer) if hidden else answer


def _answer(standing: dict[tuple[str, str], State], events: Sequence[Event], id: str) -> Answer:
    own = [event for event in events if event.resource in ("claim", "status")]
    facts, status = LATER | standing["claim", id], UNASSESSED | standing.get(("status", id), {})
    kinds = Counter(kind for kind, _ in standing)
    counts = {f"{kind}_count": kinds[kind] for kind in ("evidence", "assessment", "relation")}
    moves = sum(event.resource in REVIEW and event.action != "adopted" for event in events)
    if status["resolution"]:
        status["resolution"] = {**status["resolution"], "words_changed": _words_changed(facts, status, own)}
    spans = [_span(Mark(**mark)) for mark in facts["spans"]]
    times = {"created_at": datetime.fromisoformat(facts["created_at"]), "updated_at": own[-1].at}
    return {**facts, **status, **counts, **times, "spans": spans, "review_version": moves}


def _words_changed(facts: State, status: State, own: Sequence[Event]) -> bool:
    resolved_at = datetime.fromisoformat(status["resolution"]["resolved_at"])
    carried = [event.after for event in own if event.action == "carried" and event.at > resolved_at and event.after]
    lost = any(_is_lost(span) for after in carried for span in after.get("spans", []))
    return facts["needs_attention"] is not None and lost


def _is_lost(span: State) -> bool:
    newly: bool = span["from_revision"] == span["revision"] - 1
    return span["outcome"] == "changed" or (span["outcome"] == "orphaned" and newly)


def _span(mark: Mark) -> Answer:
    anchor = {name: getattr(mark, name) for name in ("outcome", "score", "from_revision", "confirmed")}
    words = {name: getattr(mark, name) for name in ("exact", "prefix", "suffix")}
    return {
        "start": mark.start,
        "end": mark.end,
        "unit": CODE_POINT,
        "revision": stands_on(mark),
        **words,
        "anchor": anchor,
    }


def _claimant(tx: sa.Connection, project: str, id: str | None, moment: datetime) -> Any:
    if id is None:
        return None
    # The clock that told of the claim may have been behind that which told of the claimant.
    known = replayed(until(tx, project, id, moment) or beginning(tx, project, id))["claimant", id]
    return {name: known[name] for name in ("id", "name", "kind", "job_title", "same_as")}
