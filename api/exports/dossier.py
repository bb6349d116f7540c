"""The dossier: an article with everything known about it, the unit of import and export."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from api.rules.scales import Scale

Dossier = dict[str, Any]
"""`{article: {…, revisions, comments}, claims: [{…, resolution, assessments: [{…, comments}], evidence, relations,
comments}]}`, lists but for the resolution."""
Grouped = dict[str, list[dict[str, Any]]]
"""Things by the id of what they hang on."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where dossiers come from: what a format may say beside what is in them.

    `name` is the project's; `base` the address of the service; `path` leads to what is exported, a project or an
    article.
    """

    project: str
    name: str
    scale: Scale
    base: str
    path: str

    def address(self, *path: str) -> str:
        """The full address of something under `/v1`."""
        return "/".join((self.base, "v1", *path))

    def verdict(self, value: str) -> dict[str, Any]:
        """The entry of the scale; one that only repeats the word if the scale has it no more."""
        unknown = {"value": value, "label": value, "number": None, "truth_class": "unverifiable"}
        return next((entry for entry in self.scale["values"] if entry["value"] == value), unknown)


@dataclass(frozen=True, slots=True)
class Format:
    """A way to write dossiers: `write` turns them, one by one, into pieces of a file.

    `shape` names the JSON shape of the file or of its lines, if it is our own. `packed`: compressing it again is in
    vain. `broken` is written last if the rest can't be had: for a format whose files do not show their end.
    """

    name: str
    media_type: str
    extension: str
    describes: str
    loses: str
    write: Callable[[Iterable[Dossier], Source], Iterator[bytes]]
    shape: str | None = None
    packed: bool = False
    broken: bytes = b""


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


def as_array(batches: Iterable[Iterable[Any]]) -> Iterator[bytes]:
    """One JSON array of the members of all batches, in a piece a batch."""
    between = b"[\n"
    for batch in batches:
        if written := b",\n".join(map(as_json, batch)):
            yield between + written
            between = b",\n"
    yield b"[]\n" if between == b"[\n" else b"\n]\n"


def given(**members: Any) -> dict[str, Any]:
    """The members that say something: not null, no empty list. A `_` before a name stands for JSON-LD's `@`."""
    return {name.replace("_", "@"): value for name, value in members.items() if value not in (None, [])}


def rfc3339(at: datetime) -> str:
    """In UTC, with a Z."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def standing(claim: Mapping[str, Any]) -> list[tuple[int, int]]:
    """Where the claim stands on the current text, in its order; orphaned spans stand nowhere."""
    return [(span["start"], span["end"]) for span in claim["spans"] if span["anchor"]["outcome"] != "orphaned"]


def words(claim: Mapping[str, Any]) -> str:
    """The marked words."""
    return " … ".join(span["exact"] for span in claim["spans"])


def wording(claim: Mapping[str, Any]) -> str:
    """The claim as one statement; its marked words if nobody has put it so."""
    return claim["text"] or words(claim)
