"""What a campaign finds when it begins: a project with articles, claims, and all that hangs on them."""

import http.client
import json
import secrets
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

TOKEN = "cs_campaign-token-that-nobody-else-should-use-0"
BOX = "campaign"
REVIEWERS = [f"reviewer-{n}" for n in range(8)]
LEAVERS = [f"leaver-{n}" for n in range(100)]
"""Users to be deleted."""
PEOPLE = [*REVIEWERS, *LEAVERS]
SENTENCES = [f"On day {n} the mayor said that the city had planted {n},000 trees 🌳 since 2020. " for n in range(40)]
TEXT = "".join(SENTENCES)
VERDICTS = ("true", "false")


ATTEMPTS = 5


class Service:
    """A plain client, to make things with and to look at them."""

    def __init__(self, port: int):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def send(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] = MappingProxyType({})
    ) -> tuple[int, http.client.HTTPMessage, Any]:
        given = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json", **headers}
        self.connection.request(method, path, None if body is None else json.dumps(body), given)
        response = self.connection.getresponse()
        content = response.read()
        self.connection.close()  # the server ends a connection that waits too long for its next request
        return response.status, response.headers, json.loads(content) if content else None

    def make(
        self, path: str, body: Any, method: str = "POST", headers: Mapping[str, str] = MappingProxyType({})
    ) -> dict[str, Any]:
        for _ in range(ATTEMPTS):
            status, _, made = self.send(method, path, body, headers)
            if status in (200, 201):
                return dict(made)
            if status != 409 or made["code"] != "conflict":  # a request of the campaign may have come in between
                break
        raise RuntimeError(f"{method} {path}: {status} {made}")

    def etag(self, path: str) -> str | None:
        status, headers, _ = self.send("GET", path)
        return headers["ETag"] if status == 200 else None


