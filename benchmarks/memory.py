"""How much memory processes take, as Linux tells it, and which processes a service consists of."""

from collections.abc import Sequence
from pathlib import Path

PROC = Path("/proc")


def service(port: int) -> list[int]:
    """The process ids of the service that this process has started on the port: the server's, then its workers'."""
    for pid in _children("self"):
        if _names(pid, port):
            return [pid, *_children(pid)]
    raise RuntimeError(f"no service was started here on port {port}")


def resident(pid: int | str = "self") -> int:
    """Bytes in memory now."""
    return _status(pid, "VmRSS")


def peak(pid: int | str = "self") -> int:
    """Most bytes that were ever in memory."""
    return _status(pid, "VmHWM")


def forget_peak(pid: int | str) -> None:
    """What counts as most begins anew."""
    (PROC / str(pid) / "clear_refs").write_text("5")


class Growth:
    """How far processes have grown beyond what they took in the beginning; each at its own worst moment."""

    def __init__(self, pids: Sequence[int]):
        self._before = {pid: resident(pid) for pid in pids}

    def each(self) -> list[int]:
        """Bytes, of each process."""
        return [peak(pid) - before for pid, before in self._before.items()]


def _names(pid: int, port: int) -> bool:
    """Where `setproctitle` is installed, granian writes a title with the port over the environment."""
    told = PROC / str(pid)
    return f"CLAIMSPAN_PORT={port}" in (told / "environ").read_text().split("\0") or (
        f":{port} " in (told / "cmdline").read_text()
    )


def _children(pid: int | str) -> list[int]:
    tasks = (PROC / str(pid) / "task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def _status(pid: int | str, name: str) -> int:
    lines = (PROC / str(pid) / "status").read_text().splitlines()
    (kilobytes,) = (line.split()[1] for line in lines if line.startswith(f"{name}:"))
    return int(kilobytes) * 1024
