"""Two projects that know nothing of each other, full of words that must never be seen on the other side."""

import http.client
import json
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

Parts = dict[str, str]
UUID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Reply:
    """An answer, as far as anything can be told from it."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)

    @property
    def whole(self) -> bytes:
        return "\n".join(f"{name}: {value}" for name, value in sorted(self.headers.items())).encode() + self.content


class Web:
    """A plain client that says by whom it asks."""

    def __init__(self, port: int):
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.asked = 0

    def send(
        self, token: str | None, method: str, path: str, body: Any = None, headers: Mapping[str, str] = NOTHING
    ) -> Reply:
        given = {**({"Authorization": f"Bearer {token}"} if token else {}), **headers}
        sent = None if body is None else json.dumps(body).encode()
        if sent is not None:
            given["Content-Type"] = "application/json"
        self.asked += 1
        try:
            return self._once(method, path, sent, given)
        except (http.client.HTTPException, OSError):  # the server ends connections that waited for long
            self._connection.close()
            return self._once(method, path, sent, given)

    def erase(self, token: str | None, path: str, headers: Mapping[str, str] = NOTHING) -> Reply:
        """The answer to a DELETE that repeats the name, if it is asked for."""
        reply = self.send(token, "DELETE", path, None, headers)
        if reply.status != 422 or reply.json["code"] != "confirmation_needed":
            return reply
        return self.send(token, "DELETE", f"{path}?{urlencode({'confirm': reply.json['confirm']})}", None, headers)

    def make(self, token: str, path: str, body: Any, method: str = "POST", headers: Mapping[str, str] = NOTHING) -> Any:
        reply = self.send(token, method, path, body, headers)
        if reply.status >= 300:
            raise RuntimeError(f"{method} {path}: {reply.status} {reply.content!r}")
        return reply.json if reply.content else None

    def _once(self, method: str, path: str, sent: bytes | None, given: Mapping[str, str]) -> Reply:
        self._connection.request(method, path, sent, dict(given))
        response = self._connection.getresponse()
        content = response.read()
        return Reply(response.status, {name.lower(): value for name, value in response.headers.items()}, content)


@dataclass
class Tenant:
    """A project, its people, and how to make things in it. Every text in it holds a word that is nowhere else."""

    web: Web
    slug: str
    mark: str
    people: dict[str, str]
    """Tokens, by the names of the users."""
    roles: dict[str, str]
    admin: str
    maker: str
    """The token of an editor who only makes things."""
    spare: Iterator[str] = field(default_factory=lambda: iter(()))
    """Names of users who are nowhere a member and may be deleted."""
    ids: set[bytes] = field(default_factory=set)
    told: set[bytes] = field(default_factory=set)
    """Words that others know by now, as they were sent there on purpose."""
    _kept: dict[str, str] = field(default_factory=dict)

    def word(self) -> str:
        return f"{self.mark}{secrets.token_hex(6)}"

    def found(self) -> None:
        self._make(self.admin, "/v1/projects", {"slug": self.slug, "name": self.word(), "description": self.word()})
        for name, role in self.roles.items():
            self._make(self.admin, f"{self.at}/members/{name}", {"role": role}, "PUT")

    @property
    def at(self) -> str:
        return f"/v1/projects/{self.slug}"

    def one(self, role: str) -> str:
        """The name of somebody with that role."""
        return next(name for name, held in self.roles.items() if held == role)

    def thing(self, parts: tuple[str, ...], by: str) -> Parts:
        """The parts of the address of something new that the owner of the token made."""
        makers: dict[tuple[str, ...], Callable[[str], Parts]] = {
            ("project",): lambda by: {"project": self.slug},
            ("project", "user"): lambda by: {"project": self.slug, "user": self.joined()},
            ("article",): lambda by: {"article": self.article(by)},
            ("article", "n"): lambda by: {"article": self.article(by), "n": "1"},
            ("claim",): lambda by: {"claim": self.claim(by)},
            ("claim", "user"): lambda by: {"claim": self.claim(by), "user": self.one("reviewer")},
            ("claimant",): lambda by: {"claimant": self.claimant(by)},
            ("evidence",): lambda by: {"evidence": self.evidence(by)},
            ("relation",): lambda by: {"relation": self.relation(by)},
            ("comment",): lambda by: {"comment": self.comment(by)},
            ("assessment",): lambda by: {"assessment": self.assessment(self.claim(by), by)},
            ("import",): lambda by: {"import": self.imported(by)},
            ("user",): lambda by: {"user": next(self.spare)},
            ("token",): lambda by: {"token": str(self._make(by, "/v1/tokens", {"label": self.word()})["id"])},
        }
        return makers[parts](by)

    def article(self, by: str) -> str:
        words = [self.word() for _ in range(8)]
        draft = {
            "text": f"{words[0]} The mayor said that {words[1]} trees stand. {words[2]} " * 3,
            "title": words[3],
            "external_id": words[4],
            "publisher": words[5],
            "byline": words[6],
            "url": f"https://{words[7]}.example/a",
            "metadata": {self.word(): self.word()},
        }
        return str(self._make(by, f"{self.at}/articles", draft)["id"])

    def claim(self, by: str) -> str:
        draft = {
            "spans": [{"start": 0, "end": 14}],
            "text": self.word(),
            "context": self.word(),
            "external_id": self.word(),
            "claimant": {"name": self.word(), "job_title": self.word()},
            "tags": [self.word()],
            "location": self.word(),
            "appearances": [{"url": f"https://{self.word()}.example/"}],
        }
        return str(self._make(by, f"/v1/articles/{self._base('article')}/claims", draft)["id"])

    def claimant(self, by: str) -> str:
        claim = self.web.send(self.admin, "GET", f"/v1/claims/{self.claim(by)}")
        self._learn(claim)
        return str(claim.json["claimant"]["id"])

    def evidence(self, by: str, claim: str | None = None) -> str:
        draft = {"url": f"https://{self.word()}.example/", "title": self.word(), "note": self.word()}
        return str(self._make(by, f"/v1/claims/{claim or self._base('claim')}/evidence", draft)["id"])

    def relation(self, by: str) -> str:
        draft = {"type": "repeats", "other": self.claim(self.admin), "note": self.word()}
        return str(self._make(by, f"/v1/claims/{self._base('claim')}/relations", draft)["id"])

    def comment(self, by: str) -> str:
        return str(self._make(by, f"/v1/claims/{self._base('claim')}/comments", {"text": self.word()})["id"])

    def assessment(self, claim: str, by: str) -> str:
        draft = {"verdict": "true", "rationale": self.word()}
        return str(self._make(by, f"/v1/claims/{claim}/assessments/mine", draft, "PUT")["id"])

    def imported(self, by: str) -> str:
        lines = [{"article": {"external_id": self.word(), "text": self.word()}}, {self.word(): self.word()}]
        return str(self._make(by, f"{self.at}/imports", {"dossiers": lines})["id"])

    def joined(self) -> str:
        """The name of somebody who has just become a member, and is one nowhere else."""
        name = self._kept["pool"]
        path = f"{self.at}/members/{name}"
        if self.web.send(self.admin, "GET", path).status == 404:
            self._make(self.admin, path, {"role": "reader"}, "PUT")
        return name

    def has_pool(self, name: str) -> None:
        self._kept["pool"] = name

    def _base(self, noun: str) -> str:
        if noun not in self._kept:
            self._kept[noun] = self.article(self.admin) if noun == "article" else self.claim(self.admin)
        return self._kept[noun]

    def _make(self, by: str, path: str, body: Any, method: str = "POST") -> Any:
        reply = self.web.send(by, method, path, body)
        if reply.status >= 300:
            raise RuntimeError(f"{method} {path}: {reply.status} {reply.content!r}")
        self._learn(reply)
        return reply.json

    def _learn(self, reply: Reply) -> None:
        self.ids |= set(UUID.findall(reply.content))

    def leaked(self, reply: Reply, sent: bytes) -> list[str]:
        """What of this project the answer tells to somebody who is no member, beyond what they sent themselves."""
        words = set(re.findall(self.mark.encode() + rb"[0-9a-f]{12}", reply.whole))
        ids = set(UUID.findall(reply.whole)) & self.ids
        return sorted(found.decode() for found in (words - self.told) | ids if found not in sent)


def random_parts(parts: tuple[str, ...]) -> Parts:
    """The parts of an address where nothing ever was."""
    named = {"project": f"none-{secrets.token_hex(6)}", "user": f"none-{secrets.token_hex(6)}", "n": "999999"}
    return {part: named.get(part) or str(uuid4()) for part in parts}
