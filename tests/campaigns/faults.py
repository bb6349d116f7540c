"""`make campaign-faults`: what the service meets on bad days, one after the other, on both engines.

Meanwhile bystanders go on reading and writing. What they may be told is in `FAULTS`; nothing that they were told is
kept may be lost, nothing that was refused may be there, and soon after the fault is gone all must be well.
"""

from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

from tests.campaigns import bad_clients, bad_disks, clock
from tests.campaigns.engines import ENGINES, Result, campaign, database
from tests.campaigns.ledger import lost_or_unexplained, stored
from tests.campaigns.serving import serving
from tests.campaigns.soundness import unsound, wait_for_silence
from tests.campaigns.stage import BYSTANDER, Bystanders, Stage

Statuses = frozenset[int | None]
WELL_READ, WELL_WRITTEN = frozenset({200}), frozenset({201})
UNAVAILABLE = frozenset({503})


@dataclass(frozen=True)
class Fault:
    """What happens, and what others may be told while it does."""

    name: str
    befall: Callable[[Stage], AbstractContextManager[None]]
    reads: Statuses = WELL_READ
    writes: Statuses = WELL_WRITTEN
    refuses: bool = False
    """Whether it is only there if some write is refused."""
    engines: tuple[str, ...] = ENGINES
    where: Callable[[str], AbstractContextManager[str]] = database
    settings: dict[str, object] = field(default_factory=dict)
    clock: bool = False


SHORT = {"busy_timeout_ms": 500, "lock_timeout_ms": 500}
FAULTS = (
    Fault("disk full", bad_disks.full, writes=UNAVAILABLE | {201}, refuses=True, where=bad_disks.small_disk),
    Fault("read-only database", bad_disks.read_only, writes=UNAVAILABLE, refuses=True, engines=("sqlite",)),
    Fault(
        "disk turned read-only",
        bad_disks.read_only_disk,
        reads=WELL_READ | UNAVAILABLE | {None},
        writes=UNAVAILABLE | {None},
        engines=("sqlite",),
    ),
    Fault("database locked", bad_disks.locked, writes=UNAVAILABLE, refuses=True, settings=SHORT),
    Fault(
        "turn to write held", bad_disks.turn_held, writes=UNAVAILABLE, refuses=True, engines=("sqlite",), settings=SHORT
    ),
    Fault("clock a day ahead", clock.a_day_ahead, clock=True),
    Fault("clock an hour back", clock.an_hour_back, clock=True),
    Fault("500 half-sent heads", bad_clients.half_sent_heads),
    Fault("half-sent bodies", bad_clients.half_sent_bodies, reads=WELL_READ | {None}, writes=WELL_WRITTEN | {None}),
    Fault("half-sent bodies, waited for", bad_clients.half_sent_bodies, settings={"waiting_threads": 64}),
    Fault("slow readers of exports", bad_clients.slow_readers),
    Fault("clients gone in exports", bad_clients.gone_in_exports),
    Fault("client gone in an import", bad_clients.gone_in_imports),
    Fault("worker killed", bad_clients.killed_worker, reads=WELL_READ | {None}, writes=WELL_WRITTEN | {None}),
)


def run(engine: str, options: Namespace) -> Result:
    """One engine's campaign."""
    result, met, skipped = Result(), 0, 0
    for fault in FAULTS:
        if engine in fault.engines and options.only in fault.name:
            try:
                found = meet(engine, fault, options.times)
                met += 1
            except PermissionError as error:
                print(f"  {fault.name}, {engine}: SKIPPED, {error}", flush=True)
                skipped += 1
                continue
            result.faults += [f"{fault.name}: {each}" for each in found]
    result.counts = {"faults met": met, "skipped": skipped}
    return result


def meet(engine: str, fault: Fault, times: int) -> list[str]:
    """What was not as it should be."""
    with set_up(engine, fault) as stage:
        bystanders = Bystanders(stage)
        before = bystanders.ask(2)
        stage.expect(f"all well before, but {before}", set(before.reads) == {200} and set(before.writes) == {201})
        with fault.befall(stage):
            during = bystanders.ask(times)
        recovered = bystanders.seconds_until_well()
        print(f"  {fault.name}, {engine}: {during}; well again after {recovered:.2f} s", flush=True)
        stage.expect(f"reads answered {sorted(fault.reads, key=str)}", set(during.reads) <= fault.reads)
        stage.expect(f"writes answered {sorted(fault.writes, key=str)}", set(during.writes) <= fault.writes)
        stage.expect("some writes refused", not fault.refuses or 503 in during.writes)
        wait_for_silence(stage.url)
        found = {key: mark for key, mark in stored(stage.url).items() if mark.startswith(BYSTANDER)}
        stage.faults += lost_or_unexplained(bystanders.ledgers, found) + unsound(stage.url)
    return stage.faults


@contextmanager
def set_up(engine: str, fault: Fault) -> Iterator[Stage]:
    """A service of its own for the fault.

    Raises:
        PermissionError: this machine can't stage the fault.
    """
    with fault.where(engine) as url, clock.clock() as set_by_us:
        if fault.clock and set_by_us is None:
            raise PermissionError("no C compiler to make a clock with")
        environ = set_by_us.environ if fault.clock and set_by_us else {}
        with serving(url, environ, **fault.settings) as port:
            yield Stage(engine, url, port, set_by_us.shift if set_by_us else lambda _: None)


if __name__ == "__main__":
    campaign("faults", __doc__, run, times=5, only="")
