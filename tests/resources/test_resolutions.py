"""Several reviewers, a policy, and an editor who settles what they leave open."""

from typing import Any

import pytest

from tests.client import Client, code, pointers

PROJECT = "/v1/projects/default"
WHY = "The register counts newly planted trees only."


@pytest.fixture
def claim(editor: Client) -> str:
    return editor.claim(editor.article())


def set_policy(owner: Client, **policy: Any) -> Any:
    return owner.patch(PROJECT, {"policy": policy}, If_Match=owner.tag(PROJECT))


def standing(client: Client, claim: str) -> tuple[str, str | None, str | None]:
    shown = client.get(claim).json
    return shown["status"], shown["verdict"], (shown["resolution"] or {}).get("method")


def adjudicate(client: Client, claim: str, verdict: str = "half_true", **draft: Any) -> Any:
    ids = [each["id"] for each in client.all(f"{claim}/assessments")]
    body = {"verdict": verdict, "rationale": WHY, "assessments": ids, **draft}
    return client.put(f"{claim}/resolution", body, If_Match=client.tag(claim))


def test_a_claim_is_in_review_until_enough_have_assessed_it(
    owner: Client, reviewer: Client, other_reviewer: Client, claim: str
) -> None:
    changed = set_policy(owner, required_assessments=2)
    assert changed.json["policy"] == {"required_assessments": 2, "consensus": "unanimous", "blind": False}
    reviewer.assess(claim, "false")
    assert standing(reviewer, claim) == ("in_review", None, None)
    other_reviewer.assess(claim, "false")
    assert standing(reviewer, claim) == ("resolved", "false", "unanimous")


def test_a_majority_settles_what_unanimity_leaves_disputed(
    owner: Client, reviewer: Client, other_reviewer: Client, editor: Client, claim: str
) -> None:
    set_policy(owner, required_assessments=3)
    for who, verdict in ((reviewer, "false"), (other_reviewer, "false"), (editor, "true")):
        who.assess(claim, verdict)
    assert standing(reviewer, claim) == ("disputed", None, None)
    before = reviewer.tag(claim)
    set_policy(owner, consensus="majority")
    assert standing(reviewer, claim) == ("resolved", "false", "majority")
    assert reviewer.tag(claim) != before
    set_policy(owner, required_assessments=4)
    assert standing(reviewer, claim) == ("in_review", None, None)


def test_a_policy_leaves_alone_what_it_does_not_touch(owner: Client, reviewer: Client, editor: Client) -> None:
    article = editor.article()
    untouched, withdrawn = editor.claim(article), editor.claim(article)
    reviewer.assess(withdrawn, "false")
    editor.put(f"{withdrawn}/withdrawal", If_Match=editor.tag(withdrawn))
    tags = [editor.tag(each) for each in (untouched, withdrawn)]
    set_policy(owner, required_assessments=2)
    assert [editor.tag(each) for each in (untouched, withdrawn)] == tags


@pytest.mark.parametrize(
    ("policy", "pointer"),
    [
        ({"required_assessments": 0}, "/policy/required_assessments"),
        ({"required_assessments": 10}, "/policy/required_assessments"),
        ({"consensus": "plurality"}, "/policy/consensus"),
        ({"votes": 2}, "/policy/votes"),
    ],
)
def test_a_policy_that_does_not_fit_is_refused(owner: Client, policy: dict[str, Any], pointer: str) -> None:
    before = owner.get(PROJECT)
    refused = owner.patch(PROJECT, {"policy": policy}, If_Match=before.headers["ETag"])
    assert (refused.status_code, pointers(refused)) == (422, [pointer])
    assert owner.get(PROJECT).json == before.json


def test_a_project_can_be_founded_with_its_policy(admin: Client) -> None:
    draft = {"slug": "desk", "name": "Desk", "policy": {"required_assessments": 3, "consensus": "majority"}}
    made = admin.post("/v1/projects", draft).json
    assert made["policy"] == {"required_assessments": 3, "consensus": "majority", "blind": False}


def test_an_editor_settles_a_disputed_claim_and_says_why(
    editor: Client, reviewer: Client, other_reviewer: Client, claim: str
) -> None:
    ids = [who.assess(claim, verdict).json["id"] for who, verdict in ((reviewer, "false"), (other_reviewer, "true"))]
    settled = adjudicate(editor, claim)
    assert settled.status_code == 200
    resolution = settled.json["resolution"]
    assert resolution.pop("resolved_at")
    assert resolution == {
        "verdict": "half_true",
        "method": "adjudicated",
        "by": "edith",
        "assessments": ids,
        "rationale": WHY,
        "words_changed": False,
    }
    assert standing(reviewer, claim) == ("resolved", "half_true", "adjudicated")


