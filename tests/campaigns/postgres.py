"""`make campaign-postgres`: PostgreSQL is stopped and started again under load, half the time as if it had crashed.

Clients create articles with an Idempotency-Key, change them under If-Match, and read. What was acknowledged must be
there once, whatever is asked meanwhile is answered as usual or with 503, and a second after PostgreSQL's return the
service works again.
"""

import argparse
import http.client
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from api.settings import Settings
from app import create_app
from benchmarks.server import claimspan
from tests.campaigns.world import TOKEN, Service
from tests.postgres import Server, server

BOX = "/v1/projects/default/articles"
NORMAL = {"POST": {201}, "PATCH": {200, 412}, "GET": {200}}
RECOVERY = 1.0
"""Seconds after its return within which the service must work again."""
Answer = tuple[int, Any, Any]


@dataclass
class Tally:
    """What one client was told."""

    answers: Counter[int] = field(default_factory=Counter)
    created: dict[str, str] = field(default_factory=dict)
    """Article by key, as acknowledged."""
    added: int = 0
    unknown: int = 0
    """Increments of the shared article: acknowledged, and of unknown outcome."""
    changed: int = 0
    """How often its own article was changed."""
    faults: list[str] = field(default_factory=list)


class Hand:
    """One client. It goes on until it is told to stop, and finishes what it has begun."""

    def __init__(self, port: int, name: str, shared: str, seed: int):
        self.service, self.name, self.shared = Service(port), name, shared
        self.random, self.tally = random.Random(f"{seed} {name}"), Tally()
        self.own: str | None = None

    def work(self, stop: threading.Event) -> None:
        n = 0
        while not stop.is_set():
            n += 1
            self.random.choice((self.create, self.add, self.change, self.read))(n)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """One answer; what is neither usual nor 503 is a fault."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            status, given, answer = self.service.send(method, path, body, named)
        except (OSError, http.client.HTTPException) as error:
            self.tally.faults.append(f"{method}: no answer, {error!r}")
            return 503, {}, {"code": "none"}
        self.tally.answers[status] += 1
        if status not in NORMAL[method] | {503}:
            self.tally.faults.append(f"{method} {path}: {status} {str(answer)[:100]}")
        if status == 503:
            repeatable = answer["code"] != "outcome_unknown"
            if given["Retry-After"] != ("1" if repeatable else None):
                self.tally.faults.append(f"a 503 {answer['code']} with Retry-After {given['Retry-After']}")
            time.sleep(0.05)
        return status, given, answer

    def insist(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """The first answer that is none of 503, to the same request."""
        while True:
            answer = self.send(method, path, body, **headers)
            if answer[0] != 503:
                return answer

    def create(self, n: int) -> None:
        key = f"{self.name}-{n}"
        _, _, made = self.insist("POST", BOX, {"text": f"Text {key}", "title": key}, Idempotency_Key=key)
        self.tally.created[key] = made["id"]

    def change(self, n: int) -> None:
        """An article of its own: nobody else changes it, so what it says is what was done last."""
        if self.own is None:
            _, given, _ = self.insist("POST", BOX, {"text": "own", "title": "0"}, Idempotency_Key=self.name)
            self.own = given["Location"]
        while not self.changed(self.own, str(self.tally.changed + 1)):
            pass
        self.tally.changed += 1

    def changed(self, article: str, title: str) -> bool:
        """Whether the article has the new title now; a refusal must have left the one before."""
        _, before, _ = self.insist("GET", article)
        status, _, answer = self.send("PATCH", article, {"title": title}, If_Match=before["ETag"])
        _, _, after = self.insist("GET", article)
        expected = {200: {title}, 503: {str(self.tally.changed)}}.get(status, set())
        if answer.get("code") in ("outcome_unknown", "none"):
            expected |= {title}
        if after["title"] not in expected:
            self.tally.faults.append(f"{article}: {status} {answer.get('code')}, then found {after['title']}")
        return bool(after["title"] == title)

    def add(self, n: int) -> None:
        """One more on the article that all share."""
        while True:
            _, given, found = self.insist("GET", self.shared)
            wanted = {"metadata": {"count": found["metadata"]["count"] + 1}}
            status, _, answer = self.send("PATCH", self.shared, wanted, If_Match=given["ETag"])
            if status == 200:
                self.tally.added += 1
                return
            if answer["code"] == "outcome_unknown":
                self.tally.unknown += 1
                return

    def read(self, n: int) -> None:
        key = self.random.choice([*self.tally.created] or [""])
        if not key:
            self.insist("GET", f"{BOX}?limit=20")
            return
        _, _, found = self.insist("GET", f"/v1/articles/{self.tally.created[key]}")
        if found.get("title") != key:
            self.tally.faults.append(f"{key} was acknowledged, found {found}")


def restart(database: Server, port: int, mode: str, away: float) -> float:
    """Seconds from PostgreSQL's return to the first read and the first write that succeed."""
    database.stop(mode)
    time.sleep(away)
    database.start()
    begun = time.monotonic()
    service = Service(port)
    for method, body in (("GET", None), ("POST", {"text": "recovered", "title": "probe"})):
        while service.send(method, BOX, body)[0] >= 400:
            time.sleep(0.01)
    return time.monotonic() - begun


