"""Every operation of the document, tried by everybody on everything: who gets in where."""

import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from api.rules.permissions import RIGHTS, ROLES, Right
from tests.campaigns.tenants import Parts, Reply, Tenant, Web, random_parts
from tests.test_authorization import BODIES, LEASED, WITHOUT_VERSION

OUTSIDE = ("anonymous", "revoked", "expired")
"""Who is nobody."""
ELSEWHERE = ("other project", "deleted elsewhere")
THINGS = ("own", "same project", "deleted", *ELSEWHERE, "random", "wrong parent")
HISTORIES = {"list_claim_history", "list_article_history", "read_user"}
"""These are there for who may see them, also when the thing itself is gone."""
PERSONAL = {"read_my_assessment", "delete_my_assessment", *LEASED}
"""What there is for those only who review."""
MADE_BY = {
    ("article",): "editor",
    ("article", "n"): "editor",
    ("import",): "editor",
    ("token",): "reader",
    ("claim",): "reviewer",
    ("evidence",): "reviewer",
    ("relation",): "reviewer",
    ("comment",): "reviewer",
    ("assessment",): "reviewer",
}
"""The least role that makes such things itself."""
CREATES = {"put_member", "assign_claim"}
"""For these there is no wrong parent: they bring the two together."""
CHANGING = ("date", "x-request-id", "ratelimit", "ratelimit-policy", "ratelimit-remaining", "ratelimit-reset")
"""Headers that say nothing of what was asked for."""


@dataclass(frozen=True)
class Operation:
    name: str
    method: str
    path: str
    right: Right

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(part.partition("}")[0] for part in self.path.split("{")[1:])


@dataclass(frozen=True)
class Caller:
    """Who asks. `tokens` are by the scope that the one for them lacks; the empty one lacks none."""

    kind: str
    name: str
    token: str | None
    role: str | None = None
    home: str = "home"
    lacking: dict[str, str] = field(default_factory=dict)

    @property
    def admin(self) -> bool:
        return self.kind == "admin"


@dataclass(frozen=True)
class Case:
    operation: Operation
    caller: Caller
    thing: str

    def __str__(self) -> str:
        return f"{self.operation.name} by {self.caller.kind} on {self.thing}"


def operations(document: Any) -> list[Operation]:
    return [
        Operation(operation["operationId"], method.upper(), path, RIGHTS[operation["x-right"]])
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method != "parameters"
    ]


def cases(document: Any, callers: list[Caller]) -> Iterator[Case]:
    for operation in operations(document):
        for caller in callers:
            for thing in THINGS if operation.parts else ("nothing",):
                if applies(operation, caller, thing):
                    yield Case(operation, caller, thing)


def applies(operation: Operation, caller: Caller, thing: str) -> bool:
    if thing == "wrong parent" and operation.name in CREATES:
        return False
    least = MADE_BY.get(operation.parts)
    if thing != "own" or least is None:
        return thing != "own"
    return caller.admin or (caller.role is not None and ROLES.index(caller.role) >= ROLES.index(least))  # type: ignore[arg-type]


def expected(case: Case) -> set[int]:
    """What may be answered, by the table of rights. 200 stands for all that is done."""
    operation, caller = case.operation, case.caller
    if caller.kind in OUTSIDE:
        return {401}
    foreign = case.thing in ELSEWHERE and not caller.admin
    gone = case.thing.startswith("deleted") and operation.name not in HISTORIES
    if gone or foreign or case.thing == "random":
        return {404}
    if operation.parts == ("token",) and case.thing != "own":
        return {404}
    if operation.parts == ("user",) and not caller.admin:
        return {404}
    permitted = may(case)
    if case.thing == "wrong parent":
        return {404} if permitted else {404, 403}
    reviews = caller.admin or caller.role in ("reviewer", "editor", "owner")
    if operation.name in PERSONAL and not reviews:
        return {404}
    return {200} if permitted else {403}


def may(case: Case) -> bool:
    """Whether the right is there: said once more here, in other words than the service's."""
    right, caller = case.operation.right, case.caller
    if caller.kind == "wrong scope":
        return False
    if right.own_only and case.thing != "own":
        return False
    if caller.admin or right.role is None:
        return caller.admin or not right.admin_only
    least = right.own if right.own and case.thing == "own" else right.role
    held = caller.role
    return not right.admin_only and held is not None and ROLES.index(held) >= ROLES.index(least)  # type: ignore[arg-type]


