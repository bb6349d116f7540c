"""Articles and their immutable texts."""

import sqlalchemy as sa

from api.models.columns import (
    Id,
    Json,
    When,
    created_column,
    id_column,
    metadata,
    project_column,
    updated_column,
    user_column,
    version_column,
    within_project,
)

articles = sa.Table(
    "articles",
    metadata,
    project_column(),
    id_column(),
    sa.Column("external_id", sa.String(255)),
    sa.Column("title", sa.Text),
    sa.Column("url", sa.Text),
    sa.Column("publisher", sa.Text),
    sa.Column("byline", sa.Text),
    sa.Column("language", sa.String(64)),
    sa.Column("published_at", When, nullable=False),
    sa.Column("metadata", Json, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False, default=1),
    created_column(),
    user_column("created_by"),
    updated_column(),
    version_column(),
    sa.UniqueConstraint("project", "external_id"),
    sa.Index(None, "project", "url"),
    sa.Index(None, "project", "created_at", "id"),
    sa.Index(None, "project", "updated_at", "id"),
    sa.Index(None, "project", "published_at", "id"),
)

revisions = sa.Table(
    "revisions",
    metadata,
    project_column(),
    sa.Column("article", Id, primary_key=True),
    sa.Column("n", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("text_sha256", sa.CHAR(64), nullable=False),
    sa.Column("code_points", sa.Integer, nullable=False),
    sa.Column("note", sa.Text),
    created_column(),
    user_column("created_by"),
    within_project("articles", "article", ondelete="CASCADE"),
    sa.CheckConstraint("n >= 1", name="n"),
    sa.Index(None, "project", "text_sha256"),
)
