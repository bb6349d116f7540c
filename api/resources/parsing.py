"""What came in, read strictly: JSON bodies and query strings, both through their schemas."""

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn
from urllib.parse import unquote_to_bytes

from flask import Request, current_app
from marshmallow import RAISE, Schema, ValidationError
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import RequestEntityTooLarge

from api.errors import Fault, Invalid, Malformed, UnsupportedMediaType

JSON = "application/json"
LARGEST = 2**63
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
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


class Parser(FlaskParser):
    """webargs, with our own JSON, no ignored parameters, and faults with JSON pointers."""

    DEFAULT_UNKNOWN_BY_LOCATION = {"json": None, "query": RAISE}

    def load_json(self, req: Request, schema: Schema) -> Any:
        if getattr(schema, "optional", False) and not has_body(req):
            return {}
        if req.mimetype != JSON:
            found = req.mimetype or "no content type"
            raise UnsupportedMediaType(f"Expected {JSON}, found {found}.")
        if req.mimetype_params.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
            raise UnsupportedMediaType("Expected JSON in UTF-8.")
        if req.content_encoding:
            raise UnsupportedMediaType(f"Expected a body without Content-Encoding, found {req.content_encoding}.")
        body = req.get_data()
        if req.content_length is None and len(body) >= current_app.config["MAX_CONTENT_LENGTH"]:
            raise RequestEntityTooLarge  # werkzeug only cuts a body that comes in chunks
        return strict_json(body, current_app.config["SETTINGS"].max_json_depth)

    def load_querystring(self, req: Request, schema: Schema) -> dict[str, Any]:
        many = {name for name, field in schema.fields.items() if hasattr(field, "inner")}
        try:
            unquote_to_bytes(req.query_string).decode()
        except UnicodeDecodeError:
            raise Malformed("Expected a query in UTF-8.") from None
        given = {}
        for name, values in req.args.lists():
            if len(values) > 1 and name not in many:
                raise Invalid(Fault(f"/{name}", "repeated", f"Expected {name} once, found it {len(values)} times."))
            given[name] = values if name in many else values[0]
        check_storable(given)
        return given

    def handle_error(self, error: ValidationError, req: Request, *args: Any, **options: Any) -> NoReturn:
        (messages,) = error.normalized_messages().values()  # type: ignore[no-untyped-call]
        sent = error.data
        raise Invalid(*faults(messages, sent)) from None


def has_body(req: Request) -> bool:
    return bool(req.content_length) or "Transfer-Encoding" in req.headers


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
        raise Malformed(f"Expected JSON nested at most {deepest} deep, found much more.") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise Malformed(f"Expected JSON, found none at {where}: {error.msg}.") from None
    if isinstance(value, (dict, list)) and _deeper_than(deepest, value):
        raise Malformed(f"Expected JSON nested at most {deepest} deep, found more.")
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


def faults(messages: Any, sent: Any, pointer: str = "") -> Iterator[Fault]:
    """marshmallow's nested messages as a flat list that says what was found at each place."""
    if not isinstance(messages, Mapping):
        for message in messages:
            code = CODES.get(message, "invalid")
            found = f" Found {_shown(sent)}." if code == "invalid" else ""
            yield Fault(pointer, code, ADVICE.get(code, message) + found)
        return
    for key, inner in messages.items():
        if key in ("_schema", "value") and not _has(sent, key):
            yield from faults(inner, sent, pointer)
        else:
            yield from faults(inner, sent[key] if _has(sent, key) else None, f"{pointer}/{_escaped(str(key))}")


def _has(sent: Any, key: Any) -> bool:
    if isinstance(sent, dict):
        return key in sent
    return isinstance(sent, list) and isinstance(key, int) and key < len(sent)


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else text[:77] + "…"


def _escaped(name: str) -> str:
    return UNSTORABLE.sub("\ufffd", name).replace("~", "~0").replace("/", "~1")


def _strings(value: Any, pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            here = f"{pointer}/{_escaped(name)}"
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
        raise Malformed(f"Expected each name once in an object, found {_shown(_escaped(twice))} twice.")
    return names


DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_constant)
