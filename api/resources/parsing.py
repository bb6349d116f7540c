"""What came in, read strictly: JSON bodies and query strings, both through their schemas."""

from typing import Any, NoReturn
from urllib.parse import unquote_to_bytes

from flask import Request, current_app
from marshmallow import RAISE, Schema, ValidationError
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import RequestEntityTooLarge

from api.errors import Fault, Invalid, Malformed, UnsupportedMediaType
from api.resources.bodies import has_body, received
from api.schemas.faults import faults
from api.text.strict import check_storable, strict_json

JSON = "application/json"


class Parser(FlaskParser):
    """webargs, with our own JSON, no ignored parameters, and faults with JSON pointers."""

    DEFAULT_UNKNOWN_BY_LOCATION = {"json": None, "query": RAISE}

    def load_json(self, req: Request, schema: Schema) -> Any:
        if getattr(schema, "optional", False) and not has_body():
            return {}
        if req.mimetype != JSON:
            found = req.mimetype or "no content type"
            raise UnsupportedMediaType(f"Expected {JSON}, found {found}.")
        if req.mimetype_params.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
            raise UnsupportedMediaType("Expected JSON in UTF-8.")
        if req.content_encoding:
            raise UnsupportedMediaType(f"Expected a body without Content-Encoding, found {req.content_encoding}.")
        body = received()
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
        ((place, messages),) = error.normalized_messages().items()  # type: ignore[no-untyped-call]
        noun = "parameter" if place == "query" else "member"
        raise Invalid(*faults(messages, error.data, noun=noun)) from None
