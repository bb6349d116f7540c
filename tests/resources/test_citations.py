"""Assessments cite evidence of their claim, each piece with the stance that the reviewer saw in it."""

from typing import Any

import pytest
import sqlalchemy as sa

from api.db import Database
from api.models import events
from tests.client import Client, code, location, pointers


@pytest.fixture
def claim(editor: Client, reviewer: Client) -> str:
    return reviewer.claim(editor.article())


def attach(client: Client, claim: str, count: int = 1, stance: str = "refutes") -> list[str]:
    """The ids of new evidence."""
    drafts = [{"url": f"https://example.org/{stance}/{n}", "stance": stance} for n in range(count)]
    return [client.post(f"{claim}/evidence", draft).json["id"] for draft in drafts]


def test_what_is_cited_is_shown_in_the_order_given(reviewer: Client, claim: str) -> None:
    first, second, third = attach(reviewer, claim, 3)
    cited = [{"id": third, "stance": "supports"}, {"id": first}, {"id": second, "stance": "context"}]
    given = reviewer.assess(claim, "false", evidence=cited)
    shown = [
        {"id": third, "stance": "supports"},
        {"id": first, "stance": "refutes"},
        {"id": second, "stance": "context"},
    ]
    assert (given.status_code, given.json["evidence"]) == (201, shown)
    assert reviewer.get(f"{claim}/assessments/mine").json == given.json
    assert reviewer.all(f"{claim}/assessments") == [given.json]


def test_a_citation_without_a_stance_keeps_the_one_that_the_evidence_had(reviewer: Client, claim: str) -> None:
    (piece,) = attach(reviewer, claim, stance="supports")
    reviewer.assess(claim, "true", evidence=[{"id": piece}])
    reviewer.patch(f"/v1/evidence/{piece}", {"stance": "refutes"}, If_Match="*")
    assert reviewer.get(f"{claim}/assessments/mine").json["evidence"] == [{"id": piece, "stance": "supports"}]


def test_a_put_replaces_the_whole_list(reviewer: Client, claim: str) -> None:
    first, second = attach(reviewer, claim, 2)
    mine = f"{claim}/assessments/mine"
    reviewer.assess(claim, "false", evidence=[{"id": first}, {"id": second}])
    replaced = reviewer.put(mine, {"verdict": "false", "evidence": [{"id": second}]}, If_Match='"1"')
    assert [each["id"] for each in replaced.json["evidence"]] == [second]
    emptied = reviewer.put(mine, {"verdict": "false"}, If_Match='"2"')
    assert (emptied.json["evidence"], emptied.json["version"]) == ([], 3)


def test_evidence_of_others_is_refused_like_what_does_not_exist(
    reviewer: Client, editor: Client, stranger: Client, claim: str
) -> None:
    (own,) = attach(reviewer, claim)
    (elsewhere,) = attach(reviewer, reviewer.claim(editor.article()))
    hers = location(stranger.post("/v1/projects/elsewhere/articles", {"text": "Hers alone."}))
    (foreign,) = attach(stranger, stranger.claim(hers, {"exact": "alone"}))
    for state in ("draft", "submitted"):
        strange = [elsewhere, foreign, "01934f6e-7a10-7000-8000-00000000ffff"]
        refused = reviewer.assess(claim, "true", state=state, evidence=[{"id": id} for id in (own, *strange)])
        assert (refused.status_code, pointers(refused)) == (422, [f"/evidence/{n}/id" for n in (1, 2, 3)])
        assert {fault["code"] for fault in refused.json["errors"]} == {"unknown_evidence"}
        assert len({fault["detail"] for fault in refused.json["errors"]}) == 1
    assert reviewer.get(f"{claim}/assessments/mine").status_code == 404


@pytest.mark.parametrize(
    ("cited", "pointer"),
    [
        ([{}], "/evidence/0/id"),
        ([{"id": "x"}], "/evidence/0/id"),
        ([{"id": "01934f6e-7a10-7000-8000-000000000006", "stance": "maybe"}], "/evidence/0/stance"),
        ([{"id": "01934f6e-7a10-7000-8000-000000000006"}, {"id": "01934F6E-7A10-7000-8000-000000000006"}], "/evidence"),
        ([{"id": f"01934f6e-7a10-7000-8000-{n:012}"} for n in range(101)], "/evidence"),
        (None, "/evidence"),
    ],
)
def test_a_list_that_does_not_fit_is_refused(reviewer: Client, claim: str, cited: Any, pointer: str) -> None:
    refused = reviewer.assess(claim, "true", evidence=cited)
    assert (refused.status_code, pointers(refused)) == (422, [pointer])
    assert reviewer.get(claim).json["status"] == "unverified"


def test_a_hundred_pieces_can_be_cited(reviewer: Client, claim: str) -> None:
    ids = attach(reviewer, claim, 100)[::-1]
    given = reviewer.assess(claim, "false", evidence=[{"id": id} for id in ids])
    assert [each["id"] for each in given.json["evidence"]] == ids


