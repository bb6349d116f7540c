"""What came of a campaign: answers counted, failures kept, and those explained that the document can't avoid."""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.core.transport import Response
from schemathesis.engine import events
from schemathesis.openapi.checks import RejectedPositiveData

SHOWN = {"if-match", "if-none-match", "idempotency-key", "content-type"}
Case = schemathesis.Case


@dataclass(frozen=True)
class Exclusion:
    """Refusals of requests that the document calls valid, where it has no words for what the
    service rightly demands: the faults with this code, at a place like this."""

    why: str
    code: str = ".*"
    pointer: str = ".*"
    detail: str = ".*"

    def explains(self, fault: dict[str, str]) -> bool:
        said = ((self.code, "code"), (self.pointer, "pointer"), (self.detail, "detail"))
        return all(re.fullmatch(pattern, fault[member], re.DOTALL) for pattern, member in said)


EXCLUSIONS = (
    Exclusion("an Idempotency-Key is bound to its first request", code="idempotency_key_reused"),
    Exclusion("a span has to stand in the article's text, in one of its two forms", pointer="/spans(/.*)?"),
    Exclusion("an adjudication rests on submitted assessments of its claim", code="unknown_assessment"),
    Exclusion("an assessment cites evidence of its claim", code="unknown_evidence"),
    Exclusion("an assessment cites a piece of evidence once, with whatever stance", pointer="/evidence"),
    Exclusion("a relation leads to another claim of the project", code="unknown_claim|same_claim"),
    Exclusion("a revision is one that the article has", code="unknown_revision"),
    Exclusion("a cursor is good for the list and the order that gave it", code="cursor"),
    Exclusion("the verdicts of a scale differ in `value`, whatever their labels", pointer="/scale/values"),
    Exclusion(
        "a verdict gives way only if a new scale drops it",
        code="verdict_stays|verdict_not_on_scale",
    ),
    Exclusion("a verdict belongs to the project's scale", pointer="/verdict"),
    Exclusion("members are users whom the operator added", code="unknown_user"),
    Exclusion("an address is what a browser can go to: fewer than `format: uri` allows", pointer=".*/(archive_)?url"),
    Exclusion("addresses are compared and measured as a browser writes them", pointer=".*/same_as(/[0-9]+)?"),
    Exclusion("claims are assigned to members who review", code="not_a_reviewer"),
    Exclusion("what is to be deleted has its name repeated", code="confirmation_needed"),
    Exclusion("a token ends in the future", code="in_the_past"),
    Exclusion("Unicode's white space is more than a pattern's", detail="Expected more than white space.*"),
    Exclusion("JSON Schema counts 7.0 among the integers", detail=r"Expected a whole number\. Found -?[0-9]+\.0\."),
    Exclusion("readers differ on integers beyond 64 bits", code="malformed", detail="Expected integers of 64 bits.*"),
    Exclusion("no engine stores U+0000 and lone surrogates alike", code="unstorable"),
    Exclusion("each format has media types of its own", code="unsupported_media_type", detail="Expected .* for .*"),
    Exclusion(
        "files are as their tools write them",
        code="malformed",
        detail="Expected a (zip|head|JSON array|Content-Length).*",
    ),
)
BY_LINE = Exclusion("an import says of each dossier whether it fits, in its report")
EXPECTED = {
    # Whether If-Match is stale (412), or needed at all on a PUT (428), depends on what is there.
    "positive_data_acceptance": ["2xx", "3xx", "401", "403", "404", "409", "412", "428", "5xx"],
    "negative_data_rejection": ["400", "401", "403", "404", "405", "409", "412", "413", "415", "422", "428", "5xx"],
    "missing_required_header": ["404", "415", "422", "428"],
}


@dataclass
class Tally:
    """What came of it."""

    phases: Counter[str] = field(default_factory=Counter)
    answers: Counter[int] = field(default_factory=Counter)
    reached: Counter[str] = field(default_factory=Counter)
    operations: set[str] = field(default_factory=set)
    broken: list[str] = field(default_factory=list)
    excluded: Counter[str] = field(default_factory=Counter)
    violations: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    errors: set[str] = field(default_factory=set)

    def after_call(self, _context: Any, case: Case, response: Response) -> None:
        self.answers[response.status_code] += 1
        self.operations.add(case.operation.label)
        self.reached[case.operation.label] += response.status_code < 400
        if response.status_code >= 500:
            self.broken.append(exchange(case, response))

    def filter_failure(self, _context: Any, failure: Failure, case: Case, response: Response) -> bool:
        """Keeps a failure unless exclusions explain every fault that the answer names."""
        reasons = {exclusion.why if exclusion else None for exclusion in explanations(failure, response)}
        if reasons and None not in reasons:
            self.excluded.update(filter(None, reasons))
            return False
        self.violations[failure.title, case.operation.label].append(f"{failure.message}\n{exchange(case, response)}")
        return True

    def take(self, event: events.EngineEvent) -> None:
        if isinstance(event, events.ScenarioFinished):
            nodes = event.recorder.cases.values()
            own = sum(node.parent_id is None or node.transition is not None for node in nodes)
            self.phases[event.phase.value] += own
        elif isinstance(event, events.NonFatalError):
            self.errors.add(f"{event.label}: {event.value!r}")
        elif isinstance(event, events.FatalError):
            self.errors.add(repr(event.exception))

    @property
    def cases(self) -> int:
        return self.phases.total()

    @property
    def good(self) -> bool:
        return not (self.broken or self.violations or self.errors)


def explanations(failure: Failure, response: Response) -> list[Exclusion | None]:
    """For each fault in a refusal of valid data, the exclusion that explains it."""
    if isinstance(failure, AcceptedNegativeData) and response.json().get("failed"):
        return [BY_LINE]
    if not isinstance(failure, RejectedPositiveData) or response.status_code not in (400, 415, 422):
        return []
    problem = response.json()
    faults = problem.get("errors", [{"pointer": "", **problem}])
    return [next((each for each in EXCLUSIONS if each.explains(fault)), None) for fault in faults]


def exchange(case: Case, response: Response) -> str:
    """A request and its answer, for people to read."""
    request = response.request
    body = request.body.decode("utf-8", "replace") if isinstance(request.body, bytes) else str(request.body or "")
    sent = {name: value for name, value in request.headers.items() if name.lower() in SHOWN}
    answer = response.content[:600].decode("utf-8", "replace")
    return f"{request.method} {request.url} {sent}\n{body[:600]}\n-> {response.status_code} {answer}"
