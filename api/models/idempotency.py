"""The first answer to each Idempotency-Key."""

import sqlalchemy as sa

from api.models.columns import Json, created_column, metadata

idempotency_keys = sa.Table(
    "idempotency_keys",
    metadata,
    sa.Column(
        "user",
        sa.ForeignKey("users.name", onupdate="CASCADE", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("key", sa.String(255), primary_key=True),
    sa.Column("fingerprint", sa.CHAR(64), nullable=False),
    sa.Column("status", sa.Integer),
    sa.Column("headers", Json),
    sa.Column("body", sa.LargeBinary),
    created_column(),
    sa.Index(None, "created_at"),
)
