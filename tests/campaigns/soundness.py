"""Whether a database is whole: the engine's own checks, the history, and rules that no constraint holds."""

from collections.abc import Iterator

import sqlalchemy as sa

from api.db import Database, run
from api.services import projects, verification
from api.settings import Settings

SHOWN = 3
RULES = {
    "a claim has no span on its article's current text": """
        SELECT c.id FROM claims c JOIN articles a ON a.project = c.project AND a.id = c.article
        WHERE NOT EXISTS (SELECT 1 FROM spans s WHERE s.claim = c.id AND s.revision = a.revision)""",
    "an article's texts are not those numbered up to its revision": """
        SELECT a.id FROM articles a JOIN revisions r ON r.project = a.project AND r.article = a.id
        GROUP BY a.id, a.revision HAVING count(*) <> a.revision OR max(r.n) <> a.revision""",
    "an article has no text": """
        SELECT a.id FROM articles a
        WHERE NOT EXISTS (SELECT 1 FROM revisions r WHERE r.project = a.project AND r.article = a.id)""",
    "a claim is resolved without a resolution, or has one and is not": """
        SELECT c.id FROM claims c LEFT JOIN resolutions r ON r.project = c.project AND r.claim = c.id
        WHERE (c.status = 'resolved') <> (r.claim IS NOT NULL) OR r.verdict <> c.verdict""",
    "a claim miscounts its submitted assessments": """
        SELECT c.id FROM claims c WHERE c.submitted <> (SELECT count(*) FROM assessments a
        WHERE a.project = c.project AND a.claim = c.id AND a.state = 'submitted')""",
    "a key is taken and has no answer": "SELECT k.key FROM idempotency_keys k WHERE k.status IS NULL",
}


def unsound(url: str) -> list[str]:
    """What is wrong with the database, whoever wrote to it."""
    database = Database(Settings(database_url=url))
    with database.snapshot() as tx:
        faults = [*_broken_rules(tx), *_broken_history(tx), *(_damage(tx) if database.sqlite else ())]
    database.close()
    return faults


def _broken_rules(tx: sa.Connection) -> Iterator[str]:
    for rule, query in RULES.items():
        found = run(tx, query, ()).fetchall()
        if found:
            yield f"{rule}: {len(found)}, such as {found[:SHOWN]}"


def _broken_history(tx: sa.Connection) -> Iterator[str]:
    """As `flask --app app history verify`."""
    for slug in projects.all_slugs(tx):
        for found in verification.of_project(tx, slug, verification.Count()):
            yield f"the history does not hold: {slug}: {found.kind} {found.id}: {found.detail}"


def _damage(tx: sa.Connection) -> Iterator[str]:
    for check, well in (("integrity_check", [("ok",)]), ("foreign_key_check", [])):
        found = run(tx, f"PRAGMA {check}", ()).fetchall()
        if found != well:
            yield f"SQLite's {check} finds {found[:SHOWN]}"


def wait_for_silence(url: str) -> None:
    """Until PostgreSQL has seen that a killed service is gone: it may still be finishing what that one had sent."""
    database = Database(Settings(database_url=url))
    others = (
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"
    )
    while not database.sqlite:
        with database.snapshot() as tx:
            if not run(tx, others, ()).fetchone()[0]:
                break
    database.close()
