"""Clients that write all that people write, each in a project of its own, and remember what they were told."""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any

from tests.campaigns.ledger import Doubt, Key, Ledger
from tests.campaigns.serving import Answer, Client, Gone
from tests.campaigns.world import TEXT, VERDICTS, words

ENOUGH_ARTICLES = 5
PAUSE = 0.02
"""Seconds before a client that was cut off tries again."""
EVERY = {"If_Match": "*"}
REFUSED = {404, 409, 412, 422}
"""What a write may be told because of an earlier one that is in doubt, or of what has become of its claim."""


@dataclass
class Write:
    """A request that writes `mark`: on a thing that is known, or as a new thing below another."""

    method: str
    path: str
    body: Any
    mark: str | None
    on: Key | None = None
    below: Key | None = None
    headers: dict[str, str] = field(default_factory=dict)
    names: Callable[[Any], Key] | None = None
    """The key of what was made, by the answer."""


class Writer:
    """One client's work: what it has, what it was told, and what it waits to be told."""

    def __init__(self, name: str, seed: int):
        self.name = name
        self.ledger = Ledger()
        self.answers: Counter[int] = Counter()
        self.faults: list[str] = []
        self._random = random.Random(f"{seed}-{name}")
        self._unanswered: list[Write] = []
        self._written = 0

    def found(self, client: Client) -> None:
        """The project that the rest goes into."""
        mark = self._mark()
        draft = {"slug": self.name, "name": self.name, "description": mark}
        self._send(client, Write("POST", "/v1/projects", draft, mark, names=lambda _: Key("projects", self.name)))

    def step(self, client: Client) -> None:
        """One write, of a kind drawn by lot.

        Raises:
            Gone: it was not answered; it is in doubt now.
        """
        kinds, weights = zip(*self._possible(), strict=True)
        (kind,) = self._random.choices(kinds, weights)
        write = kind()
        if write is not None:
            self._send(client, write)

    def resend(self, client: Client) -> int:
        """Sends what was new and not answered again, under the same keys; gives how many that were."""
        again, self._unanswered = self._unanswered, []
        for write in again:
            self._take(write, client.insist(write.method, write.path, write.body, **write.headers))
        return len(again)

    def _possible(self) -> Iterator[tuple[Callable[[], Write | None], int]]:
        articles = len(self._all("articles"))
        yield self._article, 3 if articles < ENOUGH_ARTICLES else 0
        if articles:
            yield from ((self._claim, 6), (self._change, 8), (self._revise, 2), (self._policy, 1))
            yield from ((self._evidence, 5), (self._assess, 5), (self._resolve, 2), (self._remove, 3))

    def _article(self) -> Write:
        draft = {"text": TEXT, "title": self._mark()}
        path = f"/v1/projects/{self.name}/articles"
        return self._new(path, draft, "title", "articles", Key("projects", self.name))

    def _claim(self) -> Write:
        article = self._any("articles")
        draft = {"spans": [words(self._random.randrange(40))], "text": self._mark()}
        return self._new(f"/v1/articles/{article.id}/claims", draft, "text", "claims", article)

    def _evidence(self) -> Write | None:
        claim = self._any_or_none("claims")
        draft = {"url": f"https://parks.example/{self._mark()}", "note": self._mark()}
        return claim and self._new(f"/v1/claims/{claim.id}/evidence", draft, "note", "evidence", claim)

    def _revise(self) -> Write:
        article, mark = self._any("articles"), self._mark()
        write = self._new(
            f"/v1/articles/{article.id}/revisions", {"text": f"{TEXT} {mark}", "note": mark}, "note", "", article
        )
        write.headers |= EVERY
        write.names = lambda made: Key("revisions", f"{article.id}/{made['n']}")
        return write

    def _change(self) -> Write:
        on = self._random.choice([*self._all("articles"), *self._all("claims"), *self._all("evidence")])
        member = {"articles": "title", "claims": "text", "evidence": "note"}[on.table]
        mark = self._mark()
        return Write("PATCH", f"/v1/{on.table}/{on.id}", {member: mark}, mark, on, headers=EVERY)

    def _policy(self) -> Write:
        mark, on = self._mark(), Key("projects", self.name)
        policy = {"required_assessments": self._random.randint(1, 2)}
        return Write(
            "PATCH", f"/v1/projects/{self.name}", {"description": mark, "policy": policy}, mark, on, headers=EVERY
        )

    def _assess(self) -> Write | None:
        judged = {self.ledger.below.get(key) for key in self._all("assessments") + self._all("resolutions")}
        judged |= {doubt.below for doubt in self.ledger.doubts}  # perhaps: a second one would want If-Match
        free = [claim for claim in self._all("claims") if claim not in judged]
        if not free:
            return None
        claim, mark = self._random.choice(free), self._mark()
        draft = {"verdict": self._random.choice(VERDICTS), "rationale": mark}
        path = f"/v1/claims/{claim.id}/assessments/mine"
        return Write("PUT", path, draft, mark, below=claim, names=lambda made: Key("assessments", made["id"]))

    def _resolve(self) -> Write | None:
        claim, mark = self._any_or_none("claims"), self._mark()
        if claim is None:
            return None
        draft = {"verdict": self._random.choice(VERDICTS), "rationale": mark}
        key = Key("resolutions", claim.id)
        return Write("PUT", f"/v1/claims/{claim.id}/resolution", draft, mark, key, claim, EVERY)

    def _remove(self) -> Write | None:
        table = self._random.choice(["evidence", "evidence", "claims", "articles"])
        on = self._any_or_none(table)
        if on is None:
            return None
        named = f"?confirm={self.ledger.kept[on]}" if on.table == "articles" else ""
        return Write("DELETE", f"/v1/{on.table}/{on.id}{named}", None, None, on, headers=EVERY)

    def _new(self, path: str, draft: dict[str, Any], member: str, table: str, below: Key) -> Write:
        mark = draft[member]
        key = {"Idempotency_Key": mark}
        return Write("POST", path, draft, mark, None, below, key, lambda made: Key(table, made["id"]))

    def _send(self, client: Client, write: Write) -> None:
        try:
            answer = client.send(write.method, write.path, write.body, **write.headers)
        except Gone:
            self._doubt(write)
            raise
        self._take(write, answer)

    def _take(self, write: Write, answer: Answer) -> None:
        self.answers[answer.status] += 1
        if answer.status == 204 and write.on:
            self.ledger.drop(write.on)
        elif answer.status in (200, 201) and write.mark:
            key = write.on or (write.names and write.names(answer.json))
            assert key
            self.ledger.keep(key, write.mark, write.below)
        elif answer.status not in REFUSED | {503}:
            self.faults.append(f"{write.method} {write.path}: {answer.status} {answer.body[:200]!r}")

    def _doubt(self, write: Write) -> None:
        removes = self.ledger.with_all_below(write.on) if write.on and write.method == "DELETE" else frozenset()
        self.ledger.doubts.append(Doubt(write.mark, write.on, write.below, removes))
        if "Idempotency_Key" in write.headers:
            self._unanswered.append(write)

    def _mark(self) -> str:
        self._written += 1
        return f"{self.name}-{self._written}"

    def _all(self, table: str) -> list[Key]:
        return [key for key in self.ledger.kept if key.table == table]

    def _any(self, table: str) -> Key:
        return self._random.choice(self._all(table))

    def _any_or_none(self, table: str) -> Key | None:
        return self._any(table) if self._all(table) else None


@contextmanager
def writing(port: int, writers: Sequence[Writer]) -> Iterator[None]:
    """They write while the block runs; who gets no answer tries something else."""
    over = Event()
    threads = [Thread(target=_write, args=(Client(port, timeout=20), writer, over)) for writer in writers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def _write(client: Client, writer: Writer, over: Event) -> None:
    while not over.is_set():
        try:
            writer.step(client)
        except Gone:
            over.wait(PAUSE)
