"""JSON read strictly: only what every reader would read alike, and every engine stores alike."""

import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NoReturn

from api.errors import Fault, Invalid, Malformed

LARGEST = 2**63
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def strict_json(body: bytes, deepest: int) -> Any:
    """The value in `body`: UTF-8 JSON (RFC 8259) that every reader would read alike.

    Raises:
        Malformed: not JSON, nested deeper than `deepest`, a name twice in one object, NaN or
            infinity, or an integer beyond 64 bits.
        Invalid: a string holds U+0000 or a lone surrogate, which no engine stores alike.
    """
    try:
        value = DECODER.decode(body.decode())
    except UnicodeDecodeError as error:
        raise Malformed(f"Expected UTF-8, found something else at byte {error.start}.") from None
    except RecursionError:
        raise Malformed(f"Expected JSON nested at most {deepest} deep, found much more.", limit=deepest) from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise Malformed(f"Expected JSON, found none at {where}: {error.msg}.") from None
    if isinstance(value, (dict, list)) and _deeper_than(deepest, value):
        raise Malformed(f"Expected JSON nested at most {deepest} deep, found more.", limit=deepest)
    if b"\\u" in body:
        check_storable(value)
    return value


def check_storable(value: Any) -> None:
    """Raises: Invalid: a string in `value`, or a name, holds U+0000 or a lone surrogate."""
    found = [
        Fault(pointer, "unstorable", "Expected text without U+0000 and lone surrogates; it can't be stored.")
        for pointer, text in _strings(value, "")
        if UNSTORABLE.search(text)
    ]
    if found:
        raise Invalid(*found)


def shown(value: Any) -> str:
    """A JSON value in a few characters."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else text[:77] + "…"


def escaped(name: str) -> str:
    """A name as a part of a JSON pointer."""
    return UNSTORABLE.sub("\ufffd", name).replace("~", "~0").replace("/", "~1")


def _strings(value: Any, pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            here = f"{pointer}/{escaped(name)}"
            yield here, name
            yield from _strings(inner, here)
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from _strings(inner, f"{pointer}/{at}")


def _deeper_than(deepest: int, value: Any) -> bool:
    level = [value]
    for _ in range(deepest):
        inside = (member.values() if isinstance(member, dict) else member for member in level)
        level = [inner for members in inside for inner in members if isinstance(inner, (dict, list))]
        if not level:
            return False
    return True


def _integer(digits: str) -> int:
    if len(digits) > 20 or not -LARGEST <= (number := int(digits)) < LARGEST:
        raise Malformed(f"Expected integers of 64 bits, found one of {len(digits)} digits.")
    return number


def _float(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise Malformed("Expected finite numbers, found one too large.")
    return number


def _constant(name: str) -> NoReturn:
    raise Malformed(f"Expected JSON numbers, found {name}.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) < len(pairs):
        (twice, _), *_ = Counter(name for name, _ in pairs).most_common(1)
        raise Malformed(f"Expected each name once in an object, found {shown(escaped(twice))} twice.")
    return names


DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_constant)
