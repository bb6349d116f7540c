"""Every operation of the document, tried by everybody.

The table below is written by hand, not read from `RIGHTS`: a change there must be meant here too.
A new operation without a row fails.
"""

from collections.abc import Callable
from typing import Any

import pytest

from api.db import Database
from api.rules.permissions import RIGHTS
from api.services import users
from tests.client import BOX, Client, location

EVERYBODY = {"admin", "owner", "editor", "reviewer", "reader", "stranger"}
MEMBERS = EVERYBODY - {"stranger"}
REVIEWERS = MEMBERS - {"reader"}
EDITORS = REVIEWERS - {"reviewer"}
OWNERS = EDITORS - {"editor"}

MAY: dict[str, set[str]] = {
    "read_me": EVERYBODY,
    "list_tokens": EVERYBODY,
    "create_token": EVERYBODY,
    "delete_token": set(),
    "list_users": {"admin"},
    "read_user": {"admin"},
    "read_user_deletion": {"admin"},
    "delete_user": {"admin"},
    "list_projects": EVERYBODY,
    "create_project": {"admin"},
    "read_project": MEMBERS,
    "change_project": OWNERS,
    "read_project_deletion": OWNERS,
    "delete_project": OWNERS,
    "list_members": MEMBERS,
    "read_member": MEMBERS,
    "put_member": OWNERS,
    "delete_member": OWNERS,
    "list_articles": MEMBERS,
    "create_article": EDITORS,
    "read_article": MEMBERS,
    "change_article": EDITORS,
    "read_article_deletion": EDITORS,
    "delete_article": EDITORS,
    "export_article": MEMBERS,
    "export_project": MEMBERS,
    "import_dossiers": EDITORS,
    "list_imports": EDITORS,
    "read_import": EDITORS,
    "list_import_failures": EDITORS,
    "list_import_omissions": EDITORS,
    "list_article_claims": MEMBERS,
    "list_project_claims": MEMBERS,
    "mark_claim": REVIEWERS,
    "read_claim": MEMBERS,
    "change_claim": EDITORS,
    "delete_claim": EDITORS,
    "confirm_claim": REVIEWERS,
    "adjudicate_claim": EDITORS,
    "reopen_claim": EDITORS,
    "withdraw_claim": EDITORS,
    "reinstate_claim": EDITORS,
    "list_revisions": MEMBERS,
    "add_revision": EDITORS,
    "read_revision": MEMBERS,
    "diff_revision": MEMBERS,
    "list_claimants": MEMBERS,
    "read_claimant": MEMBERS,
    "change_claimant": EDITORS,
    "list_assessments": MEMBERS,
    "read_my_assessment": MEMBERS,
    "put_my_assessment": REVIEWERS,
    "delete_my_assessment": REVIEWERS,
    "list_claim_history": MEMBERS,
    "list_article_history": MEMBERS,
    "list_project_history": MEMBERS,
    "list_queue": MEMBERS,
    "lease_next_claim": REVIEWERS,
    "renew_lease": REVIEWERS,
    "give_back_lease": REVIEWERS,
    "list_assignees": MEMBERS,
    "assign_claim": EDITORS,
    "unassign_claim": EDITORS,
    "read_agreement": MEMBERS,
    "read_statistics": MEMBERS,
    "list_evidence": MEMBERS,
    "attach_evidence": REVIEWERS,
    "read_evidence": MEMBERS,
    "change_evidence": EDITORS,
    "delete_evidence": EDITORS,
    "list_relations": MEMBERS,
    "create_relation": REVIEWERS,
    "read_relation": MEMBERS,
    "change_relation": EDITORS,
    "delete_relation": EDITORS,
    "list_article_comments": MEMBERS,
    "comment_on_article": REVIEWERS,
    "list_claim_comments": MEMBERS,
    "comment_on_claim": REVIEWERS,
    "list_assessment_comments": MEMBERS,
    "comment_on_assessment": REVIEWERS,
    "read_comment": MEMBERS,
    "change_comment": {"admin"},
    "delete_comment": EDITORS,
}
"""Who may do what to things that the admin made in the project `default`."""

