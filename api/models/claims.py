"""Claims, the spans that mark them, and who is said to have made them."""

from typing import Any

import sqlalchemy as sa

from api.models.columns import (
    Id,
    Json,
    Moment,
    When,
    created_column,
    id_column,
    metadata,
    project_column,
    updated_column,
    user_column,
    version_column,
    within_project,
)

NEED_ASSESSMENT = "status IN ('unverified', 'in_review')"
"""As words of SQL: a partial index serves only statements that say the very same."""

claimants = sa.Table(
    "claimants",
    metadata,
    project_column(),
    id_column(),
    sa.Column("name", sa.String(255), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("job_title", sa.Text),
    sa.Column("same_as", Json, nullable=False),
    created_column(),
    version_column(),
    sa.UniqueConstraint("project", "name"),
    sa.CheckConstraint("kind IN ('person', 'organization', 'unknown')", name="kind"),
)

claims = sa.Table(
    "claims",
    metadata,
    project_column(),
    id_column(),
    sa.Column("article", Id, nullable=False),
    sa.Column("external_id", sa.String(255)),
    sa.Column("text", sa.Text),
    sa.Column("context", sa.Text),
    sa.Column("language", sa.String(64)),
    sa.Column("claimant", Id),
    sa.Column("claimed_at", When, nullable=False),
    sa.Column("location", sa.Text),
    sa.Column("first_appearance", Json),
    sa.Column("appearances", Json, nullable=False),
    sa.Column("types", Json, nullable=False),
    sa.Column("tags", Json, nullable=False),
    sa.Column("status", sa.String(16), nullable=False, default="unverified"),
    sa.Column("verdict", sa.String(64)),
    sa.Column("review_version", sa.Integer, nullable=False, default=0),
    sa.Column("submitted", sa.Integer, nullable=False, default=0),
    sa.Column("priority", sa.Integer, nullable=False, default=0),
    sa.Column("needs_attention", sa.String(16)),
    created_column(),
    user_column("created_by"),
    updated_column(),
    sa.Column("edited_at", Moment, nullable=False),
    version_column(),
    within_project("articles", "article", ondelete="CASCADE"),
    within_project("claimants", "claimant"),
    sa.UniqueConstraint("project", "article", "external_id"),
    sa.CheckConstraint("status IN ('unverified', 'in_review', 'disputed', 'resolved', 'withdrawn')", name="status"),
    sa.CheckConstraint("needs_attention IN ('text_changed', 'orphaned')", name="needs_attention"),
    sa.CheckConstraint("(status = 'resolved') = (verdict IS NOT NULL)", name="verdict"),
    sa.CheckConstraint("submitted >= 0", name="submitted"),
    sa.CheckConstraint("priority BETWEEN 0 AND 9", name="priority"),
    sa.Index(None, "project", "created_at", "id"),
    sa.Index(None, "project", "updated_at", "id"),
    sa.Index(None, "project", "claimed_at", "id"),
    sa.Index(None, "project", "status", "created_at", "id"),
    sa.Index(None, "project", "claimant"),
    sa.Index(None, "project", "priority", "id"),
)
_longest = (claims.c.created_at, claims.c.id)
_best = {"ix_claims_queue": (claims.c.submitted.desc(), *_longest), "ix_claims_blind_queue": _longest}
for _name, _keys in _best.items():
    # What needs an assessment, from the best down: the queue is handed out by walking one of these.
    _needy: Any = {f"{engine}_where": sa.text(NEED_ASSESSMENT) for engine in ("sqlite", "postgresql")}
    sa.Index(_name, claims.c.project, claims.c.priority.desc(), *_keys, **_needy)

spans = sa.Table(
    "spans",
    metadata,
    project_column(),
    sa.Column("claim", Id, primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("ordinal", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("article", Id, nullable=False),
    sa.Column("start", sa.Integer, nullable=False),
    sa.Column("end", sa.Integer, nullable=False),
    sa.Column("exact", sa.Text, nullable=False),
    sa.Column("prefix", sa.Text, nullable=False),
    sa.Column("suffix", sa.Text, nullable=False),
    sa.Column("outcome", sa.String(16), nullable=False, default="marked"),
    sa.Column("score", sa.Float, nullable=False, default=1.0),
    sa.Column("from_revision", sa.Integer, nullable=False),
    sa.Column("from_start", sa.Integer, nullable=False),
    sa.Column("from_end", sa.Integer, nullable=False),
    sa.Column("confirmed", sa.Text),
    within_project("claims", "claim", ondelete="CASCADE"),
    sa.ForeignKeyConstraint(
        ["project", "article", "revision"],
        ["revisions.project", "revisions.article", "revisions.n"],
        ondelete="CASCADE",
    ),
    sa.CheckConstraint('0 <= start AND start < "end"', name="order"),
    sa.CheckConstraint("0 <= from_start AND from_start < from_end", name="from_order"),
    sa.CheckConstraint("outcome IN ('marked', 'kept', 'changed', 'orphaned')", name="outcome"),
    sa.CheckConstraint("(outcome = 'marked') = (from_revision = revision)", name="from_revision"),
    sa.Index(None, "project", "article", "revision", "ordinal", "start", "claim"),
)
