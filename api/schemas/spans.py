"""Spans: how a client says where a claim stands, and how the service does."""

from typing import Any

from marshmallow import ValidationError, fields, post_load, validate

from api.schemas.fields import Answered, Choice, Digits, Shape, Whole
from api.text.marks import OUTCOMES
from api.text.spans import LONGEST, Position, Quote
from api.text.units import CODE_POINT, UNITS


class RevisionNumber(Digits):
    """The number of a revision, in a query string."""

    def __init__(self, **options: Any):
        limits = validate.Range(1, 999_999_999, error="Expected a whole number from 1 to 999999999.")
        super().__init__(validate=limits, **options)


class UnitQuery(Shape):
    """What offsets count in the answer."""

    unit = Choice(
        *UNITS,
        load_default=CODE_POINT,
        metadata={
            "description": "What offsets count in the answer: code points (Python), UTF-16 code units "
            "(JavaScript, Java), or UTF-8 bytes (Go, Rust)."
        },
    )


class SpanDraft(Shape):
    """Where a claim stands: by position (`start`, `end`, and `exact` to be checked) or by quote
    (`exact`, with `prefix` and `suffix` where the words stand more than once)."""

    start = Whole(metadata={"description": "Where it begins, counted from 0."})
    end = Whole(metadata={"description": "Behind its last character."})
    unit = Choice(*UNITS, metadata={"description": "What start and end count; code points if absent."})
    revision = Whole(1, metadata={"description": "The text that was on the screen; the current one if absent."})
    exact = fields.String(
        validate=validate.Length(1, LONGEST, error=f"Expected 1 to {LONGEST} code points."),
        metadata={"description": "The words; with a position they are checked."},
    )
    prefix = fields.String(
        validate=validate.Length(max=1000), metadata={"description": "What stands directly before the quote."}
    )
    suffix = fields.String(
        validate=validate.Length(max=1000), metadata={"description": "What stands directly behind the quote."}
    )
    example = {"exact": "the city had planted 4,000 trees", "prefix": "said that "}

    @post_load
    def selector(self, given: dict[str, Any], **_options: Any) -> Position | Quote:
        if "start" in given and "end" in given:
            if given.keys() & {"prefix", "suffix"}:
                raise ValidationError("Expected either start and end, or exact with prefix and suffix, found both.")
            return Position(**given)
        if "start" in given or "end" in given or "exact" not in given:
            raise ValidationError("Expected start and end, or exact.")
        return Quote(**given)


class Anchor(Answered):
    """How a span came to its place on this revision."""

    outcome = Choice(
        *OUTCOMES,
        metadata={
            "description": "Marked there; the same words, kept; the words changed; or orphaned: "
            "gone, or not certainly found, and shown where they last stood."
        },
    )
    score = fields.Float(
        metadata={"description": "How much of the words and their surroundings the edit left in place, 0 to 1."}
    )
    from_revision = Whole(1, metadata={"description": "The revision it was carried over from."})
    confirmed = fields.String(
        allow_none=True,
        metadata={"description": "The words it was marked or last confirmed on; null if it still has them."},
    )


class Span(Answered):
    """A half-open stretch `[start, end)` of one revision."""

    start = Whole()
    end = Whole(1)
    unit = Choice(*UNITS)
    revision = Whole(1)
    exact = fields.String(metadata={"description": "The words themselves."})
    prefix = fields.String(metadata={"description": "Up to 32 code points before them."})
    suffix = fields.String(metadata={"description": "Up to 32 code points after them."})
    anchor = fields.Nested(Anchor)
    example = {
        "start": 30,
        "end": 62,
        "unit": "codepoint",
        "revision": 1,
        "exact": "the city had planted 4,000 trees",
        "prefix": "On Monday the mayor said that ",
        "suffix": " 🌳 since 2020. The parks office ",
        "anchor": {"outcome": "marked", "score": 1.0, "from_revision": 1, "confirmed": None},
    }
