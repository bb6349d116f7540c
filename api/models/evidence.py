"""Links that speak for, against or around a claim."""

import sqlalchemy as sa

from api.models.columns import (
    Id,
    When,
    created_column,
    id_column,
    metadata,
    project_column,
    user_column,
    version_column,
    within_project,
)

evidence = sa.Table(
    "evidence",
    metadata,
    project_column(),
    id_column(),
    sa.Column("claim", Id, nullable=False),
    sa.Column("url", sa.String(2048), nullable=False),
    sa.Column("title", sa.Text),
    sa.Column("publisher", sa.Text),
    sa.Column("published_at", When, nullable=False),
    sa.Column("accessed_at", When, nullable=False),
    sa.Column("medium", sa.String(16)),
    sa.Column("excerpt", sa.Text),
    sa.Column("archive_url", sa.Text),
    sa.Column("stance", sa.String(16), nullable=False),
    sa.Column("note", sa.Text),
    created_column(),
    user_column("created_by"),
    version_column(),
    within_project("claims", "claim", ondelete="CASCADE"),
    sa.UniqueConstraint("project", "claim", "url"),
    sa.CheckConstraint("stance IN ('supports', 'refutes', 'context')", name="stance"),
)
