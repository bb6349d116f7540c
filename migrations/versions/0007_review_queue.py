"""Claims have a priority and know how many assessments they got; reviewers hold places in their review."""

import sqlalchemy as sa
from alembic import op

from api.models.columns import Id, Moment

revision = "0007"
down_revision = "0006"

CHECKS = {"submitted": "submitted >= 0", "priority": "priority BETWEEN 0 AND 9"}
NEED_ASSESSMENT = "status IN ('unverified', 'in_review')"
IS_DRAFT = "state = 'draft'"
COUNTED = """
UPDATE claims SET priority = 0, submitted = (
    SELECT count(*) FROM assessments
    WHERE assessments.project = claims.project AND assessments.claim = claims.id AND assessments.state = 'submitted'
)
"""


def upgrade() -> None:
    with op.batch_alter_table("claims") as claims:
        for name in CHECKS:
            claims.add_column(sa.Column(name, sa.Integer))
    op.execute(COUNTED)
    with op.batch_alter_table("claims") as claims:
        for name, condition in CHECKS.items():
            claims.alter_column(name, existing_type=sa.Integer, nullable=False)
            claims.create_check_constraint(op.f(f"ck_claims_{name}"), condition)
    op.create_index("ix_claims_project_priority_id", "claims", ["project", "priority", "id"])
    op.create_index(
        "ix_claims_queue",
        "claims",
        ["project", sa.text("priority DESC"), sa.text("submitted DESC"), "created_at", "id"],
        sqlite_where=sa.text(NEED_ASSESSMENT),
        postgresql_where=sa.text(NEED_ASSESSMENT),
    )
    op.create_index(
        "ix_claims_blind_queue",
        "claims",
        ["project", sa.text("priority DESC"), "created_at", "id"],
        sqlite_where=sa.text(NEED_ASSESSMENT),
        postgresql_where=sa.text(NEED_ASSESSMENT),
    )
    op.create_index(
        "ix_assessments_drafts",
        "assessments",
        ["project", "reviewer"],
        sqlite_where=sa.text(IS_DRAFT),
        postgresql_where=sa.text(IS_DRAFT),
    )
    op.create_table(
        "leases",
        sa.Column("project", sa.String(length=64), nullable=False),
        sa.Column("claim", Id(), nullable=False),
        sa.Column("reviewer", sa.String(length=64), nullable=False),
        sa.Column("leased_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.CheckConstraint("leased_at < expires_at", name=op.f("ck_leases_expires_at")),
        sa.ForeignKeyConstraint(
            ["project", "claim"], ["claims.project", "claims.id"], name="fk_leases_project_claim", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["project"], ["projects.slug"], name="fk_leases_project", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["reviewer"], ["users.name"], name="fk_leases_reviewer", onupdate="CASCADE"),
        sa.PrimaryKeyConstraint("project", "claim", "reviewer", name="pk_leases"),
    )
    op.create_index("ix_leases_expires_at", "leases", ["expires_at"])
    op.create_table(
        "assignments",
        sa.Column("project", sa.String(length=64), nullable=False),
        sa.Column("claim", Id(), nullable=False),
        sa.Column("reviewer", sa.String(length=64), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["users.name"], name="fk_assignments_created_by", onupdate="CASCADE"),
        sa.ForeignKeyConstraint(
            ["project", "claim"],
            ["claims.project", "claims.id"],
            name="fk_assignments_project_claim",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["project", "reviewer"],
            ["memberships.project", "memberships.user"],
            name="fk_assignments_project_reviewer",
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["project"], ["projects.slug"], name="fk_assignments_project", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("project", "claim", "reviewer", name="pk_assignments"),
    )
    op.create_index("ix_assignments_project_reviewer_claim", "assignments", ["project", "reviewer", "claim"])


def downgrade() -> None:
    op.drop_table("assignments")
    op.drop_table("leases")
    op.drop_index("ix_assessments_drafts", "assessments")
    op.drop_index("ix_claims_blind_queue", "claims")
    op.drop_index("ix_claims_queue", "claims")
    op.drop_index("ix_claims_project_priority_id", "claims")
    with op.batch_alter_table("claims") as claims:
        for name in CHECKS:
            claims.drop_constraint(op.f(f"ck_claims_{name}"), type_="check")
            claims.drop_column(name)
