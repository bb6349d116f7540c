"""Articles as imports bring them: made, or brought up to what their line says, with their texts and claims."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import bindparam, select

from api.errors import Fault, Invalid
from api.models import articles
from api.rules.imports import Outcome, Sent, Texts, changes, texts_among
from api.services import articles as service
from api.services import revisions as texts_of
from api.services.answers import Found, Reading
from api.services.imported_claims import Home, Importer, bring_claims
from api.services.imported_comments import bring_comments
from api.services.imported_known import Known, about, identity
from api.services.pointing import at
from api.services.spans import Texts as StoredTexts
from api.text.units import CODE_POINT

_in_project = articles.c.project == bindparam("project")
ROW = Reading(select(articles).where(_in_project, articles.c.id == bindparam("id")))
BY_EXTERNAL_ID = Reading(select(articles).where(_in_project, articles.c.external_id == bindparam("external_id")))
BY_URL = Reading(
    select(articles).where(_in_project, articles.c.url == bindparam("url")).order_by(articles.c.id).limit(2)
)


@dataclass(frozen=True, slots=True)
class Version:
    """A text of the article in its line, and the note on it."""

    text: str
    note: str | None
    sha256: str


def bring_in(tx: sa.Connection, importer: Importer, sent: Sent, known: Known) -> Outcome:
    """Has the project hold the article and its claims as the line says.

    Raises:
        Invalid: something in the line does not fit; the pointers lead into the line.
        Conflict, NotFound, Stale: somebody changed the same things at the same time.
    """
    if sent.text is None:
        return _added_to(tx, importer, sent)
    versions = _versions(sent)
    article = known.articles.get(identity(sent))
    with at("/article"):
        if article is None:
            home, edited = _made(tx, importer, sent, versions), True
        else:
            home, edited = _brought_up(tx, importer, sent, versions, article, known.hashes.get(article.id, []))
        edited |= bring_comments(tx, "article", home, sent.also["comments"], importer.name, is_new=article is None)
    marked = bring_claims(tx, importer, home, sent, known)
    if article is None:
        return "created"
    return "updated" if edited or marked else "unchanged"


def _added_to(tx: sa.Connection, importer: Importer, sent: Sent) -> Outcome:
    """Adds to an article that is there what a line without text says; the line's names of it only find it."""
    with at("/article"):
        article = _named(tx, importer.project, sent)
        facts = changes(sent, article._asdict())
        facts = {name: value for name, value in facts.items() if name not in ("external_id", "url")}
        if facts:
            service.alter(tx, article, facts, importer.name)
        texts = StoredTexts(importer.project, article.id)
        home = Home(importer.project, article.id, article.revision, False, texts, article.revision, None)
        edited = bring_comments(tx, "article", home, sent.also["comments"], importer.name, is_new=False)
    marked = bring_claims(tx, importer, home, sent, about(tx, importer.project, [article.id]))
    return "updated" if facts or edited or marked else "unchanged"


def _named(tx: sa.Connection, project: str, sent: Sent) -> Found:
    """Raises: Invalid: the project has no article of that `external_id`, or else `id`, or else `url`; or several."""
    external_id, id, url = sent.draft["external_id"], sent.also["id"], sent.draft["url"]
    if external_id is not None:
        found, name = BY_EXTERNAL_ID.rows(tx, project=project, external_id=external_id), "external_id"
    else:
        found, name = _with_id(tx, project, id), "id"
        if not found and url is not None:
            found, name = BY_URL.rows(tx, project=project, url=url), "url"
    if len(found) > 1:
        detail = f"Several articles of the project have the address {url}; tell them apart by external_id."
        raise Invalid(Fault("/url", "article_ambiguous", detail))
    if not found:
        raise Invalid(Fault(f"/{name}", "unknown_article", "There is no such article here, and the line has no text."))
    return found[0]


def _with_id(tx: sa.Connection, project: str, id: str | None) -> list[Found]:
    try:
        return ROW.rows(tx, project=project, id=str(UUID(id or "")))
    except ValueError:
        return []


def _made(tx: sa.Connection, importer: Importer, sent: Sent, versions: Sequence[Version]) -> Home:
    draft = {**sent.draft, "text": versions[0].text}
    id = service.add(tx, importer.project, draft, importer.name, importer.longest)
    among = texts_among([each.sha256 for each in versions], [versions[0].sha256])
    if len(versions) > 1:
        _revise(tx, importer, id, [versions[place] for place in among.new])
    return _home(importer, id, len(versions), among, sent, versions, is_new=True)


def _brought_up(
    tx: sa.Connection,
    importer: Importer,
    sent: Sent,
    versions: Sequence[Version],
    article: Found,
    hashes: Sequence[str],
) -> tuple[Home, bool]:
    """The article, and whether anything of it was changed."""
    facts = changes(sent, article._asdict())
    if facts:
        service.alter(tx, article, facts, importer.name)
    among = texts_among([each.sha256 for each in versions], hashes)
    _revise(tx, importer, article.id, [versions[place] for place in among.new])
    home = _home(importer, article.id, len(hashes) + len(among.new), among, sent, versions, is_new=False)
    return home, bool(facts or among.new)


def _revise(tx: sa.Connection, importer: Importer, id: str, versions: Sequence[Version]) -> None:
    """Adds the texts one after the other; every claim is carried over to each."""
    for version in versions:
        article = ROW.row(tx, project=importer.project, id=id)
        draft = {"text": version.text, "note": version.note}
        drawn = texts_of.draw_up(tx, article, draft, importer.longest)
        texts_of.add(tx, article, drawn, importer.name, CODE_POINT)


def _home(
    importer: Importer,
    id: str,
    current: int,
    among: Texts,
    sent: Sent,
    versions: Sequence[Version],
    is_new: bool,
) -> Home:
    texts = StoredTexts(importer.project, id)
    for n, version in enumerate(versions, 1):
        if n in among.numbers:
            texts.add(among.numbers[n], version.text)
    numbers = among.numbers if sent.also["revisions"] else None
    return Home(importer.project, id, current, is_new, texts, among.current, numbers)


def _versions(sent: Sent) -> list[Version]:
    """The texts of the line, oldest first; the article's own is the last.

    Raises:
        Invalid: they are not numbered from 1, lack a text, repeat the one before, or do not end in the article's own.
    """
    own, listed = sent.draft["text"], sent.also["revisions"]
    if not listed:
        return [_version(own, None)]
    texts = [own if n == len(listed) and each["text"] is None else each["text"] for n, each in enumerate(listed, 1)]
    faults = [
        Fault(f"/article/revisions/{place}/{member}", code, detail)
        for place, each in enumerate(listed)
        for member, code, detail, wrong in _rules(place, each, texts, own)
        if wrong
    ]
    if faults:
        raise Invalid(*faults)
    return [_version(text, each["note"]) for text, each in zip(texts, listed, strict=True)]


def _rules(place: int, revision: Any, texts: list[Any], own: str) -> list[tuple[str, str, str, bool]]:
    last = place == len(texts) - 1
    return [
        ("n", "revision_number", f"Expected {place + 1}, found {revision['n']}.", revision["n"] != place + 1),
        ("text", "required", "Only the last revision's text may be left to the article.", texts[place] is None),
        ("text", "not_current", "Expected the article's text on its last revision.", last and texts[place] != own),
        ("text", "same_text", "Expected another text than before.", place > 0 and texts[place] == texts[place - 1]),
    ]


def _version(text: str, note: str | None) -> Version:
    return Version(text, note, _hash(text))


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()
