"""An export, imported into an empty project and exported again, is the same file but for what the rule sets aside."""

import gzip
from collections.abc import Callable, Iterator
from itertools import count, cycle
from random import Random
from typing import Any

import jsonschema
import orjson
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from api.db import Database
from api.schemas.relations import TYPES
from tests.client import Client, location, validate
from tests.resources.test_imports import NDJSON, number_of_events
from tests.round_trip import kept

WORDS = [
    "trees",
    "🌳",
    "the",
    "mayor",
    "said",
    "4,000",
    "𝒜𝒷",
    "e\u0301t\u00e9",
    "甲乙",
    "not",
    "“so”",
    "in",
    "since",
    "2020",
]
STANCES = ["supports", "refutes", "context"]
VERDICTS = ["true", "mostly_true", "half_true", "false"]
STEPS = 45
numbers = count()


class Desk:
    """A newsroom at work on one project: at each step one of them does something, which may be refused."""

    def __init__(self, admin: Client, random: Random):
        self.random, self.types = random, cycle(TYPES)
        self.slug = f"desk-{next(numbers)}"
        policy = {"required_assessments": random.randint(1, 3), "consensus": random.choice(["unanimous", "majority"])}
        location(admin.post("/v1/projects", {"slug": self.slug, "name": "Desk", "policy": policy}))
        staff(admin, self.slug)
        self.editor = Client(admin.app, "edith")
        self.reviewers = [Client(admin.app, name) for name in ("ravi", "rosa", "rita")]
        self.articles: list[str] = []
        self.claims: list[str] = []
        self.store()

    def work(self) -> None:
        deeds: list[Callable[[], Any]] = [self.store, *[self.revise] * 4, *[self.mark] * 9, *[self.mark_anew] * 2]
        deeds += [self.confirm, self.confirm, *[self.assess] * 9, *[self.link] * 5, *[self.relate] * 5, *[self.say] * 6]
        deeds += [self.settle, self.settle, self.reopen, self.withdraw, self.reinstate, self.delete]
        for _ in range(STEPS):
            self.random.choice(deeds)()

    def text(self, most: int = 25) -> str:
        return " ".join(self.random.choice(WORDS) for _ in range(self.random.randint(1, most)))

    def store(self) -> None:
        n = len(self.articles)
        facts = {"external_id": f"a-{n}", "metadata": {"b": [1, None], "a": {}}} if self.random.random() < 0.5 else {}
        facts |= {"byline": self.random.choice([None, "Jo"]), "published_at": self.random.choice([None, "2026-03-02"])}
        article = {"text": f"Article {n}. {self.text()}. {self.text()}.", **facts}
        self.articles.append(location(self.editor.post(f"/v1/projects/{self.slug}/articles", article)))

    def revise(self) -> None:
        article = self.random.choice(self.articles)
        words = self.editor.get(article).json["text"].split(" ")
        at = self.random.randint(2, len(words))
        words[at : at + self.random.choice([0, 1, 1, 2, 8])] = self.text(self.random.choice([1, 1, 4])).split(" ")
        self.editor.revise(article, " ".join(words), note=self.random.choice([None, "Corrected"]))

    def spans(self, article: str) -> list[dict[str, Any]]:
        n = self.random.randint(1, self.editor.get(article).json["revision"])
        text = self.editor.get(f"{article}/revisions/{n}").json["text"]
        places = {tuple(sorted(self.random.sample(range(len(text) + 1), 2))) for _ in range(self.random.randint(1, 3))}
        return [{"start": start, "end": end, "revision": n} for start, end in places]

    def mark(self) -> None:
        article = self.random.choice(self.articles)
        facts: dict[str, Any] = {"spans": self.spans(article), "text": self.random.choice([None, self.text(5)])}
        if self.random.random() < 0.5:
            facts |= {
                "external_id": f"c-{next(numbers)}",
                "priority": self.random.randint(0, 9),
                "tags": ["🌳", "b"],
            }
            who = {"name": self.random.choice(["Jo", "The City"]), "same_as": ["https://example.org/who"]}
            facts |= {"claimant": who, "claimed_at": "2026-03-01", "location": "甲乙", "types": ["numerical"]}
            facts |= {"appearances": [{"url": "https://example.org/there"}], "language": "en", "context": "Said so."}
        self.claims.append(location(self.reviewer.post(f"{article}/claims", facts)))

    @property
    def reviewer(self) -> Client:
        return self.random.choice(self.reviewers)

    @property
    def claim(self) -> str:
        if not self.claims:
            self.mark()
        return self.random.choice(self.claims)

    def mark_anew(self) -> None:
        claim = self.claim
        article = f"/v1/articles/{self.editor.get(claim).json['article']}"
        self.editor.patch(claim, {"spans": self.spans(article)}, If_Match="*")

    def confirm(self) -> None:
        self.reviewer.post(f"{self.claim}/anchors/confirm", None, If_Match="*")

    def assess(self) -> None:
        claim = self.claim
        links = [link["id"] for link in self.editor.all(f"{claim}/evidence") if self.random.random() < 0.5]
        cites = [{"id": id, "stance": self.random.choice([None, *STANCES])} for id in links]
        state = self.random.choice(["draft", "submitted", "submitted", "submitted"])
        facts = {"state": state, "evidence": cites, "rationale": self.random.choice([None, self.text(4)])}
        draft = {"verdict": self.random.choice(VERDICTS), "confidence": self.random.choice([None, 0.25, 1.0]), **facts}
        reviewer = self.reviewer
        if reviewer.put(f"{claim}/assessments/mine", draft).status_code == 428:
            reviewer.put(f"{claim}/assessments/mine", draft, If_Match="*")

    def link(self) -> None:
        facts = {"stance": self.random.choice(STANCES), "note": self.random.choice([None, self.text(3)])}
        url = f"https://example.org/{self.random.randint(1, 9)}"
        self.reviewer.post(f"{self.claim}/evidence", {"url": url, "published_at": "2026-01-01", **facts})

    def relate(self) -> None:
        other = self.claim.rpartition("/")[2]
        facts = {"note": self.random.choice([None, self.text(3)])}
        self.reviewer.post(f"{self.claim}/relations", {"type": next(self.types), "other": other, **facts})

    def say(self) -> None:
        claim = self.claim
        assessments = [f"/v1/assessments/{each['id']}" for each in self.editor.all(f"{claim}/assessments")]
        thing = self.random.choice([claim, self.random.choice(self.articles), *assessments])
        self.reviewer.post(f"{thing}/comments", {"text": self.random.choice(["Yes.", self.text(4)])})

    def settle(self) -> None:
        claim = self.claim
        ids = [each["id"] for each in self.editor.all(f"{claim}/assessments")]
        word = {"verdict": self.random.choice(VERDICTS), "rationale": self.text(4), "assessments": ids}
        self.editor.put(f"{claim}/resolution", word, If_Match="*")

    def reopen(self) -> None:
        self.editor.delete(f"{self.claim}/resolution", If_Match="*")

    def withdraw(self) -> None:
        self.editor.put(f"{self.claim}/withdrawal", If_Match="*")

    def reinstate(self) -> None:
        self.editor.delete(f"{self.claim}/withdrawal", If_Match="*")

    def delete(self) -> None:
        claim = self.claim
        if self.editor.delete(claim, If_Match="*").status_code == 204:
            self.claims.remove(claim)


