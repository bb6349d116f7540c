"""What is deleted says what goes with it, wants its name repeated, and goes whole; people leave their work behind."""

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from api.db import Database
from api.models import chains, events, metadata
from api.services import users
from tests.client import BOX, TEXT, Client, code, location, pointers, token_of

PROJECT = "/v1/projects/default"
TITLE = "Mayor claims: 4,000 & more trees 🌳"


@pytest.fixture
def article(editor: Client, reviewer: Client, other_reviewer: Client) -> str:
    """One with something of everything on it."""
    article = editor.article(title=TITLE)
    editor.revise(article, TEXT + " Yes.")
    claim, other = reviewer.claim(article, claimant={"name": "Jo"}), reviewer.claim(article)
    elsewhere = reviewer.claim(editor.article())
    assessment = reviewer.assess(claim, "false").json["id"]
    other_reviewer.assess(other, "true", state="draft", rationale="A guess of mine")
    reviewer.post(f"{claim}/evidence", {"url": "https://example.org"})
    for end in (other, elsewhere):
        reviewer.post(f"{claim}/relations", {"type": "repeats", "other": end.rpartition("/")[2]})
    for thing in (article, claim, f"/v1/assessments/{assessment}"):
        editor.post(f"{thing}/comments", {"text": "Look."})
    editor.put(f"{other}/assignees/rosa")
    return article


WITH_ARTICLE = {
    "revisions": 2,
    "claims": 2,
    "assessments": 1,
    "drafts": 1,
    "evidence": 1,
    "relations": 2,
    "comments": 3,
    "assignments": 1,
}
WITH_PROJECT = WITH_ARTICLE | {"articles": 2, "revisions": 3, "claims": 3, "claimants": 1, "imports": 0, "members": 6}


def left(database: Database, project: str) -> dict[str, int]:
    """How many rows there are of the project, by table."""
    tables = [table for table in metadata.sorted_tables if "project" in table.c]
    with database.snapshot() as tx:
        counts = {
            table.name: tx.execute(
                sa.select(sa.func.count()).select_from(table).where(table.c.project == project)
            ).scalar_one()
            for table in tables
        }
    return {name: count for name, count in counts.items() if count}


def intact(app: Flask) -> bool:
    return app.test_cli_runner().invoke(args=["history", "verify"]).exit_code == 0


def test_what_would_go_with_an_article_is_said(editor: Client, article: str) -> None:
    assert editor.get(f"{article}/deletion").json == {"confirm": TITLE, "goes": WITH_ARTICLE}


def test_what_would_go_with_a_project_is_said(owner: Client, database: Database, article: str) -> None:
    told = owner.get(f"{PROJECT}/deletion").json
    assert told["confirm"] == "default"
    assert told["goes"] == WITH_PROJECT | {"events": left(database, "default")["events"]}


@pytest.mark.parametrize("query", ["", "?confirm=", "?confirm=mayor", f"?confirm={TITLE.lower()}"])
def test_without_its_name_an_article_stays_and_what_would_go_is_said(editor: Client, article: str, query: str) -> None:
    refused = editor.delete(f"{article}{query.replace('&', '%26')}", If_Match=editor.tag(article))
    assert (refused.status_code, code(refused), pointers(refused)) == (422, "confirmation_needed", ["/confirm"])
    assert (refused.json["confirm"], refused.json["goes"]) == (TITLE, WITH_ARTICLE)
    assert "2 revisions, 2 claims, 1 assessments" in refused.json["detail"]
    assert editor.get(article).status_code == 200


def test_without_its_name_a_project_stays(owner: Client, article: str) -> None:
    for query in ("", "?confirm=elsewhere", "?confirm=Default"):
        refused = owner.delete(f"{PROJECT}{query}", If_Match="*")
        assert (refused.status_code, code(refused)) == (422, "confirmation_needed")
        assert refused.json["goes"]["articles"] == 2
    assert owner.get(PROJECT).status_code == 200


