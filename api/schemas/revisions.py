"""Revisions of an article, what became of its claims, and what changed in its text."""

from marshmallow import fields, validate

from api.schemas.articles import TEXT, Article
from api.schemas.fields import Answered, Choice, Flag, Line, Moment, Shape, Whole, page_of
from api.schemas.spans import RevisionNumber, UnitQuery
from api.schemas.users import TIME
from api.text.marks import OUTCOMES
from api.text.units import UNITS

CARRIED = OUTCOMES[1:]
EDITED = TEXT.replace("4,000", "4,200")


class RevisionDraft(Shape):
    """A new text of an article."""

    text = fields.String(
        required=True,
        validate=validate.Length(1, error="Expected at least one code point."),
        metadata={"description": "The whole new text, kept code point for code point."},
    )
    note = Line(load_default=None, allow_none=True, metadata={"description": "Why the text was changed."})
    example = {"text": EDITED, "note": "Corrected number of trees"}


class RevisionOptions(UnitQuery):
    """How to take a new text."""

    dry_run = Flag(
        load_default=False,
        metadata={"description": "Only report what would become of the claims; store nothing."},
    )


class Place(Answered):
    """A half-open stretch `[start, end)` of a revision."""

    revision = Whole(1)
    start = Whole()
    end = Whole()
    unit = Choice(*UNITS)
    exact = fields.String(metadata={"description": "The words there."})
    example = {"revision": 1, "start": 30, "end": 62, "unit": "codepoint", "exact": "the city had planted 4,000 trees"}


class CarriedSpan(Answered):
    """What became of one span."""

    outcome = Choice(*CARRIED)
    score = fields.Float(metadata={"description": "How much of the words and their surroundings was left in place."})
    # `from` is a word of Python's own.
    from_ = fields.Nested(Place, data_key="from", metadata={"description": "Where it last stood."})
    to = fields.Nested(Place, allow_none=True, metadata={"description": "Where it stands now; null if orphaned."})
    example = {
        "outcome": "changed",
        "score": 0.948,
        "from": Place.example,
        "to": {**Place.example, "revision": 2, "exact": "the city had planted 4,200 trees"},
    }


class CarriedClaim(Answered):
    """What became of one claim."""

    claim = fields.UUID()
    outcome = Choice(*CARRIED, metadata={"description": "The worst of its spans'."})
    spans = fields.List(fields.Nested(CarriedSpan))
    example = {"claim": "01934f6e-7a10-7000-8000-000000000004", "outcome": "changed", "spans": [CarriedSpan.example]}


class Report(Answered):
    """What became of the claims that stood on the revision before."""

    kept = Whole(metadata={"description": "Claims that have all their words."})
    changed = Whole(metadata={"description": "Claims whose words were edited."})
    orphaned = Whole(metadata={"description": "Claims that lost words."})
    claims = fields.List(fields.Nested(CarriedClaim))
    example = {"kept": 0, "changed": 1, "orphaned": 0, "claims": [CarriedClaim.example]}


class RevisionSummary(Answered):
    """A revision without its text, as lists show it."""

    n = Whole(1, metadata={"description": "Its number, from 1."})
    article = fields.UUID()
    text_sha256 = fields.String(metadata={"description": "SHA-256 of the text in UTF-8, in hex."})
    code_points = Whole(1)
    note = fields.String(allow_none=True)
    created_at = Moment(allow_none=True, metadata={"description": "Null in a dry run."})
    created_by = fields.String()
    example = {
        "n": 2,
        "article": Article.example["id"],
        "text_sha256": "1a9a0933afc351755931bb0fac60f2f0990a202dee6a5559176bc1044342e3cc",
        "code_points": 107,
        "note": "Corrected number of trees",
        "created_at": TIME,
        "created_by": "admin",
    }


class Revision(RevisionSummary):
    """One immutable text of an article."""

    text = fields.String()
    report = fields.Nested(Report)
    example = {**RevisionSummary.example, "text": EDITED, "report": Report.example}


RevisionPage = page_of(RevisionSummary, "RevisionPage")


class DiffQuery(UnitQuery):
    """Which revision to compare with."""

    from_ = RevisionNumber(
        data_key="from", metadata={"description": "The revision to compare with; the one before if absent."}
    )


class Change(Answered):
    """A stretch that differs. On the side where nothing stands, it is empty."""

    kind = Choice("inserted", "deleted", "replaced")
    from_ = fields.Nested(Place, data_key="from")
    to = fields.Nested(Place)
    example = {
        "kind": "replaced",
        "from": {**Place.example, "start": 53, "end": 56, "exact": "000"},
        "to": {**Place.example, "revision": 2, "start": 53, "end": 56, "exact": "200"},
    }


class Move(Answered):
    """A stretch that stands elsewhere; among the changes it is deleted here and inserted there."""

    from_ = fields.Nested(Place, data_key="from")
    to = fields.Nested(Place)
    example = {"from": Place.example, "to": {**Place.example, "revision": 2}}


class Diff(Answered):
    """What differs between two revisions."""

    article = fields.UUID()
    from_ = Whole(1, data_key="from")
    to = Whole(1)
    changes = fields.List(fields.Nested(Change), metadata={"description": "In the order of the text."})
    moved = fields.List(fields.Nested(Move))
    example = {"article": Article.example["id"], "from": 1, "to": 2, "changes": [Change.example], "moved": []}
