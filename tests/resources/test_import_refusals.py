"""Imports that are asked for wrongly, and spans that count otherwise than they say."""

from typing import Any

import pytest

from tests.client import TEXT, Client, code
from tests.resources.test_imports import IMPORTS, NDJSON, broken, counts, dossier, exported, failures, lines, send

TREE = TEXT.index("🌳")


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("?color=red", "color"),
        ("?mode=most", "mode"),
        ("?dry_run=perhaps", "dry_run"),
        ("?mode=atomic&modus=1", "modus"),
    ],
)
def test_what_nobody_can_ask_for_is_named_and_nothing_comes_in(editor: Client, query: str, parameter: str) -> None:
    refused = editor.raw(IMPORTS + query, lines(dossier()), NDJSON)
    assert (refused.status_code, code(refused)) == (422, "invalid")
    assert parameter in refused.json["errors"][0]["pointer"]
    assert exported(editor) == []
    assert editor.all(IMPORTS) == []


@pytest.mark.parametrize(
    ("span", "pointer", "why"),
    [
        ({"start": 0, "end": 9, "unit": "bytes"}, "/claims/1/spans/0/unit", "invalid"),
        ({"start": TREE + 1, "end": TREE + 4, "unit": "utf16"}, "/claims/1/spans/0/start", "inside_character"),
        ({"start": TREE, "end": TREE + 2, "unit": "utf8"}, "/claims/1/spans/0/end", "inside_character"),
        ({"start": 9, "end": 9}, "/claims/1/spans/0", "span_outside_text"),
        ({"start": -1, "end": 9}, "/claims/1/spans/0/start", "invalid"),
        ({"start": 0, "end": 9, "revision": 2}, "/claims/1/spans/0/revision", "unknown_revision"),
        ({"start": 0, "end": 9, "exact": "On Tuesday"}, "/claims/1/spans/0/exact", "exact_mismatch"),
    ],
)
def test_spans_that_do_not_fit_are_named_and_other_lines_come_in(
    editor: Client, span: dict[str, Any], pointer: str, why: str
) -> None:
    body = lines(dossier("before"), broken(claims__1__spans=[span]), dossier("behind", "Behind. " + TEXT))
    report = send(editor, body)
    assert failures(editor, report) == [(2, pointer, why)]
    assert counts(report) == (3, 2, 0, 0, 1)
    assert [found["article"]["external_id"] for found in exported(editor)] == ["before", "behind"]
