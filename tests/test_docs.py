"""What the documents say is true of the code."""

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from html import escape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from api.exports import formats
from api.fault_kinds import FAULTS, OMISSIONS
from api.readers import readers
from api.resources.problems import FAILURE, STATUS
from api.rules.permissions import RIGHTS, ROLES, Right
from api.rules.scales import PRESETS, verdicts
from api.schemas.fields import Shape
from api.settings import PREFIX, Settings
from benchmarks.server import claimspan
from tests.client import Client, validate

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
FILES, SETTINGS = ROOT / "docs" / "files.md", ROOT / "docs" / "settings.md"
SAYING = ("Fault", "omit")
TOKEN = "cs_" + "readme-test-token".ljust(43, "0")


def table(name: str, document: Path = README) -> list[list[str]]:
    """The rows of a marked table of a document, without its head."""
    block = document.read_text("utf-8").partition(f"<!-- {name}:")[2].partition(f"<!-- /{name} -->")[0]
    rows = [line.strip("|").split("|") for line in block.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def test_every_setting_is_listed() -> None:
    expected = [
        [f"`{PREFIX}{f.name.upper()}`", f"`{f.default}`" if f.default != "" else "", f.metadata["help"]]
        for f in fields(Settings)
    ]
    assert table("settings", SETTINGS) == expected


def allowed(right: Right, role: str) -> str:
    if right.admin_only:
        return ""
    if right.own_only:
        return "own" if ROLES.index(role) >= ROLES.index(right.role) else ""  # type: ignore[arg-type]
    if right.role is None or ROLES.index(role) >= ROLES.index(right.role):  # type: ignore[arg-type]
        return "yes"
    return "own" if right.own and ROLES.index(role) >= ROLES.index(right.own) else ""  # type: ignore[arg-type]


def test_the_readme_prints_the_table_of_rights() -> None:
    expected = [
        [f"`{name}`", right.scope, *(allowed(right, role) for role in ROLES), right.does]
        for name, right in RIGHTS.items()
    ]
    assert table("rights") == expected


def test_the_readme_lists_the_scales() -> None:
    expected = [[f"`{name}`", ", ".join(f"`{word}`" for word in verdicts(scale))] for name, scale in PRESETS.items()]
    assert table("scales") == expected


def test_the_formats_are_listed() -> None:
    expected = [[f"`{each.name}`", each.media_type, each.describes, each.loses] for each in formats().values()]
    assert table("formats", FILES) == expected


def test_the_formats_in_are_listed() -> None:
    expected = [
        [f"`{each.name}`", ", ".join(each.media_types), each.describes, each.loses] for each in readers().values()
    ]
    assert table("readers", FILES) == expected


@pytest.mark.parametrize("document", sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]), ids=lambda p: p.name)
def test_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text("utf-8")):
        assert (document.parent / target).exists(), target


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for document in ROOT.glob("*.md"):
        named = set(re.findall(r"`make ([a-z-]+)", document.read_text("utf-8")))
        assert named <= targets, document


def test_decisions_say_what_was_decided_and_what_was_rejected() -> None:
    decisions = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(path.name[:4]) for path in decisions] == list(range(1, len(decisions) + 1))
    for path in decisions:
        heads = re.findall(r"^## (.+)$", path.read_text("utf-8"), re.MULTILINE)
        assert heads == ["Context", "Decision", "Consequences", "Rejected"], path


def test_every_kind_of_error_is_listed_where_its_type_leads(app: Flask, anonymous: Client) -> None:
    page = anonymous.get("/docs/errors").text
    for kind, status in STATUS.items():
        assert f'<tr id="{kind.code}"><td><code>{kind.code}</code><td>{status}<td>{escape(kind.title)}' in page
    for code in (FAILURE, *(f"fault-{code}" for code in FAULTS), *(f"omission-{code}" for code in OMISSIONS)):
        assert page.count(f'<tr id="{code}">') == 1


def test_every_kind_of_fault_is_explained_and_occurs() -> None:
    """Those of calls; the test client looks at the others as they are answered."""
    known = {*FAULTS, *OMISSIONS, *(kind.code for kind in STATUS)}
    words = set()
    for source in (ROOT / "api").rglob("*.py"):
        if source.name == "fault_kinds.py":
            continue
        for node in ast.walk(ast.parse(source.read_text("utf-8"))):
            if isinstance(node, ast.Constant):
                words.add(node.value)
            elif isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in SAYING:
                kind = node.args[1]
                assert not isinstance(kind, ast.Constant) or kind.value in known, f"{source}:{node.lineno}"
    assert words >= {*FAULTS, *OMISSIONS}


def test_examples_are_in_the_shapes_they_explain(app: Flask) -> None:
    document = app.extensions["api"].spec.to_dict()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if method == "parameters":
                continue
            for content in contents(operation):
                validate(app, content["schema"]["$ref"].rpartition("/")[2], content["example"])
            assert operation["summary"], (path, method)
            assert operation["description"], (path, method)


def contents(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "requestBody" in operation:
        yield from filter(None, operation["requestBody"]["content"].values())
    for response in operation["responses"].values():
        yield from filter(None, response.get("content", {}).values())


def test_examples_of_what_is_sent_are_accepted() -> None:
    drafts = [shape for shape in subclasses(Shape) if shape.__name__.endswith("Draft") and hasattr(shape, "example")]
    assert len(drafts) >= 8
    for shape in drafts:
        shape().load(shape.example)


def subclasses(shape: type[Shape]) -> list[type[Shape]]:
    return [found for child in shape.__subclasses__() for found in (child, *subclasses(child))]


def test_the_documentation_page_needs_nothing_from_elsewhere(anonymous: Client) -> None:
    assert anonymous.get("/").headers["Location"] == "/docs"
    page = anonymous.get("/docs")
    assert page.content_type == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    sources = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(sources) == 3
    for source in sources:
        assert anonymous.get(source).status_code == 200
    for outside in ("/docs/../app.py", "/docs/%2e%2e/settings.py", "/docs/nothing.js"):
        assert anonymous.get(outside).status_code == 404


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("bash")), reason="needs bash and curl")
def test_what_the_documents_show_comes_out(tmp_path: Path) -> None:
    text = README.read_text("utf-8")
    script = "".join(re.findall(r"```sh\n(.*?)```", text + FILES.read_text("utf-8"), re.DOTALL))
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "admin-token").write_text(TOKEN)
    for name, target in ((".venv", Path(sys.prefix)), ("api", ROOT / "api"), ("app.py", ROOT / "app.py")):
        (tmp_path / name).symlink_to(target)
    with claimspan(f"sqlite:///{tmp_path / 'var' / 'claimspan.db'}", TOKEN) as port:
        commands = script.replace("127.0.0.1:8000", f"127.0.0.1:{port}")
        environ = {**os.environ, "PYTHONIOENCODING": "utf-8"}
        result = subprocess.run(
            ["bash", "-euc", commands], cwd=tmp_path, env=environ, capture_output=True, encoding="utf-8", check=True
        )
    export, revision, history = re.findall(r"```json\n(\{\n.*?)```", text, re.DOTALL)
    values = re.findall(r'"(?:title|text_sha256|status|verdict|exact|prefix|suffix|stance|url)": "[^"…]*"', export)
    values += re.findall(r'"(?:n|start|end|exact|score|outcome|kept|changed)": (?:"[^"]*"|[\d.]+)', revision)
    values += re.findall(r'"(?:action|resource|status|verdict|intact|events)": (?:"[^"]*"|\w+)', history)
    assert len(values) >= 30
    for value in values:
        assert value in result.stdout
