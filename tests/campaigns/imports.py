"""`make campaign-imports`: the server is killed at moments spread over an import, and the file is sent again; on both
engines.

Whatever the report said before the end must be there afterwards, whole; nothing may be there by half; and once the
file has been sent again, everything must be there once.
"""

import argparse
import http.client
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from benchmarks.generated import dossiers
from benchmarks.memory import service
from benchmarks.server import claimspan
from benchmarks.uploads import upload
from tests.campaigns.engines import ENGINES, database
from tests.campaigns.kept import Expected, faults_of_database, missing
from tests.campaigns.world import TOKEN, Service

PROJECT = "default"
IMPORTS = f"/v1/projects/{PROJECT}/imports"
PAUSE = 0.01
"""Seconds between two looks at the report of an import that runs."""
COUNTS = ("lines", "created", "updated", "unchanged", "failed")
Report = dict[str, Any]


@dataclass(frozen=True)
class File:
    """What is sent: the dossiers, and where they stand line by line."""

    path: Path
    sent: list[Any]


@dataclass(frozen=True)
class Kill:
    """What one kill came to: lines that were reported before it, lines that are there after it, and what is wrong."""

    moment: float
    reported: int
    kept: int
    faults: list[str] = field(default_factory=list)


def drive(engine: str, file: File, kills: int) -> Iterator[Kill]:
    """As many kills as are asked for, at even distances over the time that the import takes if it is left alone."""
    length = alone(engine, file)
    print(f"{engine}: {len(file.sent)} lines take {length:.2f} s if nothing happens", flush=True)
    for n in range(kills):
        with database(engine) as url:
            yield killed(url, file, length * (n + 0.5) / kills)


def alone(engine: str, file: File) -> float:
    with database(engine) as url, claimspan(url, TOKEN) as port:
        begun = time.monotonic()
        upload(port, TOKEN, PROJECT, file.path)
        return time.monotonic() - begun


def killed(url: str, file: File, moment: float) -> Kill:
    with claimspan(url, TOKEN) as port:
        reported = cut_off(port, file, moment)
    with claimspan(url, TOKEN) as port:
        before = read(port, reported)
        faults = [f"{name} was {reported[name]}, is {before[name]}" for name in COUNTS if reported[name] > before[name]]
        if before["failed"] or before["updated"] or before["created"] != before["lines"]:
            faults.append(f"the report says {told(before)}")
        faults += whole(port, url, file.sent[: before["lines"]], "after the kill")
        again = upload(port, TOKEN, PROJECT, file.path).report
        expected = dict.fromkeys(COUNTS, 0) | {
            "lines": len(file.sent),
            "created": len(file.sent) - before["lines"],
            "unchanged": before["lines"],
        }
        if told(again) != expected:
            faults.append(f"sent again: expected {expected}, found {told(again)}")
        faults += whole(port, url, file.sent, "sent again")
    return Kill(moment, reported["lines"], before["lines"], faults)


def cut_off(port: int, file: File, moment: float) -> Report:
    """Kills the server that long after the upload has begun; gives the last report that could be read, if any."""
    with uploading(port, file):
        end = time.monotonic() + moment
        reported: Report = {"id": None, **dict.fromkeys(COUNTS, 0)}
        while time.monotonic() < end:
            found = Service(port).send("GET", IMPORTS)[2]["items"]
            reported = found[0] if found else reported
            time.sleep(min(PAUSE, max(0, end - time.monotonic())))
        for pid in service(port):  # the server first, so that it replaces none of its workers
            os.kill(pid, signal.SIGKILL)
    return reported


@contextmanager
def uploading(port: int, file: File) -> Iterator[None]:
    """An upload goes on beside; it ends with the server, if not before."""

    def send() -> None:
        with suppress(OSError, http.client.HTTPException):
            upload(port, TOKEN, PROJECT, file.path)

    beside = threading.Thread(target=send)
    beside.start()
    try:
        yield
    finally:
        beside.join()


def read(port: int, reported: Report) -> Report:
    """The report as it is now, also if none was read before the kill."""
    if reported["id"]:
        return dict(Service(port).send("GET", f"/v1/imports/{reported['id']}")[2])
    found = Service(port).send("GET", IMPORTS)[2]["items"]
    return dict(found[0]) if found else reported


def told(report: Report) -> dict[str, int]:
    return {name: report[name] for name in COUNTS}


def whole(port: int, url: str, sent: list[Any], when: str) -> list[str]:
    """What is wrong, if these dossiers and no others should be there."""
    exported = Service(port).send("GET", f"/v1/projects/{PROJECT}/export?format=json")[2]["dossiers"]
    found = missing(sent, exported) + faults_of_database(url, Expected.of(sent))
    return [f"{when}: {fault}" for fault in found]


def run(engine: str, file: File, kills: int) -> bool:
    """One engine's campaign. Says whether all was well."""
    begun = time.monotonic()
    found = []
    for kill in drive(engine, file, kills):
        found.append(kill)
        print(f"  killed at {kill.moment:6.2f} s: {kill.reported} lines reported, {kill.kept} kept", flush=True)
        print("".join(f"    {fault}\n" for fault in kill.faults[:10]), end="", flush=True)
    wrong = sum(bool(kill.faults) for kill in found)
    within = sum(kill.kept < len(file.sent) for kill in found)
    seconds = time.monotonic() - begun
    print(
        f"{engine}: {len(found)} kills, {within} of them before the end; {wrong} left something wrong; {seconds:.0f} s"
    )
    return not wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--lines", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1, help="of the dossiers")
    parser.add_argument("--engine", choices=[*ENGINES, "both"], default="both")
    options = parser.parse_args()
    engines = ENGINES if options.engine == "both" else (options.engine,)
    with tempfile.TemporaryDirectory() as folder:
        sent = list(dossiers(options.lines, ["admin"], options.seed))
        file = File(Path(folder) / "dossiers.ndjson", sent)
        file.path.write_bytes(b"".join(orjson.dumps(dossier) + b"\n" for dossier in sent))
        print(f"{options.lines} lines, {file.path.stat().st_size / 2**20:.1f} MB, seed {options.seed}", flush=True)
        results = [run(engine, file, options.kills) for engine in engines]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