NOTHING = "00000000-0000-7000-8000-000000000000"
"""The id of something that does not exist."""
BODIES: dict[str, Any] = {
    "create_token": {"scopes": ["read"]},
    "create_project": {"slug": "new", "name": "New"},
    "change_project": {"name": "Changed"},
    "put_member": {"role": "reader"},
    "create_article": {"text": "x"},
    "import_dossiers": {"dossiers": []},
    "change_article": {"title": "Changed"},
    "mark_claim": {"spans": [{"start": 0, "end": 2}]},
    "change_claim": {"text": "Changed"},
    "add_revision": {"text": "y"},
    "adjudicate_claim": {"verdict": "true", "rationale": "Why.", "assessments": [NOTHING]},
    "change_claimant": {"job_title": "Changed"},
    "put_my_assessment": {"verdict": "true"},
    "attach_evidence": {"url": "https://example.org/new"},
    "change_evidence": {"note": "Changed"},
    "change_relation": {"note": "Changed"},
    "comment_on_article": {"text": "New"},
    "comment_on_claim": {"text": "New"},
    "comment_on_assessment": {"text": "New"},
    "change_comment": {"text": "Changed"},
    "lease_next_claim": {},
    "renew_lease": {"lease_minutes": 5},
}
LEASED = ("renew_lease", "give_back_lease")
"""What can be done only to a lease of one's own."""
HIDDEN = ("read_user", "read_user_deletion", "delete_user")
"""What shows nobody but admins whether there is such a thing."""
CONFIRMED = {"delete_project": "project", "delete_article": "article", "delete_user": "user"}
"""What needs its name repeated, by the part of the address that it is called by here."""
WITHOUT_VERSION = {
    "create_token",
    "delete_token",
    "delete_user",
    "create_project",
    "create_article",
    "import_dossiers",
    "mark_claim",
    "attach_evidence",
    "create_relation",
    "comment_on_article",
    "comment_on_claim",
    "comment_on_assessment",
}


def operations(app: Any) -> list[tuple[str, str, dict[str, Any]]]:
    paths = app.extensions["api"].spec.to_dict()["paths"]
    return [
        (path, method.upper(), operation)
        for path, methods in paths.items()
        for method, operation in methods.items()
        if method != "parameters"
    ]


class Things(dict[str, str]):
    """The last part of each thing's address, by the name it has in addresses; made when it is first asked for."""

    def __init__(self, admin: Client):
        super().__init__(project="default", user="rosa", n="1")
        self.admin = admin

    def __missing__(self, name: str) -> str:
        self[name] = MAKE[name](self).rpartition("/")[2]
        return self[name]

    def article(self) -> str:
        return f"/v1/articles/{self['article']}"

    def claim(self) -> str:
        return f"/v1/claims/{self['claim']}"

    def under_claim(self, kind: str, draft: dict[str, str]) -> str:
        return location(self.admin.post(f"{self.claim()}/{kind}", draft))


MAKE: dict[str, Callable[[Things], str]] = {
    "article": lambda things: things.admin.article(),
    "claim": lambda things: things.admin.claim(things.article(), claimant={"name": "Jo"}),
    "other claim": lambda things: things.admin.claim(things.article()),
    "evidence": lambda things: things.under_claim("evidence", {"url": "https://example.org"}),
    "relation": lambda things: things.under_claim("relations", {"type": "supports", "other": things["other claim"]}),
    "comment": lambda things: things.under_claim("comments", {"text": "Said."}),
    "token": lambda things: location(things.admin.post("/v1/tokens", {})),
    "claimant": lambda things: str(things.admin.get(things.claim()).json["claimant"]["id"]),
    "assessment": lambda things: str(things.admin.assess(f"/v1/claims/{things['other claim']}", "true").json["id"]),
    "import": lambda things: location(things.admin.post("/v1/projects/default/imports", {"dossiers": []})),
}
"""Its address, or its id."""


@pytest.fixture
def things(admin: Client) -> Things:
    return Things(admin)


def settle(admin: Client, claim: str, reopened: bool) -> None:
    """Has the admin adjudicate the claim; a reopened one can be adjudicated by others again."""
    draft = {"verdict": "true", "rationale": "Why.", "assessments": [admin.assess(claim, "true").json["id"]]}
    BODIES["adjudicate_claim"]["assessments"] = draft["assessments"]
    admin.put(f"{claim}/resolution", draft, If_Match="*")
    if reopened:
        admin.delete(f"{claim}/resolution", If_Match="*")


def queue_up(name: str, client: Client, admin: Client, things: Things) -> None:
    """Makes what the operation needs of the queue: a lease of the client's own, or an assignment."""
    if name in LEASED:
        things.claim()  # is what there is to lease
        client.post("/v1/projects/default/queue/next", {})
    if name == "unassign_claim":
        admin.put(f"/v1/claims/{things['claim']}/assignees/rosa")


def body_of(name: str, things: Things) -> Any:
    """What the operation takes."""
    return {"type": "repeats", "other": things["other claim"]} if name == "create_relation" else BODIES.get(name)


