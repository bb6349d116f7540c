"""Tables come in as they were written, whatever their cells hold and wherever the pieces of the stream end."""

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.errors import Malformed
from api.readers import readers
from api.readers.reader import Record, Terms

CELLS = st.text(st.sampled_from('a,;"\n\r 🌳\ufeff\t\u2028'), min_size=1, max_size=12)


def read(body: bytes, size: int) -> list[Record]:
    pieces = (body[at : at + size] for at in range(0, len(body), size))
    return list(readers()["csv"].read(pieces, Terms("text/csv", 10_000, 32)))


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=5), st.integers(1, 9), st.booleans())
def test_every_cell_comes_in_as_it_is(rows: list[tuple[str, str]], size: int, marked: bool) -> None:
    held = StringIO()
    csv.writer(held, quoting=csv.QUOTE_ALL).writerows([("text", "note"), *rows])
    records = read(("\ufeff" if marked else "").encode() + held.getvalue().encode(), size)
    articles = [record.dossier["article"] for record in records if record.dossier]
    assert [(article["text"], article["metadata"]["note"]) for article in articles] == rows


def test_the_number_is_that_of_the_line_where_the_record_begins() -> None:
    body = b'text,title\n"one\ntwo",t\n\nthree,t\nfour\nfive,t\n'
    assert [(record.line, bool(record.faults)) for record in read(body, 4)] == [
        (2, False),
        (5, False),
        (6, True),
        (7, False),
    ]


def test_a_record_in_another_encoding_fails_alone() -> None:
    body = "text,title\nfirst,é\nsecond,é\nthird 🌳,é\n".encode().replace(b"second,\xc3\xa9", b"second,\xe9")
    first, second, third = read(body, 5)
    assert (first.dossier, third.dossier) == (
        {"article": {"text": "first", "title": "é"}, "claims": []},
        {"article": {"text": "third 🌳", "title": "é"}, "claims": []},
    )
    (fault,) = second.faults
    assert (second.line, fault.code) == (3, "malformed")
    assert fault.detail.startswith('Expected UTF-8, found other bytes in column "title".')


def test_a_head_without_text_is_told_as_it_was_found() -> None:
    with pytest.raises(Malformed, match="Expected a head with a column `text`, found"):
        read(b'"claim","x"\n"1","2"\n', 100)


def test_records_come_before_the_end_has_been_read() -> None:
    def pieces():  # type: ignore[no-untyped-def]
        yield b"text\none\ntwo\nth"
        raise AssertionError("read too far")

    records = readers()["csv"].read(pieces(), Terms("text/csv", 10_000, 32))
    assert [next(records).dossier, next(records).line] == [{"article": {"text": "one"}, "claims": []}, 3]
