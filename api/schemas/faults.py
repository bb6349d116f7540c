"""What does not fit a shape, said with JSON pointers."""

from collections.abc import Iterator, Mapping
from typing import Any

from api.errors import Fault
from api.text.strict import escaped, shown

CODES = {
    "Missing data for required field.": "required",
    "Unknown field.": "unknown_field",
    "Field may not be null.": "null",
}
ADVICE = {
    "required": "This member is needed.",
    "unknown_field": "There is no such member here.",
    "null": "Null is not allowed here.",
}


def faults(messages: Any, sent: Any, pointer: str = "") -> Iterator[Fault]:
    """marshmallow's nested messages as a flat list that says what was found at each place."""
    if not isinstance(messages, Mapping):
        for message in messages:
            code = CODES.get(message, "invalid")
            found = f" Found {shown(sent)}." if code == "invalid" else ""
            yield Fault(pointer, code, ADVICE.get(code, message) + found)
        return
    for key, inner in messages.items():
        if key in ("_schema", "value") and not _has(sent, key):
            yield from faults(inner, sent, pointer)
        else:
            yield from faults(inner, sent[key] if _has(sent, key) else None, f"{pointer}/{escaped(str(key))}")


def _has(sent: Any, key: Any) -> bool:
    if isinstance(sent, dict):
        return key in sent
    return isinstance(sent, list) and isinstance(key, int) and key < len(sent)