def test_an_article_without_a_title_is_called_by_its_id(editor: Client) -> None:
    article = editor.article()
    id = article.rpartition("/")[2]
    assert editor.get(f"{article}/deletion").json["confirm"] == id
    assert editor.delete(f"{article}?confirm={id}", If_Match=editor.tag(article)).status_code == 204


def test_a_name_repeated_does_not_stand_for_the_version(editor: Client) -> None:
    article = editor.article(title="Trees")
    old = editor.tag(article)
    editor.patch(article, {"byline": "Jo"}, If_Match=old)
    assert editor.delete(f"{article}?confirm=Trees").status_code == 428
    assert editor.delete(f"{article}?confirm=Trees", If_Match=old).status_code == 412
    assert editor.delete(f"{article}?confirm=Trees&x=1", If_Match="*").status_code == 422
    assert editor.delete(f"{article}?confirm=Trees&confirm=Trees", If_Match="*").status_code == 422
    assert editor.delete(f"{article}?confirm=Trees", If_Match="*").status_code == 204


def test_a_deleted_article_is_in_no_export(app: Flask, editor: Client, article: str) -> None:
    assert editor.erase(article, If_Match=editor.tag(article)).status_code == 204
    for format in ("json", "ndjson", "html", "csv"):
        exported = editor.get(f"{PROJECT}/export?format={format}").text
        assert "Mayor claims" not in exported
    (dossier,) = editor.get(f"{PROJECT}/export").json["dossiers"]
    assert [claim["relations"] for claim in dossier["claims"]] == [[]]
    assert intact(app)


def test_nothing_is_left_of_a_deleted_project(
    app: Flask, owner: Client, admin: Client, stranger: Client, database: Database, article: str
) -> None:
    admin.post(f"{PROJECT}/imports", {"dossiers": [{}]})
    hers = stranger.post("/v1/projects/elsewhere/articles", {"text": "Hers."})
    assert owner.erase(PROJECT, If_Match=owner.tag(PROJECT)).status_code == 204
    assert left(database, "default") == {}
    for path in (PROJECT, f"{PROJECT}/deletion", f"{PROJECT}/export", f"{PROJECT}/history", f"{article}/history"):
        assert admin.get(path).status_code == 404
    assert owner.delete(f"{PROJECT}?confirm=default", If_Match="*").status_code == 404
    assert stranger.get(location(hers)).status_code == 200
    assert intact(app)


def test_the_name_of_a_deleted_project_is_not_given_again(owner: Client, admin: Client) -> None:
    owner.erase(PROJECT, If_Match="*")
    refused = admin.post("/v1/projects", {"slug": "default", "name": "Another"})
    assert (refused.status_code, code(refused)) == (409, "name_retired")
    assert admin.get(PROJECT).status_code == 404
    assert owner.get("/v1/me").json["projects"] == []


@pytest.fixture
def ravi(database: Database, reviewer: Client, editor: Client, article: str) -> str:
    """The address of a reviewer who has done much: besides submitted work, there is a draft, a lease, a key, tokens."""
    rename = sa.update(metadata.tables["users"]).where(sa.text("name = 'ravi'")).values(display_name="Ravi Ramanujan")
    database.write(lambda tx: tx.execute(rename))
    claim = editor.claim(editor.article())
    draft = reviewer.assess(claim, "true", state="draft", rationale="Ravi's own guess").json["id"]
    reviewer.post(f"/v1/assessments/{draft}/comments", {"text": "Ravi's own note"})
    reviewer.post(f"{claim}/comments", {"text": "Counted?"}, Idempotency_Key="ravi's key")
    reviewer.post(f"{PROJECT}/queue/next", {})
    reviewer.post("/v1/tokens", {"label": "Ravi's laptop"})
    editor.put(f"{claim}/assignees/ravi")
    return "/v1/users/ravi"


