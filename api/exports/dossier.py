"""The dossier: an article with everything known about it, the unit of import and export."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

Dossier = dict[str, Any]
"""`{article: {…, revisions, comments}, claims: [{…, resolution, assessments: [{…, comments}], evidence, relations,
comments}]}`, lists but for the resolution."""
Grouped = dict[str, list[dict[str, Any]]]
"""Things by the id of what they hang on."""


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
    claims: Iterable[dict[str, Any]],
    of_articles: Mapping[str, Grouped],
    of_claims: Mapping[str, Grouped],
) -> Iterator[Dossier]:
    """Deals claims to their articles, and to both what hangs on them: parts by name, grouped by the owner's id.

    Claims come in the order of the text. A revision's `text` is null where it is the article's own.
    """
    by_article: Grouped = {}
    for claim in claims:
        by_article.setdefault(claim["article"], []).append(with_parts(claim, of_claims))
    for article in articles:
        mine = by_article.get(article["id"], [])
        yield {
            "article": with_parts(article, of_articles),
            "claims": sorted(mine, key=lambda claim: (claim["spans"][0]["start"], claim["id"])),
        }


def with_parts(thing: dict[str, Any], parts: Mapping[str, Grouped]) -> dict[str, Any]:
    """The thing with each part under its name: a list, empty if there is none of the kind."""
    return {**thing, **{name: grouped.get(thing["id"], []) for name, grouped in parts.items()}}


def as_json(value: Any) -> bytes:
    """JSON as the service writes it everywhere: UTF-8, times in UTC with a Z."""
    return orjson.dumps(value, option=orjson.OPT_UTC_Z)
