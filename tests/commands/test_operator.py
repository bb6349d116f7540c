"""What the operator does from the command line."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from api.commands.openapi import FILE
from api.commands.serve import prepare
from api.db import Database
from api.settings import Settings
from app import create_app
from tests.client import Client


def run(app: Flask, *words: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=words)
    return result.exit_code, result.output


def test_a_user_with_a_token_gets_in_until_it_is_revoked(app: Flask) -> None:
    assert run(app, "users", "add", "nina", "--display-name", "Nina N.") == (
        0,
        "Added nina. A token: flask --app app tokens add nina\n",
    )
    _, token = run(app, "tokens", "add", "nina", "--scope", "read", "--days", "7", "--label", "laptop")
    nina = Client(app, None, token.strip())
    assert nina.get("/v1/me").json["scopes"] == ["read"]
    assert "nina\tNina N.\t" in run(app, "users", "list")[1]
    id, scopes, until, label = run(app, "tokens", "list", "nina")[1].strip().split("\t")
    assert (scopes, label) == ("read", "laptop")
    assert until.startswith("until 20")
    assert run(app, "tokens", "revoke", id) == (0, "Revoked.\n")
    assert nina.get("/v1/me").status_code == 401


def test_disabling_shuts_out_at_once(app: Flask, editor: Client) -> None:
    assert run(app, "users", "disable", "edith")[0] == 0
    assert editor.get("/v1/me").status_code == 401
    assert "edith\tEdith\tdisabled" in run(app, "users", "list")[1]
    run(app, "users", "enable", "edith")
    assert editor.get("/v1/me").status_code == 200


def test_who_cannot_be_disabled_now_is_not_said_to_be_missing(settings: Settings, app: Flask) -> None:
    if not settings.database_url.startswith("sqlite"):
        pytest.skip("where everybody writes in turn")
    hurried = create_app(replace(settings, busy_timeout_ms=50))
    with app.extensions["database"]._turns.mine():
        status, said = run(hurried, "users", "disable", "edith")
    hurried.extensions["database"].close()
    assert (status, "try again shortly" in said, "no user" in said) == (1, True, False)


def test_a_user_is_deleted_once_their_name_is_repeated(app: Flask, editor: Client) -> None:
    told = run(app, "users", "delete", "edith")
    assert (told[0], "1 tokens, 1 memberships" in told[1], "--confirm edith" in told[1]) == (1, True, True)
    assert editor.get("/v1/me").status_code == 200
    assert run(app, "users", "delete", "edith", "--confirm", "edith") == (0, "edith is deleted.\n")
    assert editor.get("/v1/me").status_code == 401


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("users", "add", "edith"), "There is a user 'edith' already."),
        (("users", "add", "Edith!"), "expected lower-case letters"),
        (("users", "disable", "nobody"), "there is no user 'nobody'"),
        (("users", "delete", "nobody"), "there is no user 'nobody'"),
        (("users", "delete", "rita", "--as", "olga"), "or olga is no admin"),
        (("users", "delete", "stan", "--confirm", "stan"), "only owner of elsewhere"),
        (("users", "delete", "admin", "--confirm", "admin"), "the only admin"),
        (("tokens", "add", "nobody"), "there is no user 'nobody'"),
        (("tokens", "add", "edith", "--scope", "sudo"), "'sudo' is not one of"),
        (("tokens", "revoke", "x"), "'x' is not a valid UUID"),
        (("tokens", "revoke", "01934f6e-7a10-7000-8000-000000000001"), "there is no token"),
    ],
)
def test_mistakes_are_named_and_fail(app: Flask, words: tuple[str, ...], says: str) -> None:
    status, output = run(app, *words)
    assert status != 0
    assert says in output


def test_openapi_yaml_is_what_the_code_says(app: Flask) -> None:
    assert run(app, "openapi", "check") == (0, f"{FILE.name} is what the code says.\n")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://user:hidden@localhost/x", "postgresql://user:***@localhost/x"),
        ("postgresql://user:hidden@localhost/x?options=a@b", "postgresql://user:***@localhost/x?options=a%40b"),
        ("postgresql://localhost/x?user=user&password=hidden", "postgresql://localhost/x?password=xxx&user=user"),
    ],
)
def test_settings_are_printed_without_secrets(url: str, shown: str) -> None:
    app = create_app(Settings(database_url=url, admin_token="cs_" + "s" * 40, port=9000))
    output = run(app, "settings")[1]
    assert "CLAIMSPAN_PORT=9000  (default: 8000)" in output
    assert "CLAIMSPAN_ADMIN_TOKEN=(set)" in output
    assert f"CLAIMSPAN_DATABASE_URL={shown} " in output
    assert "hidden" not in output
    assert "ssss" not in output


def test_a_first_start_leaves_the_admins_token_to_its_owner_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "var" / "admin-token"
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'x.db'}", admin_token_file=str(file))
    app = create_app(settings)
    prepare(settings, app.extensions["database"])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    token = file.read_text().strip()
    assert token in file.read_text()
    assert token not in capsys.readouterr().out
    me = Client(app, None, token).get("/v1/me").json
    assert (me["admin"], me["projects"]) == (True, [{"project": "default", "role": "owner"}])
    prepare(settings, app.extensions["database"])
    assert capsys.readouterr().out == ""
    assert file.read_text().strip() == token
    app.extensions["database"].close()


def test_the_token_of_another_database_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "admin-token"
    for name in ("first.db", "second.db"):
        settings = Settings(database_url=f"sqlite:///{tmp_path / name}", admin_token_file=str(file))
        app = create_app(settings)
        prepare(settings, app.extensions["database"])
        app.extensions["database"].close()
    (aside,) = tmp_path.glob("admin-token.before-*")
    assert f"it is in {aside} now" in capsys.readouterr().out
    first = create_app(Settings(database_url=f"sqlite:///{tmp_path / 'first.db'}"))
    assert Client(first, None, aside.read_text().strip()).get("/v1/me").status_code == 200
    assert Client(first, None, file.read_text().strip()).get("/v1/me").status_code == 401
    first.extensions["database"].close()


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("sqlite:///{}/none.db", "There is no database {}/none.db yet."),
        ("sqlite:///{}", "(unable to open database file)"),
        ("sqlite:///{}/text", "(file is not a database)"),
        ("postgresql://nobody@127.0.0.1:1/nothing", "(connection failed: "),
    ],
)
def test_a_database_that_cannot_be_used_is_told_in_a_line(tmp_path: Path, url: str, says: str) -> None:
    (tmp_path / "text").write_text("The city had planted 4,000 trees. " * 200)
    app = create_app(Settings(database_url=url.format(tmp_path)))
    told = [
        run(app, *words)
        for words in (("users", "list"), ("tokens", "list", "a"), ("history", "verify"), ("export", "--project", "x"))
    ]
    app.extensions["database"].close()
    for status, said in told:
        assert (status, said.startswith("Error: "), said.count("\n")) == (1, True, 1), said
        assert says.format(tmp_path) in said
    assert not (tmp_path / "none.db").exists()


def test_the_admins_token_can_be_given_from_outside(tmp_path: Path) -> None:
    given = "cs_" + "t" * 40
    file = tmp_path / "admin-token"
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'x.db'}", admin_token=given, admin_token_file=str(file))
    app = create_app(settings)
    database: Database = app.extensions["database"]
    prepare(settings, database)
    assert not file.exists()
    assert Client(app, None, given).get("/v1/me").status_code == 200
    database.close()
