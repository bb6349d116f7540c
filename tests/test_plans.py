"""What a project asks for is found by an index: nobody waits for the rows of other projects."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from api.commands.migrate import migrate
from api.db import Database, run
from api.models import events, metadata
from api.models.columns import new_id
from api.services import (
    agreement,
    articles,
    claim_lists,
    claimants,
    dossier_choice,
    dossiers,
    imported_known,
    spans,
    statistics,
)
from api.services.answers import Reading
from api.services.inserts import insert
from api.services.prepared import Prepared
from api.settings import Settings
from benchmarks.large_project import BEGAN, Size, analyze, fill
from tests.conftest import people

TENANTS = {name for name, table in metadata.tables.items() if "project" in table.c}
NO_FILTER = {"type": None, "after": None, "before": None, "reviewer": [], "anybody": True, "blinded": None}
OURS = {"project": "ours"}
RARE = {**OURS, "most": 51, "any_status_0": "in_review"}
COMMON = {"project": "theirs", "most": 51, "any_status_0": "resolved"}
CHOSEN = {"last": "00000000-0000-0000-0000-000000000000", "since": BEGAN, "blinded": None, "caller": None}
CHOICE, CHOSEN_CLAIMS = dossier_choice._readings((("verdict", 1),), True)
AT = articles.LIST._asking("created_at", (("url", None),), False)
BY_STATUS = claim_lists.IN_PROJECT._asking("created_at", (("status", 1),), False)
STATEMENTS: dict[str, tuple[Reading, dict[str, Any]]] = {
    "claims marked": (statistics.MARKED, OURS | NO_FILTER),
    "claims assessed": (statistics.ASSESSED, OURS | NO_FILTER),
    "evidence attached": (statistics.ATTACHED, OURS | NO_FILTER),
    "claims resolved": (statistics.RESOLVED, OURS | NO_FILTER),
    "articles": (statistics.ARTICLES, OURS | NO_FILTER),
    "ratings": (agreement.RATINGS, OURS | NO_FILTER),
    "marks": (agreement.MARKS, OURS | NO_FILTER),
    "claims by status": (BY_STATUS, RARE),
    "articles at an address": (AT, OURS | {"most": 51, "url": "https://news.example/1"}),
    "articles to export": (CHOICE, OURS | CHOSEN | {"any_verdict_0": "true"}),
    "claims to export": (CHOSEN_CLAIMS, OURS | CHOSEN | {"any_verdict_0": "true", "articles": []}),
}


PARENT = new_id()
WITHIN: dict[str, tuple[Reading, str, dict[str, Any]]] = {
    "the claims of an article": (articles.LOCKED_CLAIMS, "article", {"article": PARENT}),
    "the texts of imported articles": (imported_known.HASHES, "article", {"articles": [PARENT]}),
    "the claims of imported articles": (imported_known.CLAIMS, "article", {"articles": [PARENT]}),
    "the marks of imported articles": (imported_known.ON_CURRENT, "article", {"articles": [PARENT]}),
    "the evidence of imported claims": (imported_known.LINKS, "claim", {"claims": [PARENT]}),
    "the assessments of imported claims": (imported_known.GIVEN, "claim", {"claims": [PARENT]}),
    "the marks on a revision": (spans.ON_REVISION, "article", {"article": PARENT, "revision": 1}),
    "the claims to export": (CHOSEN_CLAIMS, "article", CHOSEN | {"any_verdict_0": "true", "articles": [PARENT]}),
    "all claims to export": (dossier_choice._readings((), False)[1], "article", {"articles": [PARENT]}),
    "the texts to export": (dossiers.REVISIONS, "article", {"articles": [PARENT]}),
    "the articles of a batch": (dossiers.ARTICLES, "id", {"articles": [PARENT]}),
    "the evidence to export": (dossiers.EVIDENCE_LINKS, "claim", {"claims": [PARENT]}),
    "the assessments to export": (dossiers.ASSESSMENTS, "claim", {"claims": [PARENT]}),
    "the marks that were carried": (dossiers.CARRIED, "article", {"articles": [PARENT]}),
    "the claims of a claimant": (claimants.THEIR_CLAIMS, "claimant", {"claimant": PARENT}),
}
"""What belongs to one thing of a project, and the column that names the thing."""


@pytest.fixture
def crowded(database: Database) -> Database:
    """A small project beside one twenty times its size, and an engine that knows how large they are."""
    fill(database, "theirs", Size(claims=4_000, articles=1_000))
    fill(database, "ours", Size(claims=200, articles=50))
    database.write(remember)
    analyze(database)
    return database


def remember(tx: sa.Connection) -> None:
    """Writes down that every article was made."""
    what = {"n": 1, "review": False, "by": "admin", "action": "created", "resource": "article", "hash": "0" * 64}
    made = metadata.tables["articles"]
    found = tx.execute(sa.select(made.c.project, made.c.id, made.c.created_at))
    where = ({"project": project, "chain": id, "article": id, "at": at} for project, id, at in found)
    insert(tx, events, [{**what, **each, "resource_id": each["article"]} for each in where])


def test_what_a_project_asks_for_is_found_by_an_index(crowded: Database) -> None:
    with crowded.snapshot() as tx:
        found = {name: accesses(tx, *asked) for name, asked in STATEMENTS.items()}
        whole_plan = str(explained(tx, BY_STATUS, COMMON))
    for name, tables in found.items():
        assert tables, name
        # Every index of these tables begins with the project or is of ids: any condition on one leads to our rows.
        whole = [table for table, how in tables if table in TENANTS and not how]
        assert not whole, f"{name} reads all rows of {whole}: {tables}"
    assert "status" in dict(found["claims by status"])["claims"]
    assert "TEMP B-TREE" not in whole_plan, "a page of many is sorted anew"
    assert "'Sort'" not in whole_plan, "a page of many is sorted anew"


@pytest.fixture
def large(empty_database: Settings) -> Iterator[Database]:
    """A project as it has just come in. PostgreSQL soon knows how large it is, SQLite never does."""
    migrate(empty_database)
    database = Database(empty_database)
    database.write(people)
    fill(database, "ours", Size(claims=4_000, articles=400))
    if not database.sqlite:
        analyze(database)
    yield database
    database.close()


def test_what_belongs_to_one_thing_is_found_without_the_rest_of_its_project(large: Database) -> None:
    with large.snapshot() as tx:
        found = {name: accesses(tx, reading, OURS | of) for name, (reading, _, of) in WITHIN.items()}
    for name, (reading, column, _) in WITHIN.items():
        table: Any = next(iter(reading.statement.selected_columns)).table  # type: ignore[attr-defined]
        how = dict(reversed(found[name]))[table.name]
        assert column in how, f"{name}: {table.name} is read by {how or 'all rows'}"


def accesses(tx: sa.Connection, reading: Reading, values: dict[str, Any]) -> list[tuple[str, str]]:
    """The tables that the statement reads, each with the condition on an index by which its rows are found, or ''."""
    plan = explained(tx, reading, values)
    return list(_in_sqlite(plan) if tx.dialect.name == "sqlite" else _in_postgresql(plan[0][0][0]["Plan"]))


def explained(tx: sa.Connection, reading: Reading, values: dict[str, Any]) -> Any:
    statement = Prepared(reading.statement, tx.dialect)
    how = "QUERY PLAN" if tx.dialect.name == "sqlite" else "(FORMAT JSON)"
    return run(tx, f"EXPLAIN {how} {statement.sql}", statement.bound(values)).fetchall()


def _in_sqlite(plan: list[tuple[Any, ...]]) -> Iterator[tuple[str, str]]:
    for *_, detail in plan:
        if step := re.match(r"(?:SCAN|SEARCH) (\w+)(?:.*\((.*)\))?", detail):
            yield step[1], step[2] or ""


def _in_postgresql(node: dict[str, Any]) -> Iterator[tuple[str, str]]:
    inner = node.get("Plans", [])
    if "Relation Name" in node:
        conditions = [each.get("Index Cond", "") for each in (node, *inner)]
        yield node["Relation Name"], " ".join(conditions).strip()
    for each in inner:
        yield from _in_postgresql(each)
