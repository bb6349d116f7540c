"""`make campaign-contract`: thousands of generated requests against the running service, on both engines.

schemathesis makes them from `/openapi.json`, valid ones and broken ones, and holds every answer
against it. Left alone it would knock on doors that do not exist; so each valid request is led to
something that does (`Guide`): ids and slugs of things made beforehand, the current ETag, quotes
from the text. What a request deletes was made for it.
"""

import argparse
import json
import multiprocessing
import secrets
import sys
import time
from functools import partial
from typing import Any

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import from_schema

from api.db import Database
from api.services import users
from api.settings import Settings
from benchmarks.server import claimspan
from tests.campaigns.engines import ENGINES, database
from tests.campaigns.guide import Guide
from tests.campaigns.tally import EXPECTED, Tally
from tests.campaigns.world import PEOPLE, TOKEN, Service, World

COVERAGE = 7000
"""Cases of schemathesis' coverage phase. It looks at shapes, which engines see little of: short forms do it on one."""
SHOWN = 1000
"""After how many cases it says how far it is."""


@schemathesis.serializer("application/x-ndjson")
def as_line(_context: Any, value: Any) -> bytes:
    """schemathesis has no words for lines of JSON; one is enough."""
    return json.dumps(value).encode() + b"\n"


def drive(engine: str, port: int, seed: int, cases: int) -> Tally:
    """Rounds of generated requests, each with the next seed and for what is still missing, until there were enough."""
    world, tally = World(Service(port)), Tally()
    guide = Guide(world)
    schemathesis.hook("before_call")(partial(guide.before_call))
    schemathesis.hook("after_call")(partial(guide.after_call))
    schemathesis.hook("after_call")(partial(tally.after_call))
    schemathesis.hook("filter_failure")(partial(tally.filter_failure))
    for round in range(20):
        if tally.cases >= cases:
            break
        covers = round == 0 and (engine == ENGINES[0] or cases > COVERAGE)
        given = document(port, seed + round, cases - tally.cases, first=round == 0, covers=covers)
        for event in from_schema(given).execute():
            before = tally.cases
            tally.take(event)
            if before // SHOWN != tally.cases // SHOWN:
                print(f"{engine}: {tally.cases:,} of {cases:,} cases", file=sys.stderr, flush=True)
    return tally


def document(port: int, seed: int, cases: int, first: bool, covers: bool) -> Any:
    """The service's document, and how to test it for some `cases`: the first round has all phases, more only fuzz."""
    settings = {
        "seed": seed,
        "cache": {"enabled": False},
        "suppress-health-check": ["all"],
        "base-url": f"http://127.0.0.1:{port}",
        "headers": {"Authorization": f"Bearer {TOKEN}"},
        "continue-on-failure": True,
        "request-timeout": 60,
        "output": {"sanitization": {"enabled": False}},
        "generation": {"database": "none", "no-shrink": True, "max-examples": max(cases // 120, 1)},
        "checks": {check: {"expected-statuses": statuses} for check, statuses in EXPECTED.items()},
        "phases": {
            "examples": {"enabled": first},
            "coverage": {"enabled": covers},
            "stateful": {"enabled": first, "generation": {"max-examples": max(cases // 500, 1)}},
        },
    }
    return schemathesis.openapi.from_url(
        f"http://127.0.0.1:{port}/openapi.json", config=SchemathesisConfig.from_dict(settings)
    )


def add_people(url: str) -> None:
    """Users, whom only the operator can add."""
    database = Database(Settings(database_url=url))
    for name in PEOPLE:
        database.write(partial(users.add_user, name=name, display_name=name, admin=False))
    database.close()


def run(engine: str, seed: int, cases: int) -> bool:
    """One engine's campaign. Says whether all was well."""
    begun = time.monotonic()
    with database(engine) as url, claimspan(url, TOKEN) as port:
        add_people(url)
        tally = drive(engine, port, seed, cases)
    report(engine, seed, tally, time.monotonic() - begun)
    return tally.good and tally.cases >= cases


def report(engine: str, seed: int, tally: Tally, seconds: float) -> None:
    lines = [f"\n{engine}, seed {seed}: {tally.cases} cases in {seconds:.0f} s"]
    lines.append("  phases: " + ", ".join(f"{phase} × {n}" for phase, n in tally.phases.items()))
    lines.append("  answers: " + ", ".join(f"{status} × {n}" for status, n in sorted(tally.answers.items())))
    unreached = sorted(name for name in tally.operations if not tally.reached[name])
    lines.append(f"  operations: {len(tally.operations)}, never answered below 400: {', '.join(unreached) or 'none'}")
    lines.append(f"  answers of 500 and above: {len(tally.broken)}")
    lines += [f"    {each}" for each in tally.broken[:10]]
    lines.append(f"  contract violations: {sum(map(len, tally.violations.values()))}")
    for (title, operation), examples in sorted(tally.violations.items()):
        lines.append(f"    {title}, {operation}, {len(examples)} ×, such as:\n{examples[0]}")
    lines.append(f"  set aside, because the document can't say it: {tally.excluded.total()}")
    lines += [f"    {n} × {why}" for why, n in tally.excluded.most_common()]
    lines += [f"  error in the campaign: {error}" for error in sorted(tally.errors)]
    print("\n".join(lines), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=5000, help="generated cases on each engine, at least")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**31))
    parser.add_argument("--engine", choices=[*ENGINES, "both"], default="both")
    options = parser.parse_args()
    engines = ENGINES if options.engine == "both" else (options.engine,)
    with multiprocessing.get_context("spawn").Pool(len(engines)) as pool:
        results = pool.starmap(run, [(engine, options.seed, options.cases) for engine in engines])
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
