"""Deleting while others write: what is deleted is gone whole, and who is deleted does nothing afterwards."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from api.db import Database
from api.errors import Forbidden, InvalidToken
from api.models import assessments, claims, events, memberships
from api.rules.sign_in import Person
from api.services import citations, identities, projects, rescaling, users
from api.services.changes import change_each
from tests.client import BOX, Client, code, location, token_of
from tests.resources.test_deletions import intact, left
from tests.resources.test_rescaling import rescale
from tests.test_concurrency import at_once, reviewers

PROJECT = "/v1/projects/default"
HANDS = 6
REFUSED = {401, 404, 409, 412}


def done_by(database: Database, name: str) -> int:
    with database.snapshot() as tx:
        count: int = tx.execute(sa.select(sa.func.count()).select_from(events).where(events.c.by == name)).scalar_one()
    return count


def until_refused(act: Callable[[int], Any]) -> list[int]:
    """The answers' statuses; it goes on until one is a refusal."""
    statuses: list[int] = []
    while not statuses or statuses[-1] < 300:
        statuses.append(act(len(statuses)).status_code)
    return statuses


def test_nothing_more_is_by_who_was_deleted_once_that_is_acknowledged(
    app: Flask, database: Database, admin: Client, editor: Client
) -> None:
    for round_, leaver in enumerate(reviewers(app, database, 3)):
        article, name = editor.article(), f"hand{round_}"
        claim = editor.claim(article)
        seen: list[int] = []

        ways: list[Callable[[int, int], Any]] = [
            lambda n, m, by=leaver, on=claim: by.post(f"{on}/evidence", {"url": f"https://example.org/{n}/{m}"}),
            lambda n, m, by=leaver, on=claim: by.post(f"{on}/comments", {"text": f"{m}"}, Idempotency_Key=f"{n}-{m}"),
            lambda n, m, by=leaver, on=article: by.post(f"{on}/claims", {"spans": [{"start": n, "end": n + 1}]}),
        ]

        def act(n: int, name: str = name, ways: Any = ways, seen: Any = seen) -> list[int]:
            if n:
                return until_refused(partial(ways[n % len(ways)], n))
            answer = admin.delete(f"/v1/users/{name}?confirm={name}")
            seen.append(done_by(database, name))
            return [answer.status_code]

        deleted, *acted = at_once(HANDS, act)
        assert deleted == [204]
        assert {statuses[-1] for statuses in acted} <= {401, 404}
        assert done_by(database, name) == seen[0]
    assert intact(app)


def test_a_write_under_way_ends_before_its_writer_is_deleted(
    app: Flask, database: Database, admin: Client, editor: Client
) -> None:
    claim = editor.claim(editor.article())
    writing, deleted = threading.Event(), threading.Event()
    before: list[bool] = []

    def write(tx: Any) -> None:
        users.hold(tx, "ravi")
        writing.set()
        deleted.wait(0.5)
        before.append(deleted.is_set())

    def delete() -> int:
        writing.wait()
        status: int = admin.delete("/v1/users/ravi?confirm=ravi").status_code
        deleted.set()
        return status

    works: list[Callable[[], Any]] = [lambda: database.write(write), delete]
    assert at_once(2, lambda n: works[n]())[1] == 204
    assert before == [False]
    assert editor.get(claim).status_code == 200


def test_an_import_under_way_gives_nothing_in_the_name_of_who_was_deleted(
    database: Database, admin: Client, editor: Client
) -> None:
    claim = {"external_id": "c", "text": "It is so.", "spans": [{"start": 0, "end": 5}]}
    line = {"article": {"external_id": "a", "text": "It is so."}, "claims": [claim]}
    assert editor.post(f"{PROJECT}/imports", {"dossiers": [line]}).json["created"] == 1
    claim["assessments"] = [{"reviewer": "ravi", "verdict": "false"}]
    locked, deleted = threading.Event(), threading.Event()
    given: list[int] = []

    def of_ravi() -> int:
        with database.snapshot() as tx:
            theirs = sa.select(sa.func.count()).where(assessments.c.reviewer == "ravi")
            return int(tx.execute(theirs).scalar_one())

    def keep(tx: Any) -> None:
        tx.execute(sa.select(claims).with_for_update())
        locked.set()
        deleted.wait(1.5)

    def bring_in() -> None:
        locked.wait()
        editor.post(f"{PROJECT}/imports", {"dossiers": [line]})

    def delete() -> None:
        locked.wait()
        time.sleep(0.5)  # the import has seen by then that ravi is a reviewer, and waits for the claim
        assert admin.delete("/v1/users/ravi?confirm=ravi").status_code == 204
        given.append(of_ravi())
        deleted.set()

    works: list[Callable[[], Any]] = [lambda: database.write(keep), bring_in, delete]
    at_once(3, lambda n: works[n]())
    assert [of_ravi()] == given


