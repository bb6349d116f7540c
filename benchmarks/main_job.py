"""`make bench`: the main job over HTTP against the real server, as ratios to a bare Flask route.

Each round measures the floor and then every work, so that both see the same machine; the
ratio given is the median over the rounds.
"""

import argparse
import http.client
import json
import statistics
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.clients import Requests, per_second, request
from benchmarks.server import claimspan, free_port, running

TOKEN = "cs_benchmark-token-that-nobody-else-should-use-0"
CLIENTS, WORKERS, THREADS = 8, 2, 2
SENTENCE = "The mayor said on day {n} that the city had planted {n},000 trees since 2020. "


@dataclass(frozen=True)
class Work:
    name: str
    to_reach: float
    status: int
    requests: Requests


class Client:
    """A plain client to fill the service with."""

    def __init__(self, port: int):
        self.connection = http.client.HTTPConnection("127.0.0.1", port)

    def send(self, method: str, path: str, body: Any = None) -> tuple[dict[str, Any], Any]:
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        self.connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        response = self.connection.getresponse()
        content = response.read()
        if response.status >= 400:
            raise RuntimeError(f"{method} {path}: {response.status} {content.decode()}")
        return json.loads(content), response.headers


def fill(client: Client, project: str, articles: int, claims: int, links: int) -> list[str]:
    """Addresses of the articles made in the project, each with claims that have evidence."""
    made = []
    for n in range(articles):
        text = "".join(SENTENCE.format(n=i) for i in range(60))
        article, _ = client.send("POST", f"/v1/projects/{project}/articles", {"text": text, "title": f"Article {n}"})
        made.append(f"/v1/articles/{article['id']}")
        for i in range(claims):
            quote = f"the city had planted {i},000 trees since 2020"
            draft = {
                "spans": [{"exact": quote, "prefix": f"on day {i} that "}],
                "text": f"The city planted {i},000 trees between 2020 and the day of the speech.",
                "context": "Said at the opening of a park; the parks office keeps a public register of all trees.",
                "claimant": {"name": "Jo Marlow", "kind": "person", "job_title": "Mayor"},
                "claimed_at": "2026-03-02",
                "types": ["numerical"],
                "tags": ["environment", "trees"],
            }
            claim, _ = client.send("POST", f"{made[-1]}/claims", draft)
            for k in range(links):
                link = {"url": f"https://parks.example/register/{i}/{k}", "title": "Register", "stance": "refutes"}
                client.send("POST", f"/v1/claims/{claim['id']}/evidence", link)
    return made


def works(client: Client) -> list[Work]:
    client.send("POST", "/v1/projects", {"slug": "growing", "name": "Takes the claims that are created"})
    growing = fill(client, "growing", CLIENTS, 0, 0)
    articles = fill(client, "default", 16, 10, 2)
    article, headers = client.send("GET", articles[0])
    body = json.dumps({"spans": [{"start": 37, "end": 78, "exact": article["text"][37:78]}]}).encode()
    listing = "/v1/projects/default/claims?limit=50&status=unverified&tag=trees"
    return [
        Work("create a claim", 0.12, 201, _every(lambda n: request("POST", f"{growing[n]}/claims", TOKEN, body))),
        Work("an article's claims (10)", 0.22, 200, _every(lambda n: request("GET", f"{articles[n]}/claims", TOKEN))),
        Work("list 50 claims, filtered", 0.12, 200, _every(lambda n: request("GET", listing, TOKEN))),
        Work(
            "conditional GET, 304",
            0.45,
            304,
            _every(lambda n: request("GET", articles[0], TOKEN, If_None_Match=headers["ETag"])),
        ),
    ]


def _every(make: Callable[[int], bytes]) -> Requests:
    return lambda n: [make(n)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database-url", default="", help="a fresh SQLite file if left out")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0)
    options = parser.parse_args()
    floor_port = free_port()
    bare = ["granian", "--interface", "wsgi", "--factory", "--no-ws", "--no-log", "--port", str(floor_port)]
    bare += ["--workers", str(WORKERS), "--blocking-threads", str(THREADS), "benchmarks.bare:create_app"]
    with tempfile.TemporaryDirectory() as folder:
        url = options.database_url or f"sqlite:///{Path(folder) / 'bench.db'}"
        with claimspan(url, TOKEN, workers=WORKERS, threads=THREADS) as port, running(bare, floor_port, "/bare"):
            client = Client(port)
            floor = Work("bare Flask route", 1.0, 200, _every(lambda n: request("GET", "/bare")))
            todo = works(client)
            rates: dict[str, list[float]] = {work.name: [] for work in [floor, *todo]}
            for n in range(options.rounds):
                print(f"round {n + 1} of {options.rounds}", flush=True)
                for work in [floor, *todo]:
                    at = floor_port if work is floor else port
                    rates[work.name].append(per_second(at, CLIENTS, options.seconds, work.status, work.requests))
    report(rates, floor, todo)


def report(rates: dict[str, list[float]], floor: Work, todo: list[Work]) -> None:
    print(f"\n{CLIENTS} clients, {WORKERS} workers of {THREADS} threads; medians\n")
    print(f"{'work':<28}{'per second':>12}{'ratio':>9}{'to reach':>10}")
    for work in [floor, *todo]:
        ratios = [rate / base for rate, base in zip(rates[work.name], rates[floor.name], strict=True)]
        reached = "" if work is floor else f"{work.to_reach:>10.2f}"
        print(f"{work.name:<28}{statistics.median(rates[work.name]):>12,.0f}{statistics.median(ratios):>9.2f}{reached}")


if __name__ == "__main__":
    main()
