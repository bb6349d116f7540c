"""People and the tokens they act with."""

import sqlalchemy as sa

from api.models.columns import Id, Json, Moment, created_column, metadata

users = sa.Table(
    "users",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("display_name", sa.Text, nullable=False),
    sa.Column("admin", sa.Boolean(create_constraint=False), nullable=False, default=False),
    created_column(),
    sa.Column("disabled_at", Moment),
    sa.Column("deleted_at", Moment),
)
"""Who is deleted leaves a row behind, for all that is by them, and so that nobody else gets the name. They are disabled
too: what lets people in needs to ask nothing else."""

tokens = sa.Table(
    "tokens",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("user", sa.ForeignKey("users.name", onupdate="CASCADE", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("hash", sa.CHAR(64), nullable=False, unique=True),
    sa.Column("scopes", Json, nullable=False),
    created_column(),
    sa.Column("expires_at", Moment),
)
