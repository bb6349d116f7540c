"""What does not fit a shape, said with JSON pointers."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from api.errors import Fault
from api.schemas.fields import NoSuchMember
from api.text.strict import escaped, shown

CODES = {
    "Missing data for required field.": "required",
    "Field may not be null.": "null",
}
ADVICE = {
    "required": "This {noun} is needed.",
    "null": "Null is not allowed here.",
}
HINTS, SHORT, ALIKE = 20, 40, 0.75
"""Most unknown names, and most code points of each, for which it is looked up what may have been meant; and how much
alike the two must be, of 1."""


def faults(messages: Any, sent: Any, noun: str = "member") -> Iterator[Fault]:
    """marshmallow's nested messages as a flat list that says what was found at each place."""
    hints = HINTS
    for pointer, message, found in _each(messages, sent, ""):
        if isinstance(message, NoSuchMember):
            hint = _hint(pointer, message.names) if hints else ""
            hints -= bool(hints)
            yield Fault(pointer, "unknown_field", f"There is no such {noun} here.{hint}")
        elif code := CODES.get(message):
            yield Fault(pointer, code, ADVICE[code].format(noun=noun))
        else:
            yield Fault(pointer, "invalid", f"{message} Found {shown(found)}.")


def _each(messages: Any, sent: Any, pointer: str) -> Iterator[tuple[str, Any, Any]]:
    """Each message with its place, and what was sent there."""
    if not isinstance(messages, Mapping):
        yield from ((pointer, message, sent) for message in messages)
        return
    for key, inner in messages.items():
        if key in ("_schema", "value") and not _has(sent, key):
            yield from _each(inner, sent, pointer)
        else:
            yield from _each(inner, sent[key] if _has(sent, key) else None, f"{pointer}/{escaped(str(key))}")


def _hint(pointer: str, names: Sequence[str]) -> str:
    name = pointer.rpartition("/")[2]
    close = get_close_matches(name, names, 1, ALIKE) if len(name) <= SHORT else []
    return f" Did you mean `{close[0]}`?" if close else ""


def _has(sent: Any, key: Any) -> bool:
    if isinstance(sent, dict):
        return key in sent
    return isinstance(sent, list) and isinstance(key, int) and key < len(sent)
