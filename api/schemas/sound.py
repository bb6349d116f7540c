"""Sound JSON read into a shape, several times as fast as marshmallow reads it: for imports, line by line.

What marshmallow works out for each member of each object, again each time, is worked out once for each schema.
Whatever is not sound goes to marshmallow after all, which alone says what is wrong.
"""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from marshmallow import Schema, ValidationError, fields, missing, validate
from marshmallow.decorators import POST_LOAD, PRE_LOAD, VALIDATES_SCHEMA

from api.schemas.fields import Pattern

Read = Callable[[Any], Any]
AS_LOADED = {"many": False, "partial": None, "unknown": None}
"""What marshmallow tells the hooks of a schema."""


class Unsound(Exception):
    """Something that marshmallow may refuse."""


def sound(schema: Schema) -> Read:
    """Reads as `schema.load` does, with the same result and the same errors."""
    read = _of_schema(schema)

    def load(value: Any) -> Any:
        try:
            return read(value)
        except (Unsound, ValidationError):
            return schema.load(value)

    return load


def _of_schema(schema: Schema) -> Read:
    read_members = _of_members(schema)
    before, checks, after = (_hooks(schema, tag) for tag in (PRE_LOAD, VALIDATES_SCHEMA, POST_LOAD))

    def read(sent: Any) -> Any:
        given = sent
        for hook, _ in before:
            given = hook(given, **AS_LOADED)
        result = read_members(given)
        for check, _ in checks:
            check(result, **AS_LOADED)
        for hook, with_original in after:
            result = hook(result, sent, **AS_LOADED) if with_original else hook(result, **AS_LOADED)
        return result

    return read if before or checks or after else read_members


def _of_members(schema: Schema) -> Read:
    members = [_member(name, field) for name, field in schema.load_fields.items()]

    def read(given: Any) -> Any:
        if type(given) is not dict:
            raise Unsound
        result, found = {}, 0
        for name, attribute, read_member, default in members:
            if name in given:
                found += 1
                result[attribute] = read_member(given[name])
            elif default is not missing:
                result[attribute] = default()
        if found < len(given):
            raise Unsound  # there are unknown members
        return result

    return read


def _hooks(schema: Schema, tag: str) -> list[tuple[Callable[..., Any], bool]]:
    return [(getattr(schema, name), bool(options.get("pass_original"))) for name, _many, options in schema._hooks[tag]]


def _member(name: str, field: fields.Field[Any]) -> tuple[str, str, Read, Any]:
    """Its name in JSON and in what is made of it, how it is read, and what makes up for it."""
    default: Any = field.load_default
    if field.required:
        default = _missed
    elif default is not missing and not callable(default):
        default = _always(default)
    return field.data_key or name, field.attribute or name, _of_field(field), default


def _missed() -> Any:
    raise Unsound


def _always(value: Any) -> Callable[[], Any]:
    return lambda: value


def _of_field(field: fields.Field[Any]) -> Read:
    read = _of_value(field)
    if field.allow_none:
        return lambda value: None if value is None else read(value)
    return read


def _of_value(field: fields.Field[Any]) -> Read:
    if isinstance(field, fields.Nested):
        return _of_schema(field.schema)
    if isinstance(field, fields.List):
        return _of_list(field)
    if type(field)._deserialize is fields.String._deserialize:
        return _of_text(field)
    checks = field.validators

    def read(value: Any) -> Any:
        if value is None:
            raise Unsound
        value = field._deserialize(value, None, None)
        for check in checks:
            check(value)
        return value

    return read


def _of_list(field: fields.List[Any]) -> Read:
    read_member, checks = _of_field(field.inner), field.validators

    def read(value: Any) -> Any:
        if type(value) is not list:
            raise Unsound
        members = [read_member(member) for member in value]
        for check in checks:
            check(members)
        return members

    return read


def _of_text(field: fields.Field[Any]) -> Read:
    checks = [_check(validator) for validator in field.validators]

    def read(value: Any) -> Any:
        if type(value) is not str:
            raise Unsound
        for check in checks:
            if not check(value):
                raise Unsound
        return value

    return read


def _check(validator: Any) -> Callable[[str], Any]:
    """Whether a text passes; what marshmallow's own validators check, without their ceremony."""
    if type(validator) is Pattern:
        return partial(re.Pattern.fullmatch, validator.regex)
    if type(validator) is validate.OneOf:
        return frozenset(validator.choices).__contains__
    if type(validator) is validate.Length and validator.equal is None:
        least, most = validator.min or 0, validator.max
        return lambda text: least <= len(text) and (most is None or len(text) <= most)
    return lambda text: (validator(text), True)
