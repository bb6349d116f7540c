"""What reviewers found of a claim, and what followed from it."""

import sqlalchemy as sa

from api.models.columns import (
    Id,
    Json,
    Moment,
    created_column,
    id_column,
    metadata,
    project_column,
    updated_column,
    user_column,
    version_column,
    within_project,
)

IS_DRAFT = "state = 'draft'"
"""As words of SQL: a partial index serves only statements that say the very same."""

assessments = sa.Table(
    "assessments",
    metadata,
    project_column(),
    id_column(),
    sa.Column("claim", Id, nullable=False),
    user_column("reviewer"),
    sa.Column("verdict", sa.String(64), nullable=False),
    sa.Column("rationale", sa.Text),
    sa.Column("confidence", sa.Float),
    sa.Column("state", sa.String(16), nullable=False),
    created_column(),
    updated_column(),
    version_column(),
    within_project("claims", "claim", ondelete="CASCADE"),
    sa.UniqueConstraint("project", "claim", "reviewer"),
    sa.CheckConstraint("confidence BETWEEN 0 AND 1", name="confidence"),
    sa.CheckConstraint("state IN ('draft', 'submitted')", name="state"),
)

sa.Index(
    "ix_assessments_drafts",
    assessments.c.project,
    assessments.c.reviewer,
    sqlite_where=sa.text(IS_DRAFT),
    postgresql_where=sa.text(IS_DRAFT),
)

resolutions = sa.Table(
    "resolutions",
    metadata,
    project_column(),
    sa.Column("claim", Id, primary_key=True),
    sa.Column("verdict", sa.String(64), nullable=False),
    sa.Column("method", sa.String(16), nullable=False),
    sa.Column("by", sa.ForeignKey("users.name", onupdate="CASCADE")),
    sa.Column("assessments", Json, nullable=False),
    sa.Column("rationale", sa.Text),
    sa.Column("resolved_at", Moment, nullable=False),
    within_project("claims", "claim", ondelete="CASCADE"),
    sa.CheckConstraint("method IN ('sole', 'unanimous', 'majority', 'adjudicated')", name="method"),
)
