"""What imports leave out is told line by line, and only of lines that came in."""

from typing import Any

import pytest

from api.db import Database
from api.errors import Fault
from api.rules.imports import Entry
from api.rules.permissions import Caller
from api.schemas.dossier_drafts import read_dossier
from api.services import import_reports, imports
from api.services.imported_claims import Importer
from api.services.omissions import MOST, omit
from tests.client import Client


def fault(n: int) -> Fault:
    return Fault(f"/relations/{n}", "relation", f"Relation {n} is not brought in.")


def entry(line: int, omitted: int, text: str | None = None) -> Entry:
    article = read_dossier({"article": {"external_id": f"a-{line}", "text": text or f"Text {line}."}})
    return Entry(line, 10, article, omitted=tuple(fault(n) for n in range(omitted)))


def brought(database: Database, lines: list[Entry], *, chunked: bool = True, keep: bool = True) -> str:
    mode = "partial" if chunked else "atomic"
    id = database.write(lambda tx: import_reports.begin(tx, "default", "admin", mode, not keep))
    importer = Importer("default", Caller("admin", True, frozenset({"read", "write"}), ""), 1000)
    imports.run(database, importer, id, lambda: lines, chunked=chunked, keep=keep)
    return id


def told(editor: Client, id: str) -> list[tuple[int, str]]:
    return [(each["line"], each["pointer"]) for each in editor.all(f"/v1/imports/{id}/omissions")]


def report(editor: Client, id: str) -> dict[str, Any]:
    found: dict[str, Any] = editor.get(f"/v1/imports/{id}").json
    return found


@pytest.mark.parametrize(("chunked", "keep"), [(True, True), (False, True), (False, False)])
def test_lines_come_in_and_tell_what_they_left_behind(
    editor: Client, database: Database, chunked: bool, keep: bool
) -> None:
    id = brought(database, [entry(1, 2), entry(2, 0), entry(4, 1)], chunked=chunked, keep=keep)
    assert told(editor, id) == [(1, "/relations/0"), (1, "/relations/1"), (4, "/relations/0")]
    assert (report(editor, id)["created"], report(editor, id)["omitted"]) == (3, 2)


def test_a_line_that_fails_tells_its_failures_alone(editor: Client, database: Database) -> None:
    id = brought(database, [entry(1, 1), entry(2, 1, "x" * 2000)])
    assert told(editor, id) == [(1, "/relations/0")]
    assert [each["code"] for each in editor.all(f"/v1/imports/{id}/failures")] == ["text_too_long"]


def test_an_atomic_import_that_fails_left_nothing_out(editor: Client, database: Database) -> None:
    id = brought(database, [entry(1, 1), entry(2, 1, "x" * 2000)], chunked=False)
    assert (told(editor, id), report(editor, id)["omitted"]) == ([], 0)


def test_of_very_many_the_last_says_how_many_more(editor: Client, database: Database) -> None:
    id = brought(database, [entry(1, MOST + 7)])
    *_, last = editor.all(f"/v1/imports/{id}/omissions")
    assert len(told(editor, id)) == MOST + 1
    assert (last["code"], last["detail"]) == ("more_omissions", "7 more were left out.")


def test_further_ones_stand_behind_those_of_the_line(editor: Client, database: Database) -> None:
    id = brought(database, [entry(1, 1), entry(2, 0), entry(3, 1)])
    database.write(lambda tx: omit(tx, "default", id, [(3, fault(8)), (1, fault(9)), (2, fault(7))]))
    pointers = [(1, "/relations/0"), (1, "/relations/9"), (2, "/relations/7"), (3, "/relations/0"), (3, "/relations/8")]
    assert told(editor, id) == pointers
    assert report(editor, id)["omitted"] == 3
