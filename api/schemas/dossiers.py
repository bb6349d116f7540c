"""Dossiers: the native format of exports."""

from marshmallow import fields

from api.exports import formats
from api.schemas.articles import Article
from api.schemas.assessments import Assessment
from api.schemas.claims import Claim, ClaimFilters
from api.schemas.comments import Comment
from api.schemas.evidence import Evidence
from api.schemas.fields import Answered, Choice, Moment, OneOf, Shape, Whole
from api.schemas.relations import Relation
from api.schemas.revisions import Revision


class DossierRevision(Revision):
    """One text that the article had or has, and where the claims on it came from."""

    text = fields.String(allow_none=True, metadata={"description": "Null on the current one: it is the article's."})
    created_at = Moment()
    example = {
        **Revision.example,
        "n": 1,
        "text": None,
        "text_sha256": Article.example["text_sha256"],
        "code_points": Article.example["code_points"],
        "note": None,
        "report": {"kept": 0, "changed": 0, "orphaned": 0, "claims": []},
    }


class DossierArticle(Article):
    """An article with all its texts."""

    revisions = fields.List(fields.Nested(DossierRevision))
    comments = fields.List(fields.Nested(Comment))
    example = {**Article.example, "revisions": [DossierRevision.example], "comments": []}


class DossierAssessment(Assessment):
    """An assessment with what was said of it."""

    comments = fields.List(fields.Nested(Comment))
    example = {**Assessment.example, "comments": []}


class DossierClaim(Claim):
    """A claim with what reviewers found."""

    assessments = fields.List(fields.Nested(DossierAssessment))
    evidence = fields.List(fields.Nested(Evidence))
    relations = fields.List(fields.Nested(Relation))
    comments = fields.List(fields.Nested(Comment))
    example = {
        **Claim.example,
        "assessments": [DossierAssessment.example],
        "evidence": [Evidence.example],
        "relations": [Relation.example],
        "comments": [Comment.example],
    }


class Dossier(Answered):
    """An article with everything known about it."""

    article = fields.Nested(DossierArticle)
    claims = fields.List(fields.Nested(DossierClaim))
    example = {"article": DossierArticle.example, "claims": [DossierClaim.example]}


class Export(Answered):
    """Dossiers in one document."""

    dossiers = fields.List(fields.Nested(Dossier))
    example = {"dossiers": [Dossier.example]}


class Count(Answered):
    """How many there are."""

    dossiers = Whole()


class ExportEnd(Answered):
    """The last line of an export by lines: there are so many, and no more. Without it, the rest is missing."""

    end = fields.Nested(Count)
    example = {"end": {"dossiers": 1}}


DOSSIER_LINE = OneOf("DossierLine", (Dossier, ExportEnd))
FORMATS = "\n".join(f"- `{each.name}`: {each.describes} Loses: {each.loses}" for each in formats().values())


class ExportQuery(Shape):
    """How to export."""

    format = Choice(*formats(), load_default="json", metadata={"description": FORMATS})


class ProjectExportQuery(ExportQuery, ClaimFilters):
    """How to export, and what: with filters on claims, only such claims, and only articles that have one."""

    since = Moment(
        metadata={
            "description": "Only articles on which, or on whose claims, anything has changed at this moment or later; "
            "whole, so that they take the place of what was exported before. What was deleted does not come."
        }
    )
