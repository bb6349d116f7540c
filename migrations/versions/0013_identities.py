"""Users are known to sign-in services, which may give them roles."""

import sqlalchemy as sa
from alembic import op

from api.models.columns import Moment

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "identities",
        sa.Column("issuer", sa.String(length=1000), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("user", sa.String(length=64), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["users.name"], name="fk_identities_user", onupdate="CASCADE"),
        sa.PrimaryKeyConstraint("issuer", "subject", name="pk_identities"),
    )
    op.create_index("ix_identities_user", "identities", ["user"])
    op.create_table(
        "granted_roles",
        sa.Column("project", sa.String(length=64), nullable=False),
        sa.Column("user", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.CheckConstraint("role IN ('reader', 'reviewer', 'editor', 'owner')", name="ck_granted_roles_role"),
        sa.ForeignKeyConstraint(
            ["project", "user"],
            ["memberships.project", "memberships.user"],
            name="fk_granted_roles_project_user",
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["project"], ["projects.slug"], name="fk_granted_roles_project", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("project", "user", name="pk_granted_roles"),
    )


def downgrade() -> None:
    op.drop_table("granted_roles")
    op.drop_table("identities")