def staff(admin: Client, project: str) -> None:
    for name, role in {"edith": "editor", "ravi": "reviewer", "rosa": "reviewer", "rita": "reviewer"}.items():
        assert admin.put(f"/v1/projects/{project}/members/{name}", {"role": role}).status_code == 201


def empty_like(admin: Client, project: str) -> str:
    """Another project with the same scale and policy, and the same reviewers."""
    like = admin.get(f"/v1/projects/{project}").json
    slug = f"{project}-again-{next(numbers)}"
    facts = {name: like[name] for name in ("scale", "policy")}
    location(admin.post("/v1/projects", {"slug": slug, "name": "Again", **facts}))
    staff(admin, slug)
    return slug


def exported(client: Client, project: str, format: str = "ndjson") -> bytes:
    return client.get(f"/v1/projects/{project}/export?format={format}").data


def dossiers(body: bytes, format: str = "ndjson") -> list[dict[str, Any]]:
    *lines, _end = body.splitlines()
    return orjson.loads(body)["dossiers"] if format == "json" else [orjson.loads(line) for line in lines]


def import_into(client: Client, project: str, body: bytes, format: str, packed: bool) -> list[int]:
    """How many lines were created, updated, unchanged, failed and came in without something."""
    headers = {"Content_Encoding": "gzip"} if packed else {}
    kind = NDJSON if format == "ndjson" else "application/json"
    response = client.raw(f"/v1/projects/{project}/imports", gzip.compress(body) if packed else body, kind, **headers)
    report = response.json
    for name in ("failures", "omissions"):
        assert client.all(f"/v1/imports/{report['id']}/{name}") == []
    return [report[name] for name in ("created", "updated", "unchanged", "failed", "omitted")]


