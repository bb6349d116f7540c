"""Who users are to sign-in services, and the roles that those gave them."""

import sqlalchemy as sa

from api.models.columns import created_column, metadata, project_column

identities = sa.Table(
    "identities",
    metadata,
    sa.Column("issuer", sa.String(1000), primary_key=True),
    sa.Column("subject", sa.String(255), primary_key=True),
    sa.Column("user", sa.ForeignKey("users.name", onupdate="CASCADE"), nullable=False, index=True),
    created_column(),
)

granted_roles = sa.Table(
    "granted_roles",
    metadata,
    project_column(),
    sa.Column("user", sa.String(64), primary_key=True),
    sa.Column("role", sa.String(16), nullable=False),
    sa.ForeignKeyConstraint(
        ["project", "user"],
        ["memberships.project", "memberships.user"],
        onupdate="CASCADE",
        ondelete="CASCADE",
    ),
    sa.CheckConstraint("role IN ('reader', 'reviewer', 'editor', 'owner')", name="role"),
)
"""Memberships that a sign-in made, with the role it gave. If the membership has another role now, somebody changed it
by hand."""
