"""Blind review: until their own assessment is submitted, reviewers learn nothing of others', by any route.

Everything a reviewer can read is read before others assess and again after each thing they do: it must be
the same, byte for byte.
"""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from api.exports import formats
from tests.client import BOX, TEXT, Client, code, location
from tests.test_authorization import operations

PROJECT = "/v1/projects/default"
MORE = {
    "/v1/projects/{project}/claims": [
        *(f"?status={status}" for status in ("unverified", "in_review", "disputed", "resolved", "withdrawn")),
        *(
            "?status=in_review&status=disputed",
            "?verdict=true",
            "?verdict=false",
            "?sort=-updated_at",
            "?sort=updated_at&limit=1",
            "?unit=utf16",
        ),
    ],
    "/v1/projects/{project}/queue": [
        "?state=open",
        "?state=taken",
        "?state=disputed",
        "?sort=-priority",
        "?taken_by=rosa",
    ],
    "/v1/projects/{project}/statistics": ["?reviewer=edith", "?after=2020-01-01T00:00:00Z"],
    "/v1/projects/{project}/agreement": ["?reviewer=edith&reviewer=rosa"],
    "/v1/projects/{project}/export": [
        *(f"?format={format}" for format in formats()),
        *(f"?status={status}" for status in ("unverified", "in_review", "disputed", "resolved", "withdrawn")),
        *("?verdict=true", "?verdict=false", "?since={since}", "?since={since}&status=unverified"),
    ],
    "/v1/claims/{claim}": ["?at=2100-01-01T00:00:00Z", "?unit=utf8"],
    "/v1/claims/{claim}/history": [
        *("?verify=true", "?resource=assessment", "?resource=status", "?resource=comment", "?by=rosa", "?sort=-at"),
        "?limit=1",
    ],
    "/v1/articles/{article}/history": ["?verify=true", "?resource=status", "?limit=2"],
}
"""Queries that could tell more than the plain address."""


@pytest.fixture
def things(owner: Client, editor: Client, reviewer: Client) -> dict[str, str]:
    """A blind project in which nothing is assessed yet; the reviewer marked the claim and has a draft."""
    owner.patch(PROJECT, {"policy": {"blind": True, "required_assessments": 2}}, If_Match=owner.tag(PROJECT))
    article = editor.article()
    claim = reviewer.claim(article, claimant={"name": "Jo"})
    others = editor.claim(article, {"start": 0, "end": 9})
    evidence = location(reviewer.post(f"{claim}/evidence", {"url": "https://example.org"}))
    relation = location(editor.post(f"{claim}/relations", {"type": "repeats", "other": others.rpartition("/")[2]}))
    comment = location(editor.post(f"{claim}/comments", {"text": "Counted how?"}))
    reviewer.assess(claim, "half_true", state="draft")
    ids = {"article": article, "claim": claim, "evidence": evidence, "relation": relation, "comment": comment}
    last = {name: address.rpartition("/")[2] for name, address in ids.items()}
    claimant = reviewer.get(claim).json["claimant"]["id"]
    return {
        **last,
        "claimant": claimant,
        "project": "default",
        "user": "rosa",
        "n": "1",
        "assessment": "none",
        "import": "none",
        "since": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
    }


def everything(app: Flask, client: Client, things: dict[str, str]) -> dict[str, tuple[int, bytes, str | None]]:
    """What every address that can be read answers, with its tag."""
    seen = {}
    for template, method, _ in operations(app):
        if method == "GET":
            for query in ("", *MORE.get(template, [])):
                address = (template + query).format(**{**things, "token": things["claim"]})
                answer = client.get(address)
                assert answer.status_code in (200, 403, 404), address
                seen[address] = answer.status_code, answer.data, answer.headers.get("ETag")
    return seen


