"""Whatever stands in front of them, the words that a tool has marked are the words that come in."""

import json
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from hypothesis import given
from hypothesis import strategies as st

from api.exports.dossier import standing
from api.readers import readers
from api.readers.reader import Record, Terms
from api.text.spans import Position, Quote, place
from api.text.units import Rulers
from tests.exports.dossiers import HOSTILE, PLACES, claim, dossier, written
from tests.readers.files import JSON, LD, NDJSON, ZIP, archive

TEXTS = st.text(st.sampled_from("ab \n\r\t🌳👩‍🚒e\u0301漢\ufeff\u2028\x0b"), min_size=1, max_size=40)


@st.composite
def marked(draw: Any) -> tuple[str, list[tuple[int, int]]]:
    """A text and stretches of it."""
    text = draw(TEXTS)
    ends = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).map(sorted).map(tuple)
    return text, draw(st.lists(ends.filter(lambda pair: pair[0] < pair[1]), min_size=1, max_size=4, unique=True))


def records(format: str, kind: str, body: bytes) -> list[Record]:
    return list(readers()[format].read(pieces(body), Terms(kind, 1_000_000, 32)))


def pieces(body: bytes, size: int = 7) -> Iterator[bytes]:
    yield from (body[at : at + size] for at in range(0, len(body), size))


def words(record: Record, text: str) -> list[list[str]]:
    """What the claims of the record mark."""
    assert record.dossier is not None, record.faults
    return [[found(text, span) for span in claim["spans"]] for claim in record.dossier["claims"]]


def found(text: str, span: dict[str, Any]) -> str:
    return place(Rulers(text), Position(**span) if "start" in span else Quote(**span)).exact


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@given(marked())
def test_doccano_counts_code_points(example: tuple[str, list[tuple[int, int]]]) -> None:
    text, places = example
    body = json.dumps({"text": text, "label": [[*each, "L"] for each in places]}).encode()
    (record,) = records("doccano", NDJSON, body)
    assert words(record, text) == [[text[start:end]] for start, end in places]


@given(marked())
def test_label_studio_counts_utf16(example: tuple[str, list[tuple[int, int]]]) -> None:
    text, places = example
    results = [
        {
            "id": str(n),
            "type": "labels",
            "value": {
                "start": utf16(text[:start]),
                "end": utf16(text[:end]),
                "text": " ".join(text[start:end].split()),
                "labels": ["L"],
            },
        }
        for n, (start, end) in enumerate(places)
    ]
    body = json.dumps([{"data": {"text": text}, "annotations": [{"id": 1, "result": results}]}]).encode()
    (record,) = records("label-studio", JSON, body)
    assert words(record, text) == [[text[start:end]] for start, end in places]


@given(marked())
def test_brat_counts_code_points(example: tuple[str, list[tuple[int, int]]]) -> None:
    text, places = example
    lines = "".join(f"T{n}\tL {start} {end}\t{_line(text[start:end])}\n" for n, (start, end) in enumerate(places))
    (record,) = records("brat", ZIP, archive({"d.txt": text.encode(), "d.ann": lines}))
    assert words(record, text) == [[text[start:end]] for start, end in places]


def _line(words: str) -> str:
    return words.replace("\n", " ")


@given(marked())
def test_web_annotations_count_code_points(example: tuple[str, list[tuple[int, int]]]) -> None:
    text, places = example
    items = [
        {"target": {"source": "https://x.example/", "selector": {"type": "TextPositionSelector", "start": s, "end": e}}}
        for s, e in places
    ]
    found = records("web-annotation", LD, json.dumps({"first": {"items": items}}).encode())
    assert [words(record, text) for record in found] == [[[text[start:end]]] for start, end in places]


def test_what_is_exported_as_brat_comes_back_on_the_same_characters() -> None:
    claims = [claim(n, HOSTILE, *places) for n, places in enumerate([*([each] for each in PLACES), PLACES[:5:2]], 1)]
    (record,) = records("brat", ZIP, written("brat", dossier(HOSTILE, *claims)))
    assert record.dossier is not None, record.faults
    assert record.dossier["article"]["text"] == HOSTILE
    placed = [each for each in claims if HOSTILE[each["spans"][0]["start"] : each["spans"][0]["end"]].strip()]
    assert len(record.dossier["claims"]) == len(placed) > 8
    for before, after in zip(placed, record.dossier["claims"], strict=True):
        assert covered([(span["start"], span["end"]) for span in after["spans"]]) == covered(standing(before))


def covered(places: list[tuple[int, int]]) -> set[int]:
    """The characters in the places, but for white space: brat cuts at line ends, and drops lines of nothing else."""
    return {at for start, end in places for at in range(start, end) if not HOSTILE[at].isspace()}


def test_the_archive_of_the_export_is_one_to_others_too() -> None:
    with ZipFile(BytesIO(written("brat", dossier(HOSTILE)))) as zip:
        assert zip.testzip() is None
