"""Everything that can go wrong, one class each, without a word of HTTP.

The class names the kind; `detail` says what was found and what was expected.
`resources/problems.py` holds the one table that gives each its status.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in what was sent: where (a JSON pointer), which kind, and why.

    `candidates`: for a quote, the places where it stands, or else the passages that are nearest to it.
    """

    pointer: str
    code: str
    detail: str
    candidates: Sequence[Mapping[str, Any]] | None = None


class ClaimspanError(Exception):
    """Root of all refusals. `facts` are further members of the answer, by name."""

    code: ClassVar[str]
    title: ClassVar[str]

    def __init__(self, detail: str, **facts: Any):
        super().__init__(detail)
        self.detail = detail
        self.facts = facts


class Malformed(ClaimspanError):
    code, title = "malformed", "The request can't be read"


class Unauthenticated(ClaimspanError):
    code, title = "unauthenticated", "A valid token is needed"


class InvalidToken(ClaimspanError):
    """There is a token, but it lets nobody in. The detail is told in a header too: plain ASCII, no quotes."""

    code, title = "invalid_token", "The token is not valid"


class Forbidden(ClaimspanError):
    code, title = "forbidden", "Not allowed"


class NotFound(ClaimspanError):
    code, title = "not_found", "There is nothing here"

    def __init__(self) -> None:
        super().__init__("It does not exist, or you have no access to it.")


class MethodNotAllowed(ClaimspanError):
    code, title = "method_not_allowed", "Not a method of this address"


class Conflict(ClaimspanError):
    code, title = "conflict", "Something changed at the same time"


class AlreadyExists(ClaimspanError):
    code, title = "already_exists", "It exists already"


class NameRetired(ClaimspanError):
    code, title = "name_retired", "The name belonged to what was deleted"


class ClaimantDiffers(ClaimspanError):
    code, title = "claimant_differs", "The project knows this claimant otherwise"


class ClaimWithdrawn(ClaimspanError):
    code, title = "claim_withdrawn", "The claim is withdrawn"


class AlreadySubmitted(ClaimspanError):
    code, title = "already_submitted", "The assessment is submitted already"


class ClaimClosed(ClaimspanError):
    code, title = "claim_closed", "The claim is closed to review"


class ClaimOrphaned(ClaimspanError):
    code, title = "claim_orphaned", "The claim's words are gone"


class EvidenceKept(ClaimspanError):
    code, title = "evidence_kept", "Evidence stays during blind review"


class EvidenceCited(ClaimspanError):
    code, title = "evidence_cited", "Assessments cite the evidence"


class LeaseExpired(ClaimspanError):
    code, title = "lease_expired", "The lease has run out"


class ScaleInUse(ClaimspanError):
    code, title = "scale_in_use", "The scale drops a verdict in use"


class LastOwner(ClaimspanError):
    code, title = "last_owner", "A project keeps at least one owner"


class LastAdmin(ClaimspanError):
    code, title = "last_admin", "The instance keeps at least one admin"


class Stale(ClaimspanError):
    """The thing has moved on from the version the change was meant for."""

    code, title = "stale", "It has changed since you read it"

    def __init__(self, current: int):
        super().__init__(
            f"The current version is {current}. Read it again, then repeat the change.",
            version=current,
        )


class PreconditionFailed(ClaimspanError):
    code, title = "precondition_failed", "The precondition does not hold"


class PreconditionRequired(ClaimspanError):
    code, title = "precondition_required", "If-Match is needed"


class TooLarge(ClaimspanError):
    code, title = "too_large", "The request is too large"


class UnsupportedMediaType(ClaimspanError):
    code, title = "unsupported_media_type", "The content type is not understood"


class Faulty(ClaimspanError):
    """Something wrong with what was sent. `faults` says each thing, with its JSON pointer."""

    def __init__(self, *faults: Fault, **facts: Any):
        super().__init__("; ".join(f"{f.pointer or 'the body'}: {f.detail}" for f in faults), **facts)
        self.faults = faults


class Invalid(Faulty):
    """Its shape or a value."""

    code, title = "invalid", "What was sent does not fit"


class QuoteAmbiguous(Faulty):
    """Nothing but that quotes stand in several places each."""

    code, title = "quote_ambiguous", "The quote stands in several places"


class NotAReviewer(Invalid):
    code, title = "not_a_reviewer", "Claims are assigned to reviewers"


class ConfirmationNeeded(Invalid):
    """Nothing was deleted yet: the name of what is to go has to be repeated. `goes` counts what goes with it."""

    code, title = "confirmation_needed", "Repeat the name of what is to be deleted"


class KeyReused(ClaimspanError):
    code, title = "idempotency_key_reused", "The Idempotency-Key belongs to another request"


class RateLimited(ClaimspanError):
    """A token has sent more than it may."""

    code, title = "rate_limited", "Too many requests"

    def __init__(self, per_minute: int, burst: int, wait: int):
        super().__init__(
            f"A token may make {per_minute} requests a minute, {burst} of them at once. Try again in {wait} s.",
            limit=per_minute,
            burst=burst,
        )


class TooManyFiles(ClaimspanError):
    """The threads that may send or take in files are at it."""

    code, title = "too_many_files", "Other imports and exports are under way"

    def __init__(self, limit: int):
        super().__init__(
            f"This process deals with {limit} imports and exports at once; try again shortly.", limit=limit
        )


class Unavailable(ClaimspanError):
    code, title = "unavailable", "The database can't be reached"


class ConnectionLost(Unavailable):
    code, title = "connection_lost", "The connection to the database was lost"


class Interrupted(Unavailable):
    code, title = "interrupted", "The database broke it off"


class TimedOut(Unavailable):
    code, title = "timed_out", "The database took too long"


class OutcomeUnknown(Unavailable):
    """The connection was lost while a commit was under way: it may stand or not."""

    code, title = "outcome_unknown", "Whether it was done is not known"

    def __init__(self) -> None:
        super().__init__(
            "The connection to the database was lost while the change was being made final. If the request had an "
            "Idempotency-Key, send it again as it is; otherwise read first, and repeat it only if it is not there."
        )


class SignInUnavailable(ClaimspanError):
    code, title = "sign_in_unavailable", "Sign-in can't be checked"
