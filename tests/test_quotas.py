"""Requests are counted rightly wherever they are counted, by many processes at once."""

import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from api.commands.migrate import migrate
from api.engines import connect
from api.quotas import REST, Quotas
from api.rules.quotas import Policy, Quota
from api.settings import Settings
from tests.conftest import create_database
from tests.stores import redis_url, valkey

__all__ = ["redis_url"]
PLACES = ("sqlite", "postgresql", "redis")


@pytest.fixture(params=PLACES)
def slow(request: pytest.FixtureRequest, tmp_path: Path, worker_id: str) -> Settings:
    """A request a minute, and forty at once."""
    settings = Settings(
        database_url=f"sqlite:///{tmp_path / 'x.db'}", rate_limit_per_minute=1, rate_limit_burst=40, threads=4
    )
    if request.param == "postgresql":
        server_url = request.getfixturevalue("postgres_url")
        settings = replace(settings, database_url=create_database(server_url, f"claimspan_quotas_{worker_id}"))
        migrate(settings)
    if request.param == "redis":
        settings = replace(settings, rate_limit_url=request.getfixturevalue("redis_url"))
    return settings


@contextmanager
def counting(settings: Settings, **others: Any) -> Iterator[Quotas]:
    quotas = Quotas(replace(settings, **others))
    yield quotas
    quotas.close()


def granted_of(settings: Settings, tries: int) -> int:
    with counting(settings) as quotas:
        taken = [quotas.take("somebody") for _ in range(tries)]
    assert all(taken)
    return sum(quota.granted for quota in taken if quota)


def test_of_many_requests_in_many_processes_exactly_as_many_pass_as_may(slow: Settings) -> None:
    with ProcessPoolExecutor(4, get_context("spawn")) as pool:
        granted = sum(pool.map(granted_of, [slow] * 8, [50] * 8))
    assert granted == 40


def test_each_request_leaves_one_less_and_the_last_says_when_to_come_back(slow: Settings) -> None:
    with counting(slow) as quotas:
        left = [quotas.take("somebody") for _ in range(41)]
    assert [quota.remaining for quota in left if quota] == [*range(39, -1, -1), 0]
    assert [quota.granted for quota in left if quota] == [True] * 40 + [False]
    refused = left[-1]
    assert refused
    assert refused.wait in (59, 60)
    assert refused.reset == refused.wait


def test_tokens_are_counted_apart(slow: Settings) -> None:
    with counting(slow, rate_limit_burst=1) as quotas:
        assert [granted(quotas.take(name)) for name in ("a", "a", "b", "a", "b")] == [True, False, True, False, False]


def test_what_was_used_comes_back_evenly(slow: Settings) -> None:
    with counting(slow, rate_limit_per_minute=60, rate_limit_burst=1) as quotas:
        assert granted(quotas.take("somebody"))
        assert not granted(quotas.take("somebody"))
        time.sleep(1.01)
        assert granted(quotas.take("somebody"))


def test_a_moment_that_no_bucket_reaches_is_of_another_clock_or_limit_and_not_heeded(slow: Settings) -> None:
    with counting(slow, rate_limit_burst=1000) as generous, counting(slow, rate_limit_burst=10) as strict:
        assert all(granted(generous.take("somebody")) for _ in range(30))
        assert [granted(strict.take("somebody")) for _ in range(11)] == [True] * 10 + [False]


def granted(quota: Quota | None) -> bool:
    assert quota
    return quota.granted


def test_no_limit_counts_nothing(tmp_path: Path) -> None:
    with counting(Settings(database_url=f"sqlite:///{tmp_path / 'x.db'}"), rate_limit_per_minute=0) as quotas:
        assert quotas.take("somebody") is None
    assert not list(tmp_path.iterdir())


def test_a_burst_that_is_not_set_is_a_minutes_worth(slow: Settings) -> None:
    with counting(slow, rate_limit_per_minute=30, rate_limit_burst=0) as quotas:
        quota = quotas.take("somebody")
    assert quota
    assert (quota.policy, quota.window, quota.remaining) == (Policy(30, 30), 60, 29)


def test_a_start_counts_anew_in_the_file_whatever_was_left_there(tmp_path: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'x.db'}", rate_limit_per_minute=1, rate_limit_burst=1)
    with counting(settings) as quotas:
        assert granted(quotas.take("somebody"))
    (tmp_path / "x.db-quotas").write_bytes(b"broken" * 1000)
    with counting(settings) as quotas:
        assert quotas.take("somebody") is None
    with counting(settings) as quotas:
        quotas.begin()
        assert granted(quotas.take("somebody"))


@pytest.mark.parametrize("slow", ["postgresql"], indirect=True)
def test_a_start_forgets_who_has_all_requests_again(slow: Settings) -> None:
    with counting(slow, rate_limit_per_minute=1_000_000) as quick, counting(slow) as others:
        quick.take("quick")
        others.take("slow")
        time.sleep(0.01)
        quick.begin()
    engine = connect(slow)
    with engine.connect() as tx:
        assert tx.execute(sa.text('SELECT "key" FROM quotas')).scalars().all() == ["slow"]
    engine.dispose()


@pytest.mark.parametrize(
    "away",
    [
        {"rate_limit_url": "redis://127.0.0.1:1/0"},
        {"database_url": "postgresql://nobody@127.0.0.1:1/nothing"},
        {"database_url": "sqlite:////proc/nothing/x.db"},
    ],
    ids=lambda away: next(iter(away.values())).partition(":")[0],
)
def test_while_the_place_is_away_everybody_is_let_through_and_nobody_waits(
    away: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    with counting(Settings(**away)) as quotas:
        assert [quotas.take("somebody") for _ in range(100)] == [None] * 100
    assert len(caplog.records) == 1
    assert "are let through" in caplog.text


def test_the_place_may_go_away_while_requests_are_counted(tmp_path: Path) -> None:
    with valkey(tmp_path) as store, counting(Settings(rate_limit_url=store.url)) as quotas:
        assert granted(quotas.take("somebody"))
        store.server.kill()
        store.server.wait()
        assert quotas.take("somebody") is None


def test_counting_begins_again_once_the_place_is_there(tmp_path: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'later' / 'x.db'}")
    with counting(settings) as quotas:
        assert quotas.take("somebody") is None
        (tmp_path / "later").mkdir()
        time.sleep(REST)
        assert granted(quotas.take("somebody"))


def test_what_the_url_says_of_the_session_holds_for_counting_too(postgres_url: str, worker_id: str) -> None:
    database = create_database(postgres_url, f"claimspan_options_{worker_id}")
    migrate(Settings(database_url=database))
    with_options = f"{database}{'&' if '?' in database else '?'}options=-csearch_path%3Delsewhere"
    with counting(Settings(database_url=with_options)) as quotas:
        assert quotas.take("somebody") is None  # the table is not there
    with counting(Settings(database_url=database)) as quotas:
        assert quotas.take("somebody")
