"""Tokens: shown once, hashed, scoped, expiring, revoked at once."""

from datetime import timedelta
from hashlib import sha256

import sqlalchemy as sa

from api.db import Database
from api.models import metadata, tokens
from api.models.columns import now
from api.services import users
from tests.client import Client, code, location, pointers


def in_days(days: float) -> str:
    return (now() + timedelta(days=days)).isoformat()


def test_me(editor: Client, admin: Client) -> None:
    me = editor.get("/v1/me").json
    assert (me["name"], me["admin"], me["scopes"]) == ("edith", False, ["read", "write", "admin"])
    assert me["projects"] == [{"project": "default", "role": "editor"}]
    assert admin.get("/v1/me").json["admin"] is True


def test_a_token_does_what_its_scopes_say(editor: Client) -> None:
    made = editor.post("/v1/tokens", {"label": "reader", "scopes": ["read"]})
    read_only = Client(editor.app, None, made.json["token"])
    assert read_only.get("/v1/me").json["scopes"] == ["read"]
    refused = read_only.post("/v1/projects/default/articles", {"text": "x"})
    assert (refused.status_code, code(refused)) == (403, "forbidden")
    assert "scope write" in refused.json["detail"]
    assert read_only.post("/v1/tokens", {"scopes": ["read"]}).status_code == 403


def test_by_default_a_token_reads(editor: Client) -> None:
    assert editor.post("/v1/tokens", {}).json["scopes"] == ["read"]


def test_a_token_can_not_give_more_than_it_has(app: object, editor: Client, database: Database) -> None:
    secret = database.write(lambda tx: users.issue_token(tx, "edith", "", ("read", "admin"), None))["token"]
    refused = Client(editor.app, None, secret).post("/v1/tokens", {"scopes": ["read", "write"]})
    assert (refused.status_code, code(refused)) == (403, "forbidden")


def test_a_token_can_not_outlive_the_one_it_is_made_with(editor: Client) -> None:
    short = editor.post("/v1/tokens", {"scopes": ["admin"], "expires_at": in_days(1)}).json["token"]
    client = Client(editor.app, None, short)
    refused = client.post("/v1/tokens", {"scopes": ["admin"], "expires_at": in_days(2)})
    assert (refused.status_code, pointers(refused)) == (422, ["/expires_at"])
    limit = editor.all("/v1/tokens")[0]["expires_at"]
    assert client.post("/v1/tokens", {"scopes": ["admin"]}).json["expires_at"] == limit
    assert client.post("/v1/tokens", {"scopes": ["admin"], "expires_at": in_days(0.5)}).status_code == 201
    assert editor.post("/v1/tokens", {"expires_at": in_days(-1)}).status_code == 422


def test_an_expired_token_is_no_token(editor: Client, database: Database) -> None:
    made = editor.post("/v1/tokens", {"expires_at": in_days(1)}).json
    past = sa.update(tokens).where(tokens.c.id == made["id"]).values(expires_at=now())
    database.write(lambda tx: tx.execute(past))
    assert Client(editor.app, None, made["token"]).get("/v1/me").status_code == 401


def test_a_revoked_token_is_refused_from_the_next_request_on(editor: Client) -> None:
    made = editor.post("/v1/tokens", {})
    client = Client(editor.app, None, made.json["token"])
    assert client.get("/v1/me").status_code == 200
    assert editor.delete(location(made)).status_code == 204
    assert client.get("/v1/me").status_code == 401
    assert editor.delete(location(made)).status_code == 404


def test_tokens_are_listed_without_their_secrets_and_only_to_their_user(editor: Client, reviewer: Client) -> None:
    made = editor.post("/v1/tokens", {"label": "mine"})
    listed = editor.all("/v1/tokens?limit=1")
    assert [token["label"] for token in listed] == ["mine", "test"]
    assert all("token" not in token and "hash" not in token for token in listed)
    assert reviewer.delete(location(made)).status_code == 404


def test_a_disabled_user_is_shut_out_until_enabled(editor: Client, database: Database) -> None:
    database.write(lambda tx: users.set_disabled(tx, "edith", True))
    assert editor.get("/v1/me").status_code == 401
    database.write(lambda tx: users.set_disabled(tx, "edith", False))
    assert editor.get("/v1/me").status_code == 200


def test_the_database_holds_no_secret(editor: Client, database: Database) -> None:
    made = editor.post("/v1/tokens", {"label": "x"}).json
    with database.snapshot() as tx:
        stored = [str(row) for table in metadata.sorted_tables for row in tx.execute(sa.select(table))]
    assert not any(made["token"] in row for row in stored)
    assert any(sha256(made["token"].encode()).hexdigest() in row for row in stored)
