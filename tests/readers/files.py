"""Small files as other tools write them: the words that they mark stand behind characters beyond the BMP."""

import json
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from tests.client import TEXT

JSON, LD, NDJSON = "application/json", "application/ld+json", "application/x-ndjson"
CSV, PLAIN, ZIP = "text/csv", "text/plain", "application/zip"
URL = "https://news.example/trees"
NUMBER = TEXT.index("2,950")
"""Behind the tree, which is one code point, two UTF-16 code units and four bytes."""
OFFICE = TEXT.index("The parks office")


def jsonl(*rows: Any) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def archive(files: dict[str, bytes | str]) -> bytes:
    held = BytesIO()
    with ZipFile(held, "w") as written:
        for name, content in files.items():
            written.writestr(name, content)
    return held.getvalue()


def doccano(text: str = TEXT, **members: Any) -> dict[str, Any]:
    marks = [
        {"id": 11, "label": "Number", "start_offset": NUMBER, "end_offset": NUMBER + 5},
        {"id": 12, "label": "Who", "start_offset": OFFICE, "end_offset": OFFICE + 16},
    ]
    row = {"id": 7, "text": text, "desk": "city", "year": 2026, "Comments": ["Sure?"], "entities": marks}
    return {**row, "relations": [{"id": 1, "from_id": 11, "to_id": 12, "type": "counted by"}], **members}


def region(id: str, start: int, words: str, **said: Any) -> dict[str, Any]:
    """As JavaScript counts: everything behind the tree is one further on."""
    place = {"start": start + 1, "end": start + 1 + len(words), "text": words}
    return {"id": id, "from_name": "l", "to_name": "t", "type": "labels", "value": {**place, **said}}


def task(**members: Any) -> dict[str, Any]:
    first = [
        region("r1", NUMBER, "2,950", labels=["Number"]),
        {**region("r1", NUMBER, "2,950", choices=["Doubtful"]), "type": "choices"},
        {**region("r1", NUMBER, "", text=["Since 2020?"]), "type": "textarea"},
        {**region("r1", NUMBER, "2,950", rating=3), "type": "rating"},
        {"type": "relation", "from_id": "r1", "to_id": "r2", "direction": "right"},
        {"id": "c", "type": "choices", "from_name": "c", "to_name": "t", "value": {"choices": ["News"]}},
    ]
    second = [region("x1", OFFICE, "The parks office", labels=["Who"]), region("x2", NUMBER, "2,950", labels=[])]
    skipped = [region("s", OFFICE, "The parks office", labels=["No"])]
    annotations = [
        {"id": 1, "completed_by": 1, "result": first},
        {"id": 2, "completed_by": 2, "result": second},
        {"id": 3, "completed_by": 3, "was_cancelled": True, "result": skipped},
    ]
    data = {"text": TEXT, "desk": "city", "authors": ["Jo"]}
    return {"id": 7, "data": data, "annotations": annotations, "predictions": [{"result": skipped}], **members}


ANN = f"""T1\tNumber {NUMBER} {NUMBER + 5}\t2,950
T2\tClaim {OFFICE} {OFFICE + 16};{NUMBER} {NUMBER + 5}\tThe parks office 2,950
#1\tAnnotatorNotes T1\tSince 2020?
A1\tVerdict T1 false
R1\tsupports Arg1:T1 Arg2:T2
E1\tCount:T1 By:T2
N1\tReference T2 Wikidata:Q1\tParks
#2\tAnnotatorNotes R1\tWhy?
*\tEquiv T1 T2
"""


def brat(annotations: str = ANN, text: str = TEXT) -> bytes:
    return archive({"annotation.conf": "[entities]\nClaim\n", "trees.txt": text, "trees.ann": annotations})


def row(id: str = "kq3vYK", **members: Any) -> dict[str, Any]:
    """As Hypothesis gives it. Positions count on the page in the browser, which has other white space."""
    quote = {"type": "TextQuoteSelector", "exact": "2,950", "prefix": "office \n counts ", "suffix": ". Asked"}
    selectors = [{"type": "TextPositionSelector", "start": 4711, "end": 4716}, quote]
    target = [{"source": URL, "selector": selectors}]
    said = {"text": "Since 2020?", "tags": ["numbers"], "user": "acct:jo@hypothes.is", "document": {"title": ["Trees"]}}
    return {"id": id, "uri": URL, "target": target, **said, **members}


def annotation(**members: Any) -> dict[str, Any]:
    """As the W3C's model has it."""
    selectors = [
        {"type": "TextQuoteSelector", "exact": "2,950"},
        {"type": "TextPositionSelector", "start": NUMBER, "end": NUMBER + 5},
    ]
    bodies = [
        {"type": "TextualBody", "value": "Since 2020?", "purpose": "commenting"},
        {"type": "TextualBody", "value": "numbers", "purpose": "tagging"},
        {"type": "SpecificResource", "purpose": "linking", "source": "https://parks.example/"},
        {"type": "Image", "id": "https://parks.example/tree.png"},
        "https://parks.example/video",
    ]
    target = {"source": URL, "selector": selectors}
    head = {"@context": "http://www.w3.org/ns/anno.jsonld", "id": "https://notes.example/1", "type": "Annotation"}
    return {**head, "body": bodies, "target": target, **members}
