"""`make campaign-queue`: many processes take from one queue at once, on both engines.

Every place in the review of every claim must go to one reviewer: none twice, none lost. Each process
is a server of its own, with its own connections; some of what is taken is assessed at once.
"""

import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from api.commands.migrate import migrate
from api.db import Database
from api.models import claims, leases, projects, spans
from api.models.columns import new_id, now
from api.services import articles, users
from api.services import projects as tenants
from api.services.inserts import insert
from api.services.instance import first_start
from api.settings import Settings
from app import create_app
from tests.campaigns.engines import ENGINES, database
from tests.client import TEXT, token_of

PLACES = 2
"""Assessments that each claim needs."""


@dataclass(frozen=True)
class Work:
    """What one hand is to do: ask `times` times, and assess every third claim it gets."""

    url: str
    hand: str
    times: int
    assesses: bool = True


@dataclass(frozen=True)
class Taken:
    """What a hand got, what of it it assessed, and how often it was told that there is nothing."""

    hand: str
    claims: tuple[str, ...]
    assessed: tuple[str, ...]
    refused: int


def take(work: Work) -> Taken:
    """Runs in a process of its own."""
    app = create_app(Settings(database_url=work.url))
    client = app.test_client()
    bearer = {"Authorization": f"Bearer {token_of(work.hand)}"}
    got: list[str] = []
    assessed: list[str] = []
    for n in range(work.times):
        answer = client.post("/v1/projects/default/queue/next", headers=bearer)
        if answer.status_code == 204:
            continue
        assert answer.status_code == 200, answer.text
        got.append(answer.json["claim"]["id"])
        if work.assesses and n % 3 == 0:
            mine = f"/v1/claims/{got[-1]}/assessments/mine"
            assert client.put(mine, headers=bearer, json={"verdict": "true"}).status_code == 201
            assessed.append(got[-1])
    app.extensions["database"].close()
    return Taken(work.hand, tuple(got), tuple(assessed), work.times - len(got))


def fill(url: str, hands: int, number: int) -> list[str]:
    """A queue of that many claims, and that many reviewers; gives the reviewers."""
    names = [f"hand{n}" for n in range(hands)]

    def make(tx: sa.Connection) -> None:
        first_start(tx, token_of("admin"))
        admin = users.caller_with(tx, token_of("admin"))
        default = tenants.find(tx, admin, "default")
        for name in names:
            users.add_user(tx, name, name)
            users.issue_token(tx, name, "", ("read", "write"), None, token_of(name))
            tenants.add_member(tx, default, name, "reviewer", "admin")
        tx.execute(sa.update(projects).values(required_assessments=PLACES))
        article = {"external_id": None, "title": None, "url": None, "publisher": None, "byline": None}
        draft = {**article, "language": None, "published_at": None, "metadata": {}, "text": TEXT}
        made = articles.create(tx, default, draft, "admin", 10_000)
        marked = [_claim(made["id"], n) for n in range(number)]
        insert(tx, claims, marked)
        insert(tx, spans, [_span(claim) for claim in marked])

    at = Database(Settings(database_url=url))
    at.write(make)
    at.close()
    return names


def _claim(article: str, n: int) -> dict[str, Any]:
    about = {"claimed_at": None, "appearances": [], "types": [], "tags": [], "priority": n % 3}
    made = {"created_at": now(), "created_by": "admin", "updated_at": now(), "edited_at": now()}
    return {"project": "default", "id": new_id(), "article": article, **about, **made}


def _span(claim: dict[str, Any]) -> dict[str, Any]:
    at = {"revision": 1, "ordinal": 0, "start": 0, "end": 2, "exact": TEXT[:2], "prefix": "", "suffix": TEXT[2:34]}
    origin = {"from_revision": 1, "from_start": 0, "from_end": 2}
    return {"project": "default", "claim": claim["id"], "article": claim["article"], **at, **origin}


def run_out(url: str) -> None:
    """Lets every lease end before now."""
    at = Database(Settings(database_url=url))
    ended = {"leased_at": now() - timedelta(minutes=31), "expires_at": now() - timedelta(minutes=1)}
    at.write(lambda tx: tx.execute(sa.update(leases).values(**ended)))
    at.close()


def drive(url: str, hands: int, times: int, number: int) -> Iterator[tuple[str, list[Taken], list[str]]]:
    """Two rounds, the second after all leases have run out: what was taken, and what is wrong with it."""
    names = fill(url, hands, number)
    every = _ids(url)
    with multiprocessing.get_context("spawn").Pool(hands) as pool:
        first = pool.map(take, [Work(url, name, times) for name in names], chunksize=1)
        yield "first", first, faults(first, dict.fromkeys(every, PLACES))
        run_out(url)
        left = {id: PLACES - submitted for id, submitted in _ids(url).items()}
        again = pool.map(take, [Work(url, name, times, assesses=False) for name in names], chunksize=1)
        done = {each.hand: set(each.assessed) for each in first}
        yield "after all leases ran out", again, faults(again, left, done)


def _ids(url: str) -> dict[str, int]:
    """The claims, each with the assessments it has."""
    at = Database(Settings(database_url=url))
    with at.snapshot() as tx:
        found = {str(row.id): row.submitted for row in tx.execute(sa.select(claims.c.id, claims.c.submitted))}
    at.close()
    return found


def faults(taken: list[Taken], places: dict[str, int], done: dict[str, set[str]] | None = None) -> list[str]:
    """Places given twice, claims given twice to one hand, and free places that a hand was not told of."""
    given = Counter(claim for each in taken for claim in each.claims)
    found = [f"{claim}: {n} hands for {places[claim]} places" for claim, n in given.items() if n > places[claim]]
    found += [f"{each.hand} got a claim twice" for each in taken if len(set(each.claims)) < len(each.claims)]
    free = {claim for claim, n in places.items() if given[claim] < n}
    for each in taken:
        withheld = free - set(each.claims) - (done or {}).get(each.hand, set())
        if each.refused and withheld:
            found.append(f"{each.hand} was told that there is nothing, while {len(withheld)} claims had free places")
    return found


def run(engine: str, hands: int, times: int, number: int) -> bool:
    """One engine's campaign. Says whether all was well."""
    good = True
    with database(engine) as url:
        migrate(Settings(database_url=url))
        begun = time.monotonic()
        for round_, taken, wrong in drive(url, hands, times, number):
            got, refused = sum(len(each.claims) for each in taken), sum(each.refused for each in taken)
            seconds = time.monotonic() - begun
            print(f"{engine}, {round_}: {got} places taken, {refused} × nothing, {seconds:.0f} s")
            print("\n".join(wrong) or "  none twice, none lost", flush=True)
            good = good and not wrong
    return good


def main() -> None:
    hands, times, number = 8, 200, 700
    results = [run(engine, hands, times, number) for engine in ENGINES]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
