"""Who holds a place in the review of a claim: for a while, or by an editor's word."""

import sqlalchemy as sa

from api.models.columns import (
    Id,
    Moment,
    created_column,
    metadata,
    project_column,
    user_column,
    version_column,
    within_project,
)

leases = sa.Table(
    "leases",
    metadata,
    project_column(),
    sa.Column("claim", Id, primary_key=True),
    sa.Column("reviewer", sa.ForeignKey("users.name", onupdate="CASCADE"), primary_key=True),
    sa.Column("leased_at", Moment, nullable=False),
    sa.Column("expires_at", Moment, nullable=False),
    within_project("claims", "claim", ondelete="CASCADE"),
    sa.CheckConstraint("leased_at < expires_at", name="expires_at"),
    sa.Index(None, "expires_at"),
)

assignments = sa.Table(
    "assignments",
    metadata,
    project_column(),
    sa.Column("claim", Id, primary_key=True),
    sa.Column("reviewer", sa.String(64), primary_key=True),
    created_column(),
    user_column("created_by"),
    version_column(),
    within_project("claims", "claim", ondelete="CASCADE"),
    sa.ForeignKeyConstraint(
        ["project", "reviewer"],
        ["memberships.project", "memberships.user"],
        onupdate="CASCADE",
        ondelete="CASCADE",
    ),
    sa.Index(None, "project", "reviewer", "claim"),
)
