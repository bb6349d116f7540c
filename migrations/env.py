"""Runs migrations: on both engines, in one transaction, one process at a time."""

import os
from typing import Any

import sqlalchemy as sa
from alembic import context

from api.engines import WRITES, connect
from api.models import metadata
from api.settings import Settings

LOCK = 7_091_726_544_130_305


def run() -> None:
    settings = context.config.attributes.get("settings") or Settings.from_environment(os.environ)
    engine = connect(settings, migrates=True).execution_options(**{WRITES: True})
    with engine.connect() as connection:
        sqlite = engine.dialect.name == "sqlite"
        if sqlite:
            # Batch mode rebuilds tables, and dropping the old one would delete the rows that refer to it.
            set_pragma(connection, "foreign_keys", "OFF")
        with connection.begin():
            if not sqlite:
                # Keeps racing starts apart. Without it one would win and the others fail and start again.
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
            context.configure(
                connection=connection, target_metadata=metadata, render_as_batch=True, user_module_prefix=""
            )
            context.run_migrations()
            if sqlite and (orphans := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
                raise RuntimeError(f"the migration would leave rows that refer to nothing: {orphans[:5]}")
    engine.dispose()


def set_pragma(connection: sa.Connection, name: str, value: Any) -> None:
    """Outside a transaction, where SQLite heeds it."""
    connection.connection.driver_connection.execute(f"PRAGMA {name} = {value}")


run()