class Doors:
    """Makes what a case needs, and knocks."""

    def __init__(self, web: Web, tenants: dict[str, Tenant], admin: str):
        self.web, self.tenants, self.admin = web, tenants, admin
        self._deleted: dict[tuple[str, tuple[str, ...]], Parts] = {}
        self._read: dict[tuple[str, tuple[str, ...], str], Parts] = {}
        self.nothing: tuple[str, bytes] | None = None
        """The answer for what does not exist, and the case that had it first."""

    def wrong(self, case: Case) -> list[str]:
        """What is wrong with the answer."""
        tenant = self._tenant(case)
        try:
            parts = self._parts(case, tenant)
            body = self._body(case, tenant, parts)
        except RuntimeError as error:
            return [f"{case}: could not be prepared: {error}"]
        reply, sent = self._knock(case, parts, body)
        status = 200 if reply.status < 300 else reply.status
        faults = [] if status in expected(case) else [f"{case}: {reply.status}, expected {expected(case)}"]
        if faults:
            faults[0] += f" {reply.content[:200].decode('utf-8', 'replace')}"
        if reply.status == 404:
            faults += self._differs(case, reply)
        for home, other in self.tenants.items():
            outside = case.caller.kind in OUTSIDE or (not case.caller.admin and case.caller.home != home)
            if outside and (leaked := other.leaked(reply, sent)):
                faults.append(f"{case}: told of another project: {', '.join(leaked[:3])}")
        return faults

    def _differs(self, case: Case, reply: Reply) -> list[str]:
        headers = {name: value for name, value in reply.headers.items() if name not in CHANGING}
        content = json.loads(reply.content)
        seen = json.dumps([headers, {k: v for k, v in content.items() if k != "request_id"}]).encode()
        if self.nothing is None:
            self.nothing = str(case), seen
        first, canonical = self.nothing
        return [] if seen == canonical else [f"{case}: its 404 differs from that of {first}: {seen!r}"]

    def _tenant(self, case: Case) -> Tenant:
        own = self.tenants[case.caller.home]
        others = [tenant for tenant in self.tenants.values() if tenant is not own]
        return others[0] if case.thing in ELSEWHERE else own

    def _parts(self, case: Case, tenant: Tenant) -> Parts:
        parts = case.operation.parts
        if case.thing == "nothing":
            return {}
        if case.thing == "random":
            return random_parts(parts)
        if case.thing.startswith("deleted"):
            return self._gone(parts, tenant)
        if case.thing == "wrong parent":
            return self._misplaced(parts, tenant)
        by = (
            tenant.maker
            if case.thing != "own"
            else self.admin
            if case.caller.admin
            else tenant.people[case.caller.name]
        )
        changes = case.operation.method != "GET" or case.operation.name == "read_my_assessment" or "user" in parts
        if not changes:
            key = (tenant.mark, parts, by)
            if key not in self._read:
                self._read[key] = tenant.thing(parts, by)
            return self._read[key]
        if case.operation.name == "delete_project":
            return {"project": self._project(case.caller, joined=case.thing not in ELSEWHERE)}
        return tenant.thing(parts, by)

    def _project(self, caller: Caller, joined: bool) -> str:
        """A project to be deleted, in which the caller may have the role that they have elsewhere."""
        slug = f"case-{secrets.token_hex(8)}"
        self.web.make(self.admin, "/v1/projects", {"slug": slug, "name": "To be deleted"})
        if joined and caller.role and not caller.admin:
            self.web.make(self.admin, f"/v1/projects/{slug}/members/{caller.name}", {"role": caller.role}, "PUT")
        return slug

    def _gone(self, parts: tuple[str, ...], tenant: Tenant) -> Parts:
        """Something that was there once: with its project, or alone."""
        key = tenant.mark, parts
        if key not in self._deleted:
            alone = parts == ("user",) or parts[-1] in ("article", "claim", "evidence", "relation", "comment", "token")
            if alone:
                found = tenant.thing(parts, self.admin)
                noun = parts[-1] if parts[-1] == "evidence" else f"{parts[-1]}s"
                self._delete(f"/v1/{noun}/{found[parts[-1]]}")
            else:
                gone = Tenant(
                    self.web, f"gone-{secrets.token_hex(6)}", tenant.mark, {}, dict(tenant.roles), self.admin, ""
                )
                gone.found()
                gone.has_pool(gone.one("reviewer"))
                found = gone.thing(parts, self.admin)
                self._delete(gone.at)
            self._deleted[key] = found
        return self._deleted[key]

    def _delete(self, path: str) -> None:
        reply = self.web.erase(self.admin, path, {} if path.startswith("/v1/users/") else {"If-Match": "*"})
        if reply.status != 204:
            raise RuntimeError(f"DELETE {path}: {reply.status} {reply.content!r}")

    def _misplaced(self, parts: tuple[str, ...], tenant: Tenant) -> Parts:
        """What there is, but not there: under the parent of another, or of another kind."""
        other = next(each for each in self.tenants.values() if each is not tenant)
        if parts == ("article", "n"):
            return {"article": tenant.article(self.admin), "n": "2"}
        if parts == ("project", "user"):
            return {"project": tenant.slug, "user": other.one("owner")}
        if parts == ("claim", "user"):
            assigned, user = tenant.claim(self.admin), tenant.one("reviewer")
            self.web.make(self.admin, f"/v1/claims/{assigned}/assignees/{user}", None, "PUT")
            return {"claim": tenant.claim(self.admin), "user": user}
        if parts == ("project",):
            return {"project": tenant.one("owner")}
        noun = ("claim",) if parts != ("claim",) else ("evidence",)
        return {parts[0]: next(iter(tenant.thing(noun, self.admin).values()))}

    def _body(self, case: Case, tenant: Tenant, parts: Parts) -> Any:
        """What is sent; and what must be there before it is."""
        name, body = case.operation.name, BODIES.get(case.operation.name)
        there = case.thing in ("own", "same project", "other project")
        if name == "create_project":
            return {"slug": f"case-{secrets.token_hex(8)}", "name": "New"}
        if name == "create_relation":
            return {"type": "repeats", "other": tenant.claim(self.admin) if there else str(uuid4())}
        if name == "mark_claim":
            return {"spans": [{"start": 0, "end": 2}], "text": tenant.word()}
        if name == "attach_evidence":
            return {"url": f"https://{secrets.token_hex(8)}.example/"}
        if name == "adjudicate_claim":
            ids = [tenant.assessment(parts["claim"], self.admin) if there else str(uuid4())]
            return {"verdict": "true", "rationale": "Why.", "assessments": ids}
        if there:
            self._prepare(case, tenant, parts)
        return body

    def _prepare(self, case: Case, tenant: Tenant, parts: Parts) -> None:
        claim = f"/v1/claims/{parts.get('claim')}"
        match = {"If-Match": "*"}
        steps: dict[str, Callable[[], Any]] = {
            "reopen_claim": lambda: self._settle(tenant, parts["claim"]),
            "reinstate_claim": lambda: self.web.make(self.admin, f"{claim}/withdrawal", None, "PUT", match),
            "unassign_claim": lambda: self.web.make(self.admin, f"{claim}/assignees/{parts['user']}", None, "PUT"),
        }
        if case.operation.name in steps:
            steps[case.operation.name]()
        if case.operation.name in PERSONAL and self._reviews(case, tenant):
            self._have_own(case, tenant, claim)

    def _reviews(self, case: Case, tenant: Tenant) -> bool:
        return case.caller.admin or tenant.roles.get(case.caller.name) in ("reviewer", "editor", "owner")

    def _token(self, case: Case, tenant: Tenant) -> str:
        return self.admin if case.caller.admin else tenant.people[case.caller.name]

    def _have_own(self, case: Case, tenant: Tenant, claim: str) -> None:
        token = self._token(case, tenant)
        if case.operation.name not in LEASED:
            tenant.assessment(claim.rpartition("/")[2], token)
            return
        self.web.make(self.admin, f"{claim}/assignees/{case.caller.name}", None, "PUT")
        leased = None
        for _ in range(200):  # those that were assigned before come first
            leased = self.web.make(token, f"{tenant.at}/queue/next", {})["claim"]["id"]
            if claim.endswith(leased):
                return
        raise RuntimeError(f"{claim} was not leased, but {leased}")

    def _settle(self, tenant: Tenant, claim: str) -> None:
        draft = {"verdict": "true", "rationale": "Why.", "assessments": [tenant.assessment(claim, self.admin)]}
        self.web.make(self.admin, f"/v1/claims/{claim}/resolution", draft, "PUT", {"If-Match": "*"})

    def _knock(self, case: Case, parts: Parts, body: Any) -> tuple[Reply, bytes]:
        operation = case.operation
        token = case.caller.token
        if case.caller.kind == "wrong scope":
            token = case.caller.lacking[operation.right.scope]
        path = operation.path.format(**parts)
        versioned = operation.method != "GET" and operation.name not in {*WITHOUT_VERSION, "put_my_assessment"}
        headers = {"If-Match": "*"} if versioned else {}
        if operation.method == "DELETE" and body is None:
            reply = self.web.erase(token, path, headers)
        else:
            reply = self.web.send(token, operation.method, path, body, headers)
        return reply, path.encode() + json.dumps(body).encode()
