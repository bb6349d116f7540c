"""A service that something is about to befall, and the bystanders who go on asking it."""

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from tests.campaigns.ledger import Doubt, Key, Ledger
from tests.campaigns.serving import Answer, Client, Gone

BOX = "/v1/projects/default/articles"
BYSTANDER = "bystander-"
"""How the marks of bystanders begin."""
PROBLEM = "application/problem+json"
PATIENCE = 20
"""Seconds until a bystander gives up on an answer."""
SOON = 10
"""Seconds within which all must be well again."""


@dataclass
class Stage:
    """One service on one engine; what is expected of it and does not come is a fault."""

    engine: str
    url: str
    port: int
    set_clock: Callable[[int], None]
    faults: list[str] = field(default_factory=list)

    def expect(self, what: str, holds: bool) -> None:
        if not holds:
            self.faults.append(f"expected: {what}")


@dataclass
class Told:
    """What bystanders were told: statuses of reads and of writes; None if no answer came."""

    reads: Counter[int | None] = field(default_factory=Counter)
    writes: Counter[int | None] = field(default_factory=Counter)
    slowest: float = 0

    def __str__(self) -> str:
        return f"reads {_listed(self.reads)}, writes {_listed(self.writes)}, slowest {self.slowest:.2f} s"


def _listed(statuses: Counter[int | None]) -> str:
    return " and ".join(f"{status or 'none'} × {n}" for status, n in statuses.items()) or "not tried"


class Bystanders:
    """People who read and write on new connections, and remember what was acknowledged."""

    def __init__(self, stage: Stage, hands: int = 4):
        self._stage = stage
        self.ledgers = [Ledger() for _ in range(hands)]
        self._written = 0

    def ask(self, times: int) -> Told:
        """Each of them reads and writes that many times."""
        told = Told()
        with ThreadPoolExecutor(len(self.ledgers)) as pool:
            for each in [pool.submit(self._ask, told, n, times) for n in range(len(self.ledgers))]:
                each.result()
        return told

    def seconds_until_well(self) -> float:
        """Until a read and a write are answered as ever; some connections to each worker."""
        begun = time.monotonic()
        while time.monotonic() - begun < SOON:
            told = self.ask(2)
            if set(told.reads) == {200} and set(told.writes) == {201}:
                return time.monotonic() - begun
            time.sleep(0.1)
        self._stage.faults.append(f"not well after {SOON} s: {told}")
        return SOON

    def _ask(self, told: Told, hand: int, times: int) -> None:
        for n in range(times):
            told.reads[self._timed(told, lambda client: client.send("GET", f"{BOX}?limit=2"))] += 1
            told.writes[self._write(told, hand, f"{BYSTANDER}{hand}-{time.monotonic_ns()}-{n}")] += 1

    def _write(self, told: Told, hand: int, mark: str) -> int | None:
        draft = {"text": f"Text {mark}. " * 50, "title": mark}
        ledger = self.ledgers[hand]

        def write(client: Client) -> Answer:
            answer = client.send("POST", BOX, draft)
            if answer.status == 201:
                ledger.keep(Key("articles", answer.json["id"]), mark)
            return answer

        status = self._timed(told, write)
        if status is None:
            ledger.doubts.append(Doubt(mark))
        return status

    def _timed(self, told: Told, ask: Callable[[Client], Answer]) -> int | None:
        begun, client = time.monotonic(), Client(self._stage.port, timeout=PATIENCE)
        try:
            answer = ask(client)
        except Gone:
            return None
        finally:
            client.close()
            told.slowest = max(told.slowest, time.monotonic() - begun)
        if answer.status >= 400 and (
            answer.headers["Content-Type"] != PROBLEM or answer.json["status"] != answer.status
        ):
            self._stage.faults.append(f"{answer.status} is no problem: {answer.body[:200]!r}")
        if answer.status == 503:
            repeatable = answer.json["code"] != "outcome_unknown"
            if ("Retry-After" in answer.headers) != repeatable:
                self._stage.faults.append(f"503 {answer.json['code']}: Retry-After {answer.headers['Retry-After']}")
        return answer.status
