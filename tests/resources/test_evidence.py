"""Evidence: links with a stance, each once a claim."""

import pytest

from tests.client import Client, code, location, pointers


@pytest.fixture
def claim(editor: Client, reviewer: Client) -> str:
    return reviewer.claim(editor.article())


def test_attach_read_change_and_remove(reviewer: Client, claim: str) -> None:
    draft = {
        "url": "https://parks.example/register",
        "title": "Register",
        "publisher": "Parks office",
        "published_at": "2026-01-31",
        "accessed_at": "2026-03-03T08:00:00Z",
        "medium": "web_table",
        "excerpt": "2,950",
        "archive_url": "https://archive.example/1",
        "stance": "refutes",
        "note": "Street trees only.",
    }
    link = location(reviewer.post(f"{claim}/evidence", draft))
    shown = reviewer.get(link).json
    assert {name: shown[name] for name in draft} == draft
    assert reviewer.get(claim).json["evidence_count"] == 1
    changed = reviewer.patch(link, {"stance": "context"}, If_Match='"1"')
    assert (changed.json["stance"], changed.json["title"], changed.json["version"]) == ("context", "Register", 2)
    assert reviewer.delete(link, If_Match='"1"').status_code == 412
    assert reviewer.delete(link, If_Match='"2"').status_code == 204
    assert reviewer.get(claim).json["evidence_count"] == 0


def test_the_same_address_twice_on_a_claim_is_refused(reviewer: Client, claim: str) -> None:
    first = location(reviewer.post(f"{claim}/evidence", {"url": "https://example.org/a"}))
    again = reviewer.post(f"{claim}/evidence", {"url": "HTTPS://EXAMPLE.ORG:443/b/../a"})
    assert (again.status_code, code(again)) == (409, "already_exists")
    assert first.endswith(again.json["existing"])
    other = location(reviewer.post(f"{claim}/evidence", {"url": "https://example.org/b"}))
    assert reviewer.patch(other, {"url": "https://example.org/a"}, If_Match='"1"').status_code == 409


@pytest.mark.parametrize(
    ("draft", "pointer"),
    [
        ({}, "/url"),
        ({"url": None}, "/url"),
        ({"url": "ftp://example.org"}, "/url"),
        ({"url": "https://a:b@example.org"}, "/url"),
        ({"url": "https://example.org", "archive_url": "file:///x"}, "/archive_url"),
        ({"url": "https://example.org", "stance": "maybe"}, "/stance"),
        ({"url": "https://example.org", "stance": None}, "/stance"),
        ({"url": "https://example.org", "medium": "papyrus"}, "/medium"),
        ({"url": "https://example.org", "published_at": "2026"}, "/published_at"),
    ],
)
def test_a_draft_that_does_not_fit_is_refused(reviewer: Client, claim: str, draft: dict, pointer: str) -> None:
    refused = reviewer.post(f"{claim}/evidence", draft)
    assert (refused.status_code, pointers(refused)) == (422, [pointer])
    assert reviewer.all(f"{claim}/evidence") == []


def test_evidence_is_listed_in_the_order_it_came_and_by_stance(reviewer: Client, claim: str) -> None:
    for n, stance in enumerate(("supports", "refutes", "context", "refutes")):
        reviewer.post(f"{claim}/evidence", {"url": f"https://example.org/{n}", "stance": stance})
    urls = [link["url"][-1] for link in reviewer.all(f"{claim}/evidence?limit=1")]
    assert urls == ["0", "1", "2", "3"]
    assert [link["url"][-1] for link in reviewer.all(f"{claim}/evidence?stance=refutes")] == ["1", "3"]


def test_reviewers_change_what_they_attached_and_editors_all(
    reviewer: Client, other_reviewer: Client, editor: Client, claim: str
) -> None:
    link = location(reviewer.post(f"{claim}/evidence", {"url": "https://example.org"}))
    assert other_reviewer.patch(link, {"note": "x"}, If_Match='"1"').status_code == 403
    assert other_reviewer.delete(link, If_Match='"1"').status_code == 403
    assert reviewer.patch(link, {"note": "x"}, If_Match='"1"').status_code == 200
    assert editor.delete(link, If_Match='"2"').status_code == 204
