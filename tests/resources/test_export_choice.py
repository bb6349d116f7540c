"""Exports of what one asks for: claims that pass filters, and articles on which something has changed."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.client import TEXT, Client, location, pointers

EXPORT = "/v1/projects/default/export"


def chosen(client: Client, query: str) -> dict[str, list[str]]:
    """The wordings of the claims that come, by the title of their article."""
    dossiers = client.get(f"{EXPORT}?{query}").json["dossiers"]
    return {each["article"]["title"]: sorted(claim["text"] for claim in each["claims"]) for each in dossiers}


@pytest.fixture
def articles(editor: Client, reviewer: Client, other_reviewer: Client) -> dict[str, str]:
    """The addresses of three articles, one without claims, and of claims a, b and c on the others."""
    one, two, empty = (editor.article(title=title) for title in ("One", "Two", "Empty"))
    a = reviewer.claim(one, text="a", tags=["trees", "city"], claimant={"name": "Jo"}, claimed_at="2026-01-05")
    b = editor.claim(one, {"start": 79, "end": 90}, text="b 100% _", types=["numerical"], language="de")
    c = editor.claim(two, text="c", external_id="c-1", tags=["trees"], claimed_at="2026-03-05T10:00:00Z")
    reviewer.assess(a, "false")
    other_reviewer.assess(a, "false")
    other_reviewer.assess(c, "true")
    return {"One": one, "Two": two, "Empty": empty, "a": a, "b": b, "c": c}


FILTERS = {
    "status=resolved": {"One": ["a"], "Two": ["c"]},
    "status=unverified&status=disputed": {"One": ["b 100% _"]},
    "verdict=false": {"One": ["a"]},
    "verdict=true&tag=trees": {"Two": ["c"]},
    "tag=trees": {"One": ["a"], "Two": ["c"]},
    "type=numerical": {"One": ["b 100% _"]},
    "language=de": {"One": ["b 100% _"]},
    "claimant_name=Jo": {"One": ["a"]},
    "created_by=edith": {"One": ["b 100% _"], "Two": ["c"]},
    "claimed_after=2026-02-01": {"Two": ["c"]},
    "claimed_before=2026-02-01": {"One": ["a"]},
    "external_id=c-1": {"Two": ["c"]},
    "q=THE CITY HAD": {"One": ["a"], "Two": ["c"]},
    "q=100%25 _": {"One": ["b 100% _"]},
    "q=parks&status=resolved": {},
    "needs_attention=orphaned": {},
    "": {"One": ["a", "b 100% _"], "Two": ["c"], "Empty": []},
}


@pytest.mark.parametrize("query", FILTERS)
def test_only_claims_that_pass_come_and_only_articles_that_have_one(
    reader: Client, articles: dict[str, str], query: str
) -> None:
    assert chosen(reader, query) == FILTERS[query]
    listed = reader.all(f"/v1/projects/default/claims?{query}")
    assert sorted(claim["text"] for claim in listed) == sorted(
        text for each in FILTERS[query].values() for text in each
    )


def test_a_claim_that_comes_is_whole_and_what_is_said_of_claims_is_said_of_those_that_come(
    reader: Client, editor: Client, reviewer: Client, articles: dict[str, str]
) -> None:
    reviewer.post(f"{articles['a']}/evidence", {"url": "https://example.org"})
    editor.revise(articles["One"], f"So it was. {TEXT}")
    (whole,) = (each for each in reader.get(EXPORT).json["dossiers"] if each["article"]["title"] == "One")
    (cut,) = reader.get(f"{EXPORT}?verdict=false").json["dossiers"]
    assert cut["claims"] == [claim for claim in whole["claims"] if claim["text"] == "a"]
    report = cut["article"]["revisions"][1]["report"]
    assert [each["claim"] for each in report["claims"]] == [cut["claims"][0]["id"]]
    assert (report["kept"], report["changed"], report["orphaned"]) == (1, 0, 0)
    assert whole["article"]["revisions"][1]["report"]["kept"] == 2
    assert cut["article"]["claim_count"] == 2


def test_filters_hold_for_every_format(reader: Client, articles: dict[str, str]) -> None:
    table = reader.get(f"{EXPORT}?format=csv&verdict=true").text
    assert table.count("\r\n") == 2
    assert len(reader.get(f"{EXPORT}?format=claim-review&verdict=true").json) == 1
    assert reader.get(f"{EXPORT}?format=ndjson&tag=nowhere").data == b'{"end":{"dossiers":0}}\n'


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("state=new", "/state"),
        ("limit=5", "/limit"),
        ("sort=id", "/sort"),
        ("status=open", "/status/0"),
        ("since=now", "/since"),
    ],
)
def test_what_is_no_filter_is_refused(reader: Client, query: str, pointer: str) -> None:
    refused = reader.get(f"{EXPORT}?{query}")
    assert (refused.status_code, pointers(refused)) == (422, [pointer])


def test_an_article_alone_takes_no_filters(reader: Client, articles: dict[str, str]) -> None:
    assert reader.get(f"{articles['One']}/export?verdict=false").status_code == 422


Change = Callable[[Client, dict[str, str]], Any]


def drop(client: Client, address: str) -> Any:
    return client.delete(address, If_Match=client.tag(address))


CHANGES: dict[str, Change] = {
    "nothing": lambda client, at: None,
    "facts": lambda client, at: client.patch(at["One"], {"byline": "Jo"}, If_Match=client.tag(at["One"])),
    "text": lambda client, at: client.revise(at["One"], TEXT + " Yes."),
    "claim": lambda client, at: client.claim(at["One"], {"start": 5, "end": 9}),
    "claim dropped": lambda client, at: drop(client, at["b"]),
    "claim changed": lambda client, at: client.patch(at["b"], {"text": "d"}, If_Match=client.tag(at["b"])),
    "withdrawn": lambda client, at: client.put(f"{at['b']}/withdrawal", If_Match=client.tag(at["b"])),
    "evidence": lambda client, at: client.post(f"{at['b']}/evidence", {"url": "https://example.org/new"}),
    "evidence dropped": lambda client, at: drop(client, at["evidence"]),
    "assessed": lambda client, at: client.assess(at["b"], "true"),
    "comment": lambda client, at: client.post(f"{at['One']}/comments", {"text": "Look."}),
    "comment dropped": lambda client, at: drop(client, at["comment"]),
    "claimant": lambda client, at: client.patch(
        at["claimant"], {"job_title": "Mayor"}, If_Match=client.tag(at["claimant"])
    ),
}
"""What can happen to the first article and what hangs on it."""


@pytest.mark.parametrize("name", CHANGES)
def test_since_gives_articles_on_which_anything_has_changed_whole(
    admin: Client, articles: dict[str, str], name: str
) -> None:
    at = {
        **articles,
        "evidence": location(admin.post(f"{articles['a']}/evidence", {"url": "https://example.org"})),
        "comment": location(admin.post(f"{articles['a']}/comments", {"text": "Counted how?"})),
        "claimant": f"/v1/claimants/{admin.get(articles['a']).json['claimant']['id']}",
    }
    since = moment()
    answer = CHANGES[name](admin, at)
    assert name == "nothing" or isinstance(answer, str) or answer.status_code < 300
    found = admin.get(f"{EXPORT}?since={since}").json["dossiers"]
    everything = admin.get(EXPORT).json["dossiers"]
    assert found == [each for each in everything if each["article"]["title"] == "One" and name != "nothing"]


def test_a_relation_changes_both_of_its_articles(editor: Client, articles: dict[str, str]) -> None:
    since = moment()
    editor.post(f"{articles['c']}/relations", {"type": "repeats", "other": articles["b"].rpartition("/")[2]})
    assert list(chosen(editor, f"since={since}")) == ["One", "Two"]


def test_what_no_dossier_shows_changes_none(reviewer: Client, editor: Client, articles: dict[str, str]) -> None:
    since = moment()
    reviewer.assess(articles["b"], "true", state="draft")
    assert editor.put(f"{articles['b']}/assignees/rosa").status_code < 300
    assert chosen(editor, f"since={since}") == {}


def test_what_was_deleted_does_not_come_and_the_past_does(editor: Client, articles: dict[str, str]) -> None:
    before = "2020-01-01T00:00:00Z"
    assert list(chosen(editor, f"since={before}")) == ["One", "Two", "Empty"]
    editor.erase(articles["Two"], If_Match=editor.tag(articles["Two"]))
    assert list(chosen(editor, f"since={before}")) == ["One", "Empty"]
    assert chosen(editor, "since=2100-01-01T00:00:00Z") == {}


def test_since_and_filters_narrow_together(editor: Client, articles: dict[str, str]) -> None:
    since = moment()
    editor.patch(articles["b"], {"text": "d"}, If_Match=editor.tag(articles["b"]))
    assert chosen(editor, f"since={since}&tag=trees") == {"One": ["a"]}


def moment() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")