def test_assessments_of_a_settled_claim_stay_until_it_is_reopened(
    editor: Client, reviewer: Client, other_reviewer: Client, owner: Client, claim: str
) -> None:
    reviewer.assess(claim, "false")
    adjudicate(editor, claim)
    mine = f"{claim}/assessments/mine"
    for refused in (
        other_reviewer.assess(claim, "true"),
        reviewer.put(mine, {"verdict": "true"}, If_Match=reviewer.tag(mine)),
        reviewer.delete(mine, If_Match=reviewer.tag(mine)),
    ):
        assert (refused.status_code, code(refused)) == (409, "claim_closed")
    set_policy(owner, required_assessments=5)
    assert standing(reviewer, claim) == ("resolved", "half_true", "adjudicated")
    reopened = editor.delete(f"{claim}/resolution", If_Match=editor.tag(claim))
    assert reopened.json["status"] == "in_review"
    assert other_reviewer.assess(claim, "true").status_code == 201


def test_only_what_an_editor_has_settled_can_be_reopened(editor: Client, reviewer: Client, claim: str) -> None:
    reviewer.assess(claim, "false")
    refused = editor.delete(f"{claim}/resolution", If_Match=editor.tag(claim))
    assert refused.status_code == 404
    assert standing(reviewer, claim) == ("resolved", "false", "sole")


def test_an_adjudication_rests_on_assessments_of_its_own_claim(editor: Client, reviewer: Client, claim: str) -> None:
    other = editor.claim(editor.article())
    elsewhere = reviewer.assess(other, "false").json["id"]
    mine = reviewer.assess(claim, "false").json["id"]
    refused = adjudicate(editor, claim, assessments=[mine, elsewhere])
    assert (refused.status_code, pointers(refused)) == (422, ["/assessments/1"])
    assert standing(reviewer, claim) == ("resolved", "false", "sole")


@pytest.mark.parametrize(
    ("draft", "pointer"),
    [
        ({"verdict": "maybe"}, "/verdict"),
        ({"rationale": " "}, "/rationale"),
        ({"assessments": []}, "/assessments"),
        ({"assessments": ["x"]}, "/assessments/0"),
    ],
)
def test_an_adjudication_that_does_not_fit_is_refused(
    editor: Client, reviewer: Client, claim: str, draft: dict[str, Any], pointer: str
) -> None:
    reviewer.assess(claim, "false")
    before = editor.get(claim).json
    refused = adjudicate(editor, claim, **draft)
    assert (refused.status_code, pointers(refused)) == (422, [pointer])
    assert editor.get(claim).json == before


def test_a_stale_or_withdrawn_claim_is_not_settled(editor: Client, reviewer: Client, claim: str) -> None:
    id = reviewer.assess(claim, "false").json["id"]
    body = {"verdict": "true", "rationale": WHY, "assessments": [id]}
    tag = editor.tag(claim)
    editor.patch(claim, {"text": "Reworded."}, If_Match=tag)
    assert editor.put(f"{claim}/resolution", body, If_Match=tag).status_code == 412
    assert editor.put(f"{claim}/resolution", body).status_code == 428
    editor.put(f"{claim}/withdrawal", If_Match=editor.tag(claim))
    refused = editor.put(f"{claim}/resolution", body, If_Match=editor.tag(claim))
    assert (refused.status_code, code(refused)) == (409, "claim_withdrawn")


def test_an_editor_who_has_not_seen_a_changed_assessment_does_not_settle_by_it(
    editor: Client, reviewer: Client, other_reviewer: Client
) -> None:
    claim = editor.claim(editor.article())
    id = reviewer.assess(claim, "true").json["id"]
    other_reviewer.assess(claim, "false")
    seen = editor.tag(claim)
    mine = f"{claim}/assessments/mine"
    reviewer.put(mine, {"verdict": "half_true"}, If_Match=reviewer.tag(mine))
    assert editor.get(claim).json["status"] == "disputed"
    body = {"verdict": "true", "rationale": WHY, "assessments": [id]}
    assert editor.put(f"{claim}/resolution", body, If_Match=seen).status_code == 412
    assert editor.put(f"{claim}/resolution", body, If_Match=editor.tag(claim)).status_code == 200


def test_a_scale_keeps_the_verdict_that_only_an_editor_gave(editor: Client, reviewer: Client, owner: Client) -> None:
    claim = editor.claim(editor.article())
    reviewer.assess(claim, "false")
    adjudicate(editor, claim, "pants_on_fire")
    refused = owner.patch(PROJECT, {"scale": "basic"}, If_Match=owner.tag(PROJECT))
    assert (refused.status_code, code(refused)) == (409, "scale_in_use")
    assert refused.json["verdicts"] == ["pants_on_fire"]


def test_who_marked_a_claim_can_not_undo_an_editors_word_by_withdrawing_it(editor: Client, reviewer: Client) -> None:
    claim = reviewer.claim(editor.article())
    reviewer.assess(claim, "false")
    adjudicate(editor, claim)
    refused = reviewer.put(f"{claim}/withdrawal", If_Match=reviewer.tag(claim))
    assert (refused.status_code, code(refused)) == (409, "claim_closed")
    assert standing(reviewer, claim) == ("resolved", "half_true", "adjudicated")
