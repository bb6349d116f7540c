"""Long files cut into parts, and put together by who reads them."""

import pytest

from api.commands.parts import MOST_BYTES, Part, identity, parts, sendable
from api.errors import Fault, Malformed
from api.readers.reader import JSON, NDJSON
from api.text.pieces import elements, lines


def test_parts_hold_so_many_lines_and_bytes_but_at_least_one_line() -> None:
    long = b"x" * MOST_BYTES
    numbered = [*enumerate([b"1", b"2", b"3"], 1), (4, long), (5, long), (6, b"6")]
    assert [part.numbers for part in parts(numbered, 2)] == [[1, 2], [3], [4], [5], [6]]


def test_what_was_read_before_a_file_broke_is_in_a_part() -> None:
    found = parts(elements([b'[{"a": 1}, {"b'], 100), 10)  # type: ignore[arg-type]
    assert next(found).lines == [b'{"a": 1}']
    with pytest.raises(Malformed):
        next(found)


@pytest.mark.parametrize("cut", [lines, elements])
def test_a_body_is_cut_into_the_same_lines_again(cut: type) -> None:
    between = b"\n" if cut is lines else b",\n\n"
    file = between.join([b'{"a": "[,"}', b'{"b": ["\\"", {}]}', b"nonsense"])
    part = Part()
    for number, line in cut([file if cut is lines else b"[" + file + b"]"], 100):
        part.add(number, line)
    assert [line for _, line in cut([part.body(NDJSON if cut is lines else JSON)], 100)] == part.lines


def test_a_line_break_within_a_string_is_neither_mended_nor_taken_for_the_end() -> None:
    (element,) = [line for _, line in elements([b'[{"a": "\n"}]'], 100)]
    assert Part([1], [element or b""]).body(JSON) == b'[{"a": "\n"}]'


def test_lines_that_are_too_long_or_repeated_are_refused_from_the_first_wanted_one_on() -> None:
    lines = [
        b'{"article": {"external_id": "a", "text": "x"}}',
        None,
        b'{"article": {"text": "x"}}',
        None,
        b'{"article": {"external_id": "a", "text": "y"}}',
        b'{"article": {"text": "x", "url": null}}',
        b'{"article": {"external_id": "a"}}',
    ]
    refused: list[tuple[int, Fault]] = []
    sent = sendable(enumerate(lines, 1), 100, 3, lambda number, fault: refused.append((number, fault)))
    assert [number for number, _ in sent] == [3, 7]
    assert [(number, fault.code, fault.detail) for number, fault in refused] == [
        (4, "line_too_long", "Expected at most 100 bytes, found more."),
        (5, "external_id_repeated", "Line 1 has the same article already."),
        (6, "text_repeated", "Line 3 has the same article already."),
    ]


@pytest.mark.parametrize(
    "line", [b"", b"{", b"[]", b"{}", b'{"article": 1}', b'{"article": {"external_id": 1, "text": 2}}']
)
def test_a_line_that_can_not_be_told_from_others_is_left_to_the_server(line: bytes) -> None:
    assert identity(line) is None


def test_articles_are_told_apart_as_imports_do() -> None:
    assert identity(b'{"article": {"external_id": "a", "text": "x"}}') == ("a",)
    assert identity(b'{"article": {"url": "https://a.example", "text": "x"}}') == ("https://a.example", "x")
