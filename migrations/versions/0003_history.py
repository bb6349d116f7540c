"""Every change is an event. What is there already is adopted: one event each, that says what was found."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from alembic import op

from api.models.columns import Id, Json, Moment

revision = "0003"
down_revision = "0002"


POLICY = {
    "required_assessments": (sa.Integer, "1"),
    "consensus": (sa.String(16), "unanimous"),
    "blind": (sa.Boolean, sa.false()),
}
POLICY_CHECKS = {
    "required_assessments": "required_assessments BETWEEN 1 AND 9",
    "consensus": "consensus IN ('unanimous', 'majority')",
}
TIMES = ("created_at", "resolved_at")
DAYS = ("published_at", "accessed_at", "claimed_at")
VALUES = ("scale", "metadata", "same_as", "first_appearance", "appearances", "types", "tags", "assessments")
REVIEW = ("assessment", "status")
UNTOLD = {"project", "updated_at", "edited_at", "review_version"}
MARK = 'revision, start, "end", exact, prefix, suffix, outcome, score, from_revision, from_start, from_end, confirmed'
OF_PROJECT = (("project", "projects", "slug", "slug"), ("member", "memberships", "project", "user"))
OF_ARTICLE = (("article", "articles", "id", "id"), ("revision", "revisions", "article", "n"))
OF_CLAIM = (("assessment", "assessments", "claim", "id"), ("evidence", "evidence", "claim", "id"))


def upgrade() -> None:
    with op.batch_alter_table("claims") as claims:
        claims.add_column(sa.Column("review_version", sa.Integer, nullable=False, server_default="0"))
        claims.add_column(sa.Column("edited_at", Moment))
    op.execute("UPDATE claims SET edited_at = updated_at")
    with op.batch_alter_table("claims") as claims:
        claims.alter_column("edited_at", existing_type=Moment, nullable=False)
        claims.alter_column("review_version", existing_type=sa.Integer, server_default=None)
    _split_policy(op.get_bind())
    op.create_table(
        "chains",
        sa.Column("project", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=63), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("article", Id(), nullable=True),
        sa.Column("claim", Id(), nullable=True),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("hash", sa.CHAR(length=64), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.CheckConstraint("kind IN ('project', 'claimant', 'article', 'claim', 'draft')", name=op.f("ck_chains_kind")),
        sa.ForeignKeyConstraint(["project"], ["projects.slug"], name=op.f("fk_chains_project"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("project", "id", name=op.f("pk_chains")),
    )
    op.create_index(op.f("ix_chains_id"), "chains", ["id"])
    op.create_table(
        "events",
        sa.Column("project", sa.String(length=64), nullable=False),
        sa.Column("chain", sa.String(length=63), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("article", Id(), nullable=True),
        sa.Column("claim", Id(), nullable=True),
        sa.Column("private_to", sa.String(length=64), nullable=True),
        sa.Column("review", sa.Boolean(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("resource", sa.String(length=16), nullable=False),
        sa.Column("resource_id", sa.String(length=63), nullable=False),
        sa.Column("before", Json(), nullable=True),
        sa.Column("after", Json(), nullable=True),
        sa.Column("hash", sa.CHAR(length=64), nullable=False),
        sa.CheckConstraint("n >= 1", name=op.f("ck_events_n")),
        sa.ForeignKeyConstraint(["by"], ["users.name"], name=op.f("fk_events_by"), onupdate="CASCADE"),
        sa.ForeignKeyConstraint(["project"], ["projects.slug"], name=op.f("fk_events_project"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("project", "chain", "n", name=op.f("pk_events")),
    )
    op.create_index(op.f("ix_events_project_claim_at_chain"), "events", ["project", "claim", "at", "chain"])
    op.create_index(op.f("ix_events_project_article_at_chain"), "events", ["project", "article", "at", "chain"])
    _adopt(op.get_bind())


def _adopt(connection: sa.Connection) -> None:
    moment = datetime.now(UTC)
    for project in _rows(connection, "SELECT * FROM projects"):
        within = _Within(connection, project["slug"], project["created_by"], moment)
        within.chain("project", project["slug"], within.of(OF_PROJECT, project["slug"]))
        for row in within.rows("SELECT id FROM claimants WHERE project = :project"):
            within.chain("claimant", row["id"], within.of((("claimant", "claimants", "id", "id"),), row["id"]))
        for row in within.rows("SELECT id FROM articles WHERE project = :project"):
            within.chain("article", row["id"], within.of(OF_ARTICLE, row["id"]), article=row["id"])
        for row in within.rows("SELECT * FROM claims WHERE project = :project"):
            within.claim(row)


class _Within:
    """One project, whose things are adopted at one moment."""

    def __init__(self, connection: sa.Connection, project: str, founder: str, moment: datetime):
        self._connection, self._project, self._founder, self._moment = connection, project, founder, moment

    def rows(self, sql: str, **values: str) -> list[dict[str, Any]]:
        return _rows(self._connection, sql, project=self._project, **values)

    def of(self, tables: Any, id: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Resource, id and row of what belongs to a thing."""
        for resource, table, at, key in tables:
            own = "" if table == "projects" else "project = :project AND "
            found = self.rows(f'SELECT * FROM {table} WHERE {own}"{at}" = :id ORDER BY "{key}"', id=id)  # noqa: S608
            yield from ((resource, str(row[key]), row) for row in found)

    def claim(self, row: dict[str, Any]) -> None:
        of = "project = :project AND claim = :id"
        current = "(SELECT revision FROM articles WHERE project = :project AND id = :article)"
        sql = f"SELECT {MARK} FROM spans WHERE {of} AND revision = {current} ORDER BY ordinal"  # noqa: S608
        spans = self.rows(sql, id=row["id"], article=row["article"])
        told = {name: value for name, value in row.items() if name not in ("status", "verdict")}
        found = [("claim", row["id"], {**told, "spans": spans})]
        if row["status"] != "unverified":
            sql = f"SELECT * FROM resolutions WHERE {of}"  # noqa: S608
            resolution = next(iter(self.rows(sql, id=row["id"])), None)
            resolution = resolution and {k: v for k, v in resolution.items() if k not in ("project", "claim")}
            state = {"status": row["status"], "verdict": row["verdict"], "resolution": resolution}
            found.append(("status", row["id"], state))
        belonging = list(self.of(OF_CLAIM, row["id"]))
        drafts = [each for each in belonging if each[2].get("state") == "draft"]
        rest = [each for each in belonging if each not in drafts]
        self.chain("claim", row["id"], [*found, *rest], article=row["article"], claim=row["id"])
        for each in drafts:
            self.chain("draft", each[1], [each], article=row["article"], claim=row["id"])

    def chain(self, kind: str, id: str, found: Any, article: str | None = None, claim: str | None = None) -> None:
        """Opens the chain with an event for each of the rows."""
        events, hash, n = [], "0" * 64, 0
        at = self._moment
        for n, (resource, key, row) in enumerate(found, 1):
            at = self._moment + n * timedelta(microseconds=1)
            by = row.get("created_by") or row.get("reviewer") or self._founder
            untold = {*UNTOLD, *(["text"] if resource == "revision" else [])}
            after = {name: value for name, value in row.items() if name not in untold}
            review, private_to = resource in REVIEW, by if kind == "draft" else None
            said = [id, n, at.isoformat(timespec="microseconds"), by, "adopted", resource, key, None, after]
            said += [article, claim, review, private_to]
            hash = sha256(orjson.dumps([hash, self._project, *said])).hexdigest()
            place = {"project": self._project, "chain": id, "n": n, "article": article, "claim": claim}
            what = {"action": "adopted", "resource": resource, "resource_id": key, "before": None, "after": after}
            seen = {"private_to": private_to, "review": review}
            events.append({**place, **what, **seen, "at": at, "by": by, "hash": hash})
        head = {"project": self._project, "id": id, "kind": kind, "article": article, "claim": claim}
        self._connection.execute(sa.insert(CHAINS), [{**head, "n": n, "hash": hash, "at": at}])
        self._connection.execute(sa.insert(EVENTS), events)