def attempt(client: Client, path: str, method: str, name: str, things: Things) -> int:
    """The status of the answer, with a body and a version that fit."""
    address = path.format_map(things)
    if name in CONFIRMED:
        address += f"?confirm={things[CONFIRMED[name]]}"
    headers = {}
    if method != "GET" and name not in WITHOUT_VERSION:
        headers["If_Match"] = "*"
    if name == "put_my_assessment":
        headers = {}
    return client.send(method, address, body_of(name, things), **headers).status_code


def test_every_operation_has_a_right_and_a_row_here(app: Any) -> None:
    found = {operation["operationId"]: operation for _, _, operation in operations(app)}
    assert found.keys() == MAY.keys()
    assert {operation["x-right"] for operation in found.values()} == RIGHTS.keys()


@pytest.mark.parametrize("who", ["admin", "owner", "editor", "reviewer", "reader", "stranger"])
@pytest.mark.parametrize("name", MAY)
def test_a_role_may_do_what_the_table_says_and_nothing_else(
    request: pytest.FixtureRequest, app: Any, things: Things, name: str, who: str
) -> None:
    path, method, _ = next(found for found in operations(app) if found[2]["operationId"] == name)
    client: Client = request.getfixturevalue(who)
    admin: Client = request.getfixturevalue("admin")
    if name in ("adjudicate_claim", "reopen_claim"):
        settle(admin, f"/v1/claims/{things['claim']}", reopened=name == "adjudicate_claim")
    if name == "reinstate_claim":
        admin.put(f"/v1/claims/{things['claim']}/withdrawal", If_Match="*")
    if name in ("read_my_assessment", "delete_my_assessment") and who in REVIEWERS:
        client.put(f"/v1/claims/{things['claim']}/assessments/mine", {"verdict": "true"})
    queue_up(name, client if who in REVIEWERS else admin, admin, things)
    status = attempt(client, path, method, name, things)
    if who in MAY[name]:
        assert status < 300 or (who == "reader" and name == "read_my_assessment" and status == 404)
    elif name in HIDDEN or (who == "stranger" and "{" in path):
        assert status == 404
    elif name == "delete_token":
        assert status == (204 if who == "admin" else 404)
    elif who == "reader" and name in ("delete_my_assessment", *LEASED):
        assert status == 404
    else:
        assert status == 403


@pytest.mark.parametrize("name", MAY)
def test_nobody_and_the_wrong_scope_get_in_nowhere(
    app: Any, database: Database, things: Things, anonymous: Client, name: str
) -> None:
    path, method, operation = next(found for found in operations(app) if found[2]["operationId"] == name)
    assert attempt(anonymous, path, method, name, things) == 401
    others = [scope for scope in ("read", "write", "admin") if scope != RIGHTS[operation["x-right"]].scope]
    secret = database.write(lambda tx: users.issue_token(tx, "admin", "", others, None))["token"]  # type: ignore[arg-type]
    if name in ("read_my_assessment", "delete_my_assessment"):
        Client(app, "admin").put(f"/v1/claims/{things['claim']}/assessments/mine", {"verdict": "true"})
    queue_up(name, Client(app, "admin"), Client(app, "admin"), things)
    assert attempt(Client(app, None, secret), path, method, name, things) == 403


@pytest.mark.parametrize("name", [name for name in MAY if name not in ("read_me", "create_project")])
def test_what_is_anothers_answers_like_what_does_not_exist(
    app: Any, things: Things, stranger: Client, name: str
) -> None:
    path, method, _ = next(found for found in operations(app) if found[2]["operationId"] == name)
    if "{" not in path:
        return
    nothing = dict.fromkeys([*MAKE, "n"], NOTHING) | {"project": "nothing", "user": "nobody"}
    sent = {"If_Match": "*", "X_Request_Id": "the-same"}
    body = body_of(name, things)
    answers = [stranger.send(method, path.format_map(ids), body, **sent) for ids in (things, nothing)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].data == answers[1].data
    assert dict(answers[0].headers) == dict(answers[1].headers)


def test_lists_and_exports_hold_nothing_of_other_projects(admin: Client, stranger: Client, things: Things) -> None:
    assert things["relation"]
    hers = location(stranger.post("/v1/projects/elsewhere/articles", {"text": "Hers alone."}))
    stranger.claim(hers, {"exact": "alone"}, claimant={"name": "Jo"}, text="Hers")
    assert [claim["text"] for claim in stranger.all("/v1/projects/elsewhere/claims")] == ["Hers"]
    assert [each["name"] for each in stranger.all("/v1/projects/elsewhere/claimants")] == ["Jo"]
    assert len(stranger.get("/v1/projects/elsewhere/export").json["dossiers"]) == 1
    assert "Hers" not in admin.get("/v1/projects/default/export").text
    assert len(admin.all(BOX)) == 1
