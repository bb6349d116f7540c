"""`make campaign-mutation`: mutmut changes the code in small ways, and the fast tests must notice.

Each part of the code has its own tests here: what they let pass is printed as old and new line. mutmut changes only
what stands in functions, and not in decorated ones, so tables such as that of rights are left to the campaign
`authorization`.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

ROOT = Path(__file__).parents[2]
LEAST = 90
"""Per cent of the mutants that must be killed."""
NEEDED = ("app.py", "api", "tests", "benchmarks", "migrations", "alembic.ini", "openapi.yaml", "README.md")
KILLED = {1, 3}
TIMED_OUT = {36, -24, 24, 152, 255}
"""Exit codes by which mutmut knows that a test failed, or that it took far too long: an endless loop was noticed."""

SHOW = """
import sys
from mutmut.mutation.diff_apply import get_diff_for_mutant
for name in sys.argv[1:]:
    print(f"# {name}", get_diff_for_mutant(name), sep="\\n")
"""


@dataclass(frozen=True)
class Part:
    """Code, and the tests that are to hold it."""

    code: Sequence[str]
    tests: Sequence[str]
    options: Sequence[str] = ()


PARTS = {
    "spans": Part(
        ["api/text/spans.py", "api/text/units.py", "api/text/marks.py"],
        [
            "tests/text/test_spans.py",
            "tests/text/test_candidates.py",
            "tests/text/test_units.py",
            "tests/text/test_marks.py",
        ],
    ),
    "anchoring": Part(
        ["api/text/anchoring.py", "api/text/surroundings.py"],
        ["tests/text/test_anchoring.py", "tests/text/test_edges.py", "tests/text/test_surroundings.py"],
    ),
    "alignment": Part(
        ["api/text/alignment.py", "api/text/matching.py", "api/text/sliding.py", "api/text/runs.py"],
        [
            "tests/text/test_alignment.py",
            "tests/text/test_matching.py",
            "tests/text/test_sliding.py",
            "tests/text/test_runs.py",
        ],
    ),
    "rules": Part(
        ["api/rules/consensus.py", "api/rules/permissions.py"],
        ["tests/rules/test_consensus.py", "tests/rules/test_permissions.py"],
    ),
    "idempotency": Part(
        ["api/services/idempotency.py", "api/resources/answering.py"],
        [
            "tests/services/test_idempotency.py",
            "tests/resources/test_idempotency.py",
            "tests/resources/test_answering.py",
            "tests/resources/test_limits.py::test_the_items_of_a_page",
            "tests/test_concurrency.py::test_one_key_makes_one_thing",
        ],
        ["-k", "sqlite"],
    ),
}


def mutate(part: Part, children: int) -> dict[str, int | None]:
    """What came of each mutant: its name, and the exit code of the tests. Survivors are printed."""
    with tempfile.TemporaryDirectory() as folder:
        copied(part, Path(folder))
        python(folder, "-m", "mutmut", "run", "--max-children", str(children))
        outcomes: dict[str, int | None] = {}
        for file in part.code:
            outcomes |= orjson.loads((Path(folder) / "mutants" / f"{file}.meta").read_bytes())["exit_code_by_key"]
        print(*changed(python(folder, "-c", SHOW, *survivors(outcomes))), sep="\n", flush=True)
    return outcomes


def copied(part: Part, folder: Path) -> None:
    """The project, as far as the tests need it, with settings for mutmut."""
    for name in NEEDED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    settings = {
        "source_paths": ["api"],
        "only_mutate": part.code,
        "also_copy": NEEDED,
        "pytest_add_cli_args_test_selection": part.tests,
        "pytest_add_cli_args": ["--hypothesis-profile=ci", *part.options],
        "use_git_change_detection": False,
    }
    lines = [f"{name} = {orjson.dumps(value).decode()}" for name, value in settings.items()]
    project = (ROOT / "pyproject.toml").read_text()
    (folder / "pyproject.toml").write_text("\n".join([project, "[tool.mutmut]", *lines, ""]))


def python(folder: str, *words: str) -> str:
    """What it prints.

    Raises:
        RuntimeError: it failed; not if mutants survived.
    """
    ran = subprocess.run([sys.executable, *words], cwd=folder, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise RuntimeError(f"{words[:3]}: {ran.stdout[-2000:]} {ran.stderr[-2000:]}")
    return ran.stdout


def survivors(outcomes: dict[str, int | None]) -> list[str]:
    return [name for name, code in outcomes.items() if code not in KILLED | TIMED_OUT]


def changed(shown: str) -> Iterator[str]:
    """The lines of diffs that differ, each under the name of its mutant."""
    for line in shown.splitlines():
        if line.startswith("# "):
            yield f"  {line[2:]}"
        elif line.startswith(("-", "+")) and not line.startswith(("---", "+++")):
            yield f"    {line[0]} {line[1:].strip()}"


def run(name: str, children: int) -> bool:
    """One part's campaign. Says whether all was well."""
    begun = time.monotonic()
    outcomes = mutate(PARTS[name], children)
    left = len(survivors(outcomes))
    killed = 100 * (len(outcomes) - left) / max(len(outcomes), 1)
    late = sum(code in TIMED_OUT for code in outcomes.values())
    seconds = time.monotonic() - begun
    print(
        f"campaign mutation, {name}: {len(outcomes)} mutants, {len(outcomes) - left} killed, {late} of them by time; "
        f"{left} survived; {killed:.1f} %; {seconds:.0f} s; {'passed' if killed >= LEAST else 'FAULTS'}",
        flush=True,
    )
    return killed >= LEAST


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=[*PARTS, "all"], default="all")
    parser.add_argument("--children", type=int, default=2, help="mutants tested at once")
    options = parser.parse_args()
    results = [run(name, options.children) for name in PARTS if options.part in (name, "all")]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
