"""Imports keep their reports; articles are found by their text."""

import sqlalchemy as sa
from alembic import op

from api.models.columns import Id, Moment

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_index("ix_revisions_project_text_sha256", "revisions", ["project", "text_sha256"])
    op.create_table(
        "imports",
        sa.Column("project", sa.String(length=64), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("dry_run", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("detail", sa.Text()),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("lines", "created", "updated", "unchanged", "failed")
        ),
        sa.Column("started_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.Column("finished_at", Moment()),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.CheckConstraint("mode IN ('partial', 'atomic')", name="ck_imports_mode"),
        sa.CheckConstraint("state IN ('running', 'finished', 'failed')", name="ck_imports_state"),
        sa.ForeignKeyConstraint(["created_by"], ["users.name"], name="fk_imports_created_by", onupdate="CASCADE"),
        sa.ForeignKeyConstraint(["project"], ["projects.slug"], name="fk_imports_project", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("project", "id", name="pk_imports"),
    )
    op.create_index("ix_imports_id", "imports", ["id"])
    op.create_index("ix_imports_project_started_at_id", "imports", ["project", "started_at", "id"])
    op.create_table(
        "import_failures",
        sa.Column("project", sa.String(length=64), nullable=False),
        sa.Column("import", Id(), nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("pointer", sa.Text(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project", "import"],
            ["imports.project", "imports.id"],
            name="fk_import_failures_project_import",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["project"], ["projects.slug"], name="fk_import_failures_project", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("project", "import", "line", "ordinal", name="pk_import_failures"),
    )


def downgrade() -> None:
    op.drop_table("import_failures")
    op.drop_table("imports")
    op.drop_index("ix_revisions_project_text_sha256", "revisions")
