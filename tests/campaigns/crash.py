"""`make campaign-crash`: the service is killed at moments spread over a mixed load of writes, and started again; on
both engines.

Three times of four all of its processes are killed, else one worker, after which the load goes on and the service is
stopped in the ordinary way. Each time everything that was acknowledged must be there afterwards, nothing by half, and
nothing that nobody asked for; what was new and not answered is sent again under the same Idempotency-Key and must be
there once.
"""

import time
from argparse import Namespace
from collections import Counter

from tests.campaigns.engines import Result, campaign, database
from tests.campaigns.ledger import lost_or_unexplained, stored
from tests.campaigns.serving import Client, kill, kill_worker, serving
from tests.campaigns.soundness import unsound, wait_for_silence
from tests.campaigns.writers import Writer, writing

ONE_WORKER = 4
"""Every so many kills it is only a worker."""
AFTERWARDS = 1.5
"""Seconds that the load goes on without one worker."""
STEPS = 20
"""Kills between two lines of progress."""


def run(engine: str, options: Namespace) -> Result:
    """One engine's campaign."""
    writers, result = [Writer(f"writer-{n}", options.seed) for n in range(options.clients)], Result()
    tally = Counter(kills=0, doubtful=0, done=0, resent=0)
    with database(engine) as url:
        while tally["kills"] < options.kills:
            with serving(url) as port:
                make_sure(url, port, writers, tally, result)
                while tally["kills"] < options.kills:
                    one_worker = tally["kills"] % ONE_WORKER == ONE_WORKER - 1
                    disturb(port, writers, options.seconds * (tally["kills"] + 0.5) / options.kills, one_worker)
                    tally["kills"] += 1
                    if tally["kills"] % STEPS == 0:
                        print(f"  {engine}: {tally['kills']} kills, {len(result.faults)} faults", flush=True)
                    if not one_worker:
                        break
                    make_sure(url, port, writers, tally, result)
        with serving(url) as port:
            make_sure(url, port, writers, tally, result)
        check(url, writers, result)
    result.faults += [fault for writer in writers for fault in writer.faults]
    result.counts = {
        "kills": tally["kills"],
        "writes acknowledged": sum(writer.ledger.acknowledged for writer in writers),
        "in doubt": tally["doubtful"],
        "of them done": tally["done"],
        "sent again": tally["resent"],
    }
    return result


def make_sure(url: str, port: int, writers: list[Writer], tally: Counter[str], result: Result) -> None:
    """Checks what is there, and has the writers repeat what they were not told of; or begin."""
    tally["doubtful"] += sum(len(writer.ledger.doubts) for writer in writers)
    tally["done"] += check(url, writers, result)
    for writer in writers:
        tally["resent"] += writer.resend(Client(port))
        if not writer.ledger.kept:
            writer.found(Client(port))


def disturb(port: int, writers: list[Writer], moment: float, one_worker: bool) -> None:
    """A load of writes, and a kill that long after it has begun."""
    with writing(port, writers):
        time.sleep(moment)
        if one_worker:
            kill_worker(port)
            time.sleep(AFTERWARDS)
        else:
            kill(port)


def check(url: str, writers: list[Writer], result: Result) -> int:
    """Adds what is wrong with the database; gives how many writes in doubt it holds."""
    wait_for_silence(url)
    found = stored(url)
    result.faults += lost_or_unexplained([writer.ledger for writer in writers], found) + unsound(url)
    return sum(writer.ledger.settle(found) for writer in writers)


if __name__ == "__main__":
    campaign("crash", __doc__, run, kills=100, clients=8, seconds=3)