class World:
    """Things that requests can be led to, and new ones for requests that delete."""

    def __init__(self, service: Service):
        self.service = service
        self.leavers = list(LEAVERS)
        service.make("/v1/projects", {"slug": BOX, "name": "Campaign"})
        self.known: dict[str, list[str]] = {"project": [BOX], "user": REVIEWERS[:4]}
        for user in REVIEWERS[:4]:
            self._join(user)
        self.known["article"] = [self._article() for _ in range(4)]
        for article in self.known["article"]:
            self._revise(article)
        self.known["n"] = ["1", "2"]
        self.known["claim"] = [self._claim(article) for article in self.known["article"] for _ in range(3)]
        self.known["evidence"] = [self._evidence(claim) for claim in self.known["claim"]]
        self.known["relation"] = [self._relation(claim) for claim in self.known["claim"][:4]]
        for claim in self.known["claim"][::2]:
            self._assess(claim)
        self.known["assessment"] = [
            self._read(f"/v1/claims/{claim}/assessments")[0]["id"] for claim in self.known["claim"][::2]
        ]
        self.known["comment"] = [self._comment(claim) for claim in self.known["claim"][:4]]
        self.known["claimant"] = [self._read(f"/v1/projects/{BOX}/claimants")[0]["id"]]
        self.known["import"] = [self._import()]
        self.known["token"] = [self._token()]
        own = {token["id"] for token in self._read("/v1/tokens")}
        self.kept = own | {id for ids in self.known.values() for id in ids} | {"admin", "default"}

    def throwaway(self, path: str) -> dict[str, str]:
        """Parts of the address of something new, that the operation on `path` may delete."""
        makes: dict[str, Callable[[], dict[str, str]]] = {
            "/v1/projects/{project}": lambda: {"project": self._project()},
            "/v1/projects/{project}/members/{user}": lambda: {"project": BOX, "user": self._join(REVIEWERS[-1])},
            "/v1/articles/{article}": lambda: {"article": self._article()},
            "/v1/claims/{claim}": lambda: {"claim": self._claim(self.known["article"][0])},
            "/v1/claims/{claim}/resolution": lambda: {"claim": self._settled()},
            "/v1/claims/{claim}/withdrawal": lambda: {"claim": self._withdrawn()},
            "/v1/claims/{claim}/assessments/mine": lambda: {
                "claim": self._assess(self._claim(self.known["article"][0]))
            },
            "/v1/claims/{claim}/lease": lambda: {"claim": self._leased()},
            "/v1/claims/{claim}/assignees/{user}": lambda: self._assigned(),
            "/v1/evidence/{evidence}": lambda: {"evidence": self._evidence(self.known["claim"][0])},
            "/v1/relations/{relation}": lambda: {"relation": self._relation(self.known["claim"][0])},
            "/v1/comments/{comment}": lambda: {"comment": self._comment(self.known["claim"][0])},
            "/v1/users/{user}": lambda: {"user": self.leavers.pop() if self.leavers else "nobody"},
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

    def _revise(self, article: str) -> None:
        path = f"/v1/articles/{article}"
        headers = {"If-Match": self.service.etag(path) or ""}
        self.service.make(f"{path}/revisions", {"text": revised(1)}, headers=headers)

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

    def _settled(self) -> str:
        claim = self._claim(self.known["article"][0])
        assessment = self.service.make(f"/v1/claims/{claim}/assessments/mine", {"verdict": VERDICTS[0]}, "PUT")
        draft = {"verdict": VERDICTS[1], "rationale": "Counted again.", "assessments": [assessment["id"]]}
        self.service.make(f"/v1/claims/{claim}/resolution", draft, "PUT", {"If-Match": "*"})
        return claim

    def _leased(self) -> str:
        self._claim(self.known["article"][0])
        return str(self.service.make(f"/v1/projects/{BOX}/queue/next", {})["claim"]["id"])

    def _assigned(self) -> dict[str, str]:
        parts = {"claim": self._claim(self.known["article"][0]), "user": self._join(REVIEWERS[-2])}
        self.service.make("/v1/claims/{claim}/assignees/{user}".format(**parts), None, "PUT")
        return parts

    def _evidence(self, claim: str) -> str:
        draft = {"url": f"https://parks.example/{secrets.token_hex(8)}", "stance": "refutes"}
        return str(self.service.make(f"/v1/claims/{claim}/evidence", draft)["id"])

    def _relation(self, claim: str) -> str:
        draft = {"type": "repeats", "other": self._claim(self.known["article"][1])}
        return str(self.service.make(f"/v1/claims/{claim}/relations", draft)["id"])

    def _comment(self, claim: str) -> str:
        return str(self.service.make(f"/v1/claims/{claim}/comments", {"text": "Counted?"})["id"])

    def _import(self) -> str:
        draft = {"article": {"external_id": "imported", "text": TEXT}, "claims": [{"spans": [quoted(1)]}]}
        return str(self.service.make(f"/v1/projects/{BOX}/imports", {"dossiers": [draft, {}]})["id"])

    def _token(self) -> str:
        return str(self.service.make("/v1/tokens", {"label": "campaign"})["id"])

    def _read(self, path: str) -> list[dict[str, Any]]:
        return list(self.service.send("GET", path)[2]["items"])


def words(n: int) -> dict[str, str]:
    """A span that stands in every text that begins with `TEXT`."""
    return {"exact": f"the city had planted {n % 40},000 trees"}


def quoted(n: int) -> dict[str, Any]:
    """A span that stands in `TEXT`, by quote or by position, on its first text or its second."""
    quote = words(n)["exact"]
    at = TEXT.index(quote)
    if n % 3:
        return {"start": at, "end": at + len(quote), "exact": quote, "revision": 1 + n % 2}
    return {"exact": quote, "revision": 1 + n % 2}


def revised(n: int) -> str:
    """A later text: `TEXT` with more behind it."""
    return TEXT + f"Update {n}: nobody has counted the trees since. "
