"""Assessments cite evidence."""

import sqlalchemy as sa
from alembic import op

from api.models.columns import Id

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "citations",
        sa.Column("project", sa.String(length=64), nullable=False),
        sa.Column("assessment", Id(), nullable=False),
        sa.Column("evidence", Id(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("stance", sa.String(length=16), nullable=False),
        sa.CheckConstraint("stance IN ('supports', 'refutes', 'context')", name=op.f("ck_citations_stance")),
        sa.ForeignKeyConstraint(
            ["project", "assessment"],
            ["assessments.project", "assessments.id"],
            name="fk_citations_project_assessment",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["project", "evidence"],
            ["evidence.project", "evidence.id"],
            name="fk_citations_project_evidence",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["project"], ["projects.slug"], name="fk_citations_project", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("project", "assessment", "evidence", name="pk_citations"),
    )
    op.create_index("ix_citations_project_evidence", "citations", ["project", "evidence"])


def downgrade() -> None:
    op.drop_table("citations")