def test_of_two_admins_who_delete_each_other_one_stays(app: Flask, database: Database, admin: Client) -> None:
    def add(tx: Any) -> None:
        users.add_user(tx, "anna", "Anna", admin=True)
        users.issue_token(tx, "anna", "", ("read", "admin"), None, token_of("anna"))
        projects.add_member(tx, projects.find(tx, users.caller_named(tx, "anna"), "default"), "anna", "owner", "admin")

    database.write(add)
    anna = Client(app, "anna")
    works = [lambda: anna.delete("/v1/users/admin?confirm=admin"), lambda: admin.delete("/v1/users/anna?confirm=anna")]
    answers = at_once(2, lambda n: works[n]())
    assert sorted(answer.status_code for answer in answers) in ([204, 401], [204, 404])
    assert sorted(client.get("/v1/me").status_code for client in (admin, anna)) == [200, 401]


def test_of_two_last_owners_only_one_is_deleted(admin: Client, stranger: Client) -> None:
    stranger.put("/v1/projects/elsewhere/members/olga", {"role": "owner"})
    answers = at_once(2, lambda n: admin.delete("/v1/users/{0}?confirm={0}".format(("stan", "olga")[n])))
    assert sorted(answer.status_code for answer in answers) == [204, 409]
    assert len(admin.all("/v1/projects/elsewhere/members")) == 1


def test_who_is_deleted_while_being_made_a_member_is_none(
    app: Flask, database: Database, admin: Client, owner: Client
) -> None:
    reviewers(app, database, 4)
    for n in range(4):
        name = f"hand{n}"
        member = f"{PROJECT}/members/{name}"
        owner.delete(member, If_Match="*")
        works = [
            lambda name=name: admin.delete(f"/v1/users/{name}?confirm={name}"),
            lambda member=member: owner.put(member, {"role": "reviewer"}),
        ]
        deleted, _ = at_once(2, lambda i, works=works: works[i]().status_code)
        assert deleted in (204, 409, 412)
        if deleted != 204:
            assert works[0]().status_code == 204
    with database.snapshot() as tx:
        names = tx.execute(sa.select(memberships.c.user)).scalars().all()
    assert not [name for name in names if name.startswith("hand")]


@pytest.mark.parametrize("round_", range(3))
def test_nothing_is_left_of_a_project_deleted_while_many_write_to_it(
    app: Flask, database: Database, admin: Client, owner: Client, editor: Client, round_: int
) -> None:
    crowd = reviewers(app, database, HANDS)
    article = editor.article()
    claims = [editor.claim(article, {"start": n, "end": n + 9}) for n in range(HANDS)]
    ways: list[Callable[[int, int], Any]] = [
        lambda n, m: crowd[n].post(f"{claims[n]}/evidence", {"url": f"https://example.org/{n}/{m}"}),
        lambda n, m: crowd[n].put(
            f"{claims[n]}/assessments/mine", {"verdict": ("true", "false")[m % 2]}, **({"If_Match": "*"} if m else {})
        ),
        lambda n, m: editor.post(BOX, {"text": f"{n} {m}"}),
        lambda n, m: owner.put(f"{PROJECT}/members/stan", {"role": "reader"}, **({"If_Match": "*"} if m else {})),
        lambda n, m: editor.patch(claims[n], {"text": f"{m}"}, If_Match="*"),
        lambda n, m: editor.post(f"{PROJECT}/imports", {"dossiers": [{"article": {"text": f"{n} {m}"}}]}),
    ]

    def act(n: int) -> Any:
        if n:
            return until_refused(lambda m: ways[(n + round_) % len(ways)](n - 1, m))
        while (status := owner.delete(f"{PROJECT}?confirm=default", If_Match="*").status_code) != 204:
            assert status in (409, 412)
        return [status]

    deleted, *acted = at_once(HANDS + 1, act)
    assert deleted == [204]
    assert {statuses[-1] for statuses in acted} <= REFUSED
    assert left(database, "default") == {}
    assert intact(app)


