"""doccano's sequence labelling, as it exports it: a text a line with its entities.

https://doccano.github.io/doccano/. Offsets count code points. Entities are triples, or objects where the project has
relations.
"""

from typing import Any

from api.errors import Fault, Invalid
from api.readers.reader import JSON, NDJSON, Draft, Reader, a_list, a_text, an_object, json_reader, named
from api.text.strict import shown

MARKS = ("label", "labels", "entities", "annotations")
"""Where entities stand, by version and kind of project."""
OMITTED = {
    "relations": ("relation", "Relations between marks are not brought in"),
    "cats": ("document_label", "Labels of whole texts are not brought in"),
    "Comments": ("comment", "Comments are not brought in"),
    "comments": ("comment", "Comments are not brought in"),
}


def convert(value: Any) -> Draft:
    row = an_object(value, "")
    draft = Draft({"text": a_text(row.get("text"), "/text")})
    if name := named("doccano", row.get("id")):
        draft.article["external_id"] = name
    for member in MARKS:
        for n, mark in enumerate(a_list(row.get(member), f"/{member}")):
            _mark(draft, mark, f"/{member}/{n}")
    for member, (code, detail) in OMITTED.items():
        for n, each in enumerate(a_list(row.get(member), f"/{member}")):
            draft.omit(f"/{member}/{n}", code, f"{detail}: {shown(each)}.")
    known = {"id", "text", *MARKS, *OMITTED}
    draft.describe({name: value for name, value in row.items() if name not in known}, "")
    return draft


def _mark(draft: Draft, mark: Any, pointer: str) -> None:
    if isinstance(mark, str):
        draft.omit(pointer, "document_label", f"Labels of whole texts are not brought in: {shown(mark)}.")
        return
    if isinstance(mark, list) and len(mark) == 3:
        mark = dict(zip(("start_offset", "end_offset", "label"), mark, strict=True))
    if not isinstance(mark, dict) or not {"start_offset", "end_offset"} <= mark.keys():
        detail = f"Expected [start, end, label], or an object with start_offset and end_offset. Found {shown(mark)}."
        raise Invalid(Fault(pointer, "invalid", detail))
    label = mark.get("label")
    draft.add(
        {
            "external_id": named("doccano", mark.get("id")),
            "spans": [{"start": mark["start_offset"], "end": mark["end_offset"]}],
            "tags": [] if label is None else [str(label) if isinstance(label, int) else label],
        }
    )


READER = Reader(
    "doccano",
    (NDJSON, JSON),
    "doccano's JSONL of sequence labelling: texts, marks with their labels as tags, other columns as metadata.",
    "Relations, comments, labels of whole texts, columns that are lists; who marked what.",
    json_reader(convert, ()),
)
