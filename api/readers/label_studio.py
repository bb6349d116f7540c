"""Label Studio's JSON: a task with its annotations, whose regions of text become claims.

https://labelstud.io/guide/task_format. Offsets count UTF-16 code units, as JavaScript does; several results that have
one id say several things about one region.
"""

import re
from typing import Any

from api.errors import Fault, Invalid
from api.readers.reader import JSON, NDJSON, Draft, Json, Reader, a_list, an_object, json_reader, named, placed
from api.text.strict import shown
from api.text.units import Ruler

UNIT = "utf16"
ENDS = ("start", "end")
DIGITS = re.compile(r"\d{1,9}")
WORDS = {"labels": "tags", "choices": "tags", "textarea": "notes"}
"""Kinds of results on a region of text, and what they say of it."""
LEFT_OUT = {
    "predictions": ("prediction", "What a model has predicted is not brought in."),
    "drafts": ("draft", "Drafts of annotations are not brought in."),
    "meta": ("metadata", "What is said of the task beside its data is not brought in."),
}


def convert(value: Any) -> Draft:
    task = an_object(value, "")
    if "data" not in task:
        raise Invalid(Fault("/data", "required", "Expected a task with its data: export as JSON, not as JSON-MIN."))
    data = an_object(task["data"], "/data")
    field = _text_field(data)
    draft = Draft({"text": data[field]})
    if name := named("label-studio", task.get("id")):
        draft.article["external_id"] = name
    draft.describe({name: value for name, value in data.items() if name != field}, "/data")
    member = "annotations" if "annotations" in task else "completions"
    annotations = [
        (an_object(each, f"/{member}/{n}"), f"/{member}/{n}")
        for n, each in enumerate(a_list(task.get(member), f"/{member}"))
    ]
    _annotations(draft, annotations)
    for name, (code, detail) in LEFT_OUT.items():
        if task.get(name):
            draft.omit(f"/{name}", code, detail)
    return draft


def _text_field(data: Json) -> str:
    """The name of what was annotated: `text`, or the only text there is."""
    texts = [name for name, value in data.items() if isinstance(value, str)]
    if "text" in texts:
        return "text"
    if len(texts) != 1:
        raise Invalid(Fault("/data", "no_text", f"Expected data with a text. Found {shown(sorted(data))}."))
    return texts[0]


def _annotations(draft: Draft, annotations: list[tuple[Json, str]]) -> None:
    """The regions of all annotators; those that several have marked alike are one."""
    ruler = Ruler(draft.article["text"], UNIT)
    seen: dict[str, int] = {}
    counted = 0
    for n, (annotation, pointer) in enumerate(annotations):
        results = a_list(annotation.get("result"), f"{pointer}/result")
        if results and annotation.get("was_cancelled"):
            draft.omit(pointer, "skipped", "What an annotator has skipped is not brought in.")
            continue
        counted += bool(results)
        for id, region in _regions(draft, results, f"{pointer}/result").items():
            claim = _claim(ruler, region, annotation.get("id"), id)
            if seen.setdefault(repr([claim["spans"], claim["tags"], claim["context"]]), n) == n:
                draft.add(claim)
    if counted > 1:
        draft.omit("/annotations", "annotators", f"{counted} people annotated it; who marked what is not brought in.")


def _regions(draft: Draft, results: list[Any], pointer: str) -> dict[Any, Json]:
    """The stretches of text by their ids, with all that is said of each."""
    regions: dict[Any, Json] = {}
    for n, each in enumerate(results):
        here = f"{pointer}/{n}"
        result = an_object(each, here)
        kind = result.get("type")
        value: Any = result.get("value")
        place = _place(value)
        if place is None or kind not in WORDS:
            draft.omit(here, *_left_out(kind, value, place))
            continue
        id = result.get("id")
        region = regions.setdefault(id if isinstance(id, str) else n, {"place": place, "tags": [], "notes": []})
        said = a_list(value.get("text" if kind == "textarea" else kind), f"{here}/value")
        region[WORDS[kind]] += said
        region["notes"] += _notes(result.get("meta"))
        if kind != "textarea":
            region["words"] = value.get("text")
    return regions


def _place(value: Any) -> tuple[int, int] | None:
    """Where the result stands in the text, if it does: in pages and dialogues, `start` names an element."""
    if not isinstance(value, dict) or "startOffset" in value:
        return None
    start, end = (int(at) if isinstance(at, str) and DIGITS.fullmatch(at) else at for at in map(value.get, ENDS))
    return (start, end) if isinstance(start, int) and isinstance(end, int) else None


def _left_out(kind: Any, value: Any, place: Any) -> tuple[str, str]:
    if kind == "relation":
        return "relation", "Relations between marks are not brought in."
    if kind == "choices":
        return "document_label", f"Labels of whole texts are not brought in: {shown(value)}."
    where = "mark" if place else "task"
    return "result", f"What the {where} says as {shown(kind)} is not brought in."


def _notes(meta: Any) -> list[Any]:
    notes = meta.get("text") if isinstance(meta, dict) else None
    return notes if isinstance(notes, list) else [notes] if isinstance(notes, str) else []


def _claim(ruler: Ruler, region: Json, annotation: Any, id: Any) -> Json:
    start, end = region["place"]
    name = f"{annotation}/{id}" if annotation is not None and isinstance(id, str) else None
    return {
        "external_id": named("label-studio", name),
        "spans": [placed(ruler, start, end, region.get("words"))],
        "tags": list(dict.fromkeys(map(str, region["tags"]))),
        "context": "\n\n".join(note for note in region["notes"] if isinstance(note, str)),
    }


READER = Reader(
    "label-studio",
    (JSON, NDJSON),
    "Label Studio's JSON: texts, regions with labels and choices as tags and notes as context, other data as metadata.",
    "Relations, predictions, drafts, skipped annotations, answers on whole texts, regions of pages and dialogues; who "
    "marked what.",
    json_reader(convert, ()),
)
