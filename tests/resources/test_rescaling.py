"""A new scale whose dropped verdicts give way to others, in everything that was assessed."""

import pytest

from api.rules.scales import PRESETS
from tests.client import Client, code, pointers

PROJECT = "/v1/projects/default"
SHORTER = {"name": "five", "values": [v for v in PRESETS["six_point"]["values"] if v["value"] != "pants_on_fire"]}


def rescale(owner: Client, **replacements: str) -> int:
    draft = {"scale": SHORTER, "replacements": replacements}
    return owner.patch(PROJECT, draft, If_Match=owner.tag(PROJECT)).status_code


def test_what_was_assessed_gets_the_replacement_and_statuses_follow(
    owner: Client, editor: Client, reviewer: Client, other_reviewer: Client
) -> None:
    disputed, adjudicated, drafted, sole = (editor.claim(editor.article()) for _ in range(4))
    reviewer.assess(sole, "pants_on_fire")
    reviewer.assess(disputed, "pants_on_fire")
    other_reviewer.assess(disputed, "false")
    assert editor.get(disputed).json["status"] == "disputed"
    id = reviewer.assess(adjudicated, "true").json["id"]
    word = {"verdict": "pants_on_fire", "rationale": "Why.", "assessments": [id]}
    editor.put(f"{adjudicated}/resolution", word, If_Match=editor.tag(adjudicated))
    reviewer.assess(drafted, "pants_on_fire", state="draft")

    assert rescale(owner, pants_on_fire="false") == 200

    settled = editor.get(disputed).json
    assert (settled["status"], settled["verdict"], settled["resolution"]["method"]) == (
        "resolved",
        "false",
        "unanimous",
    )
    assert editor.get(sole).json["resolution"]["verdict"] == "false"
    kept = editor.get(adjudicated).json["resolution"]
    assert (kept["verdict"], kept["method"], kept["by"], kept["rationale"]) == ("false", "adjudicated", "edith", "Why.")
    assert reviewer.get(f"{drafted}/assessments/mine").json["verdict"] == "false"
    last = editor.all(f"{disputed}/history?resource=assessment")[-1]
    assert (last["by"], last["before"]["verdict"], last["after"]["verdict"]) == ("olga", "pants_on_fire", "false")
    for claim in (disputed, adjudicated, drafted, sole):
        assert editor.get(f"{claim}/history?verify=true").json["verification"]["breaks"] == []
    assert "olga" not in {event["by"] for event in editor.all(f"{drafted}/history")}


@pytest.mark.parametrize(
    ("replacements", "status", "word"),
    [
        ({}, 409, "scale_in_use"),
        ({"pants_on_fire": "nonsense"}, 422, "invalid"),
        ({"pants_on_fire": "pants_on_fire"}, 422, "invalid"),
        ({"true": "false"}, 422, "invalid"),
        ({"never/there": "false"}, 422, "invalid"),
        ({"pants_on_fire": 1}, 422, "invalid"),
    ],
)
def test_a_replacement_that_does_not_fit_changes_nothing(
    owner: Client, editor: Client, replacements: dict[str, str], status: int, word: str
) -> None:
    claim = editor.claim(editor.article())
    editor.assess(claim, "pants_on_fire")
    draft = {"scale": SHORTER, "replacements": replacements}
    refused = owner.patch(PROJECT, draft, If_Match=owner.tag(PROJECT))
    assert (refused.status_code, code(refused)) == (status, word)
    assert owner.get(PROJECT).json["scale"]["name"] == "six_point"
    assert editor.get(claim).json["verdict"] == "pants_on_fire"


def test_replacements_without_a_new_scale_are_refused(owner: Client) -> None:
    refused = owner.patch(PROJECT, {"replacements": {"true": "false"}}, If_Match=owner.tag(PROJECT))
    assert (refused.status_code, pointers(refused)) == (422, ["/replacements"])