def test_what_goes_with_a_user_is_said(admin: Client, ravi: str) -> None:
    goes = {"tokens": 2, "memberships": 1, "drafts": 1, "assignments": 1}
    assert admin.get(f"{ravi}/deletion").json == {"confirm": "ravi", "goes": goes}
    refused = admin.delete(ravi)
    assert (refused.status_code, code(refused), refused.json["goes"]) == (422, "confirmation_needed", goes)
    assert admin.get(ravi).json["deleted_at"] is None


def test_who_is_deleted_is_out_and_their_work_stays(
    app: Flask, admin: Client, editor: Client, reviewer: Client, ravi: str
) -> None:
    before = editor.get(f"{PROJECT}/export").json
    laptop = Client(app, None, reviewer.post("/v1/tokens", {}).json["token"])
    assert admin.delete(f"{ravi}?confirm=ravi").status_code == 204
    assert {client.get("/v1/me").status_code for client in (reviewer, laptop)} == {401}
    assert "ravi" not in {member["user"] for member in editor.all(f"{PROJECT}/members")}
    assert {taken["reviewer"] for each in editor.all(f"{PROJECT}/queue") for taken in each["taken_by"]} <= {"rosa"}
    assert editor.get(f"{PROJECT}/export").json == before
    (resolved,) = editor.all(f"{PROJECT}/claims?status=resolved")
    assert (resolved["resolution"]["by"], resolved["created_by"]) == ("ravi", "ravi")
    assert editor.all(f"{PROJECT}/history")[-1]["action"] == "deleted"
    assert intact(app)


def test_of_who_is_deleted_only_the_name_and_the_work_are_kept(database: Database, admin: Client, ravi: str) -> None:
    admin.delete(f"{ravi}?confirm=ravi")
    with database.snapshot() as tx:
        rows = [str(row) for table in metadata.sorted_tables for row in tx.execute(sa.select(table))]
        private = sa.select(sa.func.count()).select_from(events).where(events.c.private_to == "ravi")
        assert tx.execute(private).scalar() == 0
        drafts = sa.select(sa.func.count()).select_from(chains).where(chains.c.kind == "draft")
        assert tx.execute(drafts).scalar() == 1, "another's draft keeps its history"
    for told in ("Ramanujan", "Ravi's", "ravi's key"):
        assert not [row for row in rows if told in row]


def test_a_deleted_user_is_shown_to_admins_as_such(app: Flask, admin: Client, ravi: str) -> None:
    admin.delete(f"{ravi}?confirm=ravi")
    shown = admin.get(ravi).json
    assert (shown["name"], shown["display_name"], shown["admin"]) == ("ravi", "", False)
    assert shown["deleted_at"] is not None
    assert [user["name"] for user in admin.all("/v1/users?limit=2") if user["deleted_at"]] == ["ravi"]
    assert "ravi\t\tdeleted" in app.test_cli_runner().invoke(args=["users", "list"]).output


def test_a_deleted_user_is_no_more_for_anybody(admin: Client, owner: Client, editor: Client, ravi: str) -> None:
    admin.delete(f"{ravi}?confirm=ravi")
    for refused in (admin.delete(f"{ravi}?confirm=ravi"), admin.get(f"{ravi}/deletion")):
        assert (refused.status_code, code(refused)) == (404, "not_found")
    member = owner.put(f"{PROJECT}/members/ravi", {"role": "reader"})
    assert (member.status_code, member.json["errors"][0]["code"]) == (422, "unknown_user")
    assigned = editor.put(f"{editor.claim(editor.article())}/assignees/ravi")
    assert (assigned.status_code, code(assigned)) == (422, "not_a_reviewer")


