"""Claims are related to one another."""

import sqlalchemy as sa
from alembic import op

from api.models.columns import Id, Moment

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "relations",
        sa.Column("project", sa.String(length=64), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("type", sa.String(length=16), nullable=False),
        sa.Column("claim", Id(), nullable=False),
        sa.Column("other", Id(), nullable=False),
        sa.Column("low", Id(), nullable=False),
        sa.Column("high", Id(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "type IN ('repeats', 'contradicts', 'supports', 'corrects', 'part_of')", name=op.f("ck_relations_type")
        ),
        sa.CheckConstraint("low < high", name=op.f("ck_relations_pair")),
        sa.CheckConstraint(
            "(claim = low AND other = high) OR (claim = high AND other = low)", name=op.f("ck_relations_ends")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["users.name"], name="fk_relations_created_by", onupdate="CASCADE"),
        sa.ForeignKeyConstraint(
            ["project", "low"], ["claims.project", "claims.id"], name="fk_relations_project_low", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["project", "high"], ["claims.project", "claims.id"], name="fk_relations_project_high", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["project"], ["projects.slug"], name="fk_relations_project", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("project", "id", name="pk_relations"),
        sa.UniqueConstraint("project", "low", "high", "type", name="uq_relations_project_low_high_type"),
    )
    op.create_index("ix_relations_id", "relations", ["id"])
    op.create_index("ix_relations_project_high", "relations", ["project", "high"])


def downgrade() -> None:
    op.drop_table("relations")
