"""Imports: how far each has come, what failed, and what of a line was left out."""

from typing import Any

import sqlalchemy as sa

from api.models.columns import Id, Moment, id_column, metadata, project_column, user_column, within_project

imports = sa.Table(
    "imports",
    metadata,
    project_column(),
    id_column(),
    sa.Column("mode", sa.String(16), nullable=False),
    sa.Column("dry_run", sa.Boolean(create_constraint=False), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("detail", sa.Text),
    sa.Column("lines", sa.Integer, nullable=False, default=0),
    sa.Column("created", sa.Integer, nullable=False, default=0),
    sa.Column("updated", sa.Integer, nullable=False, default=0),
    sa.Column("unchanged", sa.Integer, nullable=False, default=0),
    sa.Column("failed", sa.Integer, nullable=False, default=0),
    sa.Column("omitted", sa.Integer, nullable=False, default=0),
    sa.Column("started_at", Moment, nullable=False),
    sa.Column("updated_at", Moment, nullable=False),
    sa.Column("finished_at", Moment),
    user_column("created_by"),
    sa.CheckConstraint("mode IN ('partial', 'atomic')", name="mode"),
    sa.CheckConstraint("state IN ('running', 'finished', 'failed')", name="state"),
    sa.Index(None, "project", "started_at", "id"),
)


def _of_lines() -> list[Any]:
    """What is told of the lines of an import: a row for each thing."""
    return [
        project_column(),
        sa.Column("import", Id, primary_key=True),
        sa.Column("line", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("ordinal", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("pointer", sa.Text, nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        within_project("imports", "import", ondelete="CASCADE"),
    ]


import_failures = sa.Table("import_failures", metadata, *_of_lines())
"""One row for each fault of a line that failed."""

import_omissions = sa.Table("import_omissions", metadata, *_of_lines())
"""One row for each thing in a line that came in without it."""
