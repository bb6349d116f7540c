"""`make campaign-outbound`: the whole test suite, while every socket to another machine is refused and counted.

A hook in each Python process refuses and counts what goes through Python's sockets. Where this machine lets us, all of
it also runs in a network of its own that has the loopback and no way out (a namespace of Linux), and the kernel counts
what found no way: that sees what other code sends too, as libpq does. Both are tried on calls planted for it before.
"""

import argparse
import fcntl
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.outbound.plugin import HOOK, count

ROOT = Path(__file__).parents[2]
PLANTED = (
    "import socket; socket.create_connection(('192.0.2.1', 80), 1)",
    "import socket; socket.getaddrinfo('facts.example', 443)",
    "import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))",
)
PLANTED_IN_C = "import psycopg; psycopg.connect('host=192.0.2.1 connect_timeout=1')"
INSIDE = "OUTBOUND_NAMESPACE"
SET_FLAGS, UP = 0x8914, 0x1


def alone() -> bool:
    """Goes into a network of its own, if that is allowed. Says whether it is in one."""
    if INSIDE in os.environ:
        turn_loopback_on()
        return True
    if not sys.platform.startswith("linux") or not shutil.which("unshare"):
        return False
    if subprocess.run(["unshare", "--net", "true"], capture_output=True, check=False).returncode:
        return False
    os.environ[INSIDE] = "yes"
    os.execvp("unshare", ["unshare", "--net", sys.executable, "-m", "tests.campaigns.outbound", *sys.argv[1:]])
    return None


def turn_loopback_on() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SET_FLAGS, struct.pack("16sh", b"lo", UP))


def without_a_way() -> int:
    """How many packets of this network found no way out since it was made."""
    table = Path("/proc/net/snmp").read_text().splitlines()
    names, values = (line.split() for line in table if line.startswith("Ip:"))
    sixth = re.search(r"Ip6OutNoRoutes\s+(\d+)", Path("/proc/net/snmp6").read_text())
    return int(values[names.index("OutNoRoutes")]) + int(sixth[1] if sixth else 0)


def run(command: list[str], log: Path) -> int:
    path = os.pathsep.join(filter(None, (str(HOOK), os.environ.get("PYTHONPATH"))))
    environ = {**os.environ, "OUTBOUND_LOG": str(log), "PYTHONPATH": path}
    return subprocess.run([sys.executable, *command], cwd=ROOT, env=environ, check=False).returncode


def plant(folder: Path, kernel: bool) -> list[str]:
    """What the watch does not see of what is planted."""
    unseen = []
    for n, code in enumerate(PLANTED):
        log = folder / f"planted-{n}"
        run(["-c", f"import sys; sys.tracebacklimit = 0; {code}"], log)
        if not log.exists() or count(log.read_text()) != 1:
            unseen.append(code)
    if kernel:
        before = without_a_way()
        run(["-c", f"import sys; sys.tracebacklimit = 0; {PLANTED_IN_C}"], folder / "planted-in-c")
        if without_a_way() == before:
            unseen.append(PLANTED_IN_C)
    return unseen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", default="auto", help="processes that test")
    parser.add_argument("tests", nargs="*", help="these tests only")
    options = parser.parse_args()
    kernel = alone()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        unseen = plant(folder, kernel)
        (log := folder / "suite").touch()
        before = without_a_way() if kernel else 0
        status = run(["-m", "pytest", "-n", options.jobs, *options.tests], log)
        refused, lost = count(log.read_text()), without_a_way() - before if kernel else 0
        print(log.read_text(), end="")
    planted = len(PLANTED) + kernel
    by_kernel = f"{lost} packets without a way out" if kernel else "not watched by the kernel (unshare is not allowed)"
    good = not (unseen or refused or lost or status)
    print(
        f"campaign outbound, both engines: {planted - len(unseen)} of {planted} planted calls seen; in the suite "
        f"(exit status {status}) {refused} sockets refused, {by_kernel}; {time.monotonic() - begun:.0f} s: "
        f"{'passed' if good else 'FAILED'}",
        flush=True,
    )
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
