"""Articles are found by their address."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_index("ix_articles_project_url", "articles", ["project", "url"])


def downgrade() -> None:
    op.drop_index("ix_articles_project_url", "articles")
