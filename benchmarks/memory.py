"""How much memory a server takes, as Linux tells it under /proc."""

import re
from pathlib import Path

RESET_PEAK = "5"


def processes(port: int) -> list[Path]:
    """The processes of the service on that port."""
    return [process for process in Path("/proc").glob("[0-9]*") if _serves(process, port)]


def resident(processes: list[Path], peak: bool = False) -> float:
    """MB of all together, now or at their highest since `forget_peak`."""
    return sum(_kib(process, "VmHWM" if peak else "VmRSS") for process in processes) / 1000


def forget_peak(processes: list[Path]) -> None:
    for process in processes:
        (process / "clear_refs").write_text(RESET_PEAK)


def _serves(process: Path, port: int) -> bool:
    try:
        return f"CLAIMSPAN_PORT={port}".encode() in (process / "environ").read_bytes().split(b"\0")
    except OSError:
        return False  # it is another user's, or gone


def _kib(process: Path, name: str) -> int:
    found = re.search(rf"{name}:\s+(\d+)", (process / "status").read_text())
    return int(found[1]) if found else 0