def test_a_project_is_not_founded_while_one_of_its_name_is_deleted(database: Database, admin: Client) -> None:
    for n in range(4):
        slug = f"short-{n}"
        admin.post("/v1/projects", {"slug": slug, "name": "Short"})

        def act(n: int, slug: str = slug) -> Any:
            if n == 0:
                return admin.delete(f"/v1/projects/{slug}?confirm={slug}", If_Match="*")
            return admin.post("/v1/projects", {"slug": slug, "name": "Again"})

        deleted, *founded = at_once(4, act)
        assert deleted.status_code == 204
        assert {answer.status_code for answer in founded} == {409}
        assert {code(answer) for answer in founded} <= {"already_exists", "name_retired"}
        assert left(database, slug) == {}


def test_who_is_deleted_gets_no_role_from_a_sign_in_that_was_under_way(database: Database, admin: Client) -> None:
    soon = datetime.now(UTC) + timedelta(hours=1)
    for round_ in range(8):
        name = f"guest-{round_}"
        database.write(lambda tx, name=name: users.add_user(tx, name, name))  # type: ignore[misc]
        database.write(lambda tx, name=name: identities.link(tx, name, "https://sign-in.example", name))  # type: ignore[misc]
        who = Person("https://sign-in.example", name, name, name, frozenset({"write"}), soon, {"default": "owner"})

        def act(n: int, name: str = name, who: Person = who) -> Any:
            if n == 0:
                return admin.delete(f"/v1/users/{name}?confirm={name}").status_code
            try:
                return database.write(lambda tx: identities.welcome(tx, who, True)).name
            except (InvalidToken, Forbidden):
                return "shut out"

        deleted, signed_in = at_once(2, act)
        assert deleted == 204
        assert signed_in in (name, "shut out")
        with database.snapshot() as tx:
            assert not tx.execute(sa.select(memberships).where(memberships.c.user == name)).all()


def paused(monkeypatch: pytest.MonkeyPatch, module: Any, ready: threading.Event, deleted: threading.Event) -> None:
    """What the module is about to write to assessments waits for somebody who deletes them, a little."""

    def wait_and_write(*words: Any, **more: Any) -> None:
        ready.set()
        deleted.wait(0.5)
        change_each(*words, **more)

    monkeypatch.setattr(module, "change_each", wait_and_write)


def test_nothing_is_told_of_a_claim_deleted_while_its_verdict_is_replaced(
    app: Flask, owner: Client, editor: Client, reviewer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = editor.claim(editor.article())
    reviewer.assess(claim, "pants_on_fire")
    ready, deleted = threading.Event(), threading.Event()
    paused(monkeypatch, rescaling, ready, deleted)

    def delete() -> int:
        ready.wait(20)
        status: int = editor.delete(claim, If_Match="*").status_code
        deleted.set()
        return status

    works: list[Callable[[], Any]] = [lambda: rescale(owner, pants_on_fire="false"), delete]
    assert at_once(2, lambda n: works[n]()) == [200, 204]
    assert intact(app)


def test_nothing_is_told_of_the_draft_of_a_user_deleted_while_what_it_cites_is_removed(
    app: Flask, database: Database, admin: Client, editor: Client, reviewer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = editor.claim(editor.article())
    piece = location(editor.post(f"{claim}/evidence", {"url": "https://example.org"}))
    reviewer.assess(claim, "true", state="draft", evidence=[{"id": piece.rpartition("/")[2]}])
    ready, deleted = threading.Event(), threading.Event()
    paused(monkeypatch, citations, ready, deleted)

    def delete() -> int:
        ready.wait(20)
        status: int = admin.delete("/v1/users/ravi?confirm=ravi").status_code
        deleted.set()
        return status

    works: list[Callable[[], Any]] = [lambda: editor.delete(piece, If_Match="*").status_code, delete]
    assert at_once(2, lambda n: works[n]()) == [204, 204]
    with database.snapshot() as tx:
        assert tx.execute(sa.select(events.c.n).where(events.c.private_to == "ravi")).all() == []
    assert intact(app)
