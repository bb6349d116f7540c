"""For pytest: the hook in this process and in all that it starts, and a run that fails if anything was refused."""

import os
import tempfile
from pathlib import Path

import pytest

HOOK = Path(__file__).parent / "hook"
REFUSED = "process "


def watch() -> None:
    """Begins to watch, unless the process that started this one did."""
    if "OUTBOUND_LOG" in os.environ:
        return
    handle, path = tempfile.mkstemp(prefix="outbound-")
    os.close(handle)
    os.environ["OUTBOUND_LOG"] = path
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(HOOK), os.environ.get("PYTHONPATH"))))
    code = compile((HOOK / "sitecustomize.py").read_text(), str(HOOK / "sitecustomize.py"), "exec")
    exec(code, {"__name__": "sitecustomize"})


def pytest_sessionfinish(session: pytest.Session) -> None:
    said = Path(os.environ["OUTBOUND_LOG"]).read_text()
    if said and not hasattr(session.config, "workerinput"):
        print(f"\n{said}refused sockets to other machines: {count(said)}")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def count(said: str) -> int:
    return sum(line.startswith(REFUSED) for line in said.splitlines())
