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
FEW, SHORT = 10, 40
"""Most faults in one place, and most code points of a name, for which it is looked up what may have been meant."""


def faults(messages: Any, sent: Any, pointer: str = "", noun: str = "member", few: bool = True) -> Iterator[Fault]:
    """marshmallow's nested messages as a flat list that says what was found at each place."""
    if not isinstance(messages, Mapping):
        for message in messages:
            if isinstance(message, NoSuchMember):
                detail = f"There is no such {noun} here.{_hint(pointer, message.names) if few else ''}"
                yield Fault(pointer, "unknown_field", detail)
            elif code := CODES.get(message):
                yield Fault(pointer, code, ADVICE[code].format(noun=noun))
            else:
                yield Fault(pointer, "invalid", f"{message} Found {shown(sent)}.")
        return
    few = len(messages) <= FEW
    for key, inner in messages.items():
        if key in ("_schema", "value") and not _has(sent, key):
            yield from faults(inner, sent, pointer, noun)
        else:
            found = sent[key] if _has(sent, key) else None
            yield from faults(inner, found, f"{pointer}/{escaped(str(key))}", noun, few)


def _hint(pointer: str, names: Sequence[str]) -> str:
    name = pointer.rpartition("/")[2]
    close = get_close_matches(name, names, 1) if len(name) <= SHORT else []
    return f" Did you mean `{close[0]}`?" if close else ""


def _has(sent: Any, key: Any) -> bool:
    if isinstance(sent, dict):
        return key in sent
    return isinstance(sent, list) and isinstance(key, int) and key < len(sent)