def test_nobody_inherits_the_name_or_brings_them_back(app: Flask, admin: Client, ravi: str) -> None:
    admin.delete(f"{ravi}?confirm=ravi")
    run = app.test_cli_runner().invoke
    assert "There was a user 'ravi'" in run(args=["users", "add", "ravi"]).output
    for words in (["users", "enable", "ravi"], ["users", "disable", "ravi"], ["tokens", "add", "ravi"]):
        refused = run(args=words)
        assert refused.exit_code != 0
        assert "there is no user 'ravi'" in refused.output
    assert Client(app, "ravi").get("/v1/me").status_code == 401


def dossier(reviewer: str, verdict: str = "false") -> dict[str, Any]:
    claim = {"external_id": "c", "spans": [{"start": 0, "end": 9}]}
    given = [{"reviewer": reviewer, "verdict": verdict}]
    return {"dossiers": [{"article": {"external_id": "a", "text": TEXT}, "claims": [{**claim, "assessments": given}]}]}


def test_an_import_gives_nothing_new_in_the_name_of_who_is_deleted(admin: Client, editor: Client) -> None:
    assert editor.post(f"{PROJECT}/imports", dossier("ravi")).json["created"] == 1
    admin.delete("/v1/users/ravi?confirm=ravi")
    assert editor.post(f"{PROJECT}/imports", dossier("ravi")).json["unchanged"] == 1
    other = dossier("ravi")
    other["dossiers"][0]["claims"][0]["external_id"] = "d"
    refused = editor.post(f"{PROJECT}/imports", other)
    (failure,) = editor.all(f"{location(refused)}/failures")
    assert (failure["code"], failure["pointer"]) == ("not_a_reviewer", "/claims/0/assessments/0/reviewer")


def test_the_only_owner_of_projects_stays_and_these_are_named(admin: Client, stranger: Client) -> None:
    admin.post("/v1/projects", {"slug": "third", "name": "Third"})
    for role in ("reader", "owner"):
        admin.put("/v1/projects/third/members/stan", {"role": role}, **({"If_Match": "*"} if role == "owner" else {}))
    refused = admin.delete("/v1/users/stan?confirm=stan")
    assert (refused.status_code, code(refused), refused.json["projects"]) == (409, "last_owner", ["elsewhere"])
    assert stranger.get("/v1/me").status_code == 200
    assert len(admin.all("/v1/projects/third/members")) == 2
    stranger.put("/v1/projects/elsewhere/members/olga", {"role": "owner"})
    assert admin.delete("/v1/users/stan?confirm=stan").status_code == 204


def test_the_only_admin_stays(app: Flask, admin: Client, owner: Client, database: Database) -> None:
    admin.put(f"{PROJECT}/members/olga", {"role": "owner"}, If_Match="*")
    refused = admin.delete("/v1/users/admin?confirm=admin")
    assert (refused.status_code, code(refused)) == (409, "last_admin")

    def add_another(tx: Any) -> None:
        users.add_user(tx, "anna", "Anna", admin=True)
        users.issue_token(tx, "anna", "", ("read", "admin"), None, token_of("anna"))

    database.write(add_another)
    assert admin.delete("/v1/users/admin?confirm=admin").status_code == 204
    assert admin.get("/v1/me").status_code == 401
    assert Client(app, "anna").delete("/v1/users/anna?confirm=anna").status_code == 409
    assert intact(app)


def test_a_disabled_user_can_be_deleted(app: Flask, admin: Client) -> None:
    app.test_cli_runner().invoke(args=["users", "disable", "rosa"])
    assert admin.delete("/v1/users/rosa?confirm=rosa").status_code == 204
    assert admin.get("/v1/users/rosa").json["deleted_at"] is not None


def test_users_are_listed_to_admins(admin: Client) -> None:
    listed = admin.all("/v1/users?limit=3")
    assert [user["name"] for user in listed] == ["admin", "edith", "olga", "ravi", "rita", "rosa", "stan"]
    assert admin.get("/v1/users/stan").json == listed[-1]
    assert len(admin.all(BOX)) == 0
