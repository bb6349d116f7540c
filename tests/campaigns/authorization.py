"""`make campaign-authorization`: everybody at every door of the running service, and at its cracks, on both engines.

Ten callers × every operation of the document × own things, those of the project, of another project, deleted ones,
ones that never were, ones under a wrong parent. What may be answered follows from the table of rights. Every text and
name in each project holds a word of its own; none may be seen by those outside. In the end the service is started with
one check taken away, again and again, to see whether all this would notice.
"""

import argparse
import random
import secrets
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from api.db import Database
from api.models.columns import now
from api.rules.permissions import SCOPES
from api.services import users
from api.settings import Settings
from benchmarks.server import claimspan, free_port, running
from tests.campaigns.contract import ENGINES, database
from tests.campaigns.doors import OUTSIDE, Caller, Case, Doors, cases
from tests.campaigns.flawed import FLAWS
from tests.campaigns.leaks import Leaks
from tests.campaigns.tenants import Tenant, Web

ADMIN = "cs_" + "authorization-campaign".ljust(43, "0")
HOME = {"rita": "reader", "ravi": "reviewer", "edith": "editor", "olga": "owner", "mina": "editor"}
FOREIGN = {"stan": "owner", "sara": "reviewer", "milo": "editor"}
SPARE = [f"spare-{n}" for n in range(300)]


def people(url: str) -> tuple[dict[str, str], dict[str, str]]:
    """Users, with a mark in the names of those elsewhere, and their tokens; and the tokens that are not good."""
    store = Database(Settings(database_url=url))
    marked = {name: f"zqf{secrets.token_hex(6)}" for name in FOREIGN}

    def add(name: str) -> str:
        store.write(lambda tx: users.add_user(tx, name, name))
        return issue(name, SCOPES)

    def issue(name: str, scopes: tuple[str, ...], until: datetime | None = None) -> str:
        return str(store.write(lambda tx: users.issue_token(tx, name, "", scopes, until))["token"])  # type: ignore[arg-type]

    tokens = {name: add(name) for name in (*HOME, "pool", "pool-2")}
    tokens |= {marked[name]: add(marked[name]) for name in FOREIGN}
    bad = {scope: issue("olga", tuple(other for other in SCOPES if other != scope)) for scope in SCOPES}
    bad["expired"] = issue("olga", SCOPES, now() - timedelta(days=1))
    revoked = store.write(lambda tx: users.issue_token(tx, "olga", "", SCOPES, None))
    store.write(lambda tx: users.revoke(tx, revoked["id"]))
    bad["revoked"] = revoked["token"]
    bad |= {f"name of {name}": user for name, user in marked.items()}
    store.write(lambda tx: [users.add_user(tx, name, name) for name in SPARE])
    store.close()
    return tokens, bad


def callers(tokens: dict[str, str], bad: dict[str, str]) -> list[Caller]:
    stan = bad["name of stan"]
    lacking = {scope: bad[scope] for scope in SCOPES}
    return [
        Caller("anonymous", "", None),
        Caller("revoked", "olga", bad["revoked"]),
        Caller("expired", "olga", bad["expired"]),
        Caller("wrong scope", "olga", None, "owner", lacking=lacking),
        *(Caller(role, name, tokens[name], role) for name, role in HOME.items() if name != "mina"),
        Caller("owner of another project", stan, tokens[stan], "owner", "foreign"),
        Caller("admin", "admin", ADMIN, "owner"),
    ]


class Campaign:
    """One service, with two projects in it."""

    def __init__(self, port: int, url: str):
        tokens, bad = people(url)
        self.web = Web(port)
        self.callers = callers(tokens, bad)
        elsewhere = {bad[f"name of {name}"]: role for name, role in FOREIGN.items()}
        slugs = {"home": f"zqh{secrets.token_hex(6)}", "foreign": f"zqf{secrets.token_hex(6)}"}
        milo = tokens[bad["name of milo"]]
        spare = iter(SPARE)
        self.tenants = {
            "home": Tenant(self.web, slugs["home"], "zqh", tokens, HOME, ADMIN, tokens["mina"], spare),
            "foreign": Tenant(self.web, slugs["foreign"], "zqf", tokens, elsewhere, ADMIN, milo, spare),
        }
        for tenant, pool in zip(self.tenants.values(), ("pool", "pool-2"), strict=True):
            tenant.found()
            tenant.has_pool(pool)
        self.tried: Counter[str] = Counter()

    def leaks(self) -> Iterator[str]:
        looks = Leaks(self.web, self.tenants["home"], self.tenants["foreign"], self.callers)
        yield from looks.found()
        self.tried["side ways"] = looks.looked

    def doors(self, seed: int, share: float) -> Iterator[str]:
        document = self.web.send(None, "GET", "/openapi.json").json
        every = list(cases(document, self.callers))
        random.Random(seed).shuffle(every)
        doors = Doors(self.web, self.tenants, ADMIN)
        for case in every[: max(1, round(len(every) * share))]:
            self.tried["cases"] += 1
            self.tried[f"by {self._who(case)}"] += 1
            yield from doors.wrong(case)

    def _who(self, case: Case) -> str:
        return "nobody" if case.caller.kind in OUTSIDE else case.caller.kind


@contextmanager
def flawed(url: str, flaw: str) -> Iterator[int]:
    port = free_port()
    environ = {"CLAIMSPAN_DATABASE_URL": url, "CLAIMSPAN_ADMIN_TOKEN": ADMIN, "CLAIMSPAN_PORT": str(port), "FLAW": flaw}
    with running(["tests.campaigns.flawed"], port, "/readyz", environ):
        yield port


def run(engine: str, seed: int, share: float) -> bool:
    """One engine's campaign. Says whether all was well."""
    begun = time.monotonic()
    with database(engine) as url, claimspan(url, ADMIN) as port:
        campaign = Campaign(port, url)
        faults = [*campaign.leaks(), *campaign.doors(seed, share)]
    print("".join(f"  {fault}\n" for fault in faults[:40]), end="")
    tried = campaign.tried
    counts = f"{tried['cases']} cases, {tried['side ways']} looks from aside, {campaign.web.asked} requests in all"
    told = f"{counts}, {len(faults)} faults; {'BAD' if faults else 'good'}; {time.monotonic() - begun:.0f} s"
    print(f"campaign authorization, {engine}, seed {seed}: {told}", flush=True)
    return not faults


def proves(flaw: str, seed: int) -> bool:
    """Whether the campaign finds that this check is missing."""
    begun = time.monotonic()
    with database("sqlite") as url, flawed(url, flaw) as port:
        campaign = Campaign(port, url)
        found = next(campaign.leaks(), None) or next(campaign.doors(seed, 1), None)
    told = f"{'found' if found else 'NOT FOUND'} in {time.monotonic() - begun:.0f} s"
    print(f"campaign authorization, planted: {flaw}: {told}\n    {(found or '')[:200]}", flush=True)
    return found is not None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=1, help="of the cases that are tried")
    parser.add_argument("--flaws", type=int, default=len(FLAWS), help="how many checks are taken away, one by one")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engine", choices=[*ENGINES, "both"], default="both")
    options = parser.parse_args()
    engines = ENGINES if options.engine == "both" else (options.engine,)
    results = [run(engine, options.seed, options.share) for engine in engines]
    results += [proves(flaw, options.seed) for flaw in list(FLAWS)[: options.flaws]]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
