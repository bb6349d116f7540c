"""Side ways: what somebody may learn of another project without ever being let in."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from api.rules.permissions import ROLES
from tests.campaigns.doors import CHANGING, Caller
from tests.campaigns.tenants import UUID, Reply, Tenant, Web

TIME = re.compile(rb"\d{4}-\d\d-\d\dT[0-9:.]+(Z|\+00:00)?")
TAG = re.compile(rb'"[0-9a-f]{12,}(\.\d+)*"')
OPEN = ("/healthz", "/readyz", "/metrics", "/openapi.json", "/docs", "/docs/errors", "/v1/schemas/dossier.json")


@dataclass(frozen=True)
class Probe:
    """A request that names something, `{x}`: of the other project, or of none. The answers must not differ."""

    method: str
    path: str
    body: Any = None
    match: str | None = None


def probes(home: Tenant, article: str, claim: str) -> Iterator[tuple[str, Probe]]:
    """By the kind of thing that each names."""
    claims, export = f"{home.at}/claims", f"{home.at}/export"
    for address in (claims, export):
        yield "claimant", Probe("GET", f"{address}?claimant={{x}}")
        for name in ("claimant_name", "tag", "q", "external_id"):
            yield "word", Probe("GET", f"{address}?{name}={{x}}")
        yield "user", Probe("GET", f"{address}?created_by={{x}}")
    for name in ("external_id", "publisher"):
        yield "word", Probe("GET", f"{home.at}/articles?{name}={{x}}")
    yield "word", Probe("GET", f"{home.at}/claimants?name={{x}}")
    yield "user", Probe("GET", f"{home.at}/history?by={{x}}")
    yield "user", Probe("GET", f"{home.at}/agreement?reviewer={{x}}")
    yield "user", Probe("GET", f"{home.at}/statistics?reviewer={{x}}")
    yield "user", Probe("PUT", f"/v1/claims/{claim}/assignees/{{x}}")
    yield "claim", Probe("POST", f"/v1/claims/{claim}/relations", {"type": "repeats", "other": "{x}"})
    citing = {"verdict": "true", "evidence": [{"id": "{x}"}]}
    yield "evidence", Probe("PUT", f"/v1/claims/{claim}/assessments/mine", citing)
    resting = {"verdict": "true", "rationale": "Why.", "assessments": ["{x}"]}
    yield "assessment", Probe("PUT", f"/v1/claims/{claim}/resolution", resting, "*")
    ascribed = {"spans": [{"start": 0, "end": 14}], "claimant": {"name": "{x}"}}
    yield "name", Probe("POST", f"/v1/articles/{article}/claims", ascribed)
    line = {"article": {"external_id": "{x}", "text": "New."}, "claims": [{"external_id": "{x}"}]}
    yield "word", Probe("POST", f"{home.at}/imports?dry_run=true", {"dossiers": [line]})
    ends = {"id": "r", "type": "repeats", "other": "{x}"}
    related = {"article": {"external_id": "a", "text": "New."}, "claims": [{"spans": [], "relations": [ends]}]}
    yield "claim", Probe("POST", f"{home.at}/imports?dry_run=true", {"dossiers": [related]})
    yield "article", Probe("GET", "/v1/articles/{x}/revisions/1/diff?from=1")
    for kind, address in (("article", "articles"), ("claim", "claims"), ("evidence", "evidence")):
        for method in ("HEAD", "OPTIONS", "POST", "PUT"):
            yield kind, Probe(method, f"/v1/{address}/{{x}}")
        yield kind, Probe("PATCH", f"/v1/{address}/{{x}}", {}, "{tag}")
        yield kind, Probe("DELETE", f"/v1/{address}/{{x}}", None, "{tag}")
        yield kind, Probe("GET", f"/v1/{address}/{{x}}", None, "{tag}")


class Leaks:
    """Looks from the project `home` at the project `foreign`."""

    def __init__(self, web: Web, home: Tenant, foreign: Tenant, callers: list[Caller]):
        self.web, self.home, self.foreign = web, home, foreign
        self.callers = [caller for caller in callers if caller.token and caller.role in ROLES and caller.home == "home"]
        self.callers = [caller for caller in self.callers if not caller.admin]
        self.owner = next(caller for caller in callers if caller.home == "foreign")
        self.known = self._known()
        self.looked = 0

    def found(self) -> Iterator[str]:
        """What is wrong."""
        yield from self._totals()
        for caller in self.callers:
            article, claim = self.home.article(self.home.maker), self.home.claim(self.home.maker)
            for kind, probe in probes(self.home, article, claim):
                yield from self._told_apart(caller, kind, probe)
            yield from self._cursors(caller)
        yield from self._replays()
        for path in OPEN:
            reply = self._send(None, "GET", path)
            for tenant in (self.home, self.foreign):
                yield from self._leaked(f"GET {path} by anybody", reply, b"", tenant)

    def _known(self) -> dict[str, str]:
        maker = self.foreign.maker
        parts = (("article",), ("claim",), ("claimant",), ("evidence",), ("assessment",))
        known = {part: self.foreign.thing((part,), maker)[part] for (part,) in parts}
        return {**known, "user": self.owner.name, "word": self._name()}

    def _name(self) -> str:
        """That of a claimant of the other project. It becomes known here once it is used, and is no secret then."""
        claim = self.foreign.claim(self.foreign.maker)
        name = str(self.web.send(self.foreign.maker, "GET", f"/v1/claims/{claim}").json["claimant"]["name"])
        self.foreign.told.add(name.encode())
        return name

    def _told_apart(self, caller: Caller, kind: str, probe: Probe) -> Iterator[str]:
        """Whether the answer for the other project's thing differs from that for nothing."""
        known = self._name() if kind == "name" else self.known[kind]
        unknown = f"none{uuid4().hex[:11]}" if kind in ("user", "word", "name") else str(uuid4())
        answers = []
        for x in (known, unknown):
            body = json.loads(json.dumps(probe.body).replace("{x}", x))
            headers = {"If-Match": probe.match, "If-None-Match": probe.match} if probe.match else {}
            headers = {name: value.replace("{tag}", self._tag(kind)) for name, value in headers.items()}
            if probe.method in ("GET", "HEAD"):
                headers.pop("If-Match", None)
            else:
                headers.pop("If-None-Match", None)
            path = probe.path.replace("{x}", quote(x))
            reply = self._send(caller.token, probe.method, path, body, headers)
            sent = f"{path}{json.dumps(body)}".encode()
            yield from self._leaked(f"{probe.method} {probe.path} by {caller.kind}", reply, sent, self.foreign)
            answers.append(self._plain(reply, x))
        if answers[0] != answers[1]:
            yield f"{probe.method} {probe.path} by {caller.kind} tells a {kind} that is there from none: {answers}"

    def _tag(self, kind: str) -> str:
        address = {"article": "articles", "claim": "claims"}.get(kind, kind)
        reply = self.web.send(self.foreign.maker, "GET", f"/v1/{address}/{self.known[kind]}")
        return reply.headers.get("etag", '"none"')

    def _plain(self, reply: Reply, x: str) -> tuple[int, bytes]:
        """The answer without what is new in every answer."""
        headers = {name: value for name, value in reply.headers.items() if name not in CHANGING}
        whole = json.dumps(headers, sort_keys=True).encode() + reply.content
        whole = whole.replace(x.encode(), b"X").replace(quote(x).encode(), b"X")
        whole = re.sub(rb'"content-length": "\d+"', b"", whole).replace(b'\\"', b'"')
        whole = re.sub(rb'"(request_id|etag)": ?"[^,}]*', b"", whole)
        return reply.status, TAG.sub(b"E", TIME.sub(b"T", UUID.sub(b"U", whole)))

    def _totals(self) -> Iterator[str]:
        """Whether anything here changes when the other project grows."""
        paths = [f"{self.home.at}{end}" for end in self._ends()] + ["/v1/projects", "/v1/me", "/v1/tokens"]
        before = {(caller.kind, path): self._look(caller, path) for caller in self.callers for path in paths}
        for _ in range(3):
            self.foreign.evidence(self.foreign.maker, self.foreign.claim(self.foreign.maker))
            self.foreign.assessment(self.foreign.claim(self.foreign.maker), self.foreign.maker)
            self.foreign.relation(self.foreign.maker)
            self.foreign.imported(self.foreign.maker)
        for caller in self.callers:
            for path in paths:
                if self._look(caller, path) != before[caller.kind, path]:
                    yield f"GET {path} by {caller.kind} changed when another project grew"
                reply = self._send(caller.token, "GET", path)
                yield from self._leaked(f"GET {path} by {caller.kind}", reply, path.encode(), self.foreign)

    def _ends(self) -> list[str]:
        lists = ["articles", "claims", "claimants", "members", "imports", "queue", "history"]
        formats = [f"export?format={name}" for name in ("json", "ndjson", "csv", "claim_review")]
        return ["", "/statistics", "/agreement", *(f"/{name}?limit=200" for name in lists), *(f"/{f}" for f in formats)]

    def _look(self, caller: Caller, path: str) -> tuple[int, bytes]:
        reply = self._send(caller.token, "GET", path)
        headers = {name: value for name, value in reply.headers.items() if name not in CHANGING}
        return reply.status, json.dumps(headers, sort_keys=True).encode() + reply.content

    def _cursors(self, caller: Caller) -> Iterator[str]:
        """Whether a cursor of the other project's list leads there."""
        for name in ("articles", "claims", "claimants", "members", "history", "imports", "queue"):
            page = self.web.send(self.owner.token, "GET", f"{self.foreign.at}/{name}?limit=1").json
            if not page.get("next"):
                continue
            query = page["next"].partition("?")[2]
            reply = self._send(caller.token, "GET", f"{self.home.at}/{name}?{query}")
            yield from self._leaked(
                f"{name} with another's cursor by {caller.kind}", reply, query.encode(), self.foreign
            )
            if reply.status not in (200, 403, 422):
                yield f"{name} with another's cursor by {caller.kind}: {reply.status}"

    def _replays(self) -> Iterator[str]:
        """Whether somebody else's Idempotency-Key brings their answer back."""
        key = {"Idempotency-Key": f"key-{uuid4().hex}"}
        path, draft = f"/v1/claims/{self.known['claim']}/comments", {"text": self.foreign.word()}
        first = self.web.send(self.owner.token, "POST", path, draft, key)
        if first.status != 201:
            yield f"the comment to be replayed was not made: {first.status}"
        for caller in self.callers:
            reply = self._send(caller.token, "POST", path, draft, key)
            if reply.status != 404 or "idempotent-replayed" in reply.headers:
                yield f"{caller.kind} got {reply.status} by the Idempotency-Key of another's request"
            own = self._send(caller.token, "POST", f"{self.home.at}/articles", {"text": "Own."}, key)
            if own.status not in (201, 403) or "idempotent-replayed" in own.headers:
                yield f"{caller.kind} got {own.status} by an Idempotency-Key that another has used"

    def _leaked(self, what: str, reply: Reply, sent: bytes, tenant: Tenant) -> Iterator[str]:
        if reply.status >= 500:
            yield f"{what}: {reply.status}"
        leaked = tenant.leaked(reply, sent)
        if leaked:
            yield f"{what} told of another project: {', '.join(leaked[:3])}"

    def _send(
        self, token: str | None, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> Reply:
        self.looked += 1
        return self.web.send(token, method, path, body, headers or {})
