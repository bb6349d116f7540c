"""Imports: what a line says, and what of it is new. Plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from api.errors import Fault
from api.rules.claimants import learned

Outcome = Literal["created", "updated", "unchanged", "failed"]
OUTCOMES: tuple[Outcome, ...] = ("created", "updated", "unchanged", "failed")
MODES = ("partial", "atomic")
STATES = ("running", "finished", "failed")


@dataclass(frozen=True, slots=True)
class Sent:
    """A thing as a line gives it: the whole draft, with its defaults; which of its members were given;
    and `also` what imports alone understand."""

    draft: dict[str, Any]
    given: frozenset[str]
    also: dict[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str | None:
        """Of an article: its text, if the line has one."""
        return self.draft.get("text")


@dataclass(frozen=True, slots=True)
class Entry:
    """A line that was read: the article with its claims, or why it can't be one. `size` in bytes; `omitted` is what
    the line says that can't be brought in."""

    line: int
    size: int
    article: Sent | None = None
    faults: tuple[Fault, ...] = ()
    omitted: tuple[Fault, ...] = ()


def changes(sent: Sent, stored: Mapping[str, Any]) -> dict[str, Any]:
    """The members that were given otherwise than they are stored. What was not given stays as it is.

    >>> changes(Sent({"title": "New", "url": None}, frozenset({"title"})), {"title": "Old", "url": "https://x.example"})
    {'title': 'New'}
    """
    return {
        name: value
        for name, value in sent.draft.items()
        if name in sent.given and name in stored and stored[name] != value
    }


def claimant_differs(known: Mapping[str, Any] | None, said: dict[str, Any] | None) -> bool:
    """Whether a claim's claimant has to change, or something new was said of them."""
    if known is None or said is None or known["name"] != said["name"]:
        return known is not said
    try:
        return bool(learned(dict(known), said))
    except ValueError:
        return True


@dataclass(frozen=True, slots=True)
class Texts:
    """Where a line's texts stand among an article's revisions. `numbers`: those of its own revisions, by theirs;
    `new`: the places of its texts that are to be added, in their order; `current`: the revision of its last text."""

    numbers: dict[int, int]
    new: tuple[int, ...]
    current: int


def texts_among(sent: Sequence[str], stored: Sequence[str]) -> Texts:
    """Both as hashes of texts, oldest first. A text that the article has or had is not a new one.

    >>> texts_among(["a", "b"], [])
    Texts(numbers={1: 1, 2: 2}, new=(0, 1), current=2)
    >>> texts_among(["a", "b", "c"], ["a", "b"])
    Texts(numbers={1: 1, 2: 2, 3: 3}, new=(2,), current=3)
    >>> texts_among(["a"], ["a", "b"])
    Texts(numbers={1: 1}, new=(), current=1)
    >>> texts_among(["x"], ["a", "b"])
    Texts(numbers={1: 3}, new=(0,), current=3)
    """
    common = min(len(sent), len(stored))
    if list(sent[:common]) == list(stored[:common]) and (len(sent) > 1 or not stored):
        numbers = {n: n for n in range(1, len(sent) + 1)}
        return Texts(numbers, tuple(range(common, len(sent))), len(sent))
    last = {text: n for n, text in enumerate(stored, 1)}
    new = () if sent[-1] in last else (len(sent) - 1,)
    if new:
        last[sent[-1]] = len(stored) + 1
    return Texts({n: last[text] for n, text in enumerate(sent, 1) if text in last}, new, last[sent[-1]])


def marked_at(claim: str | None, reports: Sequence[Sequence[Mapping[str, Any]]]) -> list[dict[str, Any]] | None:
    """Where a claim was marked, if it has been carried to further revisions since: the `from` of its spans in the
    first of the reports that tell of it without a gap up to the last one. `reports`: the carried claims of each
    revision, oldest first.
    """
    stood = markings(claim, reports)
    return stood[-1].places if stood and stood[-1].until == len(reports) else None


def confirmed_words(claim: Sent) -> list[str | None] | None:
    """The words that each span of a claim was last confirmed on, null if it still has them; none if all have; None
    if the line does not say."""
    if "needs_attention" in claim.given and claim.also["needs_attention"] is None:
        return []
    words: list[str | None] | None = claim.also["confirmed"]
    return words


def words_have_changed(claim: Sent) -> bool:
    """Whether the claim's verdict was given on words that it no longer has, and nobody has confirmed it since."""
    return bool(
        claim.also["resolution"] and claim.also["resolution"]["words_changed"] and claim.also["needs_attention"]
    )


@dataclass(frozen=True, slots=True)
class Stood:
    """Where a claim was marked, and the last of the revisions to which it was carried from there."""

    places: list[dict[str, Any]]
    until: int


def markings(claim: str | None, reports: Sequence[Sequence[Mapping[str, Any]]]) -> list[Stood]:
    """Where a claim was marked one time after the other, of the times after which it was carried on: it was marked
    anew where the reports tell of it with a gap.

    >>> reports = [[], [{"claim": "c", "spans": [{"from": {"start": 1}}]}], [], [{"claim": "c", "spans": []}]]
    >>> markings("c", reports)
    [Stood(places=[{'start': 1}], until=2), Stood(places=[], until=4)]
    """
    found: list[Stood] = []
    for n, carried in enumerate(reports, 1):
        spans = next((each["spans"] for each in carried if claim is not None and each["claim"] == claim), None)
        if spans is None:
            continue
        goes_on = found and found[-1].until == n - 1
        places = found.pop().places if goes_on else [span["from"] for span in spans]
        found.append(Stood(places, n))
    return found
