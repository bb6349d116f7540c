"""On PostgreSQL requests are counted in the database; SQLite counts them in a file of its own."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        # Counts are worth nothing after a crash: this table is in no log, no replica and no backup of the server's.
        op.execute('CREATE UNLOGGED TABLE quotas ("key" text PRIMARY KEY, full_at bigint NOT NULL)')


def downgrade() -> None:
    op.execute("DROP TABLE IF EXISTS quotas")
