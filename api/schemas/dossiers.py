"""Dossiers: the native format of exports."""

from marshmallow import fields

from api.exports import formats
from api.schemas.articles import Article
from api.schemas.assessments import Assessment
from api.schemas.claims import Claim
from api.schemas.evidence import Evidence
from api.schemas.fields import Answered, Choice, Moment, Shape, Whole
from api.schemas.users import TIME


class DossierRevision(Answered):
    """One text that the article had or has."""

    n = Whole(1)
    article = fields.UUID()
    text = fields.String(allow_none=True, metadata={"description": "Null on the current one: it is the article's."})
    text_sha256 = fields.String()
    code_points = Whole(1)
    note = fields.String(allow_none=True)
    created_at = Moment()
    created_by = fields.String()
    example = {
        "n": 1,
        "article": Article.example["id"],
        "text": None,
        "text_sha256": Article.example["text_sha256"],
        "code_points": Article.example["code_points"],
        "note": None,
        "created_at": TIME,
        "created_by": "admin",
    }


class DossierArticle(Article):
    """An article with all its texts."""

    revisions = fields.List(fields.Nested(DossierRevision))
    example = {**Article.example, "revisions": [DossierRevision.example]}


class DossierClaim(Claim):
    """A claim with what reviewers found."""

    assessments = fields.List(fields.Nested(Assessment))
    evidence = fields.List(fields.Nested(Evidence))
    example = {**Claim.example, "assessments": [Assessment.example], "evidence": [Evidence.example]}


class Dossier(Answered):
    """An article with everything known about it."""

    article = fields.Nested(DossierArticle)
    claims = fields.List(fields.Nested(DossierClaim))
    example = {"article": DossierArticle.example, "claims": [DossierClaim.example]}


class Export(Answered):
    """Dossiers in one document."""

    dossiers = fields.List(fields.Nested(Dossier))
    example = {"dossiers": [Dossier.example]}


class ExportQuery(Shape):
    """How to export."""

    format = Choice(*formats(), load_default="json", metadata={"description": "The format to write."})
