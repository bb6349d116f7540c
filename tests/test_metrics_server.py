"""`/metrics` of the real server: right across its workers, and for those only who may see it."""

import os
import re
import signal
import time
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from api.settings import Settings
from benchmarks.memory import service
from benchmarks.server import claimspan
from tests.asking import ARTICLES, BEARER, TOKEN, ask, connection

WATCHER = "w" * 32
FOR_WATCHERS = {"Authorization": f"Bearer {WATCHER}"}


def scraped(port: int) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Every sample, by name and labels."""
    with connection(port) as opened:
        opened.request("GET", "/metrics", headers=FOR_WATCHERS)
        response = opened.getresponse()
        assert (response.status, response.headers["Content-Type"][:10]) == (200, "text/plain")
        families = text_string_to_metric_families(response.read().decode())
        return {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in families
            for sample in family.samples
        }


def total(port: int, name: str, **labels: str) -> float:
    found = scraped(port)
    return sum(value for (its, given), value in found.items() if its == name and labels.items() <= dict(given).items())


def comes_to(expected: float, port: int, name: str, **labels: str) -> bool:
    """Whether the total becomes that. A request is counted when it is over, just after its client has the answer."""
    for _ in range(100):
        if total(port, name, **labels) == expected:
            return True
        time.sleep(0.1)
    return False


def status(port: int, path: str, method: str = "GET", **headers: str) -> int:
    with connection(port) as opened:
        opened.request(method, path, headers=headers)
        response = opened.getresponse()
        response.read()
        return response.status


def test_requests_of_all_workers_are_counted_also_of_one_that_was_killed(empty_database: Settings) -> None:
    with claimspan(empty_database.database_url, TOKEN, workers=2, metrics_token=WATCHER) as port:
        me = {"route": "/v1/me", "method": "GET"}
        for _ in range(40):
            assert status(port, "/v1/me", **BEARER) == 200
        assert comes_to(40, port, "claimspan_requests_total", status="200", **me)
        assert comes_to(40, port, "claimspan_request_seconds_count", **me)
        assert comes_to(2, port, "claimspan_workers")
        os.kill(service(port)[1], signal.SIGKILL)
        answered = 0
        while answered < 20:
            try:
                answered += status(port, "/v1/me", **BEARER) == 200
            except OSError:
                time.sleep(0.05)
        assert comes_to(2, port, "claimspan_workers")
        assert comes_to(60, port, "claimspan_requests_total", status="200", **me)
        assert comes_to(1, port, "claimspan_requests_in_flight")  # the one that asks


def test_imports_and_exports_are_counted_by_how_they_ended(empty_database: Settings) -> None:
    with claimspan(empty_database.database_url, TOKEN, metrics_token=WATCHER) as port:
        dossiers = [{"article": {"external_id": "a", "text": "x"}}, {"article": {"external_id": "b", "text": "y"}}, {}]
        assert ask(port, "POST", "/v1/projects/default/imports", {"dossiers": dossiers})[0] == 201
        assert ask(port, "GET", "/v1/projects/default/export?format=json")[0] == 200
        assert comes_to(2, port, "claimspan_import_lines_total", outcome="created")
        assert comes_to(1, port, "claimspan_import_lines_total", outcome="failed")
        assert comes_to(1, port, "claimspan_exports_total", format="json", end="whole")


def test_nothing_that_a_client_chooses_becomes_a_label(empty_database: Settings) -> None:
    with claimspan(empty_database.database_url, TOKEN, metrics_token=WATCHER, workers=1) as port:
        article = ask(port, "POST", ARTICLES, {"text": "x"})[1]["id"]
        status(port, "/planted", "PLANTED", **BEARER)
        status(port, f"/v1/articles/{article}", **BEARER)
        scraped(port)
        while not total(port, "claimspan_requests_total", route="/metrics"):  # which are requests too
            time.sleep(0.1)
        before = len(scraped(port))
        for n in range(30):
            status(port, f"/planted/{n}?planted={n}", f"PLANTED{n}", **{"X-Request-Id": f"planted-{n}"})
            other = ask(port, "POST", ARTICLES, {"text": "x", "external_id": f"planted-{n}"})[1]["id"]
            status(port, f"/v1/articles/{other}", **BEARER)
        after = scraped(port)
        assert len(after) == before
        assert not re.search(rf"planted|{article}|admin|default", repr(after), re.IGNORECASE)


def test_it_is_for_its_token_and_for_admins_and_needs_no_database(empty_database: Settings, tmp_path: Path) -> None:
    url = empty_database.database_url
    with claimspan(url, TOKEN, metrics_token=WATCHER, log=tmp_path / "log") as port:
        assert status(port, "/metrics") == 401
        assert status(port, "/metrics", Authorization=f"Bearer {WATCHER[:-1]}") == 401
        assert status(port, "/metrics", Authorization="Bearer ") == 401
        assert status(port, "/v1/me", **FOR_WATCHERS) == 401
        assert status(port, "/metrics", **BEARER) == 200
        token = ask(port, "POST", "/v1/tokens", {"label": "weak", "scopes": ["write"]})[1]["token"]
        assert status(port, "/metrics", Authorization=f"Bearer {token}") == 403
        if url.startswith("sqlite"):
            file = Path(url.removeprefix("sqlite:///"))
            file.rename(tmp_path / "away")
            assert status(port, "/metrics", **FOR_WATCHERS) == 200
    with claimspan(f"sqlite:///{tmp_path / 'other.db'}", TOKEN) as port:
        assert status(port, "/metrics", Authorization="Bearer ") == 401


@pytest.mark.parametrize("header", ["bearer", "Basic"])
def test_the_scheme_is_bearer(empty_database: Settings, header: str) -> None:
    with claimspan(empty_database.database_url, TOKEN, metrics_token=WATCHER) as port:
        assert status(port, "/metrics", Authorization=f"{header} {WATCHER}") == (200 if header == "bearer" else 401)
