"""What a database holds of the dossiers that were sent to it: all of them, whole, and nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

import sqlalchemy as sa

from api.db import Database
from api.models import articles, assessments, claims, evidence, resolutions, revisions, spans
from api.settings import Settings
from tests.campaigns.soundness import unsound

TABLES = {table.name: table for table in (articles, revisions, claims, spans, evidence, assessments, resolutions)}
NAMES = ("external_id", "url", "reviewer", "start")
"""What tells the members of a list of things apart."""


@dataclass(frozen=True)
class Expected:
    """How many rows of each kind the dossiers make."""

    articles: int
    revisions: int
    claims: int
    spans: int
    evidence: int
    assessments: int
    resolutions: int

    @classmethod
    def of(cls, sent: list[Any]) -> Self:
        marked = [claim for dossier in sent for claim in dossier["claims"]]
        return cls(
            articles=len(sent),
            revisions=len(sent),
            claims=len(marked),
            spans=sum(len(claim["spans"]) for claim in marked),
            evidence=sum(len(claim["evidence"]) for claim in marked),
            assessments=sum(len(claim["assessments"]) for claim in marked),
            resolutions=sum(bool(claim["assessments"]) for claim in marked),
        )


def missing(sent: list[Any], exported: list[Any]) -> list[str]:
    """Dossiers that are there twice or should not be, and members that are not as they were sent."""
    found = list(_differences("", _named(sent, "article"), _named(exported, "article")))
    if len(exported) != len(sent):
        found.append(f"expected {len(sent)} dossiers, found {len(exported)}")
    return found


def _named(dossiers: list[Any], member: str) -> dict[str, Any]:
    return {dossier[member]["external_id"]: dossier for dossier in dossiers}


def _differences(path: str, sent: Any, found: Any) -> Iterator[str]:
    """Members that were sent and are not there so. What an answer says beyond them is its own affair."""
    if isinstance(sent, dict) and isinstance(found, dict):
        for name, value in sent.items():
            yield from _differences(f"{path}/{name}", value, found.get(name))
    elif isinstance(sent, list) and isinstance(found, list) and len(sent) == len(found):
        for n, (one, other) in enumerate(zip(_in_order(sent), _in_order(found), strict=True)):
            yield from _differences(f"{path}/{n}", one, other)
    elif sent != found:
        yield f"{path}: expected {str(sent)[:80]}, found {str(found)[:80]}"


def _in_order(members: list[Any]) -> list[Any]:
    """Things by their names; words as they stand."""
    name = next((name for name in NAMES if members and isinstance(members[0], dict) and name in members[0]), None)
    return sorted(members, key=lambda member: member[name]) if name else members


def faults_of_database(url: str, expected: Expected) -> list[str]:
    """Rows too many or too few, and whatever else is wrong."""
    database = Database(Settings(database_url=url))
    with database.snapshot() as tx:
        faults = list(_miscounts(tx, expected))
    database.close()
    return faults + unsound(url)


def _miscounts(tx: sa.Connection, expected: Expected) -> Iterator[str]:
    for name, table in TABLES.items():
        wanted, found = getattr(expected, name), tx.execute(sa.select(sa.func.count()).select_from(table)).scalar()
        if found != wanted:
            yield f"expected {wanted} {name}, found {found}"
