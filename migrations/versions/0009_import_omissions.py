"""Imports tell what they left out of lines that came in."""

import sqlalchemy as sa
from alembic import op

from api.models.columns import Id

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    with op.batch_alter_table("imports") as imports:
        imports.add_column(sa.Column("omitted", sa.Integer, nullable=False, server_default="0"))
    with op.batch_alter_table("imports") as imports:
        imports.alter_column("omitted", existing_type=sa.Integer, server_default=None)
    op.create_table(
        "import_omissions",
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
            name="fk_import_omissions_project_import",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["project"], ["projects.slug"], name="fk_import_omissions_project", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("project", "import", "line", "ordinal", name="pk_import_omissions"),
    )


def downgrade() -> None:
    op.drop_table("import_omissions")
    with op.batch_alter_table("imports") as imports:
        imports.drop_column("omitted")
