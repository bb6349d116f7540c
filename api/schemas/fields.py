"""Fields with the strictness of JSON: no number in a string, no truth in a number, no silent cut."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from api.text.times import day_or_moment, moment
from api.text.urls import LONGEST, web_address

ID_LENGTH = 255
LINE = 1000
PROSE = 100_000


class Pattern(validate.Regexp):
    """The whole of a text must match; documented as it is written, from ^ to $."""

    def __call__(self, value: Any) -> Any:
        if not self.regex.fullmatch(value):
            raise ValidationError(str(self.error))
        return value


NOT_BLANK = Pattern(r"^[\s\S]*\S[\s\S]*$", error="Expected more than white space.")


class NoSuchMember(str):
    """What is said of a member that a shape does not have; `names` are those that it has."""

    names: Sequence[str] = ()


class Shape(Schema):
    """A JSON object. Unknown fields are refused. `example` stands in the documentation.

    `optional`: a body of this shape may be left out; it is empty then.
    """

    example: ClassVar[Any]
    optional: ClassVar[bool] = False
    error_messages = {"type": "Expected an object."}

    class Meta:
        unknown = RAISE

    def __init__(self, **options: Any):
        super().__init__(**options)
        self.error_messages["unknown"] = message = NoSuchMember("Unknown field.")
        message.names = [field.data_key or name for name, field in self.load_fields.items()]


class Answered(Shape):
    """A JSON object as the service gives it: every field is always there."""

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        field_obj.required = True


@dataclass(frozen=True)
class OneOf:
    """One of several shapes; the documentation knows it by that name."""

    name: str
    shapes: tuple[type[Shape], ...]

    @property
    def example(self) -> Any:
        return self.shapes[0].example


class Line(fields.String):
    """A short text on one line or several, up to `most` code points, not blank."""

    def __init__(self, most: int = LINE, **options: Any):
        checks = [validate.Length(max=most, error=f"Expected at most {most} code points."), NOT_BLANK]
        super().__init__(validate=[*checks, *options.pop("validate", [])], **options)


class Prose(fields.String):
    """A longer text, exactly as sent."""

    def __init__(self, **options: Any):
        limit = validate.Length(max=PROSE, error=f"Expected at most {PROSE} code points.")
        super().__init__(validate=limit, **options)


class Language(fields.String):
    """A language tag."""

    def __init__(self, **options: Any):
        tag = Pattern(
            r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,8}$", error="Expected a language tag (BCP 47), such as en or pt-BR."
        )
        limit = validate.Length(max=64, error="Expected at most 64 code points.")
        super().__init__(validate=[tag, limit], **options)


class Whole(fields.Integer):
    """A JSON integer; not a string, not 1.0, not true."""

    def __init__(self, least: int = 0, most: int = 2**31 - 1, **options: Any):
        limits = validate.Range(least, most, error=f"Expected a whole number from {least} to {most}.")
        super().__init__(strict=True, validate=limits, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> int:
        if type(value) is not int:
            raise ValidationError("Expected a whole number.")
        return value


class Digits(fields.Integer):
    """A whole number in a query string, written in plain digits."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", value):
            raise ValidationError("Expected a whole number in digits.")
        return int(value)


class Number(fields.Float):
    """A finite JSON number."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> float:
        if type(value) not in (int, float) or not math.isfinite(value):
            raise ValidationError("Expected a number.")
        return float(value)


class Truth(fields.Boolean):
    """A JSON true or false; not a word, not a number."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> bool:
        if type(value) is not bool:
            raise ValidationError("Expected true or false.")
        return value


class Flag(fields.Boolean):
    """`true` or `false` in a query string."""

    def __init__(self, **options: Any):
        super().__init__(
            truthy={"true"}, falsy={"false"}, error_messages={"invalid": "Expected true or false."}, **options
        )


class WebAddress(fields.String):
    """An http or https address, kept in the form a browser would go to."""

    def __init__(self, **options: Any):
        metadata = {"format": "uri", "maxLength": LONGEST, **options.pop("metadata", {})}
        super().__init__(metadata=metadata, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        text = super()._deserialize(value, attr, data, **options)
        try:
            return web_address(text)
        except ValueError as error:
            raise ValidationError(str(error)) from None


class DayOrMoment(fields.String):
    """An RFC 3339 date or date-time; a date stays a date, a moment is carried to UTC."""

    def __init__(self, **options: Any):
        about = "A date (2016-12-08) or a moment (2016-12-08T18:00:00Z), RFC 3339."
        formats = [{"format": "date"}, {"format": "date-time"}]
        metadata = {"description": about, "anyOf": formats, **options.pop("metadata", {})}
        super().__init__(metadata=metadata, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        text = super()._deserialize(value, attr, data, **options)
        try:
            return day_or_moment(text)
        except ValueError:
            raise ValidationError("Expected a date or a moment with its offset (RFC 3339).") from None


class Moment(fields.DateTime):
    """An RFC 3339 date-time, in UTC."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        try:
            return moment(value)
        except (ValueError, TypeError):
            raise ValidationError("Expected a moment with its offset (RFC 3339).") from None


class Id(fields.UUID):
    """A UUID, in its canonical text form."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        return str(super()._deserialize(value, attr, data, **options))


class Part(fields.Nested):
    """A shape inside another. It is always given whole: what a PATCH may leave out are the outer members."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, partial: Any = None, **options: Any) -> Any:
        return super()._deserialize(value, attr, data, partial=False, **options)


class Choice(fields.String):
    """One of a few words."""

    def __init__(self, *words: str, **options: Any):
        one_of = validate.OneOf(words, error=f"Expected one of {', '.join(words)}.")
        super().__init__(validate=one_of, **options)


def listed(of: fields.Field[Any], most: int, **options: Any) -> fields.List[Any]:
    """A list of at most `most` members; absent is empty."""
    limit = validate.Length(max=most, error=f"Expected at most {most} members.")
    checks = options.pop("validate", [])
    metadata = {**options.pop("metadata", {}), **({"uniqueItems": True} if different in checks else {})}
    return fields.List(of, validate=[limit, *checks], metadata=metadata, **options)


def different(members: list[Any]) -> None:
    if len(set(members)) < len(members):
        raise ValidationError("Expected different members, found one twice.")


def example_page(of: type[Shape]) -> dict[str, Any]:
    return {"items": [of.example], "next": None}


def page_of(of: type[Shape], name: str) -> type[Shape]:
    """The shape of a page of a list."""
    after = fields.String(allow_none=True, metadata={"description": "Address of the next page; null on the last."})
    shape = {"items": fields.List(fields.Nested(of)), "next": after, "example": example_page(of)}
    return type(name, (Answered,), shape)


class PageQuery(Shape):
    """Which page of a list."""

    limit = Digits(
        load_default=50,
        validate=validate.Range(1, 200, error="Expected a whole number from 1 to 200."),
        metadata={"description": "Most items on the page."},
    )
    cursor = fields.String(
        load_default=None,
        validate=validate.Length(1, 2000, error="Expected a cursor, taken from `next`."),
        metadata={"description": "Where the page begins; taken from `next` of the page before."},
    )


def sorts(*names: str, default: str) -> fields.String:
    """A query parameter that picks the order of a list; `-` in front turns it round."""
    return Choice(
        *(sign + name for name in names for sign in ("", "-")),
        load_default=default,
        metadata={"description": "Order of the list; `-` in front turns it round."},
    )
