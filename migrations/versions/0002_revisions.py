"""Spans remember where they came from, and on which words they were last confirmed."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

ORIGIN = ("from_start", "from_end")
CHECKS = {
    "from_order": "0 <= from_start AND from_start < from_end",
    "from_revision": "(outcome = 'marked') = (from_revision = revision)",
}


def upgrade() -> None:
    with op.batch_alter_table("spans") as spans:
        for name in ORIGIN:
            spans.add_column(sa.Column(name, sa.Integer))
        spans.add_column(sa.Column("confirmed", sa.Text))
    op.execute('UPDATE spans SET from_start = start, from_end = "end"')
    with op.batch_alter_table("spans") as spans:
        for name in ORIGIN:
            spans.alter_column(name, existing_type=sa.Integer, nullable=False)
        for name, condition in CHECKS.items():
            spans.create_check_constraint(op.f(f"ck_spans_{name}"), condition)


def downgrade() -> None:
    with op.batch_alter_table("spans") as spans:
        for name in CHECKS:
            spans.drop_constraint(op.f(f"ck_spans_{name}"), type_="check")
        for name in ("confirmed", *ORIGIN):
            spans.drop_column(name)
