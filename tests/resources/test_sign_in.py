"""Signing in with tokens of an OpenID Connect issuer: who one is then, and which roles one gets."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from api.db import Database
from api.models import events, granted_roles, identities, memberships, users
from api.services import identities as service
from api.services.users import set_disabled
from api.settings import Settings
from app import create_app
from tests.client import BOX, Client, code, token_of
from tests.sign_in import AUDIENCE, ISSUER, claims, jwks, key_server, public_jwk, token, with_sign_in

Start = Callable[..., Flask]


@pytest.fixture
def start(app: Flask, settings: Settings, tmp_path: Path) -> Iterator[Start]:
    """Starts the service beside the other, on the same database, with sign-in."""
    file = tmp_path / "jwks.json"
    file.write_bytes(jwks(public_jwk("a")))
    started: list[Flask] = []

    def begin(where: Path | str = file, **others: Any) -> Flask:
        started.append(create_app(with_sign_in(settings, where, oidc_roles_claim="roles", **others)))
        return started[-1]

    yield begin
    for each in started:
        each.extensions["database"].close()


def signed_in(app: Flask, sub: str, **said: Any) -> Client:
    return Client(app, None, token(claims(sub, **said)))


def me(app: Flask, sub: str, **said: Any) -> Any:
    response = signed_in(app, sub, **said).get("/v1/me")
    assert response.status_code == 200, response.text
    return response.json


def count(database: Database, table: sa.Table) -> int:
    with database.snapshot() as tx:
        return int(tx.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def test_who_signs_in_for_the_first_time_becomes_a_user_without_any_role(start: Start, database: Database) -> None:
    app = start()
    said = {"preferred_username": "Nina.Obi@desk.example", "name": "Nina Obi", "exp": 4102444800}
    found = me(app, "0001", **said)
    assert (found["name"], found["display_name"], found["admin"]) == ("nina.obi", "Nina Obi", False)
    assert found["sign_in"] == {
        "method": "openid_connect",
        "issuer": ISSUER,
        "subject": "0001",
        "expires_at": "2100-01-01T00:00:00Z",
    }
    assert (found["projects"], found["scopes"]) == ([], ["read", "write", "admin"])
    nina = signed_in(app, "0001")
    assert nina.get("/v1/projects").json["items"] == []
    assert nina.get(BOX).status_code == 404
    assert nina.post("/v1/projects", {"slug": "mine", "name": "Mine"}).status_code == 403
    assert me(app, "0001")["name"] == "nina.obi"
    assert count(database, identities) == 1


def test_tokens_of_ours_go_on_working_beside_it(start: Start) -> None:
    found = Client(start(), "edith").get("/v1/me").json
    assert found["sign_in"] == {"method": "token", "issuer": None, "subject": None, "expires_at": None}


def test_where_no_issuer_is_set_its_tokens_are_no_tokens(app: Flask) -> None:
    refused = signed_in(app, "0001").get("/v1/me")
    assert (refused.status_code, code(refused)) == (401, "invalid_token")


def test_a_name_that_is_taken_is_numbered_and_its_user_not_taken_over(start: Start) -> None:
    app = start()
    found = me(app, "evil", preferred_username="admin", email="admin@desk.example", name="Administrator", admin=True)
    assert (found["name"], found["admin"]) == ("admin-2", False)
    assert me(app, "evil2", preferred_username="ADMIN@other.example")["name"] == "admin-3"
    assert me(app, "olga", preferred_username="olga")["name"] == "olga-2"
    assert me(app, "olga")["projects"] == []


def test_the_subject_says_who_one_is_whatever_one_is_called(start: Start) -> None:
    app = start()
    assert me(app, "0001", preferred_username="nina")["name"] == "nina"
    assert me(app, "0001", preferred_username="olga", email="olga@desk.example")["name"] == "nina"
    assert me(app, "0002", preferred_username="nina")["name"] == "nina-2"
    assert me(app, "0001 ")["name"] == "0001"


def test_another_issuers_subject_is_another_person(start: Start, database: Database) -> None:
    database.write(lambda tx: service.link(tx, "olga", "https://other.example", "0001"))
    assert me(start(), "0001")["name"] == "0001"


@pytest.mark.parametrize(
    "name", ["道德經", "", "...", 7, ["x"], None, "a" * 5000, "\ud800", "x\0y", "-_-.", "mine/../x"]
)
def test_any_claim_gives_a_name_that_can_be_had(start: Start, name: Any) -> None:
    app = start()
    for subject in ("one", "two", "三"):
        assert len(me(app, subject, preferred_username=name, name=name)["name"]) <= 63


def test_many_of_one_name_all_get_one(start: Start) -> None:
    app = start()
    names = {me(app, str(n), preferred_username="sam")["name"] for n in range(12)}
    assert len(names) == 12
    assert {"sam", "sam-2", "sam-9"} < names


def test_fifty_first_requests_at_once_make_one_user(start: Start, database: Database) -> None:
    app = start(threads=8)
    before = count(database, users)

    def ask(n: int) -> tuple[str, list[Any]]:
        found = me(app, "0001", preferred_username=f"nina{n % 5}", roles=["default:reviewer"])
        return found["name"], found["projects"]

    with ThreadPoolExecutor(50) as pool:
        found = list(pool.map(ask, range(50)))
    assert len({name for name, _ in found}) == 1
    assert all(roles == [{"project": "default", "role": "reviewer"}] for _, roles in found)
    assert (count(database, users), count(database, identities), count(database, granted_roles)) == (before + 1, 1, 1)


def test_without_new_users_only_those_who_are_linked_come_in(start: Start, database: Database) -> None:
    app = start(oidc_new_users=0)
    refused = signed_in(app, "0001").get("/v1/me")
    assert (refused.status_code, code(refused)) == (403, "forbidden")
    assert "its operator can make you one" in refused.json["detail"]
    assert count(database, identities) == 0
    linked = app.test_cli_runner().invoke(args=["users", "link", "edith", "0001"])
    assert linked.output == "0001 is edith.\n"
    assert me(app, "0001")["projects"] == [{"project": "default", "role": "editor"}]


def test_linking_is_undone_and_never_takes_a_subject_from_another(start: Start) -> None:
    app = start()
    me(app, "0001", preferred_username="nina")
    run = app.test_cli_runner().invoke
    assert "'0001' is the user 'nina'; unlink it first." in run(args=["users", "link", "edith", "0001"]).output
    assert run(args=["users", "unlink", "0001"]).output == "0001 is linked to nobody any more.\n"
    assert "nobody is linked to '0001'" in run(args=["users", "unlink", "0001"]).output
    assert run(args=["users", "link", "edith", "0001"]).exit_code == 0
    assert run(args=["users", "identities"]).output == f"edith\t{ISSUER}\t0001\n"
    assert me(app, "0001")["name"] == "edith"
    assert "there is no user 'nobody'" in run(args=["users", "link", "nobody", "0002"]).output


def test_who_is_unlinked_while_they_get_a_role_is_not_made_a_user(start: Start, database: Database) -> None:
    app = start(oidc_new_users=0)
    database.write(lambda tx: service.link(tx, "edith", ISSUER, "0001"))
    gate = app.extensions["database"]
    write = gate.write

    def later(work: Any) -> Any:
        database.write(lambda tx: service.unlink(tx, ISSUER, "0001"))
        return write(work)

    before, gate.write = count(database, users), later
    try:
        refused = signed_in(app, "0001", roles=["elsewhere:reader"]).get("/v1/me")
    finally:
        gate.write = write
    assert (refused.status_code, code(refused), count(database, users)) == (403, "forbidden", before)


def test_linking_needs_to_know_the_issuer(app: Flask) -> None:
    run = app.test_cli_runner().invoke
    assert "--issuer" in run(args=["users", "link", "edith", "0001"]).output
    assert run(args=["users", "link", "edith", "0001", "--issuer", ISSUER]).exit_code == 0


def test_a_disabled_user_stays_out_and_is_not_made_anew(start: Start, database: Database) -> None:
    app = start()
    me(app, "0001", preferred_username="nina")
    before = count(database, users)
    database.write(lambda tx: set_disabled(tx, "nina", True))
    for roles in ([], ["default:owner"]):
        refused = signed_in(app, "0001", preferred_username="nina", roles=roles).get("/v1/me")
        assert (refused.status_code, code(refused)) == (403, "forbidden")
    assert count(database, users) == before
    database.write(lambda tx: set_disabled(tx, "nina", False))
    assert me(app, "0001")["name"] == "nina"


def test_scopes_of_ours_in_the_token_narrow_it(start: Start, editor: Client) -> None:
    app = start()
    for said in ({"scope": "openid claimspan:read"}, {"scp": "claimspan:read"}, {"scp": ["claimspan:read", "x"]}):
        reads = signed_in(app, "0001", roles=["default:editor"], **said)
        assert reads.get("/v1/me").json["scopes"] == ["read"]
        assert reads.get(BOX).status_code == 200
        assert reads.post(BOX, {"text": "x"}).status_code == 403
    unknown = signed_in(app, "0001", scope="claimspan:everything").get("/v1/me")
    assert unknown.status_code == 403


def test_tokens_made_with_it_end_with_it(start: Start) -> None:
    app = start()
    nina = signed_in(app, "0001")
    until = nina.get("/v1/me").json["sign_in"]["expires_at"]
    refused = nina.post("/v1/tokens", {"scopes": ["read"], "expires_at": "2100-01-01T00:00:00Z"})
    assert (refused.status_code, refused.json["errors"][0]["code"]) == (422, "outlives_maker")
    made = nina.post("/v1/tokens", {"scopes": ["read"]})
    assert made.json["expires_at"] == until
    assert Client(app, None, made.json["token"]).get("/v1/me").json["name"] == "0001"


ROLES = [
    (["default:reviewer"], {"default": "reviewer"}),
    (["default:reviewer", "default:editor", "default:reader"], {"default": "editor"}),
    (["default:reviewer", "elsewhere:reader", "nowhere:owner"], {"default": "reviewer", "elsewhere": "reader"}),
    ("default:owner offline_access", {"default": "owner"}),
    (["default:admin", "default:", ":owner", "default:owner:x", "DEFAULT:owner", "default:owner\n", 7, None], {}),
    ({"default": "owner"}, {}),
    (None, {}),
]


@pytest.mark.parametrize(("said", "expected"), ROLES)
def test_the_roles_claim_makes_memberships(start: Start, said: Any, expected: dict[str, str]) -> None:
    found = me(start(), "0001", roles=said)["projects"]
    assert {each["project"]: each["role"] for each in found} == expected


def test_roles_follow_the_claim_up_down_and_away_and_the_history_tells(start: Start, owner: Client) -> None:
    app = start()
    for said in (["default:reviewer"], ["default:editor"], ["default:reader"], []):
        found = me(app, "0001", preferred_username="nina", roles=said)["projects"]
        assert [f"{each['project']}:{each['role']}" for each in found] == said
    told = [e for e in owner.all("/v1/projects/default/history") if e["resource_id"] == "nina"]
    assert [(e["action"], e["by"]) for e in told] == [
        ("created", "nina"),
        ("changed", "nina"),
        ("changed", "nina"),
        ("deleted", "nina"),
    ]
    assert app.test_cli_runner().invoke(args=["history", "verify"]).exit_code == 0


def test_a_token_without_the_claim_takes_roles_away_unless_they_are_told_elsewhere(start: Start) -> None:
    app = start()
    me(app, "0001", roles=["default:editor"])
    too_many = {"_claim_names": {"roles": "src1"}, "_claim_sources": {"src1": {"endpoint": "https://x.example"}}}
    assert me(app, "0001", **too_many)["projects"] == [{"project": "default", "role": "editor"}]
    assert me(app, "0001")["projects"] == []


def test_what_was_given_by_hand_stays(start: Start, owner: Client) -> None:
    app = start()
    me(app, "0001", preferred_username="nina")
    owner.put("/v1/projects/default/members/nina", {"role": "reviewer"})
    for said in (["default:owner"], ["default:reader"], []):
        assert me(app, "0001", roles=said)["projects"] == [{"project": "default", "role": "reviewer"}]


def test_who_changes_a_role_by_hand_takes_it_over(start: Start, owner: Client) -> None:
    app = start()
    me(app, "0001", preferred_username="nina", roles=["default:reviewer"])
    owner.put("/v1/projects/default/members/nina", {"role": "editor"}, If_Match="*")
    for said in (["default:reviewer"], []):
        assert me(app, "0001", roles=said)["projects"] == [{"project": "default", "role": "editor"}]


def test_what_was_taken_over_stays_so_when_it_is_changed_back(start: Start, owner: Client) -> None:
    app = start()
    me(app, "0001", preferred_username="nina", roles=["default:reviewer"])
    for role in ("editor", "reviewer"):
        owner.put("/v1/projects/default/members/nina", {"role": role}, If_Match="*")
    for said in (["default:editor"], ["default:owner"], []):
        assert me(app, "0001", roles=said)["projects"] == [{"project": "default", "role": "reviewer"}]


def test_the_last_owner_stays_whatever_the_claim_says(start: Start, owner: Client, database: Database) -> None:
    app = start()
    me(app, "0001", preferred_username="nina", roles=["default:owner"])
    for name in ("olga", "admin"):
        assert owner.delete(f"/v1/projects/default/members/{name}", If_Match="*").status_code in (204, 404)
    signed_in(app, "0001", roles=["default:owner"]).delete("/v1/projects/default/members/admin", If_Match="*")
    before = count(database, events)
    for _ in range(2):
        assert me(app, "0001", roles=[])["projects"] == [{"project": "default", "role": "owner"}]
    assert count(database, events) == before


def test_nothing_is_written_when_nothing_differs(start: Start, database: Database) -> None:
    app = start()
    said = {"roles": ["default:reviewer", "nowhere:owner"]}
    me(app, "0001", **said)
    gate = app.extensions["database"]
    before = count(database, events)
    gate.write, write = None, gate.write  # a write would now be a call of None
    try:
        assert me(app, "0001", **said)["projects"] == [{"project": "default", "role": "reviewer"}]
    finally:
        gate.write = write
    assert count(database, events) == before
    with database.snapshot() as tx:
        assert tx.execute(sa.select(memberships.c.version).where(memberships.c.user == "0001")).scalar_one() == 1


def test_groups_stand_for_roles_by_the_operators_map_alone(start: Start) -> None:
    app = start(oidc_role_map="/desk/editors=default:editor;b1946ac9=elsewhere:reader")
    said = ["/desk/editors", "b1946ac9", "default:owner", "desk/editors"]
    found = me(app, "0001", roles=said)["projects"]
    assert {each["project"]: each["role"] for each in found} == {"default": "editor", "elsewhere": "reader"}


def test_a_group_can_stand_for_roles_in_several_projects(start: Start) -> None:
    app = start(oidc_role_map="desk=default:editor;chiefs=default:owner;desk=elsewhere:reader")
    found = me(app, "0001", roles=["desk"])["projects"]
    assert {each["project"]: each["role"] for each in found} == {"default": "editor", "elsewhere": "reader"}


def test_without_a_roles_claim_in_the_settings_no_token_gives_any(
    app: Flask, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "jwks.json").write_bytes(jwks(public_jwk("a")))
    plain = create_app(with_sign_in(settings, tmp_path / "jwks.json"))
    assert me(plain, "0001", roles=["default:owner"])["projects"] == []
    plain.extensions["database"].close()


def test_a_refusal_says_why_in_the_header_too(start: Start) -> None:
    app = start()
    for sent, why in (
        (token(claims(exp=1)), "The token has expired."),
        (token(claims(aud="x")), "The token is for another audience."),
        (token_of("nobody"), "The token is unknown, revoked or expired."),
        ("nonsense", "The token is unknown, revoked or expired."),
    ):
        refused = Client(app, None, sent).get("/v1/me")
        assert (refused.status_code, code(refused), refused.json["detail"]) == (401, "invalid_token", why)
        expected = f'Bearer error="invalid_token", error_description="{why}"'
        assert refused.headers["WWW-Authenticate"] == expected
        assert sent not in refused.text
    nobody = Client(app, None).get("/v1/me")
    assert (nobody.status_code, nobody.headers["WWW-Authenticate"]) == (401, "Bearer")


def test_while_the_keys_can_not_be_had_sign_in_is_unavailable_and_tokens_of_ours_work(start: Start) -> None:
    with key_server(b"") as server:
        gone = server.url
    app = start(gone)
    headers = {"Authorization": f"Bearer {token(claims())}"}
    refused = app.test_client().get("/v1/me", headers=headers)  # as Client takes no 5xx
    assert (refused.status_code, code(refused)) == (503, "sign_in_unavailable")
    assert refused.headers["Retry-After"]
    assert Client(app, "edith").get("/v1/me").status_code == 200


def test_what_one_does_is_theirs(start: Start) -> None:
    app = start()
    nina = signed_in(app, "0001", preferred_username="nina", roles=["default:editor"], aud=[AUDIENCE, "x"])
    article = nina.article()
    assert nina.get(article).json["created_by"] == "nina"
    first = nina.post(BOX, {"text": "x"}, Idempotency_Key="k").json
    again = signed_in(app, "0001", roles=["default:editor"]).post(BOX, {"text": "x"}, Idempotency_Key="k").json
    assert first == again
