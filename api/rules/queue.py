"""Where a claim stands in the review queue, from a few numbers.

A claim needs a number of submitted assessments; for each that it lacks it has a place for one
reviewer, who holds it by a lease or because an editor assigned them. An editor may assign more
reviewers than there are places: the claim is taken then, and nobody else gets it.
"""

from typing import Literal

from api.rules.consensus import Status

State = Literal["open", "taken", "disputed"]
STATES: tuple[State, ...] = ("open", "taken", "disputed")


def open_slots(status: Status, required: int, submitted: int, holders: int) -> int:
    """Places that nobody holds. `holders` are the reviewers who hold one and have not submitted yet.

    >>> open_slots("in_review", required=3, submitted=1, holders=1)
    1
    """
    return max(0, required - submitted - holders) if status in ("unverified", "in_review") else 0


def state(status: Status, required: int, submitted: int, holders: int) -> State | None:
    """Whether the claim waits for a reviewer, for one who has taken it, or for an editor; None if it does not wait.

    >>> state("unverified", required=2, submitted=0, holders=2)
    'taken'
    """
    if status == "disputed":
        return "disputed"
    if status not in ("unverified", "in_review"):
        return None
    return "open" if open_slots(status, required, submitted, holders) else "taken"
