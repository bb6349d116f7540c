"""The OpenAPI document: generated from the operations, served, and written to `openapi.yaml`."""

from http import HTTPStatus
from typing import Any

import flask_smorest
from apispec import APISpec
from flask import Flask
from werkzeug.routing import BaseConverter, IntegerConverter, UUIDConverter

from api.resources.headers import RETRY_AFTER
from api.resources.problems import MEDIA_TYPE, STATUS, TYPE
from api.schemas.dossiers import DOSSIER_LINE
from api.schemas.fields import Shape
from api.schemas.problems import Problem
from api.schemas.projects import Scale

DESCRIPTION = """\
Claimspan stores articles, lets reviewers mark stretches of their text as claims, attach verdicts
and evidence, and exports the annotated result as JSON.

An answer of one thing that has versions carries an `ETag`; changes demand it back in `If-Match`. Lists are pages
with `next`. Errors are problems (RFC 9457) with a stable `code`. Every answer has an `X-Request-Id`:
the request's own, if it had one. Times are RFC 3339 in UTC. Offsets count Unicode code points,
half-open.

`RateLimit-Policy` and `RateLimit` say how many requests a token may make and has left; who sends more is
refused (429) and told in `Retry-After` when to come back.
"""


class Id(UUIDConverter):
    """A UUID in an address, in its canonical text form."""

    def to_python(self, value: str) -> str:  # type: ignore[override]
        return value.lower()

    def to_url(self, value: Any) -> str:
        return str(value)


class Slug(BaseConverter):
    regex = "[a-z0-9][a-z0-9-]{0,62}"


class Number(IntegerConverter):
    """A whole number from 1."""

    regex = "[1-9][0-9]{0,8}"


class User(BaseConverter):
    regex = "[a-z0-9][a-z0-9._-]{0,62}"


class Api(flask_smorest.Api):  # type: ignore[misc]
    """flask-smorest's, without its ways of saying errors and pages, for which we have our own."""

    DEFAULT_ERROR_RESPONSE_NAME = None
    ERROR_SCHEMA = Problem

    def _register_error_handlers(self) -> None:
        pass

    def _register_pagination_header(self) -> None:
        pass


def install(app: Flask) -> Api:
    """The API object of the app, with its converters and what every operation shares."""
    for name, converter in (("id", Id), ("slug", Slug), ("user", User), ("number", Number)):
        app.url_map.converters[name] = converter
    app.config |= {
        "API_TITLE": "Claimspan",
        "API_VERSION": "1",
        "OPENAPI_VERSION": "3.1.0",
        "OPENAPI_URL_PREFIX": None,
    }
    api = Api(app, spec_kwargs={"info": _info(), "servers": [{"url": "/"}]})
    api.register_converter(Id, lambda _: {"type": "string", "format": "uuid"})
    api.register_converter(Slug, lambda _: {"type": "string", "pattern": f"^{Slug.regex}$"})
    api.register_converter(Number, lambda _: {"type": "integer", "minimum": 1, "maximum": 999_999_999})
    api.register_converter(User, lambda _: {"type": "string", "pattern": f"^{User.regex}$"})
    _share(api.spec)
    return api


def _info() -> dict[str, Any]:
    return {"description": DESCRIPTION, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}}


def _share(spec: APISpec) -> None:
    token = {"type": "http", "scheme": "bearer", "description": "A token, `cs_…`."}
    spec.components.security_scheme("token", token)
    about = "An access token (JWT) of the OpenID Connect issuer that the operator has named, where there is one."
    spec.components.security_scheme(
        "signIn", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": about}
    )
    spec.components.schema("Scale", schema=Scale)
    for shape in DOSSIER_LINE.shapes:
        spec.components.schema(shape.__name__, schema=shape)
    spec.components.schema(DOSSIER_LINE.name, {"oneOf": [_reference(shape) for shape in DOSSIER_LINE.shapes]})
    for status in sorted({*STATUS.values()} - {405}):
        kinds = [error for error, its_status in STATUS.items() if its_status == status]
        example = {
            "type": TYPE + kinds[0].code,
            "title": kinds[0].title,
            "status": status,
            "detail": "What was found and what was expected.",
            "code": kinds[0].code,
        }
        about = f"{HTTPStatus(status).phrase}: {', '.join(f'`{kind.code}`' for kind in kinds)}."
        content = {MEDIA_TYPE: {"schema": "Problem", "example": example}}
        wait = {"headers": RETRY_AFTER} if status in (429, 503) else {}
        spec.components.response(f"Problem{status}", {"description": about, **wait, "content": content})


def _reference(shape: type[Shape]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{shape.__name__}"}


def dossier_schema(document: dict[str, Any]) -> dict[str, Any]:
    """The JSON Schema of a dossier and of an export, cut from the OpenAPI document."""
    schemas = _relocated(document["components"]["schemas"])
    wanted, todo = {}, ["DossierLine", "Export"]
    while todo:
        name = todo.pop()
        if name not in wanted:
            wanted[name] = schemas[name]
            todo += _references(schemas[name])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "/v1/schemas/dossier.json",
        "title": "Claimspan dossier",
        "description": "One dossier or the end (a line of ndjson), or an export with many.",
        "oneOf": [{"$ref": "#/$defs/DossierLine"}, {"$ref": "#/$defs/Export"}],
        "$defs": dict(sorted(wanted.items())),
    }


def _relocated(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _relocated(inner) for key, inner in value.items() if key != "example"}
    if isinstance(value, list):
        return [_relocated(inner) for inner in value]
    return value.replace("#/components/schemas/", "#/$defs/") if isinstance(value, str) else value


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"].rpartition("/")[2]] if "$ref" in value else []
        return own + [name for inner in value.values() for name in _references(inner)]
    return [name for inner in value for name in _references(inner)] if isinstance(value, list) else []
