"""A table with a row a claim: RFC 4180, UTF-8, with a head. Cells with several values have one a line. All cells are
quoted, so that programs to which a semicolon is what parts cells make no other cells of them.

Spreadsheets take a cell that begins with = + - or @ for a formula. Such a cell gets an apostrophe in front, and so
does one that begins with an apostrophe: taking one away from every cell that has it gives back what was there.
https://owasp.org/www-community/attacks/CSV_Injection

A table has no end that could be missing. One that the service can't finish ends with a row that says so.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from io import StringIO
from typing import Any

from api.exports.dossier import Dossier, Format, Source, rfc3339, wording, words

FORMULA = re.compile(r"[\s\x00-\x1f\u200b-\u200f\u2060\ufeff]*[=+\-@＝＋－＠]|['\t\r\n]")
Thing = dict[str, Any]
COLUMNS: dict[str, Callable[[Thing, Thing, Source], Any]] = {
    "claim": lambda article, claim, source: claim["id"],
    "claim_external_id": lambda article, claim, source: claim["external_id"],
    "wording": lambda article, claim, source: wording(claim),
    "status": lambda article, claim, source: claim["status"],
    "verdict": lambda article, claim, source: claim["verdict"],
    "verdict_label": lambda article, claim, source: claim["verdict"] and source.verdict(claim["verdict"])["label"],
    "truth_class": lambda article, claim, source: claim["verdict"] and source.verdict(claim["verdict"])["truth_class"],
    "method": lambda article, claim, source: _resolution(claim, "method"),
    "rationale": lambda article, claim, source: _resolution(claim, "rationale"),
    "resolved_at": lambda article, claim, source: _resolution(claim, "resolved_at"),
    "claimant": lambda article, claim, source: claim["claimant"] and claim["claimant"]["name"],
    "claimant_kind": lambda article, claim, source: claim["claimant"] and claim["claimant"]["kind"],
    "claimed_at": lambda article, claim, source: claim["claimed_at"],
    "location": lambda article, claim, source: claim["location"],
    "context": lambda article, claim, source: claim["context"],
    "language": lambda article, claim, source: claim["language"],
    "types": lambda article, claim, source: _lines(claim["types"]),
    "tags": lambda article, claim, source: _lines(claim["tags"]),
    "first_appearance": lambda article, claim, source: claim["first_appearance"] and claim["first_appearance"]["url"],
    "appearances": lambda article, claim, source: _lines(each["url"] for each in claim["appearances"]),
    "assessments": lambda article, claim, source: _lines(
        f"{each['reviewer']}: {each['verdict']}" for each in claim["assessments"]
    ),
    "evidence": lambda article, claim, source: _lines(f"{each['stance']} {each['url']}" for each in claim["evidence"]),
    "words": lambda article, claim, source: words(claim),
    "spans": lambda article, claim, source: _lines(f"{each['start']}:{each['end']}" for each in claim["spans"]),
    "revision": lambda article, claim, source: claim["spans"][0]["revision"],
    "needs_attention": lambda article, claim, source: claim["needs_attention"],
    "priority": lambda article, claim, source: claim["priority"],
    "created_by": lambda article, claim, source: claim["created_by"],
    "created_at": lambda article, claim, source: rfc3339(claim["created_at"]),
    "updated_at": lambda article, claim, source: rfc3339(claim["updated_at"]),
    "article": lambda article, claim, source: article["id"],
    "article_external_id": lambda article, claim, source: article["external_id"],
    "article_title": lambda article, claim, source: article["title"],
    "article_url": lambda article, claim, source: article["url"],
    "publisher": lambda article, claim, source: article["publisher"],
    "published_at": lambda article, claim, source: article["published_at"],
}


def write(dossiers: Iterable[Dossier], source: Source) -> Iterator[bytes]:
    yield _rows([list(COLUMNS)])
    for dossier in dossiers:
        article = dossier["article"]
        rows = [[_safe(cell(article, claim, source)) for cell in COLUMNS.values()] for claim in dossier["claims"]]
        if rows:
            yield _rows(rows)


def _rows(rows: Iterable[Iterable[Any]]) -> bytes:
    table = StringIO(newline="")
    csv.writer(table, quoting=csv.QUOTE_ALL).writerows(rows)
    return table.getvalue().encode()


def _safe(value: Any) -> Any:
    """The value as no spreadsheet takes it for a formula.

    >>> [_safe(value) for value in ("=1+1", " @x", "'tis", "1-1", 5, None)]
    ["'=1+1", "' @x", "''tis", '1-1', 5, None]
    """
    return f"'{value}" if isinstance(value, str) and FORMULA.match(value) else value


def _lines(values: Iterable[str]) -> str:
    return "\n".join(values)


def _resolution(claim: Thing, name: str) -> Any:
    value = claim["resolution"] and claim["resolution"][name]
    return rfc3339(value) if name == "resolved_at" and value else value


FORMAT = Format(
    "csv",
    "text/csv; charset=utf-8; header=present",
    "csv",
    "A table with a row a claim, for spreadsheets: cells that would be formulas begin with an apostrophe.",
    "Texts, articles without claims, comments, relations; of assessments all but reviewer and verdict, of evidence all "
    "but stance and address.",
    write,
    broken=b'"BROKEN OFF: the rest of this table is missing"\r\n',
)
