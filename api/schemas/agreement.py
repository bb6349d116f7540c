"""Agreement between reviewers, with what each figure rests on."""

from marshmallow import fields

from api.schemas.fields import Answered, Whole


class Figure(Answered):
    """A coefficient, or why there is none. `items` and `ratings` are what it was worked out from."""

    value = fields.Float(allow_none=True, metadata={"description": "1 is perfect agreement, 0 what chance gives."})
    items = Whole()
    ratings = Whole()
    reason = fields.String(allow_none=True, metadata={"description": "Why there is no value, where there is none."})
    example = {"value": 0.743421, "items": 11, "ratings": 40, "reason": None}


class Interval(Answered):
    """Where a coefficient lies, by a bootstrap over the claims."""

    low = fields.Float(allow_none=True)
    high = fields.Float(allow_none=True)
    level = fields.Float(metadata={"description": "How certain it is, such as 0.95."})
    samples = Whole(metadata={"description": "Resamples that had a value."})
    reason = fields.String(allow_none=True, metadata={"description": "Why there is none, where there is none."})
    example = {"low": 0.488, "high": 0.956, "level": 0.95, "samples": 1000, "reason": None}


class Alpha(Figure):
    """Krippendorff's alpha with its confidence interval."""

    interval = fields.Nested(Interval)
    example = {**Figure.example, "interval": Interval.example}


class ReviewerPair(Answered):
    """Two reviewers, over the claims that both assessed."""

    reviewers = fields.List(fields.String())
    percent_agreement = fields.Nested(Figure, metadata={"description": "Share of claims they agree on, 0 to 1."})
    cohen_kappa = fields.Nested(Figure)
    alpha_nominal = fields.Nested(Figure)
    alpha_ordinal = fields.Nested(Figure)
    example = {
        "reviewers": ["ada", "ben"],
        "percent_agreement": Figure.example,
        "cohen_kappa": Figure.example,
        "alpha_nominal": Figure.example,
        "alpha_ordinal": Figure.example,
    }


class AnnotatorPair(Answered):
    """Two annotators, over the articles that both marked."""

    annotators = fields.List(fields.String())
    f1 = fields.Nested(Figure, metadata={"description": "Of the code points each marked."})
    alpha_unitizing = fields.Nested(Figure)
    example = {"annotators": ["ada", "ben"], "f1": Figure.example, "alpha_unitizing": Figure.example}


class SpanAgreement(Answered):
    """How far annotators marked the same stretches, on articles that several marked."""

    articles = Whole()
    f1 = fields.Nested(Figure, metadata={"description": "Mean over the pairs."})
    alpha_unitizing = fields.Nested(Figure)
    pairs = fields.List(fields.Nested(AnnotatorPair))
    example = {"articles": 3, "f1": Figure.example, "alpha_unitizing": Figure.example, "pairs": [AnnotatorPair.example]}


class Agreement(Answered):
    """How far reviewers agree, over the claims that at least two have assessed."""

    claims = Whole()
    reviewers = Whole()
    assessments = Whole()
    left_out = Whole(metadata={"description": "Assessments whose verdict is not on the scale."})
    percent_agreement = fields.Nested(Figure, metadata={"description": "Share of agreeing pairs, 0 to 1."})
    fleiss_kappa = fields.Nested(Figure)
    alpha_nominal = fields.Nested(Alpha)
    alpha_ordinal = fields.Nested(Alpha, metadata={"description": "By the order of the scale, if it is one."})
    pairs = fields.List(fields.Nested(ReviewerPair))
    spans = fields.Nested(SpanAgreement)
    example = {
        "claims": 12,
        "reviewers": 4,
        "assessments": 41,
        "left_out": 0,
        "percent_agreement": Figure.example,
        "fleiss_kappa": {**Figure.example, "value": None, "reason": "Items have from 2 to 4 ratings."},
        "alpha_nominal": Alpha.example,
        "alpha_ordinal": Alpha.example,
        "pairs": [ReviewerPair.example],
        "spans": SpanAgreement.example,
    }
