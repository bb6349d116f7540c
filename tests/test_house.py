"""The house rules that a program can check."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted([ROOT / "app.py", *(ROOT / "api").rglob("*.py")])
FORBIDDEN_NAMES = ("util", "utils", "helper", "helpers", "manager", "misc", "common", "data", "process")


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    linter = Path(sys.executable).parent / "lint-imports"
    return subprocess.run([linter, "--no-cache"], cwd=root, capture_output=True, text=True, check=False)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for source in [*SOURCES, ROOT / "pyproject.toml"]:
        target = tmp_path / source.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read_bytes())
    return tmp_path


def test_the_import_contracts_hold(copy: Path) -> None:
    kept = lint_imports(copy)
    assert kept.returncode == 0, kept.stdout


@pytest.mark.parametrize(
    ("file", "wrong"),
    [
        ("api/text/spans.py", "import api.services.claims"),
        ("api/schemas/claims.py", "import api.services.claims"),
        ("api/services/claims.py", "import api.schemas.claims"),
        ("api/services/claims.py", "import flask"),
        ("api/errors.py", "import api.settings"),
        ("api/commands/users.py", "import api.resources.users"),
        ("api/stray.py", "X = 1"),
    ],
)
def test_the_import_contracts_fail_on_a_wrong_import(copy: Path, file: str, wrong: str) -> None:
    with (copy / file).open("a") as source:
        source.write(f"\n{wrong}\n")
    assert lint_imports(copy).returncode == 1


def test_nothing_is_imported_inside_a_function() -> None:
    for source in SOURCES:
        for function in ast.walk(ast.parse(source.read_text())):
            if isinstance(function, ast.FunctionDef | ast.Lambda):
                inner = [node for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom)]
                assert not inner, f"{source}:{inner[0].lineno}"


def test_only_one_place_commits() -> None:
    places = [source for source in SOURCES if "commit()" in source.read_text() or ".begin():" in source.read_text()]
    assert [place.relative_to(ROOT).as_posix() for place in places] == ["api/db.py"]


def test_every_module_says_what_it_is_for() -> None:
    for source in SOURCES:
        assert ast.get_docstring(ast.parse(source.read_text())), source


def test_files_have_names_of_the_field() -> None:
    for source in SOURCES:
        assert source.stem not in FORBIDDEN_NAMES, source


def test_no_file_is_a_hall() -> None:
    longest = {source: len(source.read_text().splitlines()) for source in SOURCES}
    assert {source: lines for source, lines in longest.items() if lines > 300} == {}
