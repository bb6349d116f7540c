"""Projects and who works in them."""

import sqlalchemy as sa

from api.models.columns import Json, Moment, created_column, metadata, project_column, user_column, version_column

projects = sa.Table(
    "projects",
    metadata,
    sa.Column("slug", sa.String(64), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("description", sa.Text),
    sa.Column("guidelines", sa.Text),
    sa.Column("scale", Json, nullable=False),
    sa.Column("required_assessments", sa.Integer, nullable=False),
    sa.Column("consensus", sa.String(16), nullable=False),
    sa.Column("blind", sa.Boolean(create_constraint=False), nullable=False),
    created_column(),
    user_column("created_by"),
    version_column(),
    sa.CheckConstraint("required_assessments BETWEEN 1 AND 9", name="required_assessments"),
    sa.CheckConstraint("consensus IN ('unanimous', 'majority')", name="consensus"),
)

deleted_projects = sa.Table(
    "deleted_projects",
    metadata,
    sa.Column("slug", sa.String(64), primary_key=True),
    sa.Column("deleted_at", Moment, nullable=False),
    user_column("deleted_by"),
)
"""Names that are not given again: what knew them must not come upon another's things."""

memberships = sa.Table(
    "memberships",
    metadata,
    project_column(),
    sa.Column("user", sa.ForeignKey("users.name", onupdate="CASCADE"), primary_key=True, index=True),
    sa.Column("role", sa.String(16), nullable=False),
    created_column(),
    version_column(),
    sa.CheckConstraint("role IN ('reader', 'reviewer', 'editor', 'owner')", name="role"),
)
