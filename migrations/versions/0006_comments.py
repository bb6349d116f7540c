"""Comments on articles, claims and assessments."""

import sqlalchemy as sa
from alembic import op

from api.models.columns import Id, Moment

revision = "0006"
down_revision = "0005"

ONE_THING = (
    "CASE WHEN article IS NULL THEN 0 ELSE 1 END"
    " + CASE WHEN claim IS NULL THEN 0 ELSE 1 END"
    " + CASE WHEN assessment IS NULL THEN 0 ELSE 1 END = 1"
)


def upgrade() -> None:
    op.create_table(
        "comments",
        sa.Column("project", sa.String(length=64), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("article", Id(), nullable=True),
        sa.Column("claim", Id(), nullable=True),
        sa.Column("assessment", Id(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(ONE_THING, name=op.f("ck_comments_on_one_thing")),
        sa.ForeignKeyConstraint(
            ["project", "article"],
            ["articles.project", "articles.id"],
            name="fk_comments_project_article",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["project", "claim"], ["claims.project", "claims.id"], name="fk_comments_project_claim", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["project", "assessment"],
            ["assessments.project", "assessments.id"],
            name="fk_comments_project_assessment",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["created_by"], ["users.name"], name="fk_comments_created_by", onupdate="CASCADE"),
        sa.ForeignKeyConstraint(["project"], ["projects.slug"], name="fk_comments_project", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("project", "id", name="pk_comments"),
    )
    op.create_index("ix_comments_id", "comments", ["id"])
    for thing in ("article", "claim", "assessment"):
        columns = ["project", thing, "created_at", "id"]
        op.create_index(f"ix_comments_{'_'.join(columns)}", "comments", columns)


def downgrade() -> None:
    op.drop_table("comments")
