"""Steps of the model campaign: each sends one request, asks the plain model what must come of it, and compares."""

import json
import secrets
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar
from urllib.parse import quote

from flask import Flask
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from werkzeug.test import TestResponse

from api.db import Database
from api.services import verification
from tests.campaigns.plain import ADMIN, RANK, SCALE, SENTENCES, Answer, Article, Claim, Match, Project
from tests.client import token_of

PEOPLE = (ADMIN, "otto", "edda", "rolf", "ruth", "lena", "stan")
FIRST_ROLES = {"otto": "owner", "edda": "editor", "rolf": "reviewer", "ruth": "reviewer", "lena": "reader"}
MOST_ARTICLES, MOST_CLAIMS, MOST_REVISIONS = 3, 5, 12
actors = st.sampled_from([*PEOPLE, *PEOPLE[:5], *PEOPLE[:3], ADMIN])
"""Those who may do more come oftener, so that not nearly everything is refused."""
users = st.sampled_from(PEOPLE)
rarely = st.sampled_from([False, False, False, True])
roles = st.sampled_from([*RANK, "reviewer", "editor"])
numbers = st.integers(0, 999)
sentences = st.sampled_from(sorted(SENTENCES))
verdicts = st.sampled_from([*SCALE, *SCALE, "nonsense"])
matches = st.sampled_from(["now", "now", "now", "now", "seen", "*", "none"])
names = st.sampled_from([None] * 7 + ["a", "b"])


class Mismatch(AssertionError):
    """The service did otherwise than the model says."""


class Tally:
    """What a run has come to."""

    def __init__(self) -> None:
        self.steps = 0
        self.examples = 0
        self.answers: dict[str, int] = {}


