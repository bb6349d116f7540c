"""Statistics of the work in a project: what each number counts."""

from marshmallow import fields

from api.rules.consensus import STATUSES
from api.rules.scales import TRUTH_CLASSES
from api.schemas.fields import Answered, Choice, Whole


class ByStatus(Answered):
    """The claims marked in the period by the people asked for, by where they stand now."""

    unverified = Whole()
    in_review = Whole()
    disputed = Whole()
    resolved = Whole()
    withdrawn = Whole()
    example = dict(zip(STATUSES, (12, 5, 2, 30, 1), strict=True))


class ByVerdict(Answered):
    """Of the same claims, those that are resolved with this verdict."""

    verdict = fields.String()
    label = fields.String()
    truth_class = Choice(*TRUTH_CLASSES)
    claims = Whole()
    example = {"verdict": "false", "label": "False", "truth_class": "false", "claims": 17}


class OnResolved(Answered):
    """A reviewer's assessments beside the resolutions."""

    assessments = Whole(metadata={"description": "Of the counted assessments, those of claims that are resolved now."})
    agreeing = Whole(metadata={"description": "Of these, the ones whose verdict is that of the resolution."})
    share = fields.Float(
        allow_none=True,
        metadata={
            "description": "agreeing / assessments; null where there are none. Where one assessment is enough, "
            "it agrees with the resolution that follows from it."
        },
    )
    example = {"assessments": 40, "agreeing": 34, "share": 0.85}


class ByReviewer(Answered):
    """What one person did, in the period."""

    reviewer = fields.String()
    assessments = Whole(metadata={"description": "Submitted assessments first given in the period."})
    claims_assessed = Whole(metadata={"description": "Different claims that these are of."})
    claims_marked = Whole()
    evidence = Whole(metadata={"description": "Links attached."})
    on_resolved = fields.Nested(OnResolved)
    example = {
        "reviewer": "ada",
        "assessments": 46,
        "claims_assessed": 46,
        "claims_marked": 20,
        "evidence": 31,
        "on_resolved": OnResolved.example,
    }


class ByDay(Answered):
    """What happened on one day."""

    date = fields.Date(metadata={"description": "In UTC."})
    claims_marked = Whole()
    assessments = Whole(
        metadata={"description": "Submitted assessments first given on this day; begun, if they were drafts at first."}
    )
    claims_resolved = Whole(
        metadata={"description": "Claims whose present resolution is of this day, marked by the people asked for."}
    )
    example = {"date": "2026-03-02", "claims_marked": 4, "assessments": 11, "claims_resolved": 3}


class Totals(Answered):
    """How much there is of everything that was made in the period by the people asked for."""

    articles = Whole(metadata={"description": "With `type`, only those on which a claim of this kind is marked."})
    claims = Whole(metadata={"description": "Of every status; the sum of `by_status`."})
    assessments = Whole(metadata={"description": "Submitted ones; the sum over the reviewers, and over the days."})
    evidence = Whole()
    example = {"articles": 9, "claims": 50, "assessments": 112, "evidence": 75}


class Statistics(Answered):
    """Where claims stand, and who did how much."""

    by_status = fields.Nested(ByStatus)
    by_verdict = fields.List(
        fields.Nested(ByVerdict), metadata={"description": "Every verdict of the scale, in its order."}
    )
    by_reviewer = fields.List(
        fields.Nested(ByReviewer), metadata={"description": "Everybody who did something of it, by name."}
    )
    by_day = fields.List(
        fields.Nested(ByDay), metadata={"description": "Days on which something happened, the earliest first."}
    )
    totals = fields.Nested(Totals)
    example = {
        "by_status": ByStatus.example,
        "by_verdict": [ByVerdict.example],
        "by_reviewer": [ByReviewer.example],
        "by_day": [ByDay.example],
        "totals": Totals.example,
    }
