"""What the shapes take fits into the tables: SQLite would keep anything, PostgreSQL refuses what is longer."""

import pytest
import sqlalchemy as sa
from marshmallow import ValidationError, fields, validate

from api import models
from api.schemas import articles, assessments, claimants, claims, comments, evidence, projects, relations, users
from api.schemas.fields import Shape, WebAddress


@pytest.mark.parametrize(
    ("shape", "table"),
    [
        (articles.ArticleDraft, models.articles),
        (assessments.AssessmentDraft, models.assessments),
        (claimants.ClaimantDraft, models.claimants),
        (claims.ClaimDraft, models.claims),
        (comments.CommentDraft, models.comments),
        (evidence.EvidenceDraft, models.evidence),
        (projects.ProjectDraft, models.projects),
        (relations.RelationDraft, models.relations),
        (users.TokenDraft, models.tokens),
    ],
)
def test_no_text_is_longer_than_its_column(shape: type[Shape], table: sa.Table) -> None:
    taken = {field.attribute or name: field for name, field in shape().fields.items()}
    bounded = {column.name: column.type.length for column in table.c if isinstance(column.type, sa.String)}
    for name, most in bounded.items():
        field = taken.get(name)
        if most is not None and isinstance(field, fields.String):
            limits = _limits(field)
            assert min(limits) <= most if limits else _refuses(field, most + 1), name


def _refuses(field: fields.String, length: int) -> bool:
    """Whether its own rule stops it there: names and addresses."""
    start = "https://example.org/" if isinstance(field, WebAddress) else ""
    with pytest.raises(ValidationError):
        field.deserialize((start + "a" * length)[:length])
    return True


def _limits(field: fields.String) -> list[int]:
    lengths = [check.max for check in field.validators if isinstance(check, validate.Length) and check.max is not None]
    choices = [max(map(len, check.choices)) for check in field.validators if isinstance(check, validate.OneOf)]
    return [*lengths, *choices]
