"""Users can be deleted, and the names of what was deleted are not given again."""

import sqlalchemy as sa
from alembic import op

from api.models.columns import Moment

revision = "0014"
down_revision = "0013"
IS_PRIVATE = sa.text("private_to IS NOT NULL")


def upgrade() -> None:
    op.add_column("users", sa.Column("deleted_at", Moment(), nullable=True))
    op.create_table(
        "deleted_projects",
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("deleted_at", Moment(), nullable=False),
        sa.Column("deleted_by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["deleted_by"], ["users.name"], name="fk_deleted_projects_deleted_by", onupdate="CASCADE"
        ),
        sa.PrimaryKeyConstraint("slug", name="pk_deleted_projects"),
    )
    op.create_index(
        "ix_events_private_to", "events", ["private_to"], sqlite_where=IS_PRIVATE, postgresql_where=IS_PRIVATE
    )


def downgrade() -> None:
    op.drop_index("ix_events_private_to", "events")
    op.drop_table("deleted_projects")
    op.drop_column("users", "deleted_at")
