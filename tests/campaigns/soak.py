"""`make campaign-soak`: mixed load on the running service for an hour; what its processes take must not grow.

Clients read, write, review, export (some of it broken off), import and err, and delete as much as they make. Every few
seconds it is noted how much memory, how many open files and how many threads each process has, and how long SQLite's
log is. The first quarter warms up. Then the median of the last quarter may be at most a tenth and a few MiB above that
of the second one, files and threads at most a few, and the log must have stayed within its bound.
"""

import argparse
import json
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import sqlalchemy as sa

from benchmarks.memory import PROC, resident, service
from benchmarks.server import claimspan
from tests.campaigns.contract import ENGINES, database
from tests.campaigns.world import TEXT, TOKEN, Service, quoted

CLIENTS = 6
KEPT = 12
"""Articles that each client leaves there before it deletes the oldest."""
SAMPLES = 120
RATIO, SLACK_MIB, SLACK_FILES, SLACK_THREADS = 1.1, 8.0, 6, 2
LOG_BOUND_MIB = 64.0
MIB = 2**20
DONE = (200, 201, 204)
PROJECT = "/v1/projects/default"
FORMATS = ("json", "ndjson", "csv", "html", "claim-review", "web-annotation", "conll", "brat", "averitec")


@dataclass(frozen=True)
class Sample:
    """What one process had at one moment."""

    pid: int
    memory: float
    files: int
    threads: int


class Client(threading.Thread):
    """Does one thing after the other, as chance will have it."""

    def __init__(self, port: int, seed: int, stop: threading.Event):
        super().__init__(daemon=True)
        self._service, self._random, self._stop_asked = Service(port), random.Random(seed), stop
        self._articles: list[tuple[str, list[str]]] = []
        self._port, self._number = port, seed
        self.statuses: Counter[int] = Counter()
        self.faults: list[str] = []

    def run(self) -> None:
        acts: list[tuple[int, Callable[[], None]]] = [
            (8, self._make),
            (30, self._read),
            (12, self._change),
            (3, self._export),
            (1, self._break_off),
            (4, self._import),
            (6, self._err),
        ]
        weights, doings = zip(*acts, strict=True)
        while not self._stop_asked.is_set():
            act = self._random.choices(doings, weights)[0] if self._articles else self._make
            try:
                act()
            except Exception as error:
                self.faults.append(f"{act.__name__}: {error!r}")

    def _ask(self, method: str, path: str, body: Any = None, expected: tuple[int, ...] = DONE, **kw: str) -> Any:
        status, _, found = self._service.send(method, path, body, kw)
        self.statuses[status] += 1
        if status not in expected and not no_place(status, found):
            self.faults.append(f"{method} {path}: {status} {str(found)[:200]}")
        return found if status in (200, 201) else None

    def _make(self) -> None:
        article = self._ask("POST", f"{PROJECT}/articles", {"text": TEXT, "title": "Trees", "language": "en"})
        if not article:
            return
        claims = []
        for _ in range(3):
            span = quoted(self._random.randrange(0, 40, 3)) | {"revision": 1}
            claim = self._ask("POST", f"/v1/articles/{article['id']}/claims", {"spans": [span], "tags": ["soak"]})
            if claim:
                claims.append(claim["id"])
                url = f"https://parks.example/{self._random.randrange(10**9)}"
                self._ask("POST", f"/v1/claims/{claim['id']}/evidence", {"url": url, "stance": "refutes"})
                self._ask("PUT", f"/v1/claims/{claim['id']}/assessments/mine", {"verdict": "false"})
        self._articles.append((article["id"], claims))
        if len(self._articles) > KEPT:
            self._remove(self._articles.pop(0)[0])

    def _remove(self, article: str) -> None:
        etag = self._service.etag(f"/v1/articles/{article}") or '"1"'
        self._ask("DELETE", f"/v1/articles/{article}?confirm=Trees", **{"If-Match": etag})

    def _read(self) -> None:
        article, claims = self._random.choice(self._articles)
        paths = [
            f"/v1/articles/{article}",
            f"/v1/articles/{article}/claims?unit=utf16",
            f"{PROJECT}/claims?limit=50&tag=soak&q=trees",
            f"{PROJECT}/statistics",
            f"{PROJECT}/queue",
            "/v1/me",
            *(f"/v1/claims/{claim}{rest}" for claim in claims for rest in ("", "/history?verify=true", "/evidence")),
        ]
        self._ask("GET", self._random.choice(paths))

    def _change(self) -> None:
        article, claims = self._random.choice(self._articles)
        if claims and self._random.random() < 0.7:
            path = f"/v1/claims/{self._random.choice(claims)}"
            etag = self._service.etag(path) or '"1"'
            self._ask("PATCH", path, {"text": f"Wording {self._random.random()}"}, **{"If-Match": etag})
        else:
            path = f"/v1/articles/{article}"
            etag = self._service.etag(path) or '"1"'
            text = f"Corrected {self._random.random()}. {TEXT}"
            self._ask("POST", f"{path}/revisions", {"text": text}, **{"If-Match": etag})

    def _export(self) -> None:
        connection = self._service.connection
        headers = {"Authorization": f"Bearer {TOKEN}", "Accept-Encoding": self._random.choice(["gzip", "identity"])}
        connection.request("GET", f"{PROJECT}/export?format={self._random.choice(FORMATS)}", headers=headers)
        response = connection.getresponse()
        body = response.read()
        connection.close()
        self.statuses[response.status] += 1
        if response.status != 200 and not no_place(response.status, json.loads(body)):
            self.faults.append(f"export: {response.status} {body[:200]!r}")

    def _break_off(self) -> None:
        connection = self._service.connection
        connection.request("GET", f"{PROJECT}/export?format=json", headers={"Authorization": f"Bearer {TOKEN}"})
        self.statuses[connection.getresponse().status] += 1
        connection.close()

    def _import(self) -> None:
        dossiers = [
            {
                "article": {"external_id": f"i-{self._number}-{self._random.randrange(20)}", "text": TEXT},
                "claims": [
                    {"external_id": "c", "spans": [{"start": 0, "end": 6}], "tags": [str(self._random.random())]}
                ],
            }
            for _ in range(4)
        ]
        self._ask("POST", f"{PROJECT}/imports", {"dossiers": [*dossiers, {}]})

    def _err(self) -> None:
        article, _ = self._random.choice(self._articles)
        wrongs: list[tuple[str, str, Any, int]] = [
            ("GET", "/v1/claims/01934f6e-7a10-7000-8000-000000000001", None, 404),
            ("GET", "/nowhere", None, 404),
            ("POST", f"{PROJECT}/articles", {"text": 7}, 422),
            ("POST", f"/v1/articles/{article}/claims", {"spans": [{"exact": "never said"}]}, 422),
            ("PATCH", f"/v1/articles/{article}", {"title": "x"}, 428),
            ("DELETE", "/v1/me", None, 405),
        ]
        method, path, body, expected = self._random.choice(wrongs)
        self._ask(method, path, body, (expected,))


