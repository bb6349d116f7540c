"""Users, projects, articles, claims, assessments, evidence: the main job."""

import sqlalchemy as sa
from alembic import op

from api.models.columns import Id, Json, Moment, When

revision = "0001"
down_revision = None

TABLES = (
    "spans",
    "resolutions",
    "evidence",
    "assessments",
    "revisions",
    "claims",
    "memberships",
    "claimants",
    "articles",
    "tokens",
    "projects",
    "idempotency_keys",
    "users",
)
"""Dependents first."""


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("admin", sa.Boolean(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("disabled_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_users"),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("user", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("fingerprint", sa.CHAR(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", Json(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user"], ["users.name"], name="fk_idempotency_keys_user", onupdate="CASCADE", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user", "key", name="pk_idempotency_keys"),
    )
    op.create_index("ix_idempotency_keys_created_at", "idempotency_keys", ["created_at"])
    op.create_table(
        "projects",
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("guidelines", sa.Text(), nullable=True),
        sa.Column("scale", Json(), nullable=False),
        sa.Column("policy", Json(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["users.name"], name="fk_projects_created_by", onupdate="CASCADE"),
        sa.PrimaryKeyConstraint("slug", name="pk_projects"),
    )
    op.create_table(
        "tokens",
        sa.Column("id", Id(), nullable=False),
        sa.Column("user", sa.String(length=64), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("hash", sa.CHAR(length=64), nullable=False),
        sa.Column("scopes", Json(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user"], ["users.name"], name="fk_tokens_user", onupdate="CASCADE", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
        sa.UniqueConstraint("hash", name="uq_tokens_hash"),
    )
    op.create_index("ix_tokens_user", "tokens", ["user"])
    op.create_table(
        "articles",
        sa.Column("project", sa.String(length=64), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("external_id", sa.String(length=255), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("publisher", sa.Text(), nullable=True),
        sa.Column("byline", sa.Text(), nullable=True),
        sa.Column("language", sa.String(length=64), nullable=True),
        sa.Column("published_at", When(), nullable=False),
        sa.Column("metadata", Json(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["users.name"], name="fk_articles_created_by", onupdate="CASCADE"),
        sa.ForeignKeyConstraint(["project"], ["projects.slug"], name="fk_articles_project", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("project", "id", name="pk_articles"),
        sa.UniqueConstraint("project", "external_id", name="uq_articles_project_external_id"),
    )
    op.create_index("ix_articles_id", "articles", ["id"])
    op.create_index("ix_articles_project_created_at_id", "articles", ["project", "created_at", "id"])
    op.create_index("ix_articles_project_published_at_id", "articles", ["project", "published_at", "id"])
    op.create_index("ix_articles_project_updated_at_id", "articles", ["project", "updated_at", "id"])
    op.create_table(
        "claimants",
        sa.Column("project", sa.String(length=64), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("job_title", sa.Text(), nullable=True),
        sa.Column("same_as", Json(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('person', 'organization', 'unknown')", name="ck_claimants_kind"),
        sa.ForeignKeyConstraint(["project"], ["projects.slug"], name="fk_claimants_project", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("project", "id", name="pk_claimants"),
        sa.UniqueConstraint("project", "name", name="uq_claimants_project_name"),
    )
    op.create_index("ix_claimants_id", "claimants", ["id"])
    op.create_table(
        "memberships",
        sa.Column("project", sa.String(length=64), nullable=False),
        sa.Column("user", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("role IN ('reader', 'reviewer', 'editor', 'owner')", name="ck_memberships_role"),
        sa.ForeignKeyConstraint(["project"], ["projects.slug"], name="fk_memberships_project", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user"], ["users.name"], name="fk_memberships_user", onupdate="CASCADE"),
        sa.PrimaryKeyConstraint("project", "user", name="pk_memberships"),
    )
    op.create_index("ix_memberships_user", "memberships", ["user"])
    op.create_table(
        "claims",
        sa.Column("project", sa.String(length=64), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("article", Id(), nullable=False),
        sa.Column("external_id", sa.String(length=255), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("context", sa.Text(), nullable=True),
        sa.Column("language", sa.String(length=64), nullable=True),
        sa.Column("claimant", Id(), nullable=True),
        sa.Column("claimed_at", When(), nullable=False),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("first_appearance", Json(), nullable=True),
        sa.Column("appearances", Json(), nullable=False),
        sa.Column("types", Json(), nullable=False),
        sa.Column("tags", Json(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("verdict", sa.String(length=64), nullable=True),
        sa.Column("needs_attention", sa.String(length=16), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(status = 'resolved') = (verdict IS NOT NULL)", name="ck_claims_verdict"),
        sa.CheckConstraint("needs_attention IN ('text_changed', 'orphaned')", name="ck_claims_needs_attention"),
        sa.CheckConstraint(
            "status IN ('unverified', 'in_review', 'disputed', 'resolved', 'withdrawn')", name="ck_claims_status"
        ),
        sa.ForeignKeyConstraint(["created_by"], ["users.name"], name="fk_claims_created_by", onupdate="CASCADE"),
        sa.ForeignKeyConstraint(
            ["project", "article"],
            ["articles.project", "articles.id"],
            name="fk_claims_project_article",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["project", "claimant"], ["claimants.project", "claimants.id"], name="fk_claims_project_claimant"
        ),
        sa.ForeignKeyConstraint(["project"], ["projects.slug"], name="fk_claims_project", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("project", "id", name="pk_claims"),
        sa.UniqueConstraint("project", "article", "external_id", name="uq_claims_project_article_external_id"),
    )
    op.create_index("ix_claims_id", "claims", ["id"])
    op.create_index("ix_claims_project_claimant", "claims", ["project", "claimant"])
    op.create_index("ix_claims_project_claimed_at_id", "claims", ["project", "claimed_at", "id"])
    op.create_index("ix_claims_project_created_at_id", "claims", ["project", "created_at", "id"])
    op.create_index("ix_claims_project_status_created_at_id", "claims", ["project", "status", "created_at", "id"])
    op.create_index("ix_claims_project_updated_at_id", "claims", ["project", "updated_at", "id"])
    op.create_table(
        "revisions",
        sa.Column("project", sa.String(length=64), nullable=False),
        sa.Column("article", Id(), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_sha256", sa.CHAR(length=64), nullable=False),
        sa.Column("code_points", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.CheckConstraint("n >= 1", name="ck_revisions_n"),
        sa.ForeignKeyConstraint(["created_by"], ["users.name"], name="fk_revisions_created_by", onupdate="CASCADE"),
        sa.ForeignKeyConstraint(
            ["project", "article"],
            ["articles.project", "articles.id"],
            name="fk_revisions_project_article",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["project"], ["projects.slug"], name="fk_revisions_project", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("project", "article", "n", name="pk_revisions"),
    )
    op.create_table(
        "assessments",
        sa.Column("project", sa.String(length=64), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("claim", Id(), nullable=False),
        sa.Column("reviewer", sa.String(length=64), nullable=False),
        sa.Column("verdict", sa.String(length=64), nullable=False),
        sa.Column("rationale", sa.Text(), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('draft', 'submitted')", name="ck_assessments_state"),
        sa.CheckConstraint("confidence BETWEEN 0 AND 1", name="ck_assessments_confidence"),
        sa.ForeignKeyConstraint(
            ["project", "claim"],
            ["claims.project", "claims.id"],
            name="fk_assessments_project_claim",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["project"], ["projects.slug"], name="fk_assessments_project", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["reviewer"], ["users.name"], name="fk_assessments_reviewer", onupdate="CASCADE"),
        sa.PrimaryKeyConstraint("project", "id", name="pk_assessments"),
        sa.UniqueConstraint("project", "claim", "reviewer", name="uq_assessments_project_claim_reviewer"),
    )
    op.create_index("ix_assessments_id", "assessments", ["id"])
    op.create_table(
        "evidence",
        sa.Column("project", sa.String(length=64), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("claim", Id(), nullable=False),
        sa.Column("url", sa.String(length=2048), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("publisher", sa.Text(), nullable=True),
        sa.Column("published_at", When(), nullable=False),
        sa.Column("accessed_at", When(), nullable=False),
        sa.Column("medium", sa.String(length=16), nullable=True),
        sa.Column("excerpt", sa.Text(), nullable=True),
        sa.Column("archive_url", sa.Text(), nullable=True),
        sa.Column("stance", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("stance IN ('supports', 'refutes', 'context')", name="ck_evidence_stance"),
        sa.ForeignKeyConstraint(["created_by"], ["users.name"], name="fk_evidence_created_by", onupdate="CASCADE"),
        sa.ForeignKeyConstraint(
            ["project", "claim"], ["claims.project", "claims.id"], name="fk_evidence_project_claim", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["project"], ["projects.slug"], name="fk_evidence_project", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("project", "id", name="pk_evidence"),
        sa.UniqueConstraint("project", "claim", "url", name="uq_evidence_project_claim_url"),
    )
    op.create_index("ix_evidence_id", "evidence", ["id"])
    op.create_table(
        "resolutions",
        sa.Column("project", sa.String(length=64), nullable=False),
        sa.Column("claim", Id(), nullable=False),
        sa.Column("verdict", sa.String(length=64), nullable=False),
        sa.Column("method", sa.String(length=16), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=True),
        sa.Column("assessments", Json(), nullable=False),
        sa.Column("rationale", sa.Text(), nullable=True),
        sa.Column("resolved_at", Moment(), nullable=False),
        sa.CheckConstraint("method IN ('sole', 'unanimous', 'majority', 'adjudicated')", name="ck_resolutions_method"),
        sa.ForeignKeyConstraint(["by"], ["users.name"], name="fk_resolutions_by", onupdate="CASCADE"),
        sa.ForeignKeyConstraint(
            ["project", "claim"],
            ["claims.project", "claims.id"],
            name="fk_resolutions_project_claim",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["project"], ["projects.slug"], name="fk_resolutions_project", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("project", "claim", name="pk_resolutions"),
    )
    op.create_table(
        "spans",
        sa.Column("project", sa.String(length=64), nullable=False),
        sa.Column("claim", Id(), nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("article", Id(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("exact", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("suffix", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("from_revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("outcome IN ('marked', 'kept', 'changed', 'orphaned')", name="ck_spans_outcome"),
        sa.CheckConstraint('0 <= start AND start < "end"', name="ck_spans_order"),
        sa.ForeignKeyConstraint(
            ["project", "article", "revision"],
            ["revisions.project", "revisions.article", "revisions.n"],
            name="fk_spans_project_article_revision",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["project", "claim"], ["claims.project", "claims.id"], name="fk_spans_project_claim", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["project"], ["projects.slug"], name="fk_spans_project", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("project", "claim", "revision", "ordinal", name="pk_spans"),
    )
    op.create_index(
        "ix_spans_project_article_revision_ordinal_start_claim",
        "spans",
        ["project", "article", "revision", "ordinal", "start", "claim"],
    )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
