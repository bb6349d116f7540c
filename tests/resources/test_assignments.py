"""Editors give claims to reviewers by hand."""

import pytest

from api.db import Database
from tests.client import Client, code
from tests.resources.test_queue import PROJECT, need, queue, run_out, take


@pytest.fixture
def claim(editor: Client) -> str:
    return editor.claim(editor.article())


def test_an_assigned_claim_is_kept_for_the_assignee(
    reviewer: Client, other_reviewer: Client, editor: Client, claim: str
) -> None:
    assigned = editor.put(f"{claim}/assignees/ravi")
    assert (assigned.status_code, assigned.json["reviewer"], assigned.json["created_by"]) == (201, "ravi", "edith")
    assert take(other_reviewer) is None
    lease = reviewer.post("/v1/projects/default/queue/next", {}).json
    assert (f"/v1/claims/{lease['claim']['id']}", lease["assigned"]) == (claim, True)
    (holder,) = queue(reviewer)[claim]["taken_by"]
    assert (holder["reviewer"], holder["assigned"], holder["expires_at"]) == ("ravi", True, lease["expires_at"])


def test_an_assignment_outlasts_its_lease(
    reviewer: Client, other_reviewer: Client, editor: Client, database: Database, claim: str
) -> None:
    editor.put(f"{claim}/assignees/ravi")
    take(reviewer)
    run_out(database, "ravi")
    assert [take(other_reviewer), take(reviewer)] == [None, claim]


def test_one_reviewer_takes_one_place(
    reviewer: Client, other_reviewer: Client, editor: Client, owner: Client, claim: str
) -> None:
    need(owner, 2)
    take(reviewer)
    editor.put(f"{claim}/assignees/ravi")
    item = queue(reviewer)[claim]
    assert (item["state"], item["open_slots"], len(item["taken_by"])) == ("open", 1, 1)
    assert [take(other_reviewer), take(editor)] == [claim, None]


def test_assigning_again_changes_nothing(editor: Client, reader: Client, claim: str) -> None:
    first = editor.put(f"{claim}/assignees/ravi")
    again = editor.put(f"{claim}/assignees/ravi")
    assert (again.status_code, again.json) == (200, first.json)
    assert reader.all(f"{claim}/assignees") == [first.json]


def test_an_editor_may_assign_more_than_there_are_places_for(
    reviewer: Client, other_reviewer: Client, editor: Client, claim: str
) -> None:
    take(reviewer)
    assert editor.put(f"{claim}/assignees/rosa").status_code == 201
    item = queue(editor)[claim]
    assert (item["state"], item["open_slots"], len(item["taken_by"])) == ("taken", 0, 2)
    assert [take(other_reviewer), take(editor)] == [claim, None]


def test_unassigning_frees_the_place(other_reviewer: Client, editor: Client, claim: str) -> None:
    editor.put(f"{claim}/assignees/ravi")
    assert editor.delete(f"{claim}/assignees/ravi").status_code == 204
    assert editor.delete(f"{claim}/assignees/ravi").status_code == 404
    assert take(other_reviewer) == claim


def test_an_assignment_ends_when_the_assessment_is_submitted(
    reviewer: Client, other_reviewer: Client, editor: Client, owner: Client, claim: str
) -> None:
    need(owner, 2)
    editor.put(f"{claim}/assignees/ravi")
    reviewer.assess(claim, "true")
    assert queue(editor)[claim]["taken_by"] == []
    assert [take(reviewer), take(other_reviewer)] == [None, claim]


@pytest.mark.parametrize("user", ["rita", "stan", "nobody"])
def test_claims_are_assigned_to_reviewers(editor: Client, claim: str, user: str) -> None:
    refused = editor.put(f"{claim}/assignees/{user}")
    assert (refused.status_code, code(refused)) == (422, "not_a_reviewer")
    assert refused.json["errors"][0]["code"] == "not_a_reviewer"
    assert editor.all(f"{claim}/assignees") == []


def test_who_has_submitted_is_not_assigned(reviewer: Client, editor: Client, owner: Client, claim: str) -> None:
    need(owner, 2)
    reviewer.assess(claim, "true")
    refused = editor.put(f"{claim}/assignees/ravi")
    assert (refused.status_code, code(refused)) == (409, "already_submitted")


def test_a_withdrawn_claim_is_not_assigned(editor: Client, claim: str) -> None:
    editor.put(f"{claim}/withdrawal", If_Match="*")
    refused = editor.put(f"{claim}/assignees/ravi")
    assert (refused.status_code, code(refused)) == (409, "claim_withdrawn")


def test_who_reviews_no_more_holds_no_place(
    reviewer: Client, other_reviewer: Client, editor: Client, owner: Client, claim: str
) -> None:
    need(owner, 2)
    member = f"{PROJECT}/members/ravi"
    take(reviewer)
    editor.put(f"{claim}/assignees/ravi")
    owner.put(member, {"role": "editor"}, If_Match="*")
    assert len(queue(editor)[claim]["taken_by"]) == 1
    owner.put(member, {"role": "reader"}, If_Match="*")
    assert queue(editor)[claim]["taken_by"] == []
    owner.put(member, {"role": "reviewer"}, If_Match="*")
    editor.put(f"{claim}/assignees/ravi")
    take(reviewer)
    assert owner.delete(member, If_Match="*").status_code == 204
    assert queue(editor)[claim]["taken_by"] == []


def test_all_that_hangs_on_a_claim_goes_with_it(reviewer: Client, editor: Client, claim: str) -> None:
    editor.put(f"{claim}/assignees/ravi")
    take(reviewer)
    assert editor.delete(claim, If_Match="*").status_code == 204
    assert reviewer.put(f"{claim}/lease").status_code == 404
    assert editor.delete(f"{claim}/assignees/ravi").status_code == 404
