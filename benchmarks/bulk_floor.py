"""The least that an import has to do: to parse each line, and to put its rows into the tables with the bare driver, in
one transaction. Nothing is checked, nothing is looked up, no history is kept."""

import time
from collections import defaultdict
from collections.abc import Iterator
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa

from api.db import Database, run_each
from api.models import articles, claims, evidence, revisions, spans
from api.models.columns import new_id, now

FACTS = ("external_id", "title", "url", "publisher", "byline", "language", "published_at")
SAID = ("external_id", "text", "context", "language", "claimed_at", "location")
LINK = ("url", "title", "publisher", "published_at", "excerpt", "stance")
COLUMNS: dict[sa.Table, tuple[str, ...]] = {
    articles: ("project", "id", *FACTS, "metadata", "revision", "created_at", "created_by", "updated_at", "version"),
    revisions: ("project", "article", "n", "text", "text_sha256", "code_points", "created_at", "created_by"),
    claims: (
        *("project", "id", "article", *SAID, "appearances", "types", "tags", "status", "review_version", "submitted"),
        *("priority", "created_at", "created_by", "updated_at", "edited_at", "version"),
    ),
    spans: (
        *("project", "claim", "revision", "ordinal", "article", "start", "end", "exact", "prefix", "suffix"),
        *("outcome", "score", "from_revision", "from_start", "from_end"),
    ),
    evidence: ("project", "id", "claim", *LINK, "accessed_at", "created_at", "created_by", "version"),
}
BATCH = 500
"""Lines whose rows are held at once; they all go into one transaction."""
Rows = dict[sa.Table, list[tuple[Any, ...]]]


def seconds(database: Database, project: str, file: Path) -> float:
    """How long it takes to bring the lines of the file into the empty project."""

    def bring(tx: sa.Connection) -> None:
        statements = {table: _insertion(tx, table) for table in COLUMNS}
        with file.open("rb") as lines:
            while batch := list(islice(lines, BATCH)):
                rows = _rows(project, batch)
                for table, statement in statements.items():
                    run_each(tx, statement, rows[table])

    begun = time.perf_counter()
    database.write(bring)
    return time.perf_counter() - begun


def _insertion(tx: sa.Connection, table: sa.Table) -> str:
    place = "?" if tx.dialect.name == "sqlite" else "%s"
    names = ", ".join(f'"{name}"' for name in COLUMNS[table])
    return f"INSERT INTO {table.name} ({names}) VALUES ({', '.join([place] * len(COLUMNS[table]))})"


def _rows(project: str, lines: list[bytes]) -> Rows:
    rows: Rows = defaultdict(list)
    moment = now().isoformat(timespec="microseconds")
    for line in lines:
        for table, row in _of_dossier(project, orjson.loads(line), moment):
            rows[table].append(row)
    return rows


def _of_dossier(project: str, dossier: Any, moment: str) -> Iterator[tuple[sa.Table, tuple[Any, ...]]]:
    sent, id = dossier["article"], new_id()
    text, about = sent["text"], orjson.dumps(sent["metadata"]).decode()
    made = (moment, "admin")
    yield articles, (project, id, *(sent[name] for name in FACTS), about, 1, *made, moment, 1)
    digest = sha256(text.encode()).hexdigest()
    yield revisions, (project, id, 1, text, digest, len(text), *made)
    for each in dossier["claims"]:
        claim = new_id()
        types, tags = orjson.dumps(each["types"]).decode(), orjson.dumps(each["tags"]).decode()
        said = (each[name] for name in SAID)
        yield claims, (project, claim, id, *said, "[]", types, tags, "unverified", 0, 0, 0, *made, moment, moment, 1)
        for n, span in enumerate(each["spans"]):
            at = start, end = _place(text, span)
            around = text[start:end], text[max(0, start - 32) : start], text[end : end + 32]
            yield spans, (project, claim, 1, n, id, *at, *around, "marked", 1.0, 1, *at)
        for link in each["evidence"]:
            yield evidence, (project, new_id(), claim, *(link[name] for name in LINK), "", *made, 1)


def _place(text: str, span: Any) -> tuple[int, int]:
    if "start" in span:
        return span["start"], span["end"]
    start = text.index(span["exact"])
    return start, start + len(span["exact"])
