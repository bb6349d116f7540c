"""What people say about articles, claims and assessments."""

import sqlalchemy as sa

from api.models.columns import (
    Id,
    created_column,
    id_column,
    metadata,
    project_column,
    updated_column,
    user_column,
    version_column,
    within_project,
)

ON = {"article": "articles", "claim": "claims", "assessment": "assessments"}
"""What a comment can be on: the column that says so, and the table it leads to."""

comments = sa.Table(
    "comments",
    metadata,
    project_column(),
    id_column(),
    *(sa.Column(name, Id) for name in ON),
    sa.Column("text", sa.Text, nullable=False),
    created_column(),
    user_column("created_by"),
    updated_column(),
    version_column(),
    *(within_project(table, name, ondelete="CASCADE") for name, table in ON.items()),
    sa.CheckConstraint(
        " + ".join(f"CASE WHEN {name} IS NULL THEN 0 ELSE 1 END" for name in ON) + " = 1", name="on_one_thing"
    ),
    *(sa.Index(None, "project", name, "created_at", "id") for name in ON),
)
