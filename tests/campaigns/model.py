"""`make campaign-model`: thousands of requests in an order that nobody chose, each compared with a plain Python model.

hypothesis draws who does what; the model (`plain.py`) says what must come of it: the status and the kind of every
refusal, where claims stand, what they count, which version they are, and what became of their words in new texts. Each
example is a project of its own, looked through as a whole and deleted in the end. Requests go to the app itself, in
process, on a real database of each engine; the campaigns with a server are others.
"""

import argparse
import multiprocessing
import secrets
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import hypothesis
from flask import Flask
from hypothesis import HealthCheck, Phase
from hypothesis.stateful import run_state_machine_as_test

from api.commands.migrate import migrate
from api.db import Database
from api.services import standing, users
from api.services.instance import first_start
from api.settings import Settings
from app import create_app
from tests.campaigns.contract import ENGINES, database
from tests.campaigns.machine import PEOPLE, Machine, Mismatch, Tally
from tests.campaigns.plain import ADMIN
from tests.client import token_of

EXAMPLE = 60
"""Steps of one example."""
BUGS: dict[str, Callable[[], None]] = {}
"""Faults that can be planted, to see that the campaign finds them."""


def planted(bug: Callable[[], None]) -> Callable[[], None]:
    BUGS[bug.__name__] = bug
    return bug


@planted
def majority_of_half() -> None:
    """Half of the votes make a majority."""
    settle = standing.settle

    def wrong(policy: Any, votes: Any) -> Any:
        outcome = settle(policy, votes)
        if outcome.status == "disputed" and policy.consensus == "majority" and len(votes) == 2:
            return settle(policy, votes[:1])
        return outcome

    standing.settle = wrong  # type: ignore[assignment]


def drive(app: Flask, seed: int, steps: int) -> tuple[Tally, list[str]]:
    """Rounds of examples, each with the next seed, until there were enough steps, or something did not fit."""
    Machine.app, Machine.tally = app, Tally()
    mismatches: list[str] = []
    round_ = 0
    while Machine.tally.steps < steps and not mismatches:
        examples = max(1, min(50, (steps - Machine.tally.steps) // EXAMPLE))
        try:
            run_state_machine_as_test(  # type: ignore[no-untyped-call]
                hypothesis.seed(seed + round_)(Machine), settings=_settings(examples, shrinks=steps > 1000)
            )
        except Mismatch as error:
            mismatches.append("\n".join([str(error), *getattr(error, "__notes__", ())]))
        round_ += 1
        print(f"{Machine.tally.steps} steps", end="\r", file=sys.stderr, flush=True)
    return Machine.tally, mismatches


def _settings(examples: int, *, shrinks: bool) -> hypothesis.settings:
    return hypothesis.settings(
        max_examples=examples,
        stateful_step_count=EXAMPLE,
        deadline=None,
        database=None,
        print_blob=False,
        report_multiple_bugs=False,
        phases=[Phase.generate, *([Phase.shrink] if shrinks else [])],
        suppress_health_check=list(HealthCheck),
    )


def people(tx: Any) -> None:
    first_start(tx, token_of(ADMIN))
    for name in PEOPLE:
        if name != ADMIN:
            users.add_user(tx, name, name.title())
            users.issue_token(tx, name, "", ("read", "write", "admin"), None, token_of(name))


def run(engine: str, seed: int, steps: int, bug: str | None = None) -> bool:
    """One engine's campaign. Says whether all was well."""
    if bug:
        BUGS[bug]()
    begun = time.monotonic()
    with database(engine) as url:
        migrate(Settings(database_url=url))
        app = create_app(Settings(database_url=url))
        service: Database = app.extensions["database"]
        service.write(people)
        tally, mismatches = drive(app, seed, steps)
        service.close()
    answers = "\n  ".join(f"{said} × {n}" for said, n in sorted(tally.answers.items()))
    seconds = time.monotonic() - begun
    print(
        f"campaign model, {engine}, seed {seed}: {tally.steps} steps in {tally.examples} projects, {seconds:.0f} s; "
        f"{len(mismatches)} mismatches\n  {answers}",
        flush=True,
    )
    for mismatch in mismatches:
        print(mismatch, flush=True)
    return not mismatches and tally.steps >= steps


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=50_000, help="on each engine, at least")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**31))
    parser.add_argument("--engine", choices=[*ENGINES, "both"], default="both")
    parser.add_argument("--plant", choices=sorted(BUGS), help="a bug to be found")
    options = parser.parse_args()
    engines = ENGINES if options.engine == "both" else (options.engine,)
    work = partial(run, seed=options.seed, steps=options.steps, bug=options.plant)
    with multiprocessing.get_context("spawn").Pool(len(engines)) as pool:
        results = pool.map(work, engines)
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
