"""How claims of a project stand to one another."""

import sqlalchemy as sa

from api.models.columns import (
    Id,
    created_column,
    id_column,
    metadata,
    project_column,
    user_column,
    version_column,
    within_project,
)

# `low` and `high` are `claim` and `other` in the order of their ids: so a pair is the same pair either way round.
relations = sa.Table(
    "relations",
    metadata,
    project_column(),
    id_column(),
    sa.Column("type", sa.String(16), nullable=False),
    sa.Column("claim", Id, nullable=False),
    sa.Column("other", Id, nullable=False),
    sa.Column("low", Id, nullable=False),
    sa.Column("high", Id, nullable=False),
    sa.Column("note", sa.Text),
    created_column(),
    user_column("created_by"),
    version_column(),
    within_project("claims", "low", ondelete="CASCADE"),
    within_project("claims", "high", ondelete="CASCADE"),
    sa.UniqueConstraint("project", "low", "high", "type"),
    sa.CheckConstraint("type IN ('repeats', 'contradicts', 'supports', 'corrects', 'part_of')", name="type"),
    sa.CheckConstraint("low < high", name="pair"),
    sa.CheckConstraint("(claim = low AND other = high) OR (claim = high AND other = low)", name="ends"),
    sa.Index(None, "project", "high"),
)
