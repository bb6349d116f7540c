"""Relations in imports wait for their other end."""

import sqlalchemy as sa
from alembic import op

from api.models.columns import Id

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "relation_ends",
        sa.Column("project", sa.String(length=64), nullable=False),
        sa.Column("import", Id(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("type", sa.String(length=16), nullable=False),
        sa.Column("end", sa.String(length=8), nullable=False),
        sa.Column("claim", Id(), nullable=False),
        sa.Column("note", sa.Text()),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("pointer", sa.Text(), nullable=False),
        sa.CheckConstraint("\"end\" IN ('claim', 'other')", name="ck_relation_ends_end"),
        sa.ForeignKeyConstraint(
            ["project", "import"],
            ["imports.project", "imports.id"],
            name="fk_relation_ends_project_import",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["project", "claim"],
            ["claims.project", "claims.id"],
            name="fk_relation_ends_project_claim",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["project"], ["projects.slug"], name="fk_relation_ends_project", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("project", "import", "name", name="pk_relation_ends"),
    )
    op.create_index("ix_relation_ends_project_claim", "relation_ends", ["project", "claim"])


def downgrade() -> None:
    op.drop_table("relation_ends")
