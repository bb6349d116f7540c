"""`make campaign-hostile-text`: hostile strings in every string of every operation, sent to the running service.

The places come from `openapi.yaml`; everything else in each request is fine. Each string is kept exactly and read again
as it was sent, or refused with a problem; nothing is an error of the service, a page, or a header of the sender's
choosing. In the end everything is exported, in every format, and looked into.
"""

import argparse
import json
import multiprocessing
import random
import secrets
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from api.text.urls import web_address
from benchmarks.server import claimspan
from tests.campaigns.contract import ENGINES, add_people, database
from tests.campaigns.hostile import CASES, NOT_JSON_STRINGS, as_json
from tests.campaigns.hostile_exports import faults_of_exports
from tests.campaigns.places import NAME, Place, places
from tests.campaigns.raw import Raw, Reply, encoded, header, strings
from tests.campaigns.scene import BOX, Scene, with_string
from tests.campaigns.world import TOKEN, Service, World

MARK = "(the hostile string)"
JSON, PROBLEM = "application/json", "application/problem+json"
FILES = ("export_article", "export_project")
BY_SERVER = (400, 408, 413, 414, 431)
"""What the server itself refuses, before the service sees it: with a status and nothing else."""
HINTS = ("prefix", "suffix")
"""What a quote stands beside helps to find it, and is then read from the text itself."""
NOT_CHOSEN = (
    "id",
    "created_by",
    "created_at",
    "updated_at",
    "status",
    "needs_attention",
    "resolved_at",
    "by",
    "method",
)
NOT_CHOSEN += ("submitted_at", "text_sha256", "outcome", "project", "author", "user", "article", "claim", "reason")
"""What an export says and nobody can choose; an import passes over it."""
Sent = tuple[Place, str, str | bytes]


@dataclass
class Tally:
    """What came of it."""

    answers: Counter[int] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    kept: set[Place] = field(default_factory=set)
    read_again: int = 0
    by_server: int = 0
    imported: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


class Campaign:
    """One engine's: sends, and looks at every answer."""

    def __init__(self, port: int):
        self.raw, self.tally = Raw(port), Tally()
        self.scene = Scene(World(Service(port)))

    def send(self, place: Place, kind: str, hostile: str | bytes) -> None:
        request = self.scene.request(place.operation, spoils_address=place.where == "path")
        headers = {"Host": b"x", "Authorization": f"Bearer {TOKEN}".encode()}
        headers |= {name: value.encode() for name, value in request.headers.items()}
        body = None
        if place.where == "body":
            body = in_body(request.body, place.at, hostile)
        elif request.body is not None:
            body = json.dumps(request.body).encode()
        if body is None:
            headers.pop("Content-Type")
        text = hostile if isinstance(hostile, str) else ""
        if place.where == "header":
            headers[str(place.at[0])] = header(text)
        address = {name: encoded(value) for name, value in request.address.items()}
        if place.where == "path":
            address[str(place.at[0])] = encoded(text)
        query = {name: encoded(value) for name, value in request.query.items()}
        if place.where == "query":
            query[str(place.at[0])] = encoded(text)
        path = place.operation.path.format(**address)
        target = path + ("?" + "&".join(f"{name}={value}" for name, value in query.items()) if query else "")
        reply = self.raw.send(place.operation.method, target, list(headers.items()), body)
        self.tally.answers[reply.status] += 1
        self.tally.kinds[kind] += 1
        for fault in [*self.faults(place, reply), *self.not_kept(place, path, text, reply)]:
            self.tally.faults.append(f"{place}, {kind} {hostile[:60]!r}: {reply.status} {fault}")

    def faults(self, place: Place, reply: Reply) -> Iterator[str]:
        """What is wrong with the answer, whatever came of it."""
        if any(name.lower() == "x-injected" for name in reply.headers):
            yield "a header of the sender's"
        if not reply.content and reply.status in BY_SERVER:
            self.tally.by_server += 1
            return
        if reply.headers.get("X-Content-Type-Options") != "nosniff":
            yield "may be taken for what it is not"
        if reply.status >= 500 or reply.status < 200:
            yield reply.content[:200].decode("utf-8", "replace")
        elif reply.status >= 400:
            yield from faults_of_problem(reply)
        elif reply.content and place.operation.name not in FILES and not is_json(reply):
            yield f"is {reply.kind}: {reply.content[:200].decode('utf-8', 'replace')}"

    def not_kept(self, place: Place, path: str, text: str, reply: Reply) -> Iterator[str]:
        """What is wrong with a string that was accepted, if it can't be read again as it was sent."""
        if reply.status not in (200, 201) or not text or not to_be_kept(place):
            return
        if place.operation.name == "import_dossiers":
            if json.loads(reply.content)["failed"] == 0:
                self.tally.kept.add(place)
                self.tally.imported[text] = str(place)
            return
        self.tally.kept.add(place)
        again = reply.headers.get("Location", path)
        answers = [("answered", reply.content)]
        if place.operation.name not in ("create_token", "adjudicate_claim"):
            answers.append(("read again", self.read(again).content))
        for how, content in answers:
            if not forms(text) & strings(json.loads(content)):
                yield f"{how} otherwise: {content[:300].decode('utf-8', 'replace')}"
        self.tally.read_again += 1

    def read(self, path: str) -> Reply:
        return self.raw.send("GET", path, [("Host", b"x"), ("Authorization", f"Bearer {TOKEN}".encode())], None)


