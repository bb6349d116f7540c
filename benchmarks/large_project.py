"""A project as large as one likes, put into the tables in bulk: articles, claims marked on them by several people,
three submitted assessments of nearly every claim, and the statuses that follow from them.

Equal seeds give equal projects, but for the ids.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from random import Random
from typing import Any

import sqlalchemy as sa

from api.db import Database
from api.models import (
    articles,
    assessments,
    claimants,
    claims,
    evidence,
    metadata,
    projects,
    relations,
    resolutions,
    revisions,
    spans,
    users,
)
from api.models.columns import new_id
from api.rules.consensus import Policy, Vote, settle
from api.rules.scales import PRESETS, verdicts
from api.services.inserts import insert

BEGAN = datetime(2026, 1, 5, 8, tzinfo=UTC)
DAYS = 200
POLICY = Policy(required_assessments=3, consensus="majority")
SCALE = PRESETS["six_point"]
SENTENCES = [f"On day {n} the mayor said that the city had planted {n},000 trees 🌳 since 2020. " for n in range(40)]
TEXT = "".join(SENTENCES)
PLACES = [(sum(map(len, SENTENCES[:n])), sum(map(len, SENTENCES[: n + 1])) - 1) for n in range(len(SENTENCES))]
BATCH = 10_000
Row = dict[str, Any]


@dataclass(frozen=True)
class Size:
    """Of 100 claims, 2 are unverified and 2 in review, with two assessments and a draft; 1 in 3 has evidence."""

    claims: int = 100_000
    articles: int = 2_500
    reviewers: int = 30
    annotators: int = 3
    """How many people mark one article."""
    seed: int = 1


def fill(database: Database, slug: str, size: Size) -> None:
    """Founds the project and puts everything in."""
    rows: dict[str, list[Row]] = {name: [] for name in metadata.tables}
    people = [f"reviewer-{n:03}" for n in range(size.reviewers)]
    database.write(lambda tx: _found(tx, slug, people))
    for table, row in _rows(slug, people, size):
        rows[table.name].append(row)
    # Assessments stand on the disk in the order of time, as they come in, not claim by claim.
    for name in ("assessments", "evidence"):
        rows[name].sort(key=itemgetter("created_at"))
    for table in metadata.sorted_tables:
        for at in range(0, len(rows[table.name]), BATCH):
            database.write(lambda tx, table=table, at=at: insert(tx, table, rows[table.name][at : at + BATCH]))


def analyze(database: Database) -> None:
    """What PostgreSQL does by itself after a while."""
    database.write(lambda tx: tx.exec_driver_sql("ANALYZE"))


def _found(tx: sa.Connection, slug: str, people: Iterable[str]) -> None:
    known = set(tx.execute(sa.select(users.c.name)).scalars())
    new = [name for name in people if name not in known]
    insert(tx, users, [{"name": name, "display_name": name, "admin": False, "created_at": BEGAN} for name in new])
    project = {"slug": slug, "name": slug, "scale": SCALE, **asdict(POLICY), "created_by": "admin"}
    insert(tx, projects, [{**project, "created_at": BEGAN}])


def _rows(slug: str, people: list[str], size: Size) -> Iterator[tuple[sa.Table, Row]]:
    random = Random(size.seed)
    before = ""
    each = -(-size.claims // size.articles)
    for n in range(size.claims):
        if n % each == 0:
            article = {"project": slug, **_made(random, people)}
            annotators = random.sample(people, min(size.annotators, len(people)))
            yield articles, {**article, "title": f"Article {n}", "published_at": "2026-01-05", "metadata": {}}
            yield revisions, _text(article)
            speaker = {"project": slug, **_made(random, people), "name": f"Speaker {n}"}
            yield claimants, {**speaker, "kind": "person", "same_as": []}
        claim = {"project": slug, "article": article["id"], **_made(random, annotators), "claimant": speaker["id"]}
        yield from _claim(random, claim, people)
        if n % 10 == 9:
            yield relations, _repeats(claim, before)
        before = claim["id"]


def _repeats(claim: Row, other: str) -> Row:
    low, high = sorted((claim["id"], other))
    ends = {"claim": claim["id"], "other": other, "low": low, "high": high}
    made = {name: claim[name] for name in ("project", "created_at", "created_by")}
    return {**made, **ends, "id": new_id(), "type": "repeats"}


def _claim(random: Random, claim: Row, people: list[str]) -> Iterator[tuple[sa.Table, Row]]:
    given = list(_assessments(random, claim, people))
    votes = [Vote(row["id"], row["reviewer"], row["verdict"]) for row in given if row["state"] == "submitted"]
    outcome = settle(POLICY, votes)
    kinds = ["numerical"] if random.random() < 0.5 else []
    facts = {"text": "The city planted trees.", "claimed_at": "2026-01-05", "appearances": [], "tags": []}
    settled = outcome.settled
    verdict = settled.verdict if settled else None
    standing = {"status": outcome.status, "verdict": verdict, "submitted": len(votes)}
    standing |= {"edited_at": claim["updated_at"]}
    yield claims, {**claim, **facts, "types": kinds, **standing}
    yield spans, _span(claim, random.randrange(len(PLACES)))
    for row in given:
        yield assessments, row
    under = {"project": claim["project"], "claim": claim["id"]}
    if settled:
        yield resolutions, {**under, **asdict(settled), "resolved_at": given[-1]["created_at"]}
    if random.random() < 1 / 3:
        link = {"url": f"https://parks.example/{claim['id']}", "stance": "refutes", "published_at": ""}
        yield evidence, {**under, **_made(random, people), **link, "accessed_at": ""}


def _assessments(random: Random, claim: Row, people: list[str]) -> Iterator[Row]:
    """Three, in the order of time, that agree on the truth of the claim two times out of three."""
    scale = verdicts(SCALE)
    truth, fate = random.choice(scale), random.random()
    reviewers = random.sample(people, min(3, len(people))) if fate > 0.02 else []
    moments = sorted(claim["created_at"] + timedelta(days=random.random() * 9) for _ in reviewers)
    for reviewer, moment in zip(reviewers, moments, strict=True):
        draft = fate < 0.04 and reviewer == reviewers[-1]
        yield {
            "project": claim["project"],
            "id": new_id(),
            "claim": claim["id"],
            "reviewer": reviewer,
            "verdict": truth if random.random() < 2 / 3 else random.choice(scale),
            "confidence": 0.8,
            "state": "draft" if draft else "submitted",
            "created_at": moment,
            "updated_at": moment,
        }


def _made(random: Random, people: list[str]) -> Row:
    moment = BEGAN + timedelta(days=random.random() * DAYS)
    return {"id": new_id(), "created_at": moment, "updated_at": moment, "created_by": random.choice(people)}


def _text(article: Row) -> Row:
    return {
        "project": article["project"],
        "article": article["id"],
        "n": 1,
        "text": TEXT,
        "text_sha256": hashlib.sha256(TEXT.encode()).hexdigest(),
        "code_points": len(TEXT),
        "created_at": article["created_at"],
        "created_by": article["created_by"],
    }


def _span(claim: Row, sentence: int) -> Row:
    start, end = PLACES[sentence]
    return {
        **{name: claim[name] for name in ("project", "article")},
        "claim": claim["id"],
        "revision": 1,
        "ordinal": 0,
        "start": start,
        "end": end,
        "exact": TEXT[start:end],
        "prefix": TEXT[max(0, start - 32) : start],
        "suffix": TEXT[end : end + 32],
        "from_revision": 1,
        "from_start": start,
        "from_end": end,
    }
