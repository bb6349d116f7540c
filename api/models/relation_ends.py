"""Relations in imports of which one claim has come in and the other not yet."""

import sqlalchemy as sa

from api.models.columns import Id, metadata, project_column, within_project

relation_ends = sa.Table(
    "relation_ends",
    metadata,
    project_column(),
    sa.Column("import", Id, primary_key=True),
    sa.Column("name", sa.String(255), primary_key=True),
    sa.Column("type", sa.String(16), nullable=False),
    sa.Column("end", sa.String(8), nullable=False),
    sa.Column("claim", Id, nullable=False),
    sa.Column("note", sa.Text),
    sa.Column("line", sa.Integer, nullable=False),
    sa.Column("pointer", sa.Text, nullable=False),
    within_project("imports", "import", ondelete="CASCADE"),
    within_project("claims", "claim", ondelete="CASCADE"),
    sa.CheckConstraint("\"end\" IN ('claim', 'other')", name="end"),
    sa.Index(None, "project", "claim"),
)
"""`name` is the relation's `id` in the file; `claim`, which has come in, is the `end` of it."""
