"""A clock that can be set while the service runs, and what must hold when it jumps.

A library that is loaded before all others adds a number of seconds, which stands in a file, to what the system says
the time is. So everything in the service sees the same wrong time, and nothing else on the machine does.
"""

import mmap
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.campaigns.serving import Answer, Client
from tests.campaigns.stage import BOX, Stage
from tests.campaigns.world import TEXT, words

DAY, HOUR = 86_400, 3_600
SHIFTED = r"""
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile const long *seconds;

__attribute__((constructor)) static void find(void) {
    int file = open(getenv("SHIFTED_CLOCK"), O_RDONLY);
    if (file >= 0) seconds = mmap(0, sizeof *seconds, PROT_READ, MAP_SHARED, file, 0);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    long failed = syscall(SYS_clock_gettime, clock, now);
    if (!failed && clock == CLOCK_REALTIME && seconds) now->tv_sec += *seconds;
    return failed;
}

int gettimeofday(struct timeval *now, void *zone) {
    struct timespec exact;
    int failed = clock_gettime(CLOCK_REALTIME, &exact);
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return failed;
}

time_t time(time_t *now) {
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    if (now) *now = exact.tv_sec;
    return exact.tv_sec;
}
"""


class Clock:
    """The clock of one service, told to it by its environment."""

    def __init__(self, folder: Path):
        self._file = folder / "seconds"
        self._file.write_bytes(struct.pack("l", 0))
        library = folder / "shifted.so"
        source = folder / "shifted.c"
        source.write_text(SHIFTED)
        subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", library, source], check=True)
        self.environ = {"LD_PRELOAD": str(library), "SHIFTED_CLOCK": str(self._file)}

    def shift(self, seconds: int) -> None:
        """How far it is from the truth, from now on."""
        with self._file.open("r+b") as file, mmap.mmap(file.fileno(), 0) as told:
            told[:] = struct.pack("l", seconds)


@contextmanager
def clock() -> Iterator[Clock | None]:
    """None where no library can be made."""
    if shutil.which("cc") is None:
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Clock(Path(folder))


@contextmanager
def a_day_ahead(stage: Stage) -> Iterator[None]:
    """The clock jumps more than a day ahead: what ends with time has ended, all else goes on."""
    client = Client(stage.port)
    expiring = _token(client, HOUR)
    first = _keyed(client)
    article = client.send("POST", BOX, {"text": TEXT}).json["id"]
    claim = client.send("POST", f"/v1/articles/{article}/claims", {"spans": [words(1)]}).json["id"]
    taken = client.send("POST", "/v1/projects/default/queue/next")
    stage.expect("a lease is given", taken.status == 200 and taken.json["claim"]["id"] == claim)
    stage.set_clock(DAY + HOUR)
    stage.expect(
        "a token that has expired is refused", Client(stage.port, expiring).send("GET", "/v1/me").status == 401
    )
    again = _keyed(client)
    stage.expect("a key is forgotten after a day", again.status == 201 and again.json["id"] != first.json["id"])
    renewed = client.send("PUT", f"/v1/claims/{claim}/lease")
    stage.expect("a lease has run out", renewed.status in (404, 409))
    yield
    stage.set_clock(0)
    stage.expect(
        "a token that has not expired is taken", Client(stage.port, expiring).send("GET", "/v1/me").status == 200
    )


@contextmanager
def an_hour_back(stage: Stage) -> Iterator[None]:
    """The clock jumps an hour back: nothing is lost, doubled or refused, and no version or event goes back."""
    client = Client(stage.port)
    made = [client.send("POST", BOX, {"text": f"Text {n}"}).json["id"] for n in range(10)]
    page = client.send("GET", f"{BOX}?limit=5").json
    first = _keyed(client)
    stage.set_clock(-HOUR)
    changed = client.send("PATCH", f"/v1/articles/{made[0]}", {"title": "Later"}, If_Match="*")
    stage.expect("a change is taken", changed.status == 200 and changed.json["version"] == 2)
    stage.expect("a key is remembered", _keyed(client).json["id"] == first.json["id"])
    later = [client.send("POST", BOX, {"text": f"Text {n}"}).json["id"] for n in range(10, 20)]
    stage.expect("ids are all different", len({*made, *later}) == 20)
    seen = [item["id"] for item in page["items"]]
    while page["next"]:
        page = client.send("GET", page["next"]).json
        seen += [item["id"] for item in page["items"]]
    stage.expect("a list that was begun before loses and doubles none", len(seen) == len({*seen, *made}))
    yield
    stage.set_clock(0)
    history = client.send("GET", f"/v1/articles/{made[0]}/history").json["items"]
    moments = [event["at"] for event in history]
    stage.expect("events follow each other in time", moments in (sorted(moments), sorted(moments, reverse=True)))


def _token(client: Client, seconds: int) -> str:
    expires_at = (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()
    draft = {"label": "expiring", "scopes": ["read"], "expires_at": expires_at}
    return str(client.send("POST", "/v1/tokens", draft).json["token"])


def _keyed(client: Client) -> Answer:
    return client.send("POST", BOX, {"text": "Once a day"}, Idempotency_Key="once")