class Machine(RuleBasedStateMachine):
    """One project from its founding to its end."""

    app: ClassVar[Flask]
    tally: ClassVar[Tally]

    def __init__(self) -> None:
        super().__init__()
        self.slug = f"p-{secrets.token_hex(8)}"
        self.at = f"/v1/projects/{self.slug}"
        self.plain = Project()
        self.articles: list[str] = []
        self.claims: list[str] = []
        self.links: list[tuple[str, str]] = []
        """Ever made, deleted ones too: articles, claims, and evidence with its claim."""
        self.seen: dict[str, tuple[str, tuple[int, ...]]] = {}
        """By address, the tag and the state that it is of."""
        self.touched: set[str] = set()
        self.fits = True
        self.expect(self.send(ADMIN, "POST", "/v1/projects", {"slug": self.slug, "name": "Model"}), None, 201)
        for name, role in FIRST_ROLES.items():
            self.plain.put_member(ADMIN, name, role, "none")
            self.expect(self.send(ADMIN, "PUT", f"{self.at}/members/{name}", {"role": role}), None, 201)
        Machine.tally.examples += 1
        self.store_one(ADMIN, "Trees", None, 1)
        self.mark_one(ADMIN, self.articles[0], 0, None)

    # How requests are sent and answers compared.

    def send(self, actor: str, method: str, path: str, body: Any = None, match: str | None = None) -> TestResponse:
        headers = {"Authorization": f"Bearer {token_of(actor)}"}
        if match is not None:
            headers["If-Match"] = match
        sent = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        return self.app.test_client().open(path, method=method, headers=headers, buffered=True, **sent)

    def expect(self, response: TestResponse, refused: Answer, status: int) -> Any:
        """The answer, if it is what the model says."""
        found = (response.status_code, response.json["code"] if response.status_code >= 400 else None)
        said = " ".join(str(each) for each in found if each)
        self.tally.answers[said] = self.tally.answers.get(said, 0) + 1
        expected = tuple(refused) if refused else (status, None)
        self.same(found, expected, response.text[:300])
        return response.json if response.data else None

    def same(self, found: Any, expected: Any, what: str) -> None:
        """Raises: Mismatch: they are not."""
        if found != expected:
            self.fits = False
            raise Mismatch(f"expected {expected}, found {found}: {what}")

    def matching(self, how: str, path: str, state: tuple[int, ...] | None) -> tuple[str | None, Match]:
        """The If-Match to send, and what the model takes it for. `state` is that of now; None: there is nothing."""
        if how == "none" or state is None:
            return None, "none"
        if how == "*":
            return "*", "*"
        if how == "now" or path not in self.seen:
            self.look(path, state)
        return self.seen[path]

    def look(self, path: str, state: tuple[int, ...], actor: str = ADMIN) -> None:
        self.seen[path] = (self.send(actor, "GET", path).headers["ETag"], state)

    @contextmanager
    def step(self) -> Any:
        self.touched = set()
        yield
        self.tally.steps += 1

    @staticmethod
    def pick(ever: list[str], there: Mapping[str, Any], which: int) -> str:
        """One of those that were ever made; mostly one that is still there."""
        among = list(there) if there and which % 8 else ever
        return among[which // 8 % len(among)]

    # Members and the policy.

    @initialize(required=st.integers(1, 3), consensus=st.sampled_from(["unanimous", "majority"]))
    def begin(self, required: int, consensus: str) -> None:
        self.change_policy_now(ADMIN, required, consensus, "now")

    @rule(actor=actors, user=users, role=roles, how=matches)
    def put_member(self, actor: str, user: str, role: str, how: str) -> None:
        with self.step():
            path = f"{self.at}/members/{user}"
            there = user in self.plain.roles
            tag, match = self.matching(how, path, self.plain.member_versions.get(user))
            response = self.send(actor, "PUT", path, {"role": role}, tag)
            self.expect(response, self.plain.put_member(actor, user, role, match), 200 if there else 201)

    @rule(actor=actors, user=users, how=matches, really=rarely)
    def remove_member(self, actor: str, user: str, how: str, really: bool) -> None:
        with self.step():
            if not really:
                actor = "stan"
            path = f"{self.at}/members/{user}"
            tag, match = self.matching(how, path, self.plain.member_versions.get(user))
            self.expect(self.send(actor, "DELETE", path, None, tag), self.plain.remove_member(actor, user, match), 204)

    @rule(actor=actors, required=st.integers(1, 3), consensus=st.sampled_from(["unanimous", "majority"]), how=matches)
    def change_policy(self, actor: str, required: int, consensus: str, how: str) -> None:
        with self.step():
            self.change_policy_now(actor, required, consensus, how)

    def change_policy_now(self, actor: str, required: int, consensus: str, how: str) -> None:
        tag, match = self.matching(how, self.at, (self.plain.version,))
        policy = {"policy": {"required_assessments": required, "consensus": consensus}}
        response = self.send(actor, "PATCH", self.at, policy, tag)
        self.expect(response, self.plain.change_policy(actor, required, consensus, match), 200)
        self.touched |= set(self.plain.claims)

    # Articles.

    @precondition(lambda self: len(self.plain.articles) < MOST_ARTICLES)
    @rule(actor=actors, title=st.sampled_from([None, "Trees", "Äpfel & Birnen 🌳"]), external_id=names, number=numbers)
    def store(self, actor: str, title: str | None, external_id: str | None, number: int) -> None:
        with self.step():
            self.store_one(actor, title, external_id, number)

    def store_one(self, actor: str, title: str | None, external_id: str | None, number: int) -> None:
        words = {n: text.format(number) for n, text in SENTENCES.items()}
        drawn = Article("", title, external_id, words, ["First of all.\n", "\nThat was all."])
        body = {"text": drawn.text, "title": title, "external_id": external_id}
        made = self.expect(
            self.send(actor, "POST", f"{self.at}/articles", body), self.plain.store(actor, external_id), 201
        )
        if "id" in made:
            drawn.id = made["id"]
            self.plain.stored(drawn)
            self.articles.append(drawn.id)

    @precondition(lambda self: self.articles)
    @rule(actor=actors, which=numbers, title=st.sampled_from([None, "Bridges"]), how=matches)
    def retitle(self, actor: str, which: int, title: str | None, how: str) -> None:
        with self.step():
            id, path, tag, match = self.article(which, how)
            response = self.send(actor, "PATCH", path, {"title": title}, tag)
            self.expect(response, self.plain.retitle(actor, id, title, match), 200)

    @precondition(lambda self: self.articles)
    @rule(
        actor=actors,
        which=numbers,
        how=matches,
        edit=st.sampled_from(["before", "after", "number", "remove", "nothing"]),
        n=sentences,
        number=numbers,
    )
    def revise(self, actor: str, which: int, how: str, edit: str, n: int, number: int) -> None:
        with self.step():
            id, path, tag, match = self.article(which, how)
            before = self.plain.articles.get(id)
            after = edited(before, edit, n, number) if before else None
            text = after.text if after else "Nothing."
            response = self.send(actor, "POST", f"{path}/revisions", {"text": text}, tag)
            same = before is not None and text == before.text
            refused = self.plain.revise(actor, id, match)
            self.expect(response, refused, 200 if same else 201)
            if refused is None and after and not same:
                self.plain.carry(id, after)
                self.touched |= {claim.id for claim in self.plain.claims_on(id)}

    @precondition(lambda self: len(self.articles) > 1)
    @rule(actor=actors, which=numbers, how=matches, confirms=st.sampled_from([True, True, False]))
    def delete_article(self, actor: str, which: int, how: str, confirms: bool) -> None:
        with self.step():
            id, path, tag, match = self.article(which, how)
            there = self.plain.articles.get(id)
            confirm = (there.title or id) if there and confirms else None
            query = f"?confirm={quote(confirm)}" if confirm else ""
            claims = {claim.id for claim in self.plain.claims_on(id)}
            response = self.send(actor, "DELETE", path + query, None, tag)
            self.expect(response, self.plain.delete_article(actor, id, confirm, match), 204)
            self.touched |= claims

    def article(self, which: int, how: str) -> tuple[str, str, str | None, Match]:
        id = self.pick(self.articles, self.plain.articles, which)
        path = f"/v1/articles/{id}"
        state = self.plain.article_state(id) if id in self.plain.articles else None
        return id, path, *self.matching(how, path, state)

    # Claims.

    @precondition(lambda self: len(self.plain.claims) < MOST_CLAIMS)
    @rule(actor=actors, which=numbers, n=sentences, external_id=names)
    def mark(self, actor: str, which: int, n: int, external_id: str | None) -> None:
        with self.step():
            self.mark_one(actor, self.pick(self.articles, self.plain.articles, which), n, external_id)

    def mark_one(self, actor: str, article: str, n: int, external_id: str | None) -> None:
        there = self.plain.articles.get(article)
        words = (there and there.sentences.get(n)) or SENTENCES[n].format("no")
        body = {"spans": [{"exact": words}], "external_id": external_id}
        refused = self.plain.mark(actor, article, words, external_id)
        made = self.expect(self.send(actor, "POST", f"/v1/articles/{article}/claims", body), refused, 201)
        if refused is None:
            self.plain.marked(Claim(made["id"], article, actor, n, external_id, words))
            self.claims.append(made["id"])
            self.touched.add(made["id"])

    @precondition(lambda self: self.claims)
    @rule(actor=actors, which=numbers, how=matches, text=st.sampled_from(["So it is.", "Or is it?"]))
    def reword(self, actor: str, which: int, how: str, text: str) -> None:
        self.on_claim(actor, which, how, "PATCH", "", lambda id, match: self.plain.reword(actor, id, text, match), text)

    @precondition(lambda self: self.claims)
    @rule(actor=actors, which=numbers, how=matches)
    def confirm(self, actor: str, which: int, how: str) -> None:
        self.on_claim(actor, which, how, "POST", "/anchors/confirm", lambda id, m: self.plain.confirm(actor, id, m))

    @precondition(lambda self: self.claims)
    @rule(actor=actors, which=numbers, how=matches)
    def withdraw(self, actor: str, which: int, how: str) -> None:
        self.on_claim(actor, which, how, "PUT", "/withdrawal", lambda id, m: self.plain.withdraw(actor, id, m))

    @precondition(lambda self: self.claims)
    @rule(actor=actors, which=numbers, how=matches)
    def reinstate(self, actor: str, which: int, how: str) -> None:
        self.on_claim(actor, which, how, "DELETE", "/withdrawal", lambda id, m: self.plain.reinstate(actor, id, m))

    @precondition(lambda self: self.claims)
    @rule(actor=actors, which=numbers, how=matches)
    def reopen(self, actor: str, which: int, how: str) -> None:
        self.on_claim(actor, which, how, "DELETE", "/resolution", lambda id, m: self.plain.reopen(actor, id, m))

    @precondition(lambda self: len(self.claims) > 2)
    @rule(actor=actors, which=numbers, how=matches)
    def delete_claim(self, actor: str, which: int, how: str) -> None:
        delete: Callable[[str, Match], Answer] = lambda id, m: self.plain.delete_claim(actor, id, m)  # noqa: E731
        self.on_claim(actor, which, how, "DELETE", "", delete, status=204)

    def on_claim(
        self,
        actor: str,
        which: int,
        how: str,
        method: str,
        action: str,
        comes_to: Callable[[str, Match], Answer],
        text: str | None = None,
        status: int = 200,
    ) -> None:
        with self.step():
            id, path, tag, match = self.claim(which, how)
            body = None if text is None else {"text": text}
            self.expect(self.send(actor, method, path + action, body, tag), comes_to(id, match), status)

    def claim(self, which: int, how: str) -> tuple[str, str, str | None, Match]:
        id = self.pick(self.claims, self.plain.claims, which)
        path = f"/v1/claims/{id}"
        self.touched.add(id)
        state = self.plain.claims[id].state if id in self.plain.claims else None
        return id, path, *self.matching(how, path, state)

    # Assessments, adjudications, evidence.

    @precondition(lambda self: self.claims)
    @rule(
        actor=actors, which=numbers, verdict=verdicts, submitted=st.sampled_from([True, True, True, False]), how=matches
    )
    def assess(self, actor: str, which: int, verdict: str, submitted: bool, how: str) -> None:
        with self.step():
            self.give(actor, which, verdict, submitted, how)

    def give(self, actor: str, which: int, verdict: str, submitted: bool, how: str) -> None:
        id, path, tag, match = self.own(actor, which, how)
        body = {"verdict": verdict, "state": "submitted" if submitted else "draft"}
        there = id in self.plain.claims and actor in self.plain.claims[id].given
        refused = self.plain.assess(actor, id, verdict, submitted, match)
        made = self.expect(self.send(actor, "PUT", path, body, tag), refused, 200 if there else 201)
        if refused is None:
            self.plain.assessed(actor, id, verdict, submitted, made["id"])

    @rule(which=numbers, verdicts=st.lists(st.sampled_from(SCALE[::2]), min_size=2, max_size=4))
    def vote(self, which: int, verdicts: list[str]) -> None:
        """Several assess one claim, one after the other, all meaning it."""
        with self.step():
            for actor, verdict in zip(PEOPLE, verdicts, strict=False):
                self.give(actor, which | 1, verdict, True, "now")

    @precondition(lambda self: self.claims)
    @rule(actor=actors, which=numbers, how=matches)
    def take_back(self, actor: str, which: int, how: str) -> None:
        with self.step():
            id, path, tag, match = self.own(actor, which, how)
            self.expect(self.send(actor, "DELETE", path, None, tag), self.plain.take_back(actor, id, match), 204)

    def own(self, actor: str, which: int, how: str) -> tuple[str, str, str | None, Match]:
        """The actor's assessment of a claim, be there one or not."""
        id = self.pick(self.claims, self.plain.claims, which)
        path = f"/v1/claims/{id}/assessments/mine"
        self.touched.add(id)
        mine = self.plain.claims[id].given.get(actor) if id in self.plain.claims else None
        if mine is None or actor not in {*self.plain.roles, ADMIN}:
            # What an outsider has given they can't read; whatever they send, they are told that nothing is there.
            return id, path, *(("*", "*") if how == "*" else (None, "none"))
        seen = f"{path} of {actor}"
        if how in ("none", "*"):
            return id, path, *self.matching(how, seen, mine.state)
        if how == "now" or seen not in self.seen:
            self.seen[seen] = (self.send(actor, "GET", path).headers["ETag"], mine.state)
        return id, path, *self.seen[seen]

    @precondition(lambda self: self.claims)
    @rule(actor=actors, which=numbers, verdict=verdicts, how=matches, strays=st.sampled_from([False, False, True]))
    def adjudicate(self, actor: str, which: int, verdict: str, how: str, strays: bool) -> None:
        with self.step():
            id, path, tag, match = self.claim(which, how)
            votes = self.plain.claims[id].votes if id in self.plain.claims else []
            ids = tuple(each.id for _, each in votes)
            rests_on = ids if ids and not strays else (*ids, id)
            body = {"verdict": verdict, "rationale": "So it is.", "assessments": list(rests_on)}
            response = self.send(actor, "PUT", f"{path}/resolution", body, tag)
            self.expect(response, self.plain.adjudicate(actor, id, verdict, rests_on, match), 200)

    @precondition(lambda self: self.claims)
    @rule(actor=actors, which=numbers, n=numbers)
    def attach(self, actor: str, which: int, n: int) -> None:
        with self.step():
            id = self.pick(self.claims, self.plain.claims, which)
            self.touched.add(id)
            url = f"https://example.org/{n}"
            refused = self.plain.attach(actor, id, url)
            made = self.expect(self.send(actor, "POST", f"/v1/claims/{id}/evidence", {"url": url}), refused, 201)
            if refused is None:
                self.plain.claims[id].links[made["id"]] = (url, actor)
                self.links.append((id, made["id"]))

    @precondition(lambda self: self.links)
    @rule(actor=actors, which=numbers, how=matches)
    def detach(self, actor: str, which: int, how: str) -> None:
        with self.step():
            claim, link = self.links[-1 - which % len(self.links)]
            self.touched.add(claim)
            path = f"/v1/evidence/{link}"
            there = claim in self.plain.claims and link in self.plain.claims[claim].links
            tag, match = self.matching(how, path, (1,) if there else None)
            self.expect(self.send(actor, "DELETE", path, None, tag), self.plain.detach(actor, claim, link, match), 204)

    # What must hold after each step, and in the end.

    @invariant()
    def touched_claims_are_as_the_model_says(self) -> None:
        for id in self.touched:
            response = self.send(ADMIN, "GET", f"/v1/claims/{id}")
            if id in self.plain.claims:
                self.same(of_service(response.json), of_model(self.plain.claims[id]), f"claim {id}")
            else:
                self.same(response.status_code, 404, f"claim {id}")
        self.touched = set()

    def teardown(self) -> None:
        if self.fits:
            self.everything_is_as_the_model_says()
        deleted = self.send(ADMIN, "DELETE", f"{self.at}?confirm={self.slug}", None, "*")
        if self.fits:
            self.same(deleted.status_code, 204, "the project's end")
            self.same(self.send(ADMIN, "GET", self.at).status_code, 404, "the project, deleted")

    def everything_is_as_the_model_says(self) -> None:
        listed = self.items(f"{self.at}/claims?limit=200")
        expected: Any = {id: of_model(claim) for id, claim in self.plain.claims.items()}
        self.same({claim["id"]: of_service(claim) for claim in listed}, expected, "the claims")
        for status in ("unverified", "resolved", "withdrawn"):
            number = sum(claim.stands[0] == status for claim in self.plain.claims.values())
            found = self.items(f"{self.at}/claims?limit=200&status={status}")
            self.same(len(found), number, f"claims that are {status}")
        for article in self.items(f"{self.at}/articles?limit=200"):
            there = self.plain.articles[article["id"]]
            expected = (there.title, there.version, there.revision, len(self.plain.claims_on(there.id)))
            shown = tuple(article[name] for name in ("title", "version", "revision", "claim_count"))
            self.same(shown, expected, f"article {there.id}")
        roles = {member["user"]: member["role"] for member in self.items(f"{self.at}/members?limit=200")}
        self.same(roles, self.plain.roles, "the members")
        dossiers = self.send(ADMIN, "GET", f"{self.at}/export").json["dossiers"]
        texts = {each["article"]["id"]: each["article"]["text"] for each in dossiers}
        self.same(texts, {id: article.text for id, article in self.plain.articles.items()}, "the exported texts")
        database: Database = self.app.extensions["database"]
        with database.snapshot() as tx:
            broken = list(verification.of_project(tx, self.slug, verification.Count()))
        self.same(broken, [], "the history")

    def items(self, path: str) -> list[Any]:
        return list(self.send(ADMIN, "GET", path).json["items"])


def edited(article: Article, edit: str, n: int, number: int) -> Article:
    """The article with another text, of which it is plain what becomes of the marks."""
    before, after = article.around
    sentences = dict(article.sentences)
    if article.revision >= MOST_REVISIONS:
        edit = "nothing"
    if edit == "before":
        before = f"Corrected by hand number {number}.\n{before}"
    elif edit == "after":
        after = f"{after}\nMore on this follows on page {number}."
    elif edit == "number" and n in sentences:
        sentences[n] = SENTENCES[n].format(number)
    elif edit == "remove":
        sentences.pop(n, None)
    return Article(article.id, article.title, article.external_id, sentences, [before, after])


def of_service(claim: dict[str, Any]) -> dict[str, Any]:
    """What the service says of a claim, as far as the model says it too."""
    resolution = claim["resolution"] or dict.fromkeys(("method", "by"), None) | {"assessments": []}
    stands = (
        claim["status"],
        claim["verdict"],
        resolution["method"],
        resolution["by"],
        tuple(resolution["assessments"]),
    )
    return {
        "stands": stands,
        "counts": (claim["evidence_count"], claim["assessment_count"]),
        "versions": (claim["version"], claim["review_version"]),
        "needs": claim["needs_attention"],
        "text": claim["text"],
        "by": claim["created_by"],
        "words": claim["spans"][0]["exact"],
    }


def of_model(claim: Claim) -> dict[str, Any]:
    return {
        "stands": claim.stands,
        "counts": (len(claim.links), len(claim.votes)),
        "versions": (claim.version, claim.review_version),
        "needs": claim.needs,
        "text": claim.text,
        "by": claim.by,
        "words": claim.exact,
    }
