"""Arrays in JSON documents are found wherever the pieces of the stream end, and only where they are looked for."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.errors import Malformed
from api.text.documents import LONGEST_WRAPPER, elements_at

PATHS = frozenset({(), ("items",), ("first", "items")})
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(st.sampled_from('a"\\[]{}:,🌳 '), max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["items", "x", "]"]), inner, max_size=3)
    ),
    max_leaves=8,
)


def found(document: bytes, size: int = 3) -> list[Any]:
    pieces = (document[at : at + size] for at in range(0, len(document), size))
    return [json.loads(element or b"null") for _, element in elements_at(pieces, 1000, 32, PATHS)]


@given(st.lists(VALUES, max_size=4), st.dictionaries(st.sampled_from(["a", "b", "c"]), VALUES), st.integers(1, 9))
def test_the_array_is_found_behind_and_before_anything_else(listed: list[Any], others: Any, size: int) -> None:
    for document in (
        listed,
        {**others, "items": listed, "z": others},
        {**others, "first": {"x": others, "items": listed}},
    ):
        assert found(json.dumps(document).encode(), size) == listed
        assert found(json.dumps(document, indent=1).encode(), size) == listed


def test_an_array_elsewhere_is_a_part_of_the_document() -> None:
    document = {"body": {"items": [1, 2]}, "items": 7}
    assert found(json.dumps(document).encode()) == [document]


def test_the_elements_come_before_the_end_has_been_read() -> None:
    def pieces() -> Any:
        yield b'{"items": [1, 2, '
        raise Malformed("not read so far")

    elements = elements_at(pieces(), 1000, 32, PATHS)
    assert [next(elements), next(elements)] == [(1, b"1"), (2, b"2")]


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"7",
        b"}",
        b'"[1]"',
        b'{"items": [1, 2',
        b'{"items": [1] "x": 2}',
        b'{"items": [1]',
        b'{"items": [1]}}',
        b'{"a" "items": [1]}',
        b"[1] [2]",
        b"[1,,2]",
        b'{"x": "' + b"x" * (LONGEST_WRAPPER + 10),
        b"[1" + b"]" + b" " * (LONGEST_WRAPPER + 10),
        b"{" + b'"x": {' * 40 + b"}" * 41,
    ],
)
def test_what_is_no_such_document_is_refused(document: bytes) -> None:
    with pytest.raises(Malformed):
        found(document, 65_536)
