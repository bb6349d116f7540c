"""Projects, scales and members."""

from typing import Any

from marshmallow import ValidationError, fields, validate

from api.rules.consensus import CONSENSUS
from api.rules.permissions import ROLES
from api.rules.scales import DEFAULT, PRESETS, TRUTH_CLASSES
from api.schemas.fields import (
    Answered,
    Choice,
    Line,
    Moment,
    Number,
    Part,
    Pattern,
    Prose,
    Shape,
    Truth,
    Whole,
    page_of,
)
from api.schemas.users import TIME

SLUG = "^[a-z0-9][a-z0-9-]{0,62}$"
WORD = Pattern("^[a-z0-9][a-z0-9_-]{0,62}$", error="Expected lower-case letters, digits, _ and -, at most 63.")


class ScaleValue(Shape):
    """One verdict of a scale."""

    value = fields.String(
        required=True,
        validate=WORD,
        metadata={"description": "The word that assessments carry."},
    )
    label = Line(100, required=True, metadata={"description": "What people read."})
    number = Number(load_default=None, allow_none=True, metadata={"description": "ratingValue for ClaimReview."})
    truth_class = Choice(*TRUTH_CLASSES, required=True)


class Scale(Shape):
    """Verdicts in their order."""

    name = Line(63, required=True)
    values = fields.List(
        fields.Nested(ScaleValue),
        required=True,
        validate=validate.Length(2, 50, error="Expected 2 to 50 verdicts."),
    )


class ScaleChoice(fields.Field[Any]):
    """A scale in full, or the name of a preset."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        if isinstance(value, str):
            if value not in PRESETS:
                raise ValidationError(f"Expected one of {', '.join(PRESETS)}, or a scale of your own.")
            return value
        scale = Scale().load(value)
        words = [entry["value"] for entry in scale["values"]]
        if len(set(words)) < len(words):
            raise ValidationError({"values": ["Expected different values, found one twice."]})
        return scale


class PolicyChanges(Shape):
    """What can be changed of a policy; members left out stay as they are."""

    required_assessments = Whole(1, 9, metadata={"description": "Submitted assessments that a claim needs."})
    consensus = Choice(*CONSENSUS, metadata={"description": "Whether all of them must agree, or more than half."})
    blind = Truth(
        metadata={"description": "Whether reviewers see others' assessments only once their own is submitted."}
    )
    example = {"required_assessments": 3, "consensus": "majority", "blind": True}


class ProjectFacts(Shape):
    """What is said of a project."""

    name = Line(200, required=True)
    description = Prose(load_default=None, allow_none=True)
    guidelines = Prose(load_default=None, allow_none=True, metadata={"description": "What reviewers should go by."})
    scale = ScaleChoice(
        load_default=DEFAULT,
        metadata={
            "description": f"Name of a preset ({', '.join(PRESETS)}) or a scale of your own.",
            "oneOf": [{"type": "string", "enum": list(PRESETS)}, {"$ref": "#/components/schemas/Scale"}],
        },
    )
    policy = Part(PolicyChanges, load_default=dict)


class ProjectChanges(ProjectFacts):
    """What can be changed of a project."""

    replacements = fields.Dict(
        keys=fields.String(),
        values=fields.String(validate=WORD),
        load_default=dict,
        metadata={
            "description": "With a new scale: by dropped verdict, the one that takes its place in what was assessed."
        },
    )
    example = {"guidelines": "Quote the source that comes nearest to the event."}


class ProjectDraft(ProjectFacts):
    """A project to found."""

    slug = fields.String(
        required=True,
        validate=Pattern(SLUG, error="Expected lower-case letters, digits and -, at most 63."),
        metadata={"description": "Its name in addresses. It never changes."},
    )
    example = {"slug": "elections-2026", "name": "Elections 2026", "scale": "averitec"}


class Policy(Answered):
    """How assessments become a verdict."""

    required_assessments = Whole(1, 9)
    consensus = Choice(*CONSENSUS)
    blind = fields.Boolean()


class Project(Answered):
    """A tenant: articles, members, a scale and a policy."""

    slug = fields.String()
    name = fields.String()
    description = fields.String(allow_none=True)
    guidelines = fields.String(allow_none=True)
    scale = fields.Nested(Scale)
    policy = fields.Nested(Policy)
    created_at = Moment()
    created_by = fields.String()
    version = Whole(1)
    example = {
        "slug": "elections-2026",
        "name": "Elections 2026",
        "description": None,
        "guidelines": "Quote the source that comes nearest to the event.",
        "scale": PRESETS["averitec"],
        "policy": {"required_assessments": 1, "consensus": "unanimous", "blind": False},
        "created_at": TIME,
        "created_by": "admin",
        "version": 1,
    }


class MemberDraft(Shape):
    """The role that a user shall have."""

    role = Choice(*ROLES, required=True)
    example = {"role": "reviewer"}


class Member(Answered):
    """A user's place in a project."""

    project = fields.String()
    user = fields.String()
    display_name = fields.String()
    role = Choice(*ROLES)
    created_at = Moment()
    version = Whole(1)
    example = {
        "project": "default",
        "user": "ada",
        "display_name": "Ada Obi",
        "role": "reviewer",
        "created_at": TIME,
        "version": 1,
    }


ProjectPage = page_of(Project, "ProjectPage")
MemberPage = page_of(Member, "MemberPage")
