"""A real read replica: reads that bring a token see what it stands for, and rights are those of the primary."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask

from api.commands.migrate import migrate
from api.db import Database
from api.settings import Settings
from app import create_app
from tests.client import BOX, Client, code, location
from tests.conftest import people
from tests.postgres import Server, replica_of, server

HEADER = "Consistency-Token"
EXPORT = "/v1/projects/default/export"


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Server]]:
    folder = tmp_path_factory.mktemp("pair")
    with server(folder / "primary") as primary:
        migrate(Settings(database_url=primary.url))
        database = Database(Settings(database_url=primary.url))
        database.write(people)
        database.close()
        with replica_of(primary, folder / "replica") as replica:
            yield primary, replica


@pytest.fixture
def its_app(pair: tuple[Server, Server]) -> Iterator[Flask]:
    primary, replica = pair
    app = create_app(Settings(database_url=primary.url, replica_url=replica.url, rate_limit_per_minute=0))
    yield app
    app.extensions["database"].close()


@pytest.fixture
def edith(its_app: Flask) -> Client:
    return Client(its_app, "edith")


@pytest.fixture
def olga(its_app: Flask) -> Client:
    return Client(its_app, "olga")


@contextmanager
def lagging(pair: tuple[Server, Server]) -> Iterator[None]:
    """The replica has all that was written so far, and stays there."""
    primary, replica = pair
    written = primary.tell("SELECT pg_current_wal_flush_lsn()")
    while replica.tell(f"SELECT pg_last_wal_replay_lsn() >= '{written}'") != "True":
        time.sleep(0.01)
    replica.tell("SELECT pg_wal_replay_pause()")
    while replica.tell("SELECT pg_get_wal_replay_pause_state()") != "paused":
        time.sleep(0.01)
    try:
        yield
    finally:
        replica.tell("SELECT pg_wal_replay_resume()")


def test_a_read_sees_the_write_whose_token_it_brings(edith: Client, pair: tuple[Server, Server]) -> None:
    made = edith.post(BOX, {"text": "x", "title": "before"})
    article, earlier = made.headers["Location"], made.headers[HEADER]
    with lagging(pair):
        changed = edith.patch(article, {"title": "after"}, If_Match=edith.tag(article))

        def title(**headers: str) -> str:
            return str(edith.get(article, **headers).json["title"])

        assert title(Consistency_Token=changed.headers[HEADER]) == "after"
        assert title(Consistency_Token="latest") == "after"
        assert title() == "after"
        assert title(Consistency_Token="any") == "before", "the replica answered"
        assert title(Consistency_Token=earlier) == "before", "the replica is as far as that"


def test_every_write_is_seen_while_the_replica_follows(edith: Client) -> None:
    for n in range(50):
        made = edith.post(BOX, {"text": f"text {n}"})
        read = edith.get(made.headers["Location"], Consistency_Token=made.headers[HEADER])
        assert read.json == made.json


def test_what_does_not_exist_on_the_replica_yet_is_found(edith: Client, pair: tuple[Server, Server]) -> None:
    with lagging(pair):
        made = edith.post(BOX, {"text": "x"})
        article = location(made)
        assert edith.get(article, Consistency_Token="any").status_code == 404
        assert edith.get(article, Consistency_Token=made.headers[HEADER]).status_code == 200


def test_an_export_is_as_new_as_its_token(edith: Client, pair: tuple[Server, Server]) -> None:
    edith.post(BOX, {"text": "x"})
    with lagging(pair):
        before = len(edith.get(EXPORT).json["dossiers"])
        token = edith.post(BOX, {"text": "y"}).headers[HEADER]
        assert len(edith.get(EXPORT, Consistency_Token="any").json["dossiers"]) == before
        assert len(edith.get(EXPORT, Consistency_Token=token).json["dossiers"]) == before + 1


def test_a_revoked_token_ends_at_once(its_app: Flask, edith: Client, pair: tuple[Server, Server]) -> None:
    issued = edith.post("/v1/tokens", {"label": "short", "scopes": ["read"]}).json
    with lagging(pair):
        client = Client(its_app, None, issued["token"])
        assert client.get("/v1/me", Consistency_Token="any").status_code == 200
        assert edith.delete(f"/v1/tokens/{issued['id']}").status_code == 204
        assert client.get("/v1/me", Consistency_Token="any").status_code == 401


def test_reviewers_are_blind_at_once(its_app: Flask, edith: Client, olga: Client, pair: tuple[Server, Server]) -> None:
    project, reviewer = "/v1/projects/default", Client(its_app, "ravi")
    claim = edith.claim(edith.article())
    Client(its_app, "rosa").assess(claim, "true")

    def seen() -> int:
        return int(reviewer.get(claim, Consistency_Token="any").json["assessment_count"])

    with lagging(pair):
        assert seen() == 1
        assert olga.patch(project, {"policy": {"blind": True}}, If_Match=olga.tag(project)).status_code == 200
        assert seen() == 0
    olga.patch(project, {"policy": {"blind": False}}, If_Match=olga.tag(project))


def test_a_role_ends_and_begins_at_once(its_app: Flask, olga: Client, pair: tuple[Server, Server]) -> None:
    stan, member = Client(its_app, "stan"), "/v1/projects/default/members/stan"
    assert olga.put(member, {"role": "reader"}).status_code == 201
    with lagging(pair):
        assert stan.get(BOX, Consistency_Token="any").status_code == 200
        assert olga.delete(member, If_Match=olga.tag(member)).status_code == 204
        assert stan.get(BOX, Consistency_Token="any").status_code == 404
    with lagging(pair):
        assert olga.put(member, {"role": "reader"}).status_code == 201
        assert stan.get(BOX, Consistency_Token="any").status_code == 200
    olga.delete(member, If_Match=olga.tag(member))


def test_a_refusal_brings_a_token_of_what_it_speaks_of(edith: Client, pair: tuple[Server, Server]) -> None:
    article = location(edith.post(BOX, {"text": "x", "title": "before"}))
    stale = edith.tag(article)
    with lagging(pair):
        edith.patch(article, {"title": "after"}, If_Match=stale)
        refused = edith.patch(article, {"title": "mine"}, If_Match=stale)
        assert refused.status_code == 412
        assert edith.get(article, Consistency_Token=refused.headers[HEADER]).json["title"] == "after"


def test_a_refusal_asks_for_its_token_on_the_connection_that_it_read_from(pair: tuple[Server, Server]) -> None:
    primary, replica = pair
    url = {"database_url": primary.url, "replica_url": replica.url}
    app = create_app(Settings(**url, pool_size=1, pool_timeout_ms=200, rate_limit_per_minute=0))
    refused = Client(app, "edith").post(BOX, {"text": 1})
    app.extensions["database"].close()
    assert (refused.status_code, refused.headers[HEADER] != "latest") == (422, True)


def test_repetitions_deletions_and_imports_bring_tokens_too(edith: Client, pair: tuple[Server, Server]) -> None:
    with lagging(pair):
        made = edith.post(BOX, {"text": "x"}, Idempotency_Key="replica-1")
        again = edith.post(BOX, {"text": "x"}, Idempotency_Key="replica-1")
        article = location(made)
        assert again.headers["Idempotent-Replayed"] == "true"
        assert edith.get(article, Consistency_Token=again.headers[HEADER]).status_code == 200
        gone = edith.erase(article, If_Match=edith.tag(article))
        assert edith.get(article, Consistency_Token=gone.headers[HEADER]).status_code == 404
        line = {"dossiers": [{"article": {"text": "imported", "external_id": "replica-2"}}]}
        imported = edith.post("/v1/projects/default/imports", line)
        report = imported.headers["Location"]
        assert edith.get(report, Consistency_Token="any").status_code == 404
        assert edith.get(report, Consistency_Token=imported.headers[HEADER]).json["created"] == 1


def test_reads_bring_no_token(edith: Client) -> None:
    assert HEADER not in edith.get(BOX).headers
    assert HEADER not in edith.get(BOX, Consistency_Token="any").headers


def test_a_replica_that_is_gone_is_done_without(
    edith: Client, pair: tuple[Server, Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    replica = pair[1]
    article = location(edith.post(BOX, {"text": "x"}))
    assert edith.get(BOX, Consistency_Token="any").status_code == 200
    replica.stop("immediate")
    for _ in range(3):
        assert edith.get(article, Consistency_Token="any").status_code == 200
    replica.start()
    monkeypatch.setattr("api.replica.REST", 0)
    with lagging(pair):
        database: Database = edith.app.extensions["database"]
        assert database.replica
        monkeypatch.setattr(database.replica, "_rests_until", 0)
        later = location(edith.post(BOX, {"text": "x"}))
        assert edith.get(later, Consistency_Token="any").status_code == 404, "it serves again"


def test_a_connection_to_the_replica_lost_on_the_way_is_done_without(
    edith: Client, pair: tuple[Server, Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    database: Database = edith.app.extensions["database"]
    assert database.replica
    article = location(edith.post(BOX, {"text": "x"}))
    take = database.replica.snapshot

    def lost(position: int) -> object:
        found = take(position)
        pair[1].tell("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name='claimspan'")
        return found

    monkeypatch.setattr(database.replica, "snapshot", lost)
    assert edith.get(article, Consistency_Token="any").status_code == 200


@pytest.mark.parametrize("token", ["", "x", "0", "0/", "0/g", "1/123456789", "any ", "0/1\u00e9", "0/1, 0/2"])
def test_what_is_no_token_is_refused(reader: Client, token: str) -> None:
    refused = reader.get(BOX, Consistency_Token=token)
    if refused.status_code != 200:
        assert (refused.status_code, code(refused)) == (400, "malformed")
        assert HEADER in refused.json["detail"]
    else:
        assert token == "any ", "HTTP strips spaces"


def test_without_a_replica_tokens_are_taken_and_none_is_given(editor: Client) -> None:
    made = editor.post(BOX, {"text": "x"}, Consistency_Token="any")
    assert made.status_code == 201
    assert HEADER not in made.headers
    for token in ("any", "latest", "0/1A2B3C8"):
        assert editor.get(made.headers["Location"], Consistency_Token=token).json == made.json


def test_a_server_that_follows_nobody_is_no_replica(pair: tuple[Server, Server]) -> None:
    primary = pair[0]
    app = create_app(Settings(database_url=primary.url, replica_url=primary.url, rate_limit_per_minute=0))
    made = Client(app, "edith").post(BOX, {"text": "x"})
    read = Client(app, "edith").get(made.headers["Location"], Consistency_Token=made.headers[HEADER])
    assert read.json == made.json
    app.extensions["database"].close()