def no_place(status: int, problem: Any) -> bool:
    """Whether an export or import was refused only because as many are under way as may be."""
    return status == 503 and problem["code"] == "too_many_files"


def samples(port: int) -> list[Sample]:
    found = []
    for pid in service(port):
        with suppress(OSError, ValueError):
            home = PROC / str(pid)
            files, threads = len(list((home / "fd").iterdir())), len(list((home / "task").iterdir()))
            found.append(Sample(pid, resident(pid) / MIB, files, threads))
    return found


def log_size(url: str) -> float:
    """MiB of SQLite's log; 0 on PostgreSQL."""
    log = Path(f"{sa.make_url(url).database}-wal")
    return log.stat().st_size / MIB if url.startswith("sqlite") and log.exists() else 0.0


def watched(port: int, url: str, seconds: float) -> tuple[list[list[Sample]], list[float]]:
    taken, logs = [], []
    end, pause = time.monotonic() + seconds, max(0.25, min(5.0, seconds / SAMPLES))
    while time.monotonic() < end:
        taken.append(samples(port))
        logs.append(log_size(url))
        time.sleep(pause)
    return taken, logs


def growths(taken: list[list[Sample]]) -> tuple[list[str], list[str]]:
    """For each process what its medians of the second and of the last quarter are; and what of it is too much."""
    quarter = len(taken) // 4
    told, faults = [], []
    pids = {sample.pid for sample in taken[0]}
    if any({sample.pid for sample in each} != pids for each in taken):
        faults.append("a process ended, or was added")
    for pid in sorted(pids):
        before, after = (
            [sample for each in part for sample in each if sample.pid == pid]
            for part in (taken[quarter : 2 * quarter], taken[-quarter:])
        )
        pairs = {
            name: (median(getattr(each, name) for each in before), median(getattr(each, name) for each in after))
            for name in ("memory", "files", "threads")
        }
        told.append(
            "{:.1f} to {:.1f} MiB, {:.0f} to {:.0f} files, {:.0f} to {:.0f} threads".format(
                *pairs["memory"], *pairs["files"], *pairs["threads"]
            )
        )
        limits = {
            "memory": pairs["memory"][0] * RATIO + SLACK_MIB,
            "files": pairs["files"][0] + SLACK_FILES,
            "threads": pairs["threads"][0] + SLACK_THREADS,
        }
        faults += [
            f"{name} of a process grew to {pairs[name][1]:.1f}" for name in pairs if pairs[name][1] > limits[name]
        ]
    return told, faults


def run(engine: str, minutes: float, seed: int) -> bool:
    stop = threading.Event()
    with database(engine) as url, claimspan(url, TOKEN, workers=2, threads=3) as port:
        clients = [Client(port, seed * 1000 + n, stop) for n in range(CLIENTS)]
        for client in clients:
            client.start()
        try:
            taken, logs = watched(port, url, minutes * 60)
        finally:
            stop.set()
        for client in clients:
            client.join(60)
        told, faults = growths(taken)
    statuses = sum((client.statuses for client in clients), Counter())
    faults += [fault for client in clients for fault in client.faults]
    if max(logs) > LOG_BOUND_MIB:
        faults.append(f"the log grew to {max(logs):.1f} MiB")
    for line in told:
        print(f"  {line}", flush=True)
    for fault in faults[:20]:
        print(f"  FAULT {fault}", flush=True)
    answers = ", ".join(f"{count:,} × {status}" for status, count in sorted(statuses.items()))
    print(
        f"campaign soak, {engine}, seed {seed}, {minutes:g} minutes, {len(taken)} samples, "
        f"{statuses.total():,} requests ({answers}), "
        f"longest log {max(logs):.1f} MiB: {'no growth' if not faults else f'{len(faults)} FAULTS'}",
        flush=True,
    )
    return not faults


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engine", choices=[*ENGINES, "both"], default="both")
    options = parser.parse_args()
    engines = ENGINES if options.engine == "both" else (options.engine,)
    well = [run(engine, options.minutes, options.seed) for engine in engines]
    sys.exit(0 if all(well) else 1)


if __name__ == "__main__":
    main()