def in_body(body: Any, at: tuple[str | int, ...], hostile: str | bytes) -> bytes:
    """The body with the hostile value in it, byte for byte, in place of what was there."""
    name = at[-1] == NAME
    marked = with_string(body, (*at[:-1], MARK) if name else at, "x" if name else MARK)
    raw = hostile if isinstance(hostile, bytes) else as_json(hostile)
    return json.dumps(marked, ensure_ascii=False).encode().replace(f'"{MARK}"'.encode(), raw)


def forms(text: str) -> set[str]:
    """The string itself; if it is an address, also as a browser writes it."""
    try:
        return {text, web_address(text)}
    except ValueError:
        return {text}


def to_be_kept(place: Place) -> bool:
    """Whether a string that is accepted there is stored."""
    imported = place.operation.name == "import_dossiers"
    passed_over = place.at[-1] in HINTS or (imported and place.at[-1] in NOT_CHOSEN)
    return place.where == "body" and place.is_string and not passed_over


def is_json(reply: Reply) -> bool:
    try:
        json.loads(reply.content.decode())
    except ValueError:
        return False
    return reply.kind == JSON


def faults_of_problem(reply: Reply) -> Iterator[str]:
    if reply.kind != PROBLEM:
        yield f"is {reply.kind or 'nothing'}: {reply.content[:200].decode('utf-8', 'replace')}"
        return
    problem = json.loads(reply.content.decode())
    if problem["status"] != reply.status or not problem["code"] or not problem["detail"]:
        yield f"does not say what is wrong: {problem}"


def cases(number: int, seed: int) -> list[Sent]:
    """What is sent where: all of it, or so many drawn by lot."""
    found: list[Sent] = []
    for place in places():
        if place.is_string:
            found += [(place, kind, text) for kind, text in CASES]
        if place.where == "body":
            found += [(place, kind, raw) for kind, raw in NOT_JSON_STRINGS.items()]
    lot = random.Random(seed)
    return lot.sample(found, number) if 0 < number < len(found) else lot.sample(found, len(found))


def run(engine: str, seed: int, number: int) -> bool:
    """One engine's campaign. Says whether all was well."""
    begun = time.monotonic()
    sent = cases(number, seed)
    with database(engine) as url, claimspan(url, TOKEN) as port:
        add_people(url)
        campaign = Campaign(port)
        for place, kind, hostile in sent:
            campaign.send(place, kind, hostile)
        tally = campaign.tally
        for project in (BOX, campaign.scene.other_project):
            wanted = tally.imported if project == BOX else {}
            tally.faults += faults_of_exports(campaign.read, project, wanted)
        alive = campaign.read("/readyz").status == 200
    report(engine, seed, sent, tally, alive, time.monotonic() - begun)
    return alive and not tally.faults


def report(engine: str, seed: int, sent: list[Sent], tally: Tally, alive: bool, seconds: float) -> None:
    used = {place for place, *_ in sent}
    in_bodies = {place for place in used if place.where == "body" and place.is_string}
    answers = ", ".join(f"{status} × {n}" for status, n in sorted(tally.answers.items()))
    lines = [
        f"campaign hostile-text, {engine}, seed {seed}: {len(sent)} requests in {seconds:.0f} s, {len(used)} places of "
        f"{len({place.operation.name for place in used})} operations, {len(tally.kinds)} kinds of strings",
        f"  answers: {answers}; {tally.by_server} refused by the server before the service",
        f"  kept and read again: {tally.read_again} strings, imported and exported: {len(tally.imported)}; "
        f"{len(tally.kept)} of {len(in_bodies)} places in bodies took one",
        f"  faults: {len(tally.faults)}{'' if alive else ', and the service is not ready'}: "
        + ("FAILED" if tally.faults or not alive else "passed"),
        *(f"    {fault[:600]}" for fault in tally.faults[:40]),
    ]
    print("\n".join(lines), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=0, help="requests for each engine, drawn by lot; 0: all there are")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**31))
    parser.add_argument("--engine", choices=[*ENGINES, "both"], default="both")
    options = parser.parse_args()
    engines = ENGINES if options.engine == "both" else (options.engine,)
    with multiprocessing.get_context("spawn").Pool(len(engines)) as pool:
        results = pool.starmap(run, [(engine, options.seed, options.cases) for engine in engines])
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