def _rows(connection: sa.Connection, sql: str, **values: str) -> list[dict[str, Any]]:
    """Rows in the form of answers: JSON values, times in UTC with a Z, unknown days null."""
    found = connection.execute(sa.text(sql), values).mappings()
    return [{name: _value(name, value) for name, value in row.items()} for row in found]


def _value(name: str, value: Any) -> Any:
    if name == "blind":
        return bool(value)  # SQLite's is a number
    if name in VALUES:
        return None if value is None else orjson.loads(value)
    if name in DAYS:
        return (value + "Z" if "T" in value else value) if value else None
    if name in TIMES and value is not None:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        return orjson.loads(orjson.dumps(moment, option=orjson.OPT_UTC_Z))
    return str(value) if isinstance(value, UUID) else value


CHAINS = sa.table(
    "chains",
    *(sa.column(name, type_) for name, type_ in (("project", sa.String), ("id", sa.String), ("kind", sa.String))),
    *(sa.column(name, type_) for name, type_ in (("article", Id), ("claim", Id), ("n", sa.Integer))),
    *(sa.column(name, type_) for name, type_ in (("hash", sa.String), ("at", Moment))),
)
EVENTS = sa.table(
    "events",
    *(sa.column(name, sa.String) for name in ("project", "chain", "by", "action", "resource", "resource_id", "hash")),
    *(sa.column(name, type_) for name, type_ in (("n", sa.Integer), ("article", Id), ("claim", Id), ("at", Moment))),
    *(sa.column(name, type_) for name, type_ in (("private_to", sa.String), ("review", sa.Boolean))),
    *(sa.column(name, type_) for name, type_ in (("before", Json), ("after", Json))),
)


