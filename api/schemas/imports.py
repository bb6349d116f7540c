"""Imports: how they are asked for, and their reports."""

from marshmallow import fields

from api.readers import readers
from api.rules.imports import MODES, STATES
from api.schemas.fields import Answered, Choice, Flag, Moment, Shape, Whole, page_of
from api.schemas.users import TIME

NATIVE = "native"
FORMATS = "\n".join(
    [
        "What the file is, and the media types it comes as:",
        f"- `{NATIVE}`: dossiers, as `application/x-ndjson` or `application/json`.",
        *(f"- `{each.name}`, {', '.join(each.media_types)}: {each.describes}" for each in readers().values()),
    ]
)


class ImportQuery(Shape):
    """How to import."""

    format = Choice(NATIVE, *readers(), load_default=NATIVE, metadata={"description": FORMATS})
    mode = Choice(
        *MODES,
        load_default="partial",
        metadata={"description": "A bad line fails alone; or nothing is brought in if one line fails."},
    )
    dry_run = Flag(load_default=False, metadata={"description": "Do everything, report it, and keep none of it."})


class Import(Answered):
    """What came of an import, or has come of it so far."""

    id = fields.UUID()
    project = fields.String()
    mode = Choice(*MODES)
    dry_run = fields.Boolean()
    state = Choice(*STATES)
    detail = fields.String(allow_none=True, metadata={"description": "Why it failed as a whole."})
    lines = Whole(metadata={"description": "Lines, or elements of the array, that were dealt with."})
    created = Whole(metadata={"description": "Lines whose article was new."})
    updated = Whole(metadata={"description": "Lines that changed or added anything."})
    unchanged = Whole(metadata={"description": "Lines that said nothing new."})
    failed = Whole(metadata={"description": "Lines of which nothing was brought in."})
    omitted = Whole(metadata={"description": "Lines that came in, but not with all that they say."})
    started_at = Moment()
    updated_at = Moment(metadata={"description": "When it last moved on."})
    finished_at = Moment(allow_none=True)
    created_by = fields.String()
    example = {
        "id": "01934f6e-7a10-7000-8000-000000000009",
        "project": "default",
        "mode": "partial",
        "dry_run": False,
        "state": "finished",
        "detail": None,
        "lines": 3,
        "created": 1,
        "updated": 0,
        "unchanged": 1,
        "failed": 1,
        "omitted": 0,
        "started_at": TIME,
        "updated_at": TIME,
        "finished_at": TIME,
        "created_by": "ada",
    }


NUMBER = "Number of the line, the element of the array or the entry of the archive, from 1."


class Failure(Answered):
    """One thing wrong with a line."""

    line = Whole(1, metadata={"description": NUMBER})
    pointer = fields.String(metadata={"description": "JSON pointer into the line."})
    code = fields.String(metadata={"description": "Stable word for the kind of fault; `/docs/errors` explains each."})
    detail = fields.String(metadata={"description": "What was found and what was expected."})
    example = {
        "line": 2,
        "pointer": "/claims/0/spans/0/exact",
        "code": "quote_not_found",
        "detail": "'4,100 trees' does not stand in the text.",
    }


class Omission(Answered):
    """One thing that was left out of a line that came in."""

    line = Whole(1, metadata={"description": NUMBER})
    pointer = fields.String(metadata={"description": "JSON pointer into the line."})
    code = fields.String(metadata={"description": "Stable word for the kind of thing; `/docs/errors` explains each."})
    detail = fields.String(metadata={"description": "What was left out, and why."})
    example = {
        "line": 3,
        "pointer": "/relations/0",
        "code": "relation",
        "detail": "Relations between marks are not brought in.",
    }


ImportPage = page_of(Import, "ImportPage")
FailurePage = page_of(Failure, "FailurePage")
OmissionPage = page_of(Omission, "OmissionPage")
