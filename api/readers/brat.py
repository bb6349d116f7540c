"""brat standoff, zipped: texts (`.txt`) with their annotations beside them (`.ann`).

https://brat.nlplab.org/standoff.html. Offsets count code points of the text as it is. What an annotation marks becomes
a claim; a fragmented one has a span for each fragment.
"""

import re
from collections.abc import Iterator

from api.errors import Fault, Invalid
from api.readers.archive import Archive, opened
from api.readers.reader import Draft, Json, Reader, Record, Terms, alike
from api.text.pieces import Pieces
from api.text.spans import LONGEST
from api.text.strict import shown

MARK = re.compile(r"(T\S*)\t(\S+) (\d{1,9} \d{1,9}(?:;\d{1,9} \d{1,9})*)(?:\t(.*))?", re.ASCII)
NOTE = re.compile(r"#\S*\tAnnotatorNotes (T\S*)\t(.*)")
EVERY_CLAIM = "Claim"
"""The kind that our own export gives to whatever is marked: it says nothing more."""
LEFT_OUT = {
    "R": ("relation", "Relations between marks are not brought in"),
    "*": ("relation", "Relations between marks are not brought in"),
    "E": ("event", "Events are not brought in, only the words they hang on"),
    "A": ("attribute", "Attributes of marks are not brought in"),
    "M": ("attribute", "Attributes of marks are not brought in"),
    "N": ("normalization", "References to entries elsewhere are not brought in"),
    "#": ("note", "Only notes of annotators on marks are brought in"),
}
CONFIGURATION = (".conf", "/.stats_cache")


def read(pieces: Pieces, terms: Terms) -> Iterator[Record]:
    with opened(pieces, terms.longest) as archive:
        for name, (number, info) in archive.files.items():
            stem, _, kind = name.rpartition(".")
            if kind == "txt":
                yield _document(archive, stem, number)
            elif (kind != "ann" or f"{stem}.txt" not in archive.files) and not name.endswith(CONFIGURATION):
                fault = Fault("", "unexpected_file", f"Expected texts (.txt) with their annotations, found {name}.")
                yield Record(number, info.file_size, faults=(fault,))
        for number, info in archive.repeated:
            fault = Fault("", "repeated", f"The archive has {info.filename} twice.")
            yield Record(number, info.file_size, faults=(fault,))


def _document(archive: Archive, stem: str, number: int) -> Record:
    size = 0
    try:
        text = archive.text(f"{stem}.txt")
        beside = f"{stem}.ann" in archive.files
        annotations = archive.text(f"{stem}.ann") if beside else ""
        size = len(text) + len(annotations)
        return _drafted(stem, text, annotations).record(number, size)
    except Invalid as error:
        return Record(number, size, faults=error.faults)


def _drafted(name: str, text: str, annotations: str) -> Draft:
    draft = Draft({"external_id": name, "text": text})
    marks: dict[str, Json] = {}
    notes: dict[str, list[str]] = {}
    lines = [line.removesuffix("\r") for line in annotations.split("\n")]
    for line in lines:
        if found := MARK.fullmatch(line):
            marks[found[1]] = _claim(text, found)
    for n, line in enumerate(lines, 1):
        note = NOTE.fullmatch(line)
        if note and note[1] in marks:
            notes.setdefault(note[1], []).append(note[2])
        elif line.strip() and not line.startswith("T"):
            _leave_out(draft, line, n)
        elif line.strip() and not MARK.fullmatch(line):
            raise _unreadable(line, n)
    for mark, claim in marks.items():
        draft.add({**claim, "context": "\n\n".join(notes.get(mark, []))})
    return draft


def _claim(text: str, mark: re.Match[str]) -> Json:
    """Raises: Invalid: other words stand there than the annotation says; white space apart, which brat rewrites."""
    name, kind, places, words = mark.groups()
    spans = [{"start": int(start), "end": int(end)} for start, end in (place.split(" ") for place in places.split(";"))]
    there = " ".join(text[span["start"] : span["end"]] for span in spans if span["end"] - span["start"] <= LONGEST)
    if words and there.strip() and not alike(there, words):
        detail = f"{name} is said to mark {shown(words)}, but {shown(there)} stands at {places}."
        raise Invalid(Fault("", "exact_mismatch", detail))
    return {"external_id": name, "spans": spans, "tags": [] if kind == EVERY_CLAIM else [kind]}


def _leave_out(draft: Draft, line: str, n: int) -> None:
    if line[0] not in LEFT_OUT:
        raise _unreadable(line, n)
    code, detail = LEFT_OUT[line[0]]
    draft.omit("", code, f"{detail}: {shown(line)}.")


def _unreadable(line: str, n: int) -> Invalid:
    return Invalid(Fault("", "malformed", f"Expected an annotation in line {n} of the .ann file, found {shown(line)}."))


READER = Reader(
    "brat",
    ("application/zip",),
    "brat standoff in a zip: texts named by their files, marks with their kind as a tag and notes as context.",
    "Relations, events, attributes, normalizations, notes on anything but marks; who marked what.",
    read,
)