MODEST = settings(
    max_examples=2,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.mark.parametrize(("format", "packed"), [("ndjson", False), ("ndjson", True), ("json", False), ("json", True)])
@MODEST
@given(random=st.randoms(use_true_random=False))
def test_an_export_comes_back_as_it_was(
    admin: Client, database: Database, format: str, packed: bool, random: Random
) -> None:
    desk = Desk(admin, random)
    desk.work()
    body = exported(admin, desk.slug, format)
    sent = dossiers(body, format)
    other = empty_like(admin, desk.slug)
    assert import_into(admin, other, body, format, packed) == [len(sent), 0, 0, 0, 0]
    assert kept(dossiers(exported(admin, other))) == kept(sent)
    for project in (other, desk.slug):
        before = number_of_events(database)
        assert import_into(admin, project, body, format, packed) == [0, 0, len(sent), 0, 0]
        assert number_of_events(database) == before


@pytest.fixture
def work(admin: Client) -> list[dict[str, Any]]:
    """The dossiers of several desks."""
    desks = [Desk(admin, Random(seed)) for seed in range(4)]
    for desk in desks:
        desk.work()
    return [dossier for desk in desks for dossier in dossiers(exported(admin, desk.slug))]


def test_the_desks_do_what_an_import_has_to_bring_back(work: list[dict[str, Any]]) -> None:
    claims = [claim for dossier in work for claim in dossier["claims"]]
    given = [assessment for claim in claims for assessment in claim["assessments"]]
    resolutions = [claim["resolution"] for claim in claims if claim["resolution"]]
    related = [(claim, relation) for claim in claims for relation in claim["relations"]]
    assert {claim["status"] for claim in claims} == {"unverified", "in_review", "disputed", "resolved", "withdrawn"}
    assert {claim["needs_attention"] for claim in claims} == {None, "text_changed", "orphaned"}
    assert {resolution["words_changed"] for resolution in resolutions} == {True, False}
    assert {resolution["method"] for resolution in resolutions} >= {"sole", "adjudicated"}
    assert {relation["type"] for _, relation in related} == set(TYPES)
    homes = {claim["id"]: claim["article"] for claim in claims}
    assert {homes[relation["claim"]] == homes[relation["other"]] for _, relation in related} == {True, False}
    assert any(len(dossier["article"]["revisions"]) > 2 for dossier in work)
    assert any(assessment["evidence"] for assessment in given)
    for things in ([dossier["article"] for dossier in work], claims, given):
        assert any(thing["comments"] for thing in things)


def test_the_schemas_cover_all_that_is_exported_and_sent(
    admin: Client, reader: Client, work: list[dict[str, Any]]
) -> None:
    check = jsonschema.Draft202012Validator.FORMAT_CHECKER
    schema = jsonschema.Draft202012Validator(reader.get("/v1/schemas/dossier.json").json, format_checker=check)
    for dossier in work:
        schema.validate(dossier)
        validate(admin.app, "DossierDraft", dossier)
    schema.validate({"dossiers": work})
    validate(admin.app, "DossiersDraft", {"dossiers": work})
    whole = max(work, key=lambda dossier: len(orjson.dumps(dossier)))
    for thing in list(objects(whole)):
        thing["colour"] = "green"
        assert not schema.is_valid(whole), thing
        del thing["colour"]
    schema.validate(whole)


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """The first of the objects in each list, and all others but metadata."""
    if isinstance(value, list):
        yield from objects(value[0]) if value else ()
    elif isinstance(value, dict):
        yield value
        for name, inner in value.items():
            yield from objects(inner) if name != "metadata" else ()
