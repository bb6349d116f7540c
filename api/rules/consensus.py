"""What a claim's assessments amount to under its project's policy."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Status = Literal["unverified", "in_review", "disputed", "resolved", "withdrawn"]
STATUSES: tuple[Status, ...] = ("unverified", "in_review", "disputed", "resolved", "withdrawn")
Method = Literal["sole", "unanimous", "majority", "adjudicated"]
Consensus = Literal["unanimous", "majority"]
CONSENSUS: tuple[Consensus, ...] = ("unanimous", "majority")
METHODS: tuple[Method, ...] = ("sole", "unanimous", "majority", "adjudicated")


@dataclass(frozen=True, slots=True)
class Policy:
    """How many submitted assessments a claim needs, and how far they must agree."""

    required_assessments: int = 1
    consensus: Consensus = "unanimous"
    blind: bool = False


@dataclass(frozen=True, slots=True)
class Vote:
    """One submitted assessment: its id, who gave it, and the verdict."""

    assessment: str
    reviewer: str
    verdict: str


@dataclass(frozen=True, slots=True)
class Settled:
    verdict: str
    method: Method
    by: str | None
    assessments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where a claim stands; `settled` exactly when it is resolved."""

    status: Status
    settled: Settled | None = None


def settle(policy: Policy, votes: Sequence[Vote]) -> Outcome:
    """Where the votes leave a claim that is not withdrawn.

    A majority is more than half of all votes; a resolution names the assessments that carry it.

    >>> settle(Policy(), [Vote("a1", "ada", "false")]).status
    'resolved'
    >>> settle(Policy(required_assessments=2), [Vote("a1", "ada", "false")]).status
    'in_review'
    """
    if not votes:
        return Outcome("unverified")
    if len(votes) < policy.required_assessments:
        return Outcome("in_review")
    verdict, count = Counter(vote.verdict for vote in votes).most_common(1)[0]
    carried = tuple(vote.assessment for vote in votes if vote.verdict == verdict)
    if count == len(votes) == 1:
        return Outcome("resolved", Settled(verdict, "sole", votes[0].reviewer, carried))
    if count == len(votes):
        return Outcome("resolved", Settled(verdict, "unanimous", None, carried))
    if policy.consensus == "majority" and 2 * count > len(votes):
        return Outcome("resolved", Settled(verdict, "majority", None, carried))
    return Outcome("disputed")
