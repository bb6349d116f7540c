"""Articles keep their text code point for code point."""

from hashlib import sha256

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.client import BOX, TEXT, Client, code, location, pointers

storable = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=200)


@given(text=storable)
@hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_read_back_is_what_was_sent(editor: Client, text: str) -> None:
    article = editor.get(editor.article(text)).json
    assert article["text"] == text
    assert article["text_sha256"] == sha256(text.encode()).hexdigest()
    assert article["code_points"] == len(text)


@pytest.mark.parametrize("text", ["\r\n a\u0301\ufeff \u202e b\t\n", " ", "\U0010ffff\u0001", "e\u0301é"])
def test_nothing_is_trimmed_or_normalised(editor: Client, text: str) -> None:
    assert editor.get(editor.article(text)).json["text"] == text


def test_a_new_article_has_all_its_facts(editor: Client) -> None:
    facts = {
        "external_id": "x-1",
        "title": "Trees",
        "url": "HTTPS://News.example/trees",
        "publisher": "The Daily Example",
        "byline": "Ada Obi",
        "language": "en-GB",
        "published_at": "2026-03-02T10:00:00+01:00",
        "metadata": {"z": [1, 2.5, None], "a": {"nested": True}},
    }
    response = editor.post(BOX, {**facts, "text": TEXT})
    article = response.json
    sent_back = {**facts, "url": "https://news.example/trees", "published_at": "2026-03-02T09:00:00Z"}
    assert {name: article[name] for name in facts} == sent_back
    assert list(article["metadata"]) == ["z", "a"]
    assert article["created_by"] == "edith"
    assert article["project"] == "default"
    assert (article["revision"], article["version"], article["claim_count"]) == (1, 1, 0)
    assert response.headers["Location"] == f"/v1/articles/{article['id']}"
    assert editor.get(location(response)).json == article


def test_a_day_of_publication_stays_a_day(editor: Client) -> None:
    assert editor.get(editor.article(published_at="2016-12-08")).json["published_at"] == "2016-12-08"


def test_external_ids_are_unique_in_their_project_and_the_refusal_names_the_other(
    editor: Client, stranger: Client
) -> None:
    first = editor.article(external_id="x-1")
    response = editor.post(BOX, {"text": "other", "external_id": "x-1"})
    assert (response.status_code, code(response)) == (409, "already_exists")
    assert first.endswith(response.json["existing"])
    assert stranger.post("/v1/projects/elsewhere/articles", {"text": "x", "external_id": "x-1"}).status_code == 201
    other = editor.article()
    taken = editor.patch(other, {"external_id": "x-1"}, If_Match='"1"')
    assert (taken.status_code, taken.json["existing"]) == (409, response.json["existing"])


@pytest.mark.parametrize(
    ("draft", "pointer"),
    [
        ({}, "/text"),
        ({"text": ""}, "/text"),
        ({"text": 5}, "/text"),
        ({"text": None}, "/text"),
        ({"text": "x" * 100_001}, "/text"),
        ({"text": "x", "titel": "typo"}, "/titel"),
        ({"text": "x", "title": "   "}, "/title"),
        ({"text": "x", "title": "x" * 1001}, "/title"),
        ({"text": "x", "url": "javascript:alert(1)"}, "/url"),
        ({"text": "x", "language": "english!"}, "/language"),
        ({"text": "x", "published_at": "last week"}, "/published_at"),
        ({"text": "x", "metadata": []}, "/metadata"),
        ({"text": "x", "metadata": None}, "/metadata"),
        ({"text": "x", "external_id": ""}, "/external_id"),
    ],
)
def test_a_draft_that_does_not_fit_is_refused_at_its_place(editor: Client, draft: dict, pointer: str) -> None:
    response = editor.post(BOX, draft)
    assert (response.status_code, pointers(response)) == (422, [pointer])
    assert editor.all(BOX) == []


def test_all_faults_are_said_at_once(editor: Client) -> None:
    response = editor.post(BOX, {"title": 5, "url": "x", "nope": 1})
    assert sorted(pointers(response)) == ["/nope", "/text", "/title", "/url"]
    assert "Found 5." in response.text


def test_facts_change_and_the_text_does_not(editor: Client) -> None:
    article = editor.article(title="Old", publisher="Kept")
    changed = editor.patch(article, {"title": "New"}, If_Match='"1"')
    assert (changed.json["title"], changed.json["publisher"], changed.json["version"]) == ("New", "Kept", 2)
    assert changed.headers["ETag"] == editor.tag(article)
    assert editor.patch(article, {"title": None}, If_Match=changed.headers["ETag"]).json["title"] is None
    refused = editor.patch(article, {"text": "other"}, If_Match='"3"')
    assert (refused.status_code, pointers(refused)) == (422, ["/text"])


def test_an_empty_change_changes_nothing(editor: Client) -> None:
    article = editor.article()
    assert editor.patch(article, {}, If_Match='"1"').json["version"] == 1


def test_deleting_takes_all_below_with_it(editor: Client, reviewer: Client) -> None:
    article = editor.article()
    claim = reviewer.claim(article)
    reviewer.assess(claim, "false")
    link = location(reviewer.post(f"{claim}/evidence", {"url": "https://example.org"}))
    assert editor.erase(article, If_Match=editor.tag(article)).status_code == 204
    assert [editor.get(path).status_code for path in (article, claim, link)] == [404, 404, 404]


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("external_id=one", ["One"]),
        ("language=de", ["Two"]),
        ("publisher=Daily", ["One", "Three"]),
        ("published_after=2026-02-01", ["Two"]),
        ("published_before=2026-02-01", ["One"]),
        ("published_after=2026-01-05&published_before=2026-01-06", ["One"]),
        ("has_claims=true", ["Two"]),
        ("has_claims=false", ["One", "Three"]),
        ("created_after=2026-01-01T00:00:00Z", ["One", "Two", "Three"]),
        ("created_before=2026-01-01T00:00:00Z", []),
        ("language=de&publisher=Daily", []),
        ("url=https://NEWS.example/3", ["Three"]),
        ("q=T", ["Two", "Three"]),
        ("q=TH", ["Three"]),
        ("q=%25", []),
    ],
)
def test_filters(editor: Client, reviewer: Client, query: str, titles: list[str]) -> None:
    editor.article(title="One", external_id="one", publisher="Daily", published_at="2026-01-05")
    two = editor.article(title="Two", language="de", published_at="2026-03-01T10:00:00Z")
    editor.article(title="Three", publisher="Daily", url="https://news.example/3")
    reviewer.claim(two)
    assert [article["title"] for article in editor.all(f"{BOX}?sort=created_at&{query}")] == titles


def test_lists_leave_the_text_out(editor: Client) -> None:
    editor.article()
    (listed,) = editor.all(BOX)
    assert "text" not in listed
    assert listed["code_points"] == len(TEXT)


@pytest.mark.parametrize("sort", ["created_at", "-created_at", "updated_at", "-published_at", "published_at"])
def test_sorting(editor: Client, sort: str) -> None:
    for day in ("2026-01-02", None, "2026-01-01", "2026-01-02T01:00:00Z", None):
        editor.article(published_at=day)
    field = sort.removeprefix("-")
    listed = [article[field] or "" for article in editor.all(f"{BOX}?sort={sort}&limit=2")]
    assert listed == sorted(listed, reverse=sort.startswith("-"))
    assert len(listed) == 5
