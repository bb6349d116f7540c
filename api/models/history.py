"""What happened: events, and the chain that each belongs to. Rows are only ever added."""

import sqlalchemy as sa

from api.models.columns import Id, Json, Moment, metadata, project_column, user_column

IS_PRIVATE = "private_to IS NOT NULL"

chains = sa.Table(
    "chains",
    metadata,
    project_column(),
    sa.Column("id", sa.String(63), primary_key=True, index=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("article", Id),
    sa.Column("claim", Id),
    sa.Column("n", sa.Integer, nullable=False),
    sa.Column("hash", sa.CHAR(64), nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.CheckConstraint("kind IN ('project', 'claimant', 'article', 'claim', 'draft')", name="kind"),
)
"""One row for each thing with a history of its own: how many events it has, and the last one's hash and time."""

events = sa.Table(
    "events",
    metadata,
    project_column(),
    sa.Column("chain", sa.String(63), primary_key=True),
    sa.Column("n", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("article", Id),
    sa.Column("claim", Id),
    sa.Column("private_to", sa.String(64)),
    sa.Column("review", sa.Boolean(create_constraint=False), nullable=False),
    sa.Column("at", Moment, nullable=False),
    user_column("by"),
    sa.Column("action", sa.String(16), nullable=False),
    sa.Column("resource", sa.String(16), nullable=False),
    sa.Column("resource_id", sa.String(63), nullable=False),
    sa.Column("before", Json),
    sa.Column("after", Json),
    sa.Column("hash", sa.CHAR(64), nullable=False),
    sa.CheckConstraint("n >= 1", name="n"),
    sa.Index(None, "project", "claim", "at", "chain"),
    sa.Index(None, "project", "article", "at", "chain"),
    sa.Index(
        "ix_events_private_to", "private_to", sqlite_where=sa.text(IS_PRIVATE), postgresql_where=sa.text(IS_PRIVATE)
    ),
)
