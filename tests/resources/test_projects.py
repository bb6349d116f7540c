"""Projects are tenants with members, a scale and a policy."""

from typing import Any

import pytest

from api.rules.scales import PRESETS
from tests.client import Client, code, location, pointers

OWN_SCALE = {
    "name": "traffic light",
    "values": [
        {"value": "green", "label": "Holds", "number": 3, "truth_class": "true"},
        {"value": "yellow", "label": "In part", "number": None, "truth_class": "mixed"},
        {"value": "red", "label": "Does not hold", "number": 1.0, "truth_class": "false"},
    ],
}


def test_founding_reading_and_listing(admin: Client, reader: Client) -> None:
    project = location(admin.post("/v1/projects", {"slug": "new", "name": "New", "guidelines": "Be kind."}))
    shown = admin.get(project).json
    assert (shown["slug"], shown["scale"], shown["guidelines"]) == ("new", PRESETS["six_point"], "Be kind.")
    assert shown["policy"] == {"required_assessments": 1, "consensus": "unanimous", "blind": False}
    assert [each["slug"] for each in admin.all("/v1/projects?limit=1")] == ["default", "elsewhere", "new"]
    assert [each["slug"] for each in reader.all("/v1/projects?limit=1")] == ["default"]
    assert admin.get(f"{project}/members").json["items"][0]["role"] == "owner"
    again = admin.post("/v1/projects", {"slug": "new", "name": "Again"})
    assert (again.status_code, code(again)) == (409, "already_exists")


def test_a_scale_of_ones_own(admin: Client) -> None:
    project = location(admin.post("/v1/projects", {"slug": "new", "name": "New", "scale": OWN_SCALE}))
    assert admin.get(project).json["scale"] == OWN_SCALE
    article = location(admin.post(f"{project}/articles", {"text": "Something was said."}))
    claim = admin.claim(article, {"start": 0, "end": 9})
    assert admin.assess(claim, "false").status_code == 422
    admin.assess(claim, "yellow")
    assert admin.get(claim).json["verdict"] == "yellow"


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_can_be_chosen(admin: Client, preset: str) -> None:
    project = location(admin.post("/v1/projects", {"slug": "new", "name": "New", "scale": preset}))
    assert admin.get(project).json["scale"] == PRESETS[preset]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"slug": "UPPER"}, "/slug"),
        ({"slug": "a/b"}, "/slug"),
        ({"slug": "x" * 64}, "/slug"),
        ({"slug": "line\n"}, "/slug"),
        ({"name": ""}, "/name"),
        ({"scale": "ten_point"}, "/scale"),
        ({"scale": 5}, "/scale"),
        ({"scale": {"name": "x", "values": []}}, "/scale/values"),
        ({"scale": {**OWN_SCALE, "values": [OWN_SCALE["values"][0]] * 2}}, "/scale/values"),  # type: ignore[index]
        ({"scale": {**OWN_SCALE, "colour": 1}}, "/scale/colour"),
        ({"policy": {"blind": "true"}}, "/policy/blind"),
    ],
)
def test_a_project_that_does_not_fit_is_refused(admin: Client, change: dict[str, Any], pointer: str) -> None:
    refused = admin.post("/v1/projects", {"slug": "new", "name": "New", **change})
    assert (refused.status_code, pointers(refused)) == (422, [pointer])


def test_changing_a_project(owner: Client) -> None:
    address = "/v1/projects/default"
    changed = owner.patch(address, {"name": "Desk", "guidelines": "Two sources."}, If_Match=owner.tag(address))
    assert (changed.json["name"], changed.json["guidelines"], changed.json["version"]) == ("Desk", "Two sources.", 2)
    assert changed.json["scale"] == PRESETS["six_point"]
    assert owner.patch(address, {"slug": "other"}, If_Match='"2"').status_code == 422


def test_a_new_scale_keeps_the_verdicts_in_use(owner: Client, editor: Client) -> None:
    editor.assess(editor.claim(editor.article()), "pants_on_fire")
    refused = owner.patch("/v1/projects/default", {"scale": "basic"}, If_Match='"1"')
    assert (refused.status_code, code(refused)) == (409, "scale_in_use")
    assert refused.json["verdicts"] == ["pants_on_fire"]
    assert owner.get("/v1/projects/default").json["scale"]["name"] == "six_point"


def test_deleting_a_project_deletes_what_is_in_it(owner: Client, editor: Client, admin: Client) -> None:
    article = editor.article()
    claim = editor.claim(article, claimant={"name": "Jo"})
    editor.assess(claim, "true")
    assert owner.erase("/v1/projects/default", If_Match='"1"').status_code == 204
    assert [admin.get(path).status_code for path in ("/v1/projects/default", article, claim)] == [404] * 3
    assert owner.get("/v1/me").json["projects"] == []


def test_members_come_change_and_go(owner: Client, stranger: Client) -> None:
    stan = "/v1/projects/default/members/stan"
    assert stranger.get("/v1/projects/default").status_code == 404
    added = owner.put(stan, {"role": "reader"})
    assert (added.status_code, added.json["role"], added.json["display_name"]) == (201, "reader", "Stan")
    assert stranger.get("/v1/projects/default").status_code == 200
    assert owner.put(stan, {"role": "editor"}).status_code == 428
    assert owner.put(stan, {"role": "editor"}, If_Match=added.headers["ETag"]).json["role"] == "editor"
    stranger.article()
    assert owner.delete(stan, If_Match=owner.tag(stan)).status_code == 204
    assert stranger.get("/v1/projects/default").status_code == 404
    assert owner.get(stan).status_code == 404


def test_members_are_listed_by_name(reader: Client) -> None:
    names = [member["user"] for member in reader.all("/v1/projects/default/members?limit=2")]
    assert names == ["admin", "edith", "olga", "ravi", "rita", "rosa"]


@pytest.mark.parametrize("body", [{}, {"role": "king"}, {"role": None}, {"role": "reader", "x": 1}])
def test_a_role_that_does_not_exist_is_refused(owner: Client, body: dict[str, Any]) -> None:
    assert owner.put("/v1/projects/default/members/stan", body).status_code == 422


def test_an_unknown_user_can_not_be_a_member(owner: Client) -> None:
    refused = owner.put("/v1/projects/default/members/nobody", {"role": "reader"})
    assert (refused.status_code, refused.json["errors"][0]["code"]) == (422, "unknown_user")


def test_a_project_keeps_an_owner(stranger: Client) -> None:
    me = "/v1/projects/elsewhere/members/stan"
    for refused in (stranger.put(me, {"role": "reader"}, If_Match='"1"'), stranger.delete(me, If_Match='"1"')):
        assert (refused.status_code, code(refused)) == (409, "last_owner")
    stranger.put("/v1/projects/elsewhere/members/olga", {"role": "owner"})
    assert stranger.delete(me, If_Match='"1"').status_code == 204