def test_what_a_submitted_assessment_cites_stays(reviewer: Client, editor: Client, claim: str) -> None:
    (piece,) = attach(reviewer, claim)
    mine = f"{claim}/assessments/mine"
    reviewer.assess(claim, "false", evidence=[{"id": piece}])
    refused = editor.delete(f"/v1/evidence/{piece}", If_Match="*")
    assert (refused.status_code, code(refused)) == (409, "evidence_cited")
    assert editor.get(claim).json["evidence_count"] == 1
    reviewer.put(mine, {"verdict": "false"}, If_Match="*")
    assert editor.delete(f"/v1/evidence/{piece}", If_Match="*").status_code == 204


def test_it_goes_once_the_assessment_is_taken_back(reviewer: Client, claim: str) -> None:
    (piece,) = attach(reviewer, claim)
    reviewer.assess(claim, "false", evidence=[{"id": piece}])
    assert reviewer.delete(f"{claim}/assessments/mine", If_Match="*").status_code == 204
    assert reviewer.delete(f"/v1/evidence/{piece}", If_Match="*").status_code == 204


def test_a_draft_loses_a_citation_with_its_evidence_and_shows_it(reviewer: Client, editor: Client, claim: str) -> None:
    first, second = attach(reviewer, claim, 2)
    mine = f"{claim}/assessments/mine"
    tag = reviewer.assess(claim, "false", state="draft", evidence=[{"id": first}, {"id": second}]).headers["ETag"]
    assert editor.delete(f"/v1/evidence/{first}", If_Match="*").status_code == 204
    changed = reviewer.get(mine, If_None_Match=tag)
    assert (changed.status_code, [each["id"] for each in changed.json["evidence"]]) == (200, [second])
    assert reviewer.put(mine, {"verdict": "false"}, If_Match=tag).status_code == 412


def test_dossiers_show_what_assessments_cite(reviewer: Client, other_reviewer: Client, claim: str) -> None:
    (piece,) = attach(reviewer, claim)
    reviewer.assess(claim, "false", evidence=[{"id": piece}])
    other_reviewer.assess(claim, "false")
    (dossier,) = reviewer.get(f"/v1/articles/{reviewer.get(claim).json['article']}/export").json["dossiers"]
    (exported,) = dossier["claims"]
    assert [each["evidence"] for each in exported["assessments"]] == [[{"id": piece, "stance": "refutes"}], []]


def test_a_claim_goes_with_its_citations(reviewer: Client, editor: Client, claim: str) -> None:
    (piece,) = attach(reviewer, claim)
    reviewer.assess(claim, "false", evidence=[{"id": piece}])
    assert editor.delete(claim, If_Match=editor.tag(claim)).status_code == 204
    assert editor.get(f"/v1/evidence/{piece}").status_code == 404


def told(database: Database) -> list[tuple[bool, str, str, Any]]:
    """What the history tells of assessments: whether only to their reviewer, by whom, what, and the citations."""
    columns = (events.c.private_to, events.c.by, events.c.action, events.c.after)
    found = sa.select(*columns).where(events.c.resource == "assessment").order_by(events.c.at)
    with database.snapshot() as tx:
        return [(bool(row.private_to), row.by, row.action, row.after.get("evidence")) for row in tx.execute(found)]


def test_the_history_tells_what_was_cited_and_of_a_draft_only_to_its_reviewer(
    reviewer: Client, editor: Client, claim: str, database: Database
) -> None:
    first, second = attach(reviewer, claim, 2)
    mine = f"{claim}/assessments/mine"
    cited = [{"id": first, "stance": "refutes"}, {"id": second, "stance": "refutes"}]
    reviewer.assess(claim, "false", state="draft", evidence=cited)
    editor.delete(f"/v1/evidence/{first}", If_Match="*")
    reviewer.put(mine, {"verdict": "false", "evidence": cited[1:]}, If_Match="*")
    reviewer.put(mine, {"verdict": "true"}, If_Match="*")
    assert told(database) == [
        (True, "ravi", "created", cited),
        (True, "edith", "changed", cited[1:]),
        (False, "ravi", "submitted", cited[1:]),
        (False, "ravi", "changed", []),
    ]


def test_who_removes_evidence_learns_nothing_of_the_drafts_that_cited_it(
    reviewer: Client, editor: Client, claim: str
) -> None:
    first, second = attach(reviewer, claim, 2)
    draft = reviewer.assess(claim, "false", state="draft", evidence=[{"id": first}, {"id": second}]).json
    editor.delete(f"/v1/evidence/{first}", If_Match="*")
    assert draft["id"] not in editor.get(f"{claim}/history").text
    told = [event for event in reviewer.all(f"{claim}/history") if event["resource_id"] == draft["id"]]
    assert [(event["by"], event["action"]) for event in told] == [("ravi", "created"), ("edith", "changed")]
