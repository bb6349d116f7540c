"""Rate limits on the real server, counted for all its workers together."""

import http.client
import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from api.settings import Settings
from benchmarks.server import claimspan
from tests.asking import BEARER, TOKEN, ask
from tests.stores import redis_url

__all__ = ["redis_url"]
SLOW = {"workers": 3, "threads": 2, "rate_limit_per_minute": 1, "rate_limit_burst": 40}


@pytest.fixture(params=["database", "redis"])
def port(empty_database: Settings, request: pytest.FixtureRequest) -> Iterator[int]:
    url = request.getfixturevalue("redis_url") if request.param == "redis" else ""
    with claimspan(empty_database.database_url, TOKEN, rate_limit_url=url, **SLOW) as port:
        yield port


def answers(port: int, tries: int) -> list[tuple[int, http.client.HTTPMessage]]:
    """Each on a connection of its own, as those go to different workers."""
    found = []
    for _ in range(tries):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", "/v1/me", headers=BEARER)
        response = connection.getresponse()
        response.read()
        found.append((response.status, response.headers))
        connection.close()
    return found


def test_of_many_at_once_exactly_as_many_pass_as_may(port: int) -> None:
    with ThreadPoolExecutor(12) as pool:
        found = [each for some in pool.map(answers, [port] * 12, [15] * 12) for each in some]
    assert Counter(status for status, _ in found) == {200: 40, 429: 140}
    left = sorted(headers["RateLimit"].split(";")[1] for status, headers in found if status == 200)
    assert left == sorted(f"r={n}" for n in range(40))
    assert all(1 <= int(headers["Retry-After"]) <= 60 for status, headers in found if status == 429)


def test_what_is_refused_is_a_problem_and_does_nothing(port: int) -> None:
    assert {status for status, _ in answers(port, 39)} == {200}
    assert ask(port, "POST", "/v1/projects/default/articles", {"text": "stored"})[0] == 201
    status, problem = ask(port, "POST", "/v1/projects/default/articles", {"text": "refused"})
    assert (status, problem["code"], problem["limit"], problem["burst"]) == (429, "rate_limited", 1, 40)
    assert json.dumps(problem).count("token") == 1
