"""The evidence that assessments cite, as each of them read it."""

import sqlalchemy as sa

from api.models.columns import Id, metadata, project_column, within_project

citations = sa.Table(
    "citations",
    metadata,
    project_column(),
    sa.Column("assessment", Id, primary_key=True),
    sa.Column("evidence", Id, primary_key=True),
    sa.Column("ordinal", sa.Integer, nullable=False),
    sa.Column("stance", sa.String(16), nullable=False),
    within_project("assessments", "assessment", ondelete="CASCADE"),
    within_project("evidence", "evidence", ondelete="CASCADE"),
    sa.CheckConstraint("stance IN ('supports', 'refutes', 'context')", name="stance"),
    sa.Index(None, "project", "evidence"),
)
