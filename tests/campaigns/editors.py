"""`make campaign-editors`: many clients at one thing, on both engines.

Increments: every client reads an article, adds one to a number in its metadata and sends it back under If-Match; when
another was faster it reads again. No acknowledged increment may be missing in the end, and no other be there.

Keys: many clients send the same new thing under one Idempotency-Key at the same moment. There must be one of it, and
all must be told of that one.
"""

from argparse import Namespace
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, TypeVar

from tests.campaigns.engines import Result, campaign, database
from tests.campaigns.serving import Answer, Client, serving
from tests.campaigns.world import TEXT, words

BOX = "/v1/projects/default/articles"
T = TypeVar("T")


def run(engine: str, options: Namespace) -> Result:
    """One engine's campaign."""
    result = Result()
    with database(engine) as url, serving(url) as port:
        edit(port, options.clients, options.times, result)
        repeat(port, options.copies, options.keys, result)
    return result


def edit(port: int, clients: int, times: int, result: Result) -> None:
    """Increments of one number by all at once."""
    maker = Client(port)
    article = f"{BOX}/{maker.send('POST', BOX, {'text': TEXT, 'metadata': {'n': 0}}).json['id']}"
    article = article.replace("/projects/default", "")
    outcomes: Counter[int] = Counter()
    for counted in _at_once(clients, lambda _: increments(Client(port), article, times)):
        outcomes += counted
    final = Client(port).send("GET", article).json  # the server ends a connection that waits for long
    if (final["metadata"]["n"], final["version"]) != (outcomes[200], 1 + outcomes[200]):
        result.faults.append(
            f"{outcomes[200]} increments acknowledged, but n is {final['metadata']['n']} at version {final['version']}"
        )
    if outcomes[200] != clients * times or set(outcomes) - {200, 412}:
        result.faults.append(f"increments were answered {dict(outcomes)}")
    result.counts |= {"increments acknowledged": outcomes[200], "refused as stale": outcomes[412]}


def increments(client: Client, article: str, times: int) -> Counter[int]:
    """The statuses that one client's changes got, until it has made that many or was refused otherwise."""
    outcomes: Counter[int] = Counter()
    while outcomes[200] < times and not set(outcomes) - {200, 412}:
        read = client.send("GET", article)
        wanted = {"metadata": {"n": read.json["metadata"]["n"] + 1}}
        outcomes[client.send("PATCH", article, wanted, If_Match=read.etag).status] += 1
    return outcomes


def repeat(port: int, copies: int, keys: int, result: Result) -> None:
    """New things, each sent that many times at once under one key; every kind in its turn."""
    maker = Client(port)
    article = maker.send("POST", BOX, {"text": TEXT}).json["id"]
    claim = maker.send("POST", f"/v1/articles/{article}/claims", {"spans": [words(1)]}).json["id"]
    kinds: list[tuple[str, Callable[[int], Any]]] = [
        (BOX, lambda n: {"text": f"Text {n}", "external_id": None}),
        (f"/v1/articles/{article}/claims", lambda n: {"spans": [words(n)], "text": f"Claim {n}"}),
        (f"/v1/claims/{claim}/evidence", lambda n: {"url": f"https://parks.example/{n}"}),
    ]
    barrier, clients = Barrier(copies), [Client(port) for _ in range(copies)]
    before = {path: _listed(maker, path) for path, _ in kinds}

    def send_all(client: Client) -> list[list[Answer]]:
        return [_together(client, barrier, path, draft(n), f"key-{path}-{n}") for path, draft, n in _turns(kinds, keys)]

    sent = _at_once(copies, lambda n: send_all(clients[n]))
    told: dict[str, set[str]] = {path: set() for path, _ in kinds}
    for turn, (path, _, n) in enumerate(_turns(kinds, keys)):
        answers = [each[turn] for each in sent]
        result.faults += _unequal(f"key {n} for {path}", answers)
        told[path] |= {each[-1].json["id"] for each in answers if each[-1].status == 201}
    for path, ids in told.items():
        found = _listed(Client(port), path) - before[path]
        if found != ids:
            result.faults.append(f"{path}: {len(ids)} things told of, {len(found)} there")
    statuses = Counter(answer.status for each in sent for answers in each for answer in answers)
    if set(statuses) - {201, 409}:
        result.faults.append(f"copies were answered {dict(statuses)}")
    result.counts |= {
        "keys": keys,
        "copies of each at once": copies,
        "objects": sum(map(len, told.values())),
        "× 409 still running": statuses[409],
    }


def _turns(kinds: Sequence[tuple[str, T]], keys: int) -> Iterable[tuple[str, T, int]]:
    return ((*kinds[n % len(kinds)], n) for n in range(keys))


def _together(client: Client, barrier: Barrier, path: str, draft: Any, key: str) -> list[Answer]:
    """Sent when all are ready, and again while the first is still being answered: every answer."""
    barrier.wait(60)
    answers = [client.send("POST", path, draft, Idempotency_Key=key)]
    while answers[-1].status == 409 and answers[-1].json["code"] == "conflict":
        answers.append(client.send("POST", path, draft, Idempotency_Key=key))
    return answers


def _unequal(what: str, answers: list[list[Answer]]) -> Iterable[str]:
    """Last answers that differ, and not just one that is no replay."""
    last = [each[-1] for each in answers]
    bodies = {(answer.status, answer.headers["Location"], answer.etag, answer.body) for answer in last}
    if len(bodies) != 1:
        yield f"{what}: {len(bodies)} different answers, such as {last[0].body[:200]!r}"
    first = sum("Idempotent-Replayed" not in answer.headers for answer in last)
    if first != 1:
        yield f"{what}: {first} answers that are no replay"


def _listed(client: Client, path: str) -> set[str]:
    """The ids of all that a list has."""
    ids: set[str] = set()
    following: str | None = f"{path}?limit=200"
    while following:
        page = client.send("GET", following).json
        ids |= {item["id"] for item in page["items"]}
        following = page["next"]
    return ids


def _at_once(number: int, work: Callable[[int], T]) -> list[T]:
    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(work, range(number)))


if __name__ == "__main__":
    campaign("editors", __doc__, run, clients=32, times=100, copies=50, keys=200)
