"""Where keys come from: files that change, addresses that rotate, fail, and are asked seldom."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from api.errors import SignInUnavailable
from api.issuer.keys import KeySet
from api.issuer.sources import GRACE_SECONDS, MOST_BYTES, RETRY_SECONDS, Address, File
from tests.sign_in import KeyServer, jwks, key_server, public_jwk


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def server() -> Iterator[KeyServer]:
    with key_server(jwks(public_jwk("a"))) as server:
        yield server


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def address(server: KeyServer, clock: Clock) -> Address:
    return Address(server.url, 600, 30, clock)


def ids(keys: KeySet) -> set[str | None]:
    return {kid for kid, _ in keys}


def test_a_file_is_read_again_when_it_has_changed(tmp_path: Path) -> None:
    path = tmp_path / "jwks.json"
    path.write_bytes(jwks(public_jwk("a")))
    file = File(str(path))
    assert ids(file.keys()) == {"a"}
    path.write_bytes(jwks(public_jwk("b"), public_jwk("a")))
    assert ids(file.keys()) == {"a", "b"}
    (tmp_path / "new").write_bytes(jwks(public_jwk("b")))
    (tmp_path / "new").rename(path)
    assert ids(file.keys()) == {"b"}


@pytest.mark.parametrize("content", [b"", b"{", jwks(), None])
def test_a_file_that_is_spoilt_or_gone_leaves_the_keys_as_they_were(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "jwks.json"
    path.write_bytes(jwks(public_jwk("a")))
    file = File(str(path))
    path.unlink() if content is None else path.write_bytes(content)
    assert ids(file.keys()) == {"a"}
    path.write_bytes(jwks(public_jwk("b")))
    assert ids(file.keys()) == {"b"}


def test_keys_are_fetched_at_the_first_need_and_kept(server: KeyServer, address: Address) -> None:
    assert server.asked == 0
    for _ in range(5):
        assert ids(address.keys()) == {"a"}
    assert server.asked == 1


def test_old_keys_are_fetched_again(server: KeyServer, address: Address, clock: Clock) -> None:
    address.keys()
    server.content = jwks(public_jwk("b"))
    clock.now += 599
    assert ids(address.keys()) == {"a"}
    clock.now += 2
    assert ids(address.keys()) == {"b"}


def test_a_new_key_is_found_as_soon_as_a_token_names_it(server: KeyServer, address: Address, clock: Clock) -> None:
    keys = address.keys()
    server.content = jwks(public_jwk("a"), public_jwk("b"))
    clock.now += 31
    assert ids(address.keys_again(keys)) == {"a", "b"}


def test_a_flood_of_unknown_keys_is_no_flood_at_the_address(server: KeyServer, address: Address, clock: Clock) -> None:
    for _ in range(3):
        for _ in range(1000):
            address.keys_again(address.keys())
        clock.now += 31
    assert server.asked <= 3


def test_of_many_threads_at_once_one_asks(server: KeyServer, address: Address, clock: Clock) -> None:
    address.keys()
    server.content, server.pause = jwks(public_jwk("a"), public_jwk("b")), 0.2
    clock.now += 31
    keys = address.keys()
    start = threading.Barrier(16)

    def ask(_: int) -> KeySet:
        start.wait()
        return address.keys_again(keys)

    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(ask, range(16)))
    assert all(ids(each) == {"a", "b"} for each in found)
    assert server.asked == 2


def test_at_the_first_need_too_one_thread_asks_for_all(server: KeyServer, address: Address) -> None:
    server.pause = 0.2
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda _: address.keys(), range(16)))
    assert all(ids(each) == {"a"} for each in found)
    assert server.asked == 1


def test_nobody_waits_for_keys_that_are_only_old(server: KeyServer, address: Address, clock: Clock) -> None:
    address.keys()
    clock.now += 601
    server.pause = 1
    fetching = threading.Thread(target=address.keys)
    fetching.start()
    while server.asked < 2:
        pass
    assert ids(address.keys()) == {"a"}
    assert fetching.is_alive()
    fetching.join()


@pytest.mark.parametrize("status", [500, 404, 204, 302])
def test_known_keys_go_on_working_for_a_day_while_the_address_fails(
    server: KeyServer, address: Address, clock: Clock, status: int
) -> None:
    address.keys()
    server.status = status
    clock.now += 600 + GRACE_SECONDS - 1
    assert ids(address.keys()) == {"a"}
    clock.now += 2 + RETRY_SECONDS
    with pytest.raises(SignInUnavailable):
        address.keys()
    server.status = 200
    clock.now += RETRY_SECONDS + 1
    assert ids(address.keys()) == {"a"}


def test_an_address_that_fails_is_asked_seldom(server: KeyServer, address: Address, clock: Clock) -> None:
    server.status = 500
    for _ in range(100):
        with pytest.raises(SignInUnavailable):
            address.keys()
    assert server.asked == 1
    clock.now += RETRY_SECONDS + 1
    server.status = 200
    assert ids(address.keys()) == {"a"}


def test_nobody_there_is_unavailable(clock: Clock) -> None:
    with key_server(b"") as server:
        gone = server.url
    with pytest.raises(SignInUnavailable):
        Address(gone, 600, 30, clock).keys()


def test_no_redirect_is_followed(server: KeyServer, address: Address) -> None:
    with key_server(jwks(public_jwk("evil"))) as other:
        server.status, server.headers = 302, {"Location": other.url}
        with pytest.raises(SignInUnavailable):
            address.keys()
        assert other.asked == 0


@pytest.mark.parametrize("content", [b"", b"<html>", b" " * (MOST_BYTES + 1), jwks()])
def test_what_is_no_key_set_does_not_take_the_place_of_one(
    server: KeyServer, address: Address, clock: Clock, content: bytes
) -> None:
    address.keys()
    server.content = content
    clock.now += 601
    assert ids(address.keys()) == {"a"}
    assert server.asked == 2
