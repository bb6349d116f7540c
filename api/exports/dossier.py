"""The dossier: an article with everything known about it, the unit of import and export."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

Dossier = dict[str, Any]
"""`{article: {…, revisions: […]}, claims: [{…, assessments: […], resolution, evidence: […]}]}`"""
Grouped = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Format:
    """A way to write dossiers: `write` turns them, one by one, into pieces of a UTF-8 file.

    `shape` names the JSON shape of the file or of its lines, if it is JSON.
    """

    name: str
    media_type: str
    extension: str
    describes: str
    shape: str | None
    write: Callable[[Iterable[Dossier]], Iterator[bytes]]


def assemble(
    articles: Iterable[dict[str, Any]],
    revisions: Grouped,
    claims: Iterable[dict[str, Any]],
    assessments: Grouped,
    evidence: Grouped,
) -> Iterator[Dossier]:
    """Deals claims to their articles, revisions by article, assessments and evidence by claim.

    Claims come in the order of the text. A revision's `text` is null where it is the article's own.
    """
    of_article: Grouped = {}
    for claim in claims:
        whole = {**claim, "assessments": assessments.get(claim["id"], []), "evidence": evidence.get(claim["id"], [])}
        of_article.setdefault(claim["article"], []).append(whole)
    for article in articles:
        mine = of_article.get(article["id"], [])
        yield {
            "article": {**article, "revisions": revisions[article["id"]]},
            "claims": sorted(mine, key=lambda claim: (claim["spans"][0]["start"], claim["id"])),
        }


def as_json(value: Any) -> bytes:
    """JSON as the service writes it everywhere: UTF-8, times in UTC with a Z."""
    return orjson.dumps(value, option=orjson.OPT_UTC_Z)
