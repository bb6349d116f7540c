"""Answers: things with their tag and address, pages with a link to the next, and nothing where nothing is."""

import re
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.client import BOX, TEXT, Client

NEXT = "/v1/projects/default/queue/next"
TAG = re.compile(r'"[0-9a-f]{32}"')
"""The tag of what has no version: a hash of what it says."""


def test_what_was_made_is_answered_with_its_address_and_the_tag_that_reading_it_gives(editor: Client) -> None:
    made = editor.post(BOX, {"text": TEXT})
    read = editor.get(made.headers["Location"])
    assert (made.status_code, made.content_type) == (201, "application/json")
    assert (read.status_code, read.content_type) == (200, "application/json")
    assert (made.json, made.headers["ETag"]) == (read.json, read.headers["ETag"])


def test_what_was_made_without_a_version_is_tagged_by_what_it_says(editor: Client) -> None:
    made = editor.revise(editor.article(), "Another text.")
    read = editor.get(made.headers["Location"])
    assert (made.status_code, made.json, made.headers["ETag"]) == (201, read.json, read.headers["ETag"])
    assert TAG.fullmatch(made.headers["ETag"])


def test_what_a_put_makes_is_new_once(reviewer: Client, editor: Client) -> None:
    claim = editor.claim(editor.article())
    made = reviewer.assess(claim, "true")
    replaced = reviewer.put(f"{claim}/assessments/mine", {"verdict": "false"}, If_Match=made.headers["ETag"])
    assert [made.status_code, replaced.status_code] == [201, 200]
    assert made.headers["ETag"] != replaced.headers["ETag"] == reviewer.tag(f"{claim}/assessments/mine")
    assert made.content_type == replaced.content_type == "application/json"


def test_what_follows_from_others_keeps_its_tag_for_as_long_as_it_says_the_same(editor: Client) -> None:
    place = "/v1/projects/default/statistics"
    told = editor.get(place)
    assert (told.status_code, told.content_type) == (200, "application/json")
    assert TAG.fullmatch(told.headers["ETag"])
    same = editor.get(place, If_None_Match=told.headers["ETag"])
    assert (same.status_code, same.data, same.headers["ETag"]) == (304, b"", told.headers["ETag"])
    editor.claim(editor.article())
    changed = editor.get(place, If_None_Match=told.headers["ETag"])
    assert (changed.status_code, changed.json != told.json) == (200, True)
    assert changed.headers["ETag"] != told.headers["ETag"]


def test_a_dry_run_is_answered_with_what_would_be_made_and_no_address(editor: Client) -> None:
    article = editor.article()
    tried = editor.revise(article, "Another text.", "?dry_run=true")
    made = editor.revise(article, "Another text.")
    assert (tried.status_code, tried.content_type, tried.json["n"]) == (200, "application/json", made.json["n"])
    assert {"Location", "ETag", "Article-ETag"} <= set(made.headers.keys())
    assert {"Location", "ETag", "Article-ETag"} & set(tried.headers.keys()) == {"Article-ETag"}


def test_an_action_answers_what_it_made_or_what_was_there_already(editor: Client) -> None:
    """One that can be done again without harm heeds no Idempotency-Key."""
    place = f"{editor.claim(editor.article())}/assignees/ravi"
    made, again = editor.put(place, Idempotency_Key="k"), editor.put(place, Idempotency_Key="k")
    assert [made.status_code, again.status_code] == [201, 200]
    assert made.json == again.json
    assert made.content_type == again.content_type == "application/json"


def test_where_there_is_nothing_to_answer_the_answer_is_empty_and_of_no_type(reviewer: Client, editor: Client) -> None:
    nothing_to_do, deleted = reviewer.post(NEXT, {}), editor.erase(editor.article(), If_Match='"1"')
    for nothing in (nothing_to_do, deleted):
        assert (nothing.status_code, nothing.data, nothing.content_type) == (204, b"", None)


def test_pages_are_linked_and_ask_for_all_that_the_first_asked_for(editor: Client) -> None:
    article = editor.article()
    for _ in range(3):
        editor.claim(article)
    query = [("status", "unverified"), ("status", "disputed"), ("limit", "2")]
    first = editor.get("/v1/projects/default/claims?status=unverified&status=disputed&limit=2")
    assert (first.status_code, first.content_type) == (200, "application/json")
    assert first.headers["Link"] == f'<{first.json["next"]}>; rel="next"'
    *asked, (last, _) = parse_qsl(urlsplit(first.json["next"]).query)
    assert (urlsplit(first.json["next"]).path, asked, last) == ("/v1/projects/default/claims", query, "cursor")
    second = editor.get(first.json["next"])
    assert (len(first.json["items"]), len(second.json["items"])) == (2, 1)
    assert (second.json["next"], "Link" in second.headers) == (None, False)


@pytest.mark.parametrize("query", ["", "&revision=1"])
def test_the_pages_of_a_texts_claims_all_stand_on_the_text_of_the_first(editor: Client, query: str) -> None:
    article = editor.article()
    for _ in range(5):
        editor.claim(article)
    pages = [editor.get(f"{article}/claims?limit=2{query}").json]
    editor.revise(article, f"Corrected. {TEXT}")
    while pages[-1]["next"]:
        assert parse_qsl(urlsplit(pages[-1]["next"]).query).count(("revision", "1")) == 1
        pages.append(editor.get(pages[-1]["next"]).json)
    spans = [span for page in pages for claim in page["items"] for span in claim["spans"]]
    assert [span["revision"] for span in spans] == [1] * 5
    assert "pinned" not in pages[0]