def _split_policy(connection: sa.Connection) -> None:
    with op.batch_alter_table("projects") as projects:
        for name, (type_, default) in POLICY.items():
            projects.add_column(sa.Column(name, type_, nullable=False, server_default=default))
    columns = sa.table("projects", sa.column("slug"), sa.column("policy", Json), *map(sa.column, POLICY))
    for slug, policy in connection.execute(sa.select(columns.c.slug, columns.c.policy)).all():
        connection.execute(sa.update(columns).where(columns.c.slug == slug).values(policy))
    with op.batch_alter_table("projects") as projects:
        projects.drop_column("policy")
        for name, (type_, _) in POLICY.items():
            projects.alter_column(name, existing_type=type_, server_default=None)
        for name, condition in POLICY_CHECKS.items():
            projects.create_check_constraint(op.f(f"ck_projects_{name}"), condition)


def _join_policy(connection: sa.Connection) -> None:
    with op.batch_alter_table("projects") as projects:
        projects.add_column(sa.Column("policy", Json, nullable=False, server_default="{}"))
        for name in POLICY_CHECKS:
            projects.drop_constraint(op.f(f"ck_projects_{name}"), type_="check")
    typed = (sa.column(name, type_) for name, (type_, _) in POLICY.items())
    columns = sa.table("projects", sa.column("slug"), sa.column("policy", Json), *typed)
    for row in connection.execute(sa.select(columns)).mappings().all():
        policy = {name: row[name] for name in POLICY}
        connection.execute(sa.update(columns).where(columns.c.slug == row["slug"]).values(policy=policy))
    with op.batch_alter_table("projects") as projects:
        projects.alter_column("policy", existing_type=Json, server_default=None)
        for name in POLICY:
            projects.drop_column(name)


def downgrade() -> None:
    _join_policy(op.get_bind())
    op.drop_table("events")
    op.drop_table("chains")
    with op.batch_alter_table("claims") as claims:
        claims.drop_column("review_version")
        claims.drop_column("edited_at")
