"""What the real server says on standard error: one line a request, and no secret whatever goes wrong."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml

from api.db import Database
from api.settings import Settings
from benchmarks.server import ROOT, claimspan, free_port
from tests.asking import ARTICLES, ask, connection

MARK = "PlantedNobodyMaySee"
TOKEN = f"cs_{MARK}AdminToken".ljust(46, "0")
METRICS = f"{MARK}Metrics".ljust(40, "0")
BEARER = {"Authorization": f"Bearer {TOKEN}"}
ANY_ID = "01934f6e-7a10-7000-8000-000000000001"


def send(port: int, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any, Any]:
    with connection(port) as opened:
        given = {**BEARER, "Content-Type": "application/json", **headers}
        opened.request(method, path, None if body is None else json.dumps(body).encode(), given)
        response = opened.getresponse()
        content = response.read()
        return response.status, response.headers, json.loads(content) if content[:1] in (b"{", b"[") else content


def lines(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text().splitlines()]


def requests(log: Path) -> list[dict[str, Any]]:
    return [line for line in lines(log) if line["message"] == "request"]


def every_operation() -> list[tuple[str, str]]:
    paths = yaml.safe_load((ROOT / "openapi.yaml").read_text())["paths"]
    methods = ("get", "post", "put", "patch", "delete")
    return [(method.upper(), path) for path, item in paths.items() for method in methods if method in item]


def filled(path: str, ids: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda part: ids.get(part[1], ANY_ID), path)


def alter(settings: Settings, sql: str) -> None:
    database = Database(settings)
    database.write(lambda tx: tx.execute(sa.text(sql)))
    database.close()


def test_a_line_says_who_asked_what_and_how_it_went(empty_database: Settings, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with claimspan(empty_database.database_url, TOKEN, log) as port:
        status, headers, _ = send(port, "GET", f"{ARTICLES}?limit=3", **{"X-Request-Id": "from-the-proxy.7"})
        assert (status, headers["X-Request-Id"]) == (200, "from-the-proxy.7")
        for insane in ("", "two words", "x" * 129, "ü", TOKEN):
            made = send(port, "GET", "/nowhere", **{"X-Request-Id": insane.encode().decode("latin-1")})[1]
            assert re.fullmatch(r"[0-9a-f-]{36}", made["X-Request-Id"])
        send(port, "GET", "/healthz")
    said = requests(log)
    (first,) = [line for line in said if line["request_id"] == "from-the-proxy.7"]
    others = [line for line in said if line is not first]  # each process writes its lines when it has time
    assert first.pop("ms") > 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", first.pop("time"))
    assert first == {
        "level": "info",
        "logger": "claimspan.request",
        "message": "request",
        "request_id": "from-the-proxy.7",
        "method": "GET",
        "route": "/v1/projects/{project}/articles",
        "status": 200,
        "user": "admin",
        "project": "default",
    }
    assert [(line["status"], line.get("route"), line.get("user")) for line in others] == [(404, None, None)] * 5


def test_nothing_secret_is_said_whatever_goes_wrong(empty_database: Settings, tmp_path: Path) -> None:
    log = tmp_path / "log"
    planted = {"Idempotency-Key": f"{MARK}-key", "X-Forwarded-For": MARK, "Cookie": MARK, "User-Agent": MARK}
    body = {"text": MARK, MARK: MARK, "spans": [{"exact": MARK}], "verdict": MARK, "url": f"https://x.example/{MARK}"}
    with claimspan(empty_database.database_url, TOKEN, log, metrics_token=METRICS, log_level="debug") as port:
        article = send(port, "POST", ARTICLES, {"text": MARK * 3, "title": MARK}, **planted)[2]["id"]
        claim = send(port, "POST", f"/v1/articles/{article}/claims", {"spans": [{"start": 0, "end": 7}]})[2]["id"]
        known = {"project": "default", "article": article, "claim": claim, "user": MARK.lower(), "n": "1"}
        operations = every_operation()
        for ids in (known, {}):
            for method, path in operations:
                if (method, path) == ("DELETE", "/v1/projects/{project}"):
                    continue
                address = re.sub(r"\{(\w+)\}", lambda part: ids.get(part[1], ANY_ID), path)  # noqa: B023
                headers = planted if method == "POST" else {**planted, "If-Match": f'"{MARK}"'}
                send(port, method, f"{address}?{MARK}={MARK}", **headers)
                send(port, method, address, body if method != "GET" else None, **headers)
        send(port, "GET", "/v1/me", Authorization=f"Bearer {METRICS}")
        send(port, "GET", "/metrics", Authorization=f"Bearer {METRICS}")
        alter(empty_database, f"UPDATE claims SET tags = '{{{MARK}'")
        assert send(port, "GET", f"/v1/articles/{article}/claims")[0] == 500
        alter(empty_database, "ALTER TABLE articles RENAME COLUMN title TO titel")
        other = {**planted, "Idempotency-Key": f"{MARK}-other"}
        assert send(port, "POST", ARTICLES, {"text": MARK, "title": MARK}, **other)[0] in (500, 503)
    said = log.read_text()
    assert MARK not in said
    assert MARK.lower() not in said
    assert len(requests(log)) > 2 * len(operations)
    assert all({"time", "level", "request_id", "method", "status", "ms"} <= line.keys() for line in requests(log))
    assert {line["status"] for line in requests(log)} >= {200, 400, 401, 404, 422}


def test_a_failure_is_in_the_log_under_the_id_that_the_answer_names(empty_database: Settings, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with claimspan(empty_database.database_url, TOKEN, log) as port:
        article = send(port, "POST", ARTICLES, {"text": "word " * 9})[2]["id"]
        span = {"spans": [{"start": 0, "end": 4}]}
        assert send(port, "POST", f"/v1/articles/{article}/claims", span)[0] == 201
        alter(empty_database, f"UPDATE claims SET tags = '{{{MARK}'")
        status, headers, problem = send(port, "GET", f"/v1/articles/{article}/claims")
        assert (status, problem["code"]) == (500, "internal")
        assert problem["request_id"] == headers["X-Request-Id"]
    (failure,) = [line for line in lines(log) if "traceback" in line]
    assert failure["request_id"] == problem["request_id"]
    assert (failure["level"], failure["message"]) == ("error", "unforeseen error")
    assert "/api/services/" in failure["traceback"]
    assert MARK not in log.read_text()


def test_a_level_silences_what_is_below_it_and_text_is_for_the_eye(empty_database: Settings, tmp_path: Path) -> None:
    quiet, text = tmp_path / "quiet", tmp_path / "text"
    with claimspan(empty_database.database_url, TOKEN, quiet, log_level="warning") as port:
        assert ask(port, "GET", "/healthz")[0] == 200
    # granian may think that a worker did not end: docs/operation.md, "Stop"
    assert [line for line in lines(quiet) if not line["message"].endswith("refused to gracefully stop")] == []
    with claimspan(empty_database.database_url, TOKEN, text, log_format="text", log_level="debug") as port:
        send(port, "GET", "/healthz", **{"X-Request-Id": "me"})
    assert re.search(
        r"^\S+Z debug claimspan\.request request request_id=me method=GET route=/healthz status=200 ms=[\d.]+$",
        text.read_text(),
        re.MULTILINE,
    )


@pytest.mark.parametrize(
    "settings",
    [
        {"DATABASE_URL": f"postgresql://ada:{MARK}@127.0.0.1:1/claimspan"},
        {"DATABASE_URL": f"postgresql://ada:{MARK}@127.0.0.1:port/claimspan"},
        {"DATABASE_URL": f"postgresql://ada:{MARK}@127.0.0.1:1/claimspan?strange=1"},
        {"DATABASE_URL": f"mysql://ada:{MARK}@127.0.0.1:1/claimspan"},
        {"ADMIN_TOKEN": MARK},
        {"METRICS_TOKEN": MARK},
        {"LOG_LEVEL": "loud", "ADMIN_TOKEN": TOKEN, "METRICS_TOKEN": METRICS},
    ],
    ids=lambda settings: "-".join(settings),
)
def test_a_start_that_fails_says_no_secret(settings: dict[str, str], tmp_path: Path) -> None:
    given = {"DATABASE_URL": f"sqlite:///{tmp_path / 'x.db'}", "PORT": str(free_port()), **settings}
    environ = {**os.environ, **{f"CLAIMSPAN_{name}": value for name, value in given.items()}}
    command = [sys.executable, "-m", "flask", "--app", "app", "serve"]
    ended = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode != 0
    assert ended.stderr
    assert MARK not in ended.stdout + ended.stderr
