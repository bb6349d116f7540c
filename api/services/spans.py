"""Spans: laid on a revision, carried to the next ones, read in the unit that was asked for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import sqlalchemy as sa
from sqlalchemy import bindparam, func, select

from api.errors import Fault, Faulty, Invalid, NotFound, QuoteAmbiguous
from api.models import articles, spans
from api.models.columns import among, sorted_by
from api.services.answers import Answer, Found, Reading
from api.services.articles import TEXT
from api.services.inserts import insert
from api.text.alignment import Alignment, align
from api.text.marks import Mark, carried, in_text_order, marked
from api.text.spans import MOST_PLACES, Position, Quote, Span, place, text_order
from api.text.units import CODE_POINT, Ruler, Rulers

MARK = tuple(spans.c[name] for name in Mark.__dataclass_fields__)
_current = sa.and_(articles.c.project == spans.c.project, articles.c.id == spans.c.article)
STANDS_ON = sa.case((spans.c.outcome == "orphaned", spans.c.from_revision), else_=spans.c.revision)
READ = Reading(
    select(
        spans.c.claim,
        spans.c.start,
        spans.c.end,
        sa.literal_column(f"'{CODE_POINT}'").label("unit"),
        STANDS_ON.label("revision"),
        spans.c.exact,
        spans.c.prefix,
        spans.c.suffix,
        *(spans.c[name].label(f"anchor.{name}") for name in ("outcome", "score", "from_revision", "confirmed")),
    )
    .join(articles, _current)
    .where(
        spans.c.project == bindparam("project"),
        among(spans.c.claim, "claims"),
        spans.c.revision == func.coalesce(bindparam("revision", type_=sa.Integer), articles.c.revision),
    )
    .order_by(spans.c.claim, spans.c.ordinal)
)
ON_REVISION = Reading(
    select(spans.c.claim, *MARK)
    .where(
        spans.c.project == bindparam("project"),
        spans.c.article == bindparam("article"),
        spans.c.revision == bindparam("revision"),
    )
    .order_by(sorted_by(spans.c.claim), spans.c.ordinal)
)
OF_CLAIM = Reading(
    select(*MARK)
    .where(
        spans.c.project == bindparam("project"),
        spans.c.claim == bindparam("claim"),
        spans.c.revision == bindparam("revision"),
    )
    .order_by(spans.c.ordinal)
)
Marks = list[Mark]
"""The spans of one claim on one revision, in text order."""


def of_claims(
    tx: sa.Connection, project: str, claims: Sequence[str], revision: int | None = None
) -> dict[str, list[Answer]]:
    """Where each claim stands, by its id: on a revision, or on the current one of its article."""
    found = READ.grouped(tx, by="claim", project=project, claims=claims, revision=revision)
    for stretches in found.values():
        for stretch in stretches:
            del stretch["claim"]
    return found


class Texts:
    """The texts of one article, each read and aligned with another once, when first asked for."""

    def __init__(self, project: str, article: str):
        self._key = {"project": project, "id": article}
        self._texts: dict[int, str] = {}
        self._rulers: dict[int, Rulers] = {}
        self._alignments: dict[tuple[int, int], Alignment] = {}

    def add(self, n: int, text: str) -> None:
        """A text that is not stored yet."""
        self._texts[n] = text

    def text(self, tx: sa.Connection, n: int) -> str:
        """Raises: NotFound: there is no such revision."""
        if n not in self._texts:
            text = TEXT.value(tx, **self._key, n=n)
            if text is None:
                raise NotFound
            self._texts[n] = text
        return self._texts[n]

    def rulers(self, tx: sa.Connection, n: int) -> Rulers:
        """Raises: NotFound: there is no such revision."""
        if n not in self._rulers:
            self._rulers[n] = Rulers(self.text(tx, n))
        return self._rulers[n]

    def alignment(self, tx: sa.Connection, old: int, new: int) -> Alignment:
        """Raises: NotFound: there is no such revision."""
        if (old, new) not in self._alignments:
            self._alignments[old, new] = align(self.text(tx, old), self.text(tx, new))
        return self._alignments[old, new]

    def carried(self, tx: sa.Connection, marks: Iterable[Mark], n: int) -> Marks:
        """The spans of a claim, as they stand on the revision before, carried to revision `n`."""
        text = self.text(tx, n)
        return in_text_order(carried(mark, n, text, lambda old: self.alignment(tx, old, n)) for mark in marks)


@dataclass(frozen=True, slots=True)
class Marking:
    """Spans as they are marked: placed on a text, and not yet written down.

    `before`: how the claim was marked earlier, each time with the last revision that it stood on so; `confirmed`: the
    revision on which somebody has confirmed it since.
    """

    texts: Texts
    marks: Marks
    before: tuple[tuple[Marks, int], ...] = ()
    confirmed: int | None = None


def placed(tx: sa.Connection, project: str, article: str, current: int, selectors: list[Position | Quote]) -> Marking:
    """The spans that the selectors mean, on the revision that they name.

    Raises:
        Invalid: one does not fit the text, or they name different revisions, or one that is not there.
        QuoteAmbiguous: all fit, but quoted ones stand in several places.
    """
    return placed_on(tx, Texts(project, article), current, selectors)


def placed_on(tx: sa.Connection, texts: Texts, current: int, selectors: list[Position | Quote]) -> Marking:
    """As `placed`, on texts of which some were read already."""
    n = _revision(selectors, current)
    found = _places(texts.rulers(tx, n), selectors)
    return Marking(texts, [marked(span, n) for span in found])


def carried_on(tx: sa.Connection, marking: Marking, current: int) -> list[Marks]:
    """Where the spans stand on each revision, from the one they were marked on to the current one."""
    earlier = [_carried_to(tx, marking.texts, marks, until) for marks, until in marking.before]
    return [*chain(*earlier), *_carried_to(tx, marking.texts, marking.marks, current, marking.confirmed)]


def _carried_to(tx: sa.Connection, texts: Texts, marks: Marks, until: int, confirmed: int | None = None) -> list[Marks]:
    history = [marks]
    for n in range(marks[0].revision + 1, until + 1):
        stands = texts.carried(tx, history[-1], n)
        history.append([replace(mark, confirmed=None) for mark in stands] if n == confirmed else stands)
    return history


def told_spans(marks: Marks) -> Answer:
    """The spans of a claim as its history tells them."""
    return {"spans": [_members(mark) for mark in marks]}


def write(tx: sa.Connection, project: str, article: str, standing: Iterable[tuple[str, Marks]]) -> None:
    """Writes down where claims stand, each on the revision that its marks name."""
    rows = [
        {"project": project, "article": article, "claim": claim, "ordinal": n, **_members(mark)}
        for claim, marks in standing
        for n, mark in enumerate(marks)
    ]
    insert(tx, spans, rows)


def _members(mark: Mark) -> Answer:
    # A third of what `asdict` costs, which copies deep.
    return {name: getattr(mark, name) for name in Mark.__dataclass_fields__}


def standing(tx: sa.Connection, claim: Found, n: int) -> Marks:
    """Where the claim stands on revision `n`."""
    return [Mark(*row) for row in OF_CLAIM.rows(tx, project=claim.project, claim=claim.id, revision=n)]


def erase(tx: sa.Connection, claim: Found, since: int) -> None:
    """Forgets where the claim stands from a revision on."""
    tx.execute(sa.delete(spans).where(*_of(claim), spans.c.revision >= since))


def take_as_confirmed(tx: sa.Connection, claim: Found, n: int) -> None:
    """Somebody has confirmed the claim on the words that it has on revision `n`."""
    tx.execute(sa.update(spans).where(*_of(claim), spans.c.revision == n).values(confirmed=None))


def in_unit(tx: sa.Connection, project: str, claims: list[Answer], unit: str) -> None:
    """Has the spans of the claims count their offsets in `unit`."""
    if unit == CODE_POINT:
        return
    by_text: dict[tuple[str, int], list[Answer]] = {}
    for claim in claims:
        for span in claim["spans"]:
            by_text.setdefault((claim["article"], span["revision"]), []).append(span)
    for (article, n), stretches in by_text.items():
        ruler = Ruler(Texts(project, article).text(tx, n), unit)
        for span in stretches:
            span.update(start=ruler.in_unit(span["start"]), end=ruler.in_unit(span["end"]), unit=unit)


def _of(claim: Found) -> tuple[sa.ColumnElement[bool], ...]:
    return spans.c.project == claim.project, spans.c.claim == claim.id


def _revision(selectors: list[Position | Quote], current: int) -> int:
    named = {selector.revision for selector in selectors}
    faults = [
        Fault(f"/spans/{at}/revision", "unknown_revision", f"Expected 1 to {current}, found {selector.revision}.")
        for at, selector in enumerate(selectors)
        if selector.revision is not None and not 1 <= selector.revision <= current
    ]
    if not faults and len(named) > 1:
        detail = "Expected spans of one revision; mark the claim on one, the others follow."
        faults.append(Fault("/spans", "revisions_differ", detail))
    if faults:
        raise Invalid(*faults)
    (n,) = named
    return current if n is None else n


def _places(text: Rulers, selectors: list[Position | Quote]) -> list[Span]:
    """The spans in text order; what is wrong with any of them is said of all at once. They share the candidates."""
    most = max(1, MOST_PLACES // len(selectors))
    places: list[Span] = []
    faults: list[Fault] = []
    kinds: set[type[Faulty]] = set()
    for at, selector in enumerate(selectors):
        try:
            places.append(place(text, selector, f"/spans/{at}", most))
        except (Invalid, QuoteAmbiguous) as error:
            faults += error.faults
            kinds.add(type(error))
    if len(set(places)) < len(places):
        faults.append(Fault("/spans", "span_repeated", "Expected different spans, found the same one twice."))
        kinds.add(Invalid)
    if faults:
        refusal = QuoteAmbiguous if kinds == {QuoteAmbiguous} else Invalid
        raise refusal(*faults)
    return sorted(places, key=text_order)