def faults_of(port: int, url: str, hands: list[Hand], shared: str) -> tuple[list[str], int, int]:
    """What is wrong, and how much was lost and was done twice."""
    found, path = Counter[str](), f"{BOX}?limit=200"
    ids = {}
    while path:
        _, _, page = Service(port).send("GET", path)
        for article in page["items"]:
            found[article["title"]] += 1
            ids[article["id"]] = article["title"]
        path = page["next"]
    faults = [fault for hand in hands for fault in hand.tally.faults]
    acknowledged = {key: id for hand in hands for key, id in hand.tally.created.items()}
    lost = [key for key, id in acknowledged.items() if ids.get(id) != key]
    doubled = [key for key in acknowledged if found[key] > 1]
    count = Service(port).send("GET", shared)[2]["metadata"]["count"]
    added, unknown = sum(hand.tally.added for hand in hands), sum(hand.tally.unknown for hand in hands)
    if not added <= count <= added + unknown:
        faults.append(f"the shared article counts {count}; {added} acknowledged, {unknown} unknown")
    for hand in hands:
        title = hand.own and Service(port).send("GET", hand.own)[2]["title"]
        if title and title != str(hand.tally.changed):
            faults.append(f"{hand.name}'s own article says {title}, expected {hand.tally.changed}")
    verified = create_app(Settings(database_url=url)).test_cli_runner().invoke(args=["history", "verify"])
    if verified.exit_code:
        faults.append(f"the history does not hold: {verified.output[:200]}")
    faults += [f"{key} is lost" for key in lost] + [f"{key} is there {found[key]} times" for key in doubled]
    return faults, len(lost), len(doubled)


def drive(database: Server, port: int, options: argparse.Namespace) -> tuple[list[Hand], str, list[float]]:
    """Clients at work, and PostgreSQL restarted in between."""
    made = Service(port).make(BOX, {"text": "shared", "title": "shared", "metadata": {"count": 0}})
    shared = f"/v1/articles/{made['id']}"
    hands = [Hand(port, f"hand-{n}", shared, options.seed) for n in range(options.clients)]
    stop, dice = threading.Event(), random.Random(options.seed)
    threads = [threading.Thread(target=hand.work, args=(stop,)) for hand in hands]
    for thread in threads:
        thread.start()
    recoveries = []
    try:
        for n in range(options.restarts):
            time.sleep(dice.uniform(0.5, 2))
            mode = ("fast", "immediate")[n % 2]
            away = dice.choice((0, 0.5, 3))
            recoveries.append(restart(database, port, mode, away))
            print(f"  {mode}, away for {away} s and its start: back after {recoveries[-1]:.2f} s", flush=True)
        time.sleep(1)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    return hands, shared, recoveries


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--restarts", type=int, default=20)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, server(Path(folder) / "postgres") as database:
        with claimspan(database.url, TOKEN) as port:
            hands, shared, recoveries = drive(database, port, options)
            faults, lost, doubled = faults_of(port, database.url, hands, shared)
        version = database.tell("SHOW server_version")
    slow = sum(seconds > RECOVERY for seconds in recoveries)
    answers = sum((hand.tally.answers for hand in hands), Counter[int]())
    for fault in faults[:20]:
        print(f"  {fault}")
    print(
        f"campaign postgres, PostgreSQL {version}, seed {options.seed}: {options.restarts} restarts "
        f"({options.restarts // 2} immediate), {options.clients} clients, {answers.total()} answers "
        f"({answers[503]} of them 503), {sum(len(hand.tally.created) for hand in hands)} creates, "
        f"{sum(hand.tally.changed + hand.tally.added for hand in hands)} changes, "
        f"{sum(hand.tally.unknown for hand in hands)} outcomes unknown; {lost} lost, {doubled} doubled, "
        f"{len(faults)} faults; slowest recovery {max(recoveries, default=0):.2f} s, {slow} over {RECOVERY:.0f} s; "
        f"{time.monotonic() - begun:.0f} s; {'passed' if not faults and not slow else 'FAILED'}"
    )
    sys.exit(1 if faults or slow else 0)


if __name__ == "__main__":
    main()
