"""What a reader is, and what readers share: records, drafts of dossiers, and looks at values of unknown shape."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from api.errors import Fault, Invalid, Malformed
from api.text.documents import Path, elements_at
from api.text.pieces import Line, Pieces, lines
from api.text.spans import LONGEST
from api.text.strict import escaped, shown, strict_json
from api.text.units import InsideCharacter, Ruler

JSON, NDJSON = "application/json", "application/x-ndjson"
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Terms:
    """What a file is read as: its media type, most bytes of an element, and how deep JSON may be nested."""

    media_type: str
    longest: int
    deepest: int


@dataclass(frozen=True, slots=True)
class Record:
    """One element of a file: a dossier as a line of an import would say it, or why it is none.

    `line` is its number in the file, from 1; `size` in bytes; `omitted` is what has no place in a dossier.
    """

    line: int
    size: int
    dossier: Json | None = None
    faults: tuple[Fault, ...] = ()
    omitted: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Reader:
    """A way to read files of others, as they come, in bounded memory.

    `read` raises Malformed if the file can't be read on.
    """

    name: str
    media_types: tuple[str, ...]
    describes: str
    loses: str
    read: Callable[[Pieces, Terms], Iterator[Record]]


@dataclass(slots=True)
class Draft:
    """A dossier in the making."""

    article: Json
    claims: list[Json] = field(default_factory=list)
    omitted: list[Fault] = field(default_factory=list)

    def omit(self, pointer: str, code: str, detail: str) -> None:
        self.omitted.append(Fault(pointer, code, detail))

    def add(self, claim: Json) -> None:
        """A claim, without those members that say nothing."""
        self.claims.append({name: value for name, value in claim.items() if value not in (None, "", [])})

    def describe(self, members: Json, pointer: str) -> None:
        """Whatever else is said of the article becomes its metadata, as far as it is plain."""
        metadata = {}
        for name, value in members.items():
            if isinstance(value, str | int | float | bool):
                metadata[name] = value
            elif value not in (None, [], {}):
                self.omit(f"{pointer}/{escaped(name)}", "metadata", "Lists and objects are not brought in as metadata.")
        if metadata:
            self.article["metadata"] = metadata

    def record(self, line: int, size: int) -> Record:
        return Record(line, size, {"article": self.article, "claims": self.claims}, omitted=tuple(self.omitted))


def json_reader(convert: Callable[[Any], Draft], *paths: Path) -> Callable[[Pieces, Terms], Iterator[Record]]:
    """Reads JSON by lines, or by the elements of the array that stands at one of the paths."""

    def read(pieces: Pieces, terms: Terms) -> Iterator[Record]:
        if terms.media_type == NDJSON:
            found: Iterator[Line] = lines(pieces, terms.longest)
        else:
            found = elements_at(pieces, terms.longest, terms.deepest, frozenset(paths))
        for number, value in found:
            yield too_long(number, terms) if value is None else _record(number, value, terms, convert)

    return read


def _record(number: int, element: bytes, terms: Terms, convert: Callable[[Any], Draft]) -> Record:
    try:
        return convert(strict_json(element, terms.deepest)).record(number, len(element))
    except Malformed as error:
        return Record(number, len(element), faults=(Fault("", error.code, error.detail),))
    except Invalid as error:
        return Record(number, len(element), faults=error.faults)


def too_long(number: int, terms: Terms) -> Record:
    fault = Fault("", "line_too_long", f"Expected at most {terms.longest} bytes, found more.")
    return Record(number, 0, faults=(fault,))


def an_object(value: Any, pointer: str) -> Json:
    found: Json = _of(dict, value, pointer, "an object")
    return found


def a_list(value: Any, pointer: str) -> list[Any]:
    """Raises: Invalid: it is none. What is absent is empty."""
    found: list[Any] = [] if value is None else _of(list, value, pointer, "a list")
    return found


def a_text(value: Any, pointer: str) -> str:
    found: str = _of(str, value, pointer, "a text")
    return found


def _of(kind: type, value: Any, pointer: str, expected: str) -> Any:
    if not isinstance(value, kind):
        raise Invalid(Fault(pointer, "invalid", f"Expected {expected}. Found {shown(value)}."))
    return value


def named(tool: str, id: Any) -> str | None:
    """The name that something has in another tool, told from those of all other tools.

    >>> named("doccano", 7), named("doccano", None)
    ('doccano:7', None)
    """
    return f"{tool}:{id}" if isinstance(id, str | int) else None


def placed(ruler: Ruler, start: int, end: int, words: Any) -> Json:
    """A span by its position. The words that the tool says stand there are checked, but for white space, which
    tools write as they like.

    >>> placed(Ruler("🌳  b", "utf16"), 0, 5, "🌳 b"), placed(Ruler("🌳b", "utf16"), 1, 2, "b")
    ({'start': 0, 'end': 5, 'unit': 'utf16'}, {'start': 1, 'end': 2, 'unit': 'utf16', 'exact': 'b'})
    """
    span = {"start": start, "end": end, "unit": ruler.unit}
    if not isinstance(words, str) or not words or alike(_between(ruler, start, end), words):
        return span
    return {**span, "exact": words}


def alike(some: str, other: str) -> bool:
    """Whether both are the same, but for white space."""
    return "".join(some.split()) == "".join(other.split())


def _between(ruler: Ruler, start: int, end: int) -> str:
    """What stands there; nothing if there is no such place, or if it is too long for a span."""
    if not 0 <= start <= end <= min(ruler.length, start + 2 * LONGEST):
        return ""
    try:
        return ruler.text[ruler.in_code_points(start) : ruler.in_code_points(end)]
    except InsideCharacter:
        return ""