def changed(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    return [address for address in before if before[address] != after[address]]


def test_a_reviewer_sees_no_trace_of_what_others_do_in_review(
    app: Flask, reviewer: Client, other_reviewer: Client, editor: Client, owner: Client, things: dict[str, str]
) -> None:
    claim, evidence = f"/v1/claims/{things['claim']}", f"/v1/evidence/{things['evidence']}"
    before = everything(app, reviewer, things)
    assert len(before) > 50
    hers: list[str] = []

    def adjudicate() -> Any:
        ids = [each["id"] for each in editor.all(f"{claim}/assessments")]
        draft = {"verdict": "true", "rationale": "Why.", "assessments": ids}
        return editor.put(f"{claim}/resolution", draft, If_Match=editor.tag(claim))

    def comment() -> Any:
        (assessment,) = (each["id"] for each in editor.all(f"{claim}/assessments") if each["reviewer"] == "rosa")
        hers.append(f"/v1/assessments/{assessment}/comments")
        return editor.post(f"/v1/assessments/{assessment}/comments", {"text": "Really?"})

    cited = [{"id": things["evidence"], "stance": "refutes"}]
    mine = f"{claim}/assessments/mine"
    steps = {
        "lease": lambda: other_reviewer.post(f"{PROJECT}/queue/next", {}),
        "draft": lambda: other_reviewer.assess(claim, "true", state="draft"),
        "in review": lambda: other_reviewer.put(
            mine, {"verdict": "true", "evidence": cited}, If_Match=other_reviewer.tag(mine)
        ),
        "comment": comment,
        "disputed": lambda: editor.assess(claim, "false"),
        "adjudicated": adjudicate,
        "reopened": lambda: editor.delete(f"{claim}/resolution", If_Match=editor.tag(claim)),
        "resolved": lambda: editor.put(mine, {"verdict": "true", "evidence": cited}, If_Match=editor.tag(mine)),
    }
    for name, step in steps.items():
        assert step().status_code in (200, 201), name
        assert changed(before, everything(app, reviewer, things)) == [], name
    comments = reviewer.get(hers[0])
    nothing = reviewer.get(f"/v1/assessments/{things['claim']}/comments")
    assert (comments.status_code, comments.data) == (404, nothing.data)
    assert owner.get(claim).json["status"] == "resolved"
    # What the reviewer writes meanwhile tells nothing either.
    refused = reviewer.delete(evidence, If_Match='"1"')
    assert (refused.status_code, code(refused)) == (409, "evidence_kept")
    patched = reviewer.patch(claim, {"text": "Anew"}, If_Match='"1"')
    assert (patched.status_code, patched.json["status"], patched.json["version"]) == (200, "unverified", 2)
    assert patched.json["assessment_count"] == patched.json["review_version"] == 0
    told = reviewer.all(f"{claim}/history?resource=claim")
    assert [(event["action"], event["n"], event["hash"]) for event in told] == [
        ("created", None, None),
        ("changed", None, None),
    ]


def test_what_is_handed_out_by_the_queue_tells_nothing(
    reviewer: Client, editor: Client, things: dict[str, str]
) -> None:
    older, newer = (editor.claim(f"/v1/articles/{things['article']}", {"start": n, "end": n + 3}) for n in (1, 2))
    editor.assess(newer, "false")
    rivals = [things["claim"], *(address.rpartition("/")[2] for address in (older, newer))]
    leased = [reviewer.post(f"{PROJECT}/queue/next", {}).json["claim"] for _ in range(4)]
    assert [claim["id"] for claim in leased if claim["id"] in rivals] == rivals
    assert {(claim["status"], claim["assessment_count"]) for claim in leased} == {("unverified", 0)}


def test_drafts_can_be_written_and_dropped_whatever_an_editor_has_settled(
    reviewer: Client, other_reviewer: Client, editor: Client, things: dict[str, str]
) -> None:
    claim = f"/v1/claims/{things['claim']}"
    id = other_reviewer.assess(claim, "true").json["id"]
    word = {"verdict": "true", "rationale": "Why.", "assessments": [id]}
    assert editor.put(f"{claim}/resolution", word, If_Match=editor.tag(claim)).status_code == 200
    mine = f"{claim}/assessments/mine"
    draft = {"verdict": "false", "state": "draft"}
    assert reviewer.put(mine, draft, If_Match=reviewer.tag(mine)).status_code == 200
    assert reviewer.delete(mine, If_Match=reviewer.tag(mine)).status_code == 204
    assert reviewer.put(mine, draft).status_code == 201
    # To submit it is refused, as it must be: in words that fit any closed claim.
    refused = reviewer.put(mine, {"verdict": "false"}, If_Match=reviewer.tag(mine))
    assert (refused.status_code, code(refused)) == (409, "claim_closed")
    assert not {"adjudicat", "settled", "editor"} & set(refused.json["detail"].lower().split())


def test_a_time_of_change_tells_nothing_of_what_was_before_the_project_was_blind(
    reviewer: Client, editor: Client, owner: Client
) -> None:
    first, second = (editor.claim(editor.article()) for _ in range(2))
    created = {claim: reviewer.get(claim).json["updated_at"] for claim in (first, second)}
    editor.assess(first, "true")
    assert reviewer.get(first).json["updated_at"] > created[first]
    owner.patch(PROJECT, {"policy": {"blind": True}}, If_Match=owner.tag(PROJECT))
    assert {claim: reviewer.get(claim).json["updated_at"] for claim in created} == created
    listed = reviewer.all(f"{PROJECT}/claims?sort=updated_at&limit=1")
    assert [f"/v1/claims/{claim['id']}" for claim in listed] == [first, second]
    assert editor.get(first).json["updated_at"] > created[first]


def test_who_has_submitted_sees_everything(
    reviewer: Client, other_reviewer: Client, editor: Client, things: dict[str, str]
) -> None:
    claim = f"/v1/claims/{things['claim']}"
    other_reviewer.assess(claim, "true")
    mine = f"{claim}/assessments/mine"
    reviewer.put(mine, {"verdict": "false"}, If_Match=reviewer.tag(mine))
    seen, all_ = reviewer.get(claim), editor.get(claim)
    assert (seen.data, seen.headers["ETag"]) == (all_.data, all_.headers["ETag"])
    assert seen.json["status"] == "disputed"
    assert len(reviewer.all(f"{claim}/assessments")) == 2
    assert reviewer.all(f"{PROJECT}/claims?status=disputed")[0]["id"] == things["claim"]
    events = reviewer.all(f"{claim}/history")
    assert {event["by"] for event in events if event["resource"] == "assessment"} == {"ravi", "rosa"}
    assert reviewer.get(f"{claim}/history?verify=true").json["verification"]["events"]
    assert reviewer.get(f"{PROJECT}/agreement").json["assessments"] == 2
    assert reviewer.get(f"{PROJECT}/statistics").json["by_status"]["disputed"] == 1
    dossier = reviewer.get(f"{PROJECT}/export").json["dossiers"][0]
    assert sorted(len(each["assessments"]) for each in dossier["claims"]) == [0, 2]
    # Until it is taken back.
    reviewer.delete(mine, If_Match=reviewer.tag(mine))
    assert reviewer.get(claim).json["status"] == "unverified"
    assert reviewer.all(f"{claim}/assessments") == []


@pytest.mark.parametrize("who", ["reader", "editor", "owner", "admin"])
def test_only_reviewers_are_blind(
    request: pytest.FixtureRequest, other_reviewer: Client, things: dict[str, str], who: str
) -> None:
    client: Client = request.getfixturevalue(who)
    claim = f"/v1/claims/{things['claim']}"
    other_reviewer.assess(claim, "true")
    assert client.get(claim).json["status"] == "in_review"
    assert len(client.all(f"{claim}/assessments")) == 1


def test_a_withdrawn_claim_is_withdrawn_for_everybody(
    reviewer: Client, other_reviewer: Client, editor: Client, things: dict[str, str]
) -> None:
    claim = f"/v1/claims/{things['claim']}"
    editor.assess(claim, "false")
    tag = reviewer.tag(claim)
    refused = reviewer.put(f"{claim}/withdrawal", If_Match=tag)
    assert (refused.status_code, code(refused)) == (409, "claim_closed")
    assert editor.put(f"{claim}/withdrawal", If_Match=editor.tag(claim)).json["status"] == "withdrawn"
    assert other_reviewer.get(claim).json["status"] == "withdrawn"
    assert other_reviewer.all(f"{PROJECT}/claims?status=withdrawn")[0]["id"] == things["claim"]
    assert reviewer.tag(claim) != tag
    back = reviewer.delete(f"{claim}/withdrawal", If_Match=reviewer.tag(claim)).json
    assert (back["status"], back["version"]) == ("unverified", 3)
    assert editor.get(claim).json["status"] == "in_review"


def test_a_project_that_is_blind_no_more_shows_everything(
    reviewer: Client, editor: Client, owner: Client, things: dict[str, str]
) -> None:
    claim = f"/v1/claims/{things['claim']}"
    editor.assess(claim, "false")
    owner.patch(PROJECT, {"policy": {"blind": False}}, If_Match=owner.tag(PROJECT))
    assert reviewer.get(claim).json["status"] == "in_review"
    editor.revise(BOX.removesuffix("/projects/default/articles") + f"/articles/{things['article']}", TEXT + " Yes.")
    assert len(reviewer.all(f"{claim}/history")) == len(editor.all(f"{claim}/history")) + 1
