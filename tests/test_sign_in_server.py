"""Sign-in at the real server, with several processes: keys that change, keys that can't be had, many at once."""

import http.client
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from api.settings import Settings
from benchmarks.server import claimspan
from tests.sign_in import AUDIENCE, ISSUER, KeyServer, claims, jwks, key_server, public_jwk, token

ADMIN = "cs_" + "server-test-token".ljust(43, "0")


@pytest.fixture
def keys() -> Iterator[KeyServer]:
    with key_server(jwks(public_jwk("a"))) as server:
        yield server


@contextmanager
def service(database: Settings, keys: KeyServer, **others: object) -> Iterator[int]:
    sign_in = {"oidc_issuer": ISSUER, "oidc_audience": AUDIENCE, "oidc_jwks": keys.url, "oidc_roles_claim": "roles"}
    given = {"oidc_refetch_seconds": 1, **sign_in, **others}
    with claimspan(database.database_url, ADMIN, workers=3, pool_size=4, **given) as port:
        yield port


def me(port: int, sent: str) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", "/v1/me", headers={"Authorization": f"Bearer {sent}"})
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def test_keys_change_under_several_processes_and_nobody_floods_the_key_server(
    empty_database: Settings, keys: KeyServer
) -> None:
    with service(empty_database, keys) as port, ThreadPoolExecutor(8) as pool:
        old = token(claims("ada", roles=["default:reviewer"]))
        first = list(pool.map(lambda _: me(port, old), range(50)))
        assert {status for status, _ in first} == {200}
        assert {found["name"] for _, found in first} == {"ada"}
        assert first[0][1]["projects"] == [{"project": "default", "role": "reviewer"}]

        begun, asked = time.monotonic(), keys.asked
        flood = [token(claims("ada"), "stolen", kid=f"made-up-{n}") for n in range(100)]
        assert {status for status, _ in pool.map(lambda sent: me(port, sent), flood)} == {401}
        assert keys.asked - asked <= 3 * (time.monotonic() - begun + 1)

        keys.content = jwks(public_jwk("b"), public_jwk("a"))
        time.sleep(1.1)
        new = token(claims("ada", roles=["default:reviewer"]), "b")
        assert {status for status, _ in pool.map(lambda _: me(port, new), range(50))} == {200}
        assert {status for status, _ in pool.map(lambda _: me(port, old), range(10))} == {200}

        keys.status = 500
        assert {status for status, _ in pool.map(lambda _: me(port, new), range(20))} == {200}


def test_without_any_keys_only_sign_in_is_unavailable(empty_database: Settings, keys: KeyServer) -> None:
    keys.status = 500
    with service(empty_database, keys) as port:
        status, problem = me(port, token(claims("ada")))
        assert (status, problem["code"]) == (503, "sign_in_unavailable")
        assert me(port, ADMIN)[0] == 200
        keys.status = 200
        for _ in range(100):
            if me(port, token(claims("ada")))[0] == 200:
                return
            time.sleep(0.1)
        raise AssertionError("sign-in stayed unavailable")
