"""Status, verdict and resolution follow from the assessments at once."""

import pytest

from tests.client import Client, code, pointers


@pytest.fixture
def claim(editor: Client, reviewer: Client) -> str:
    return reviewer.claim(editor.article())


def test_one_assessment_settles_a_claim(reviewer: Client, claim: str) -> None:
    given = reviewer.assess(claim, "false", rationale="Counted.", confidence=0.9)
    assert given.status_code == 201
    shown = reviewer.get(claim).json
    assert (shown["status"], shown["verdict"], shown["assessment_count"]) == ("resolved", "false", 1)
    resolution = shown["resolution"]
    assert resolution.pop("resolved_at")
    assert resolution == {
        "verdict": "false",
        "method": "sole",
        "by": "ravi",
        "assessments": [given.json["id"]],
        "rationale": None,
        "words_changed": False,
    }


def test_taking_it_back_undoes_all_of_it(reviewer: Client, claim: str) -> None:
    mine = f"{claim}/assessments/mine"
    reviewer.assess(claim, "false")
    assert reviewer.delete(mine, If_Match=reviewer.tag(mine)).status_code == 204
    shown = reviewer.get(claim).json
    assert (shown["status"], shown["verdict"], shown["resolution"]) == ("unverified", None, None)
    assert reviewer.get(mine).status_code == 404


def test_two_who_differ_leave_the_claim_disputed(reviewer: Client, other_reviewer: Client, claim: str) -> None:
    reviewer.assess(claim, "false")
    other_reviewer.assess(claim, "mostly_false")
    shown = reviewer.get(claim).json
    assert (shown["status"], shown["verdict"], shown["resolution"]) == ("disputed", None, None)


def test_two_who_agree_settle_it_unanimously(reviewer: Client, other_reviewer: Client, claim: str) -> None:
    ids = [client.assess(claim, "false").json["id"] for client in (reviewer, other_reviewer)]
    resolution = reviewer.get(claim).json["resolution"]
    assert (resolution["method"], resolution["by"], resolution["assessments"]) == ("unanimous", None, ids)
    assert [each["id"] for each in reviewer.all(f"{claim}/assessments?limit=1")] == ids


def test_replacing_ones_assessment_needs_its_tag(reviewer: Client, claim: str) -> None:
    first = reviewer.assess(claim, "false")
    refused = reviewer.assess(claim, "true")
    assert (refused.status_code, code(refused)) == (428, "precondition_required")
    second = reviewer.put(f"{claim}/assessments/mine", {"verdict": "true"}, If_Match=first.headers["ETag"])
    assert (second.status_code, second.json["version"], second.json["id"]) == (200, 2, first.json["id"])
    assert second.json["rationale"] is None
    stale = reviewer.put(f"{claim}/assessments/mine", {"verdict": "false"}, If_Match=first.headers["ETag"])
    assert (stale.status_code, stale.json["version"]) == (412, 2)
    assert reviewer.get(claim).json["verdict"] == "true"


def test_a_put_that_only_creates(reviewer: Client, claim: str) -> None:
    mine = f"{claim}/assessments/mine"
    assert reviewer.put(mine, {"verdict": "true"}, If_Match='"1"').status_code == 412
    assert reviewer.put(mine, {"verdict": "true"}, If_None_Match="*").status_code == 201
    assert reviewer.put(mine, {"verdict": "false"}, If_None_Match="*").status_code == 412
    assert reviewer.get(mine).json["verdict"] == "true"


def test_the_verdict_is_on_the_projects_scale(reviewer: Client, claim: str) -> None:
    refused = reviewer.assess(claim, "refuted")
    assert (refused.status_code, pointers(refused)) == (422, ["/verdict"])
    assert "pants_on_fire" in refused.text
    assert reviewer.get(claim).json["status"] == "unverified"


@pytest.mark.parametrize("confidence", [-0.1, 1.1, "0.5", True, 1e300])
def test_confidence_is_a_number_from_0_to_1(reviewer: Client, claim: str, confidence: object) -> None:
    refused = reviewer.put(f"{claim}/assessments/mine", {"verdict": "true", "confidence": confidence})
    assert (refused.status_code, pointers(refused)) == (422, ["/confidence"])


def test_a_status_is_never_set_by_hand(reviewer: Client, claim: str) -> None:
    refused = reviewer.patch(claim, {"status": "resolved", "verdict": "true"}, If_Match='"1"')
    assert (refused.status_code, sorted(pointers(refused))) == (422, ["/status", "/verdict"])


def test_the_tag_of_a_claim_changes_with_what_it_shows(reviewer: Client, claim: str) -> None:
    tags = [reviewer.tag(claim)]
    reviewer.assess(claim, "false")
    tags.append(reviewer.tag(claim))
    reviewer.post(f"{claim}/evidence", {"url": "https://example.org"})
    tags.append(reviewer.tag(claim))
    assert len(set(tags)) == 3
    assert reviewer.get(claim, If_None_Match=tags[-1]).status_code == 304


def test_a_draft_is_private_and_counts_for_nothing(
    reviewer: Client, other_reviewer: Client, editor: Client, claim: str
) -> None:
    before = other_reviewer.get(claim)
    draft = reviewer.assess(claim, "false", state="draft", rationale="Not sure yet.")
    assert (draft.status_code, draft.json["state"]) == (201, "draft")
    after = other_reviewer.get(claim)
    assert (after.json, after.headers["ETag"]) == (before.json, before.headers["ETag"])
    assert reviewer.all(f"{claim}/assessments") == [draft.json]
    assert other_reviewer.all(f"{claim}/assessments") == []
    (dossier,) = other_reviewer.get(f"/v1/articles/{before.json['article']}/export").json["dossiers"]
    assert dossier["claims"][0]["assessments"] == []
    assert editor.get("/v1/projects/default/agreement").json["assessments"] == 0


def test_a_draft_counts_once_it_is_submitted_and_stays_so(reviewer: Client, claim: str) -> None:
    mine = f"{claim}/assessments/mine"
    reviewer.assess(claim, "false", state="draft")
    submitted = reviewer.put(mine, {"verdict": "true"}, If_Match=reviewer.tag(mine))
    assert (submitted.status_code, submitted.json["state"]) == (200, "submitted")
    assert reviewer.get(claim).json["verdict"] == "true"
    refused = reviewer.put(mine, {"verdict": "true", "state": "draft"}, If_Match=reviewer.tag(mine))
    assert (refused.status_code, code(refused)) == (409, "already_submitted")
    assert reviewer.get(mine).json == submitted.json


def test_taking_a_draft_back_leaves_the_claim_as_it_is(reviewer: Client, claim: str) -> None:
    mine = f"{claim}/assessments/mine"
    tag = reviewer.tag(claim)
    reviewer.assess(claim, "false", state="draft")
    assert reviewer.delete(mine, If_Match=reviewer.tag(mine)).status_code == 204
    assert reviewer.tag(claim) == tag
