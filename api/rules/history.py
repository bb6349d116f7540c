"""Events: what they say, how each is sealed to the one before it, and what they add up to."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

import orjson

from api.text.times import precise

RESOURCES = (
    "project",
    "member",
    "claimant",
    "article",
    "revision",
    "claim",
    "status",
    "assessment",
    "evidence",
    "relation",
    "comment",
    "assignment",
)
ACTIONS = (
    "adopted",
    "created",
    "changed",
    "deleted",
    "carried",
    "confirmed",
    "submitted",
    "adjudicated",
    "reopened",
    "withdrawn",
    "reinstated",
)
"""`adopted`: it was there already when the history began. `carried`: its article got a new text.
`submitted`: a draft became an assessment that others see; what it said before is the reviewer's alone,
and so are the comments on it until then."""
State = dict[str, Any]
"""The members of a resource, or some of them, as JSON values."""
UNASSESSED: State = {"status": "unverified", "verdict": None, "resolution": None}
"""Where a claim stands before any event says otherwise."""
START = "0" * 64
"""Stands for the hash before the first event of a chain."""


class Event(NamedTuple):
    """One change of one resource: of what was there before, and what is there after, just the members that differ.

    `article` and `claim` are those whose histories show it. `review`: it tells of an assessment, or of what follows
    from assessments. `private_to`: it is of a draft of this user, who alone sees it.
    """

    chain: str
    n: int
    at: datetime
    by: str
    action: str
    resource: str
    resource_id: str
    before: State | None
    after: State | None
    article: str | None
    claim: str | None
    review: bool
    private_to: str | None


def sealed(project: str, event: Event, previous: str) -> str:
    """The event's hash: SHA-256, in hex, of a compact JSON array of all that it says, after the hash before it.

    Times are written as `2026-03-02T10:00:00.000000+00:00`.
    """
    at = precise(event.at)
    what = (event.action, event.resource, event.resource_id, event.before, event.after)
    where = (event.article, event.claim, event.review, event.private_to)
    return sha256(orjson.dumps([previous, project, event.chain, event.n, at, event.by, *what, *where])).hexdigest()


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[State, State]:
    """The members of `after` that `before` has otherwise, as they were and as they are."""
    names = [name for name in after if before.get(name) != after[name]]
    return {name: before.get(name) for name in names}, {name: after[name] for name in names}


def replayed(events: Iterable[Event]) -> dict[tuple[str, str], State]:
    """What the events of a chain, from its first on, add up to: every resource there is, by its kind and id.

    With the first resource of the chain, all that belongs to it is gone.
    """
    standing: dict[tuple[str, str], State] = {}
    first = None
    for event in events:
        key = (event.resource, event.resource_id)
        first = first or key
        if event.action != "deleted":
            standing[key] = standing.get(key, {}) | (event.after or {})
        elif key == first:
            standing.clear()
        else:
            standing.pop(key, None)
    return standing


def breaks(project: str, chain: Sequence[tuple[Event, str]], head: tuple[int, str]) -> list[str]:
    """What is wrong with a chain: its events with their stored hashes, in order, and the number and hash
    that its last event should have."""
    found = []
    number, previous = 0, START
    for event, hash in chain:
        if event.n != number + 1:
            found.append(f"{_numbers(number + 1, event.n - 1)} missing before event {event.n}")
        elif sealed(project, event, previous) != hash:
            what = f"{event.resource} {event.resource_id} {event.action}"
            found.append(f"event {event.n} ({what} by {event.by}) is not as it was written")
        number, previous = event.n, hash
    if number < head[0]:
        found.append(f"{_numbers(number + 1, head[0])} missing at the end")
    elif (number, previous) != head:
        found.append(f"event {number} is not the one that was written last")
    return found


def _numbers(first: int, last: int) -> str:
    return f"event {first} is" if first == last else f"events {first} to {last} are"
