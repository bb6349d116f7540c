"""Relations in dossiers: which claims they are between, and when two listings are of the same one. Plain values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.errors import Fault, Invalid
from api.rules.imports import Sent

ENDS = ("claim", "other")
SYMMETRIC = "contradicts"
Key = tuple[str, str, str]
"""Both claims in the order of their ids, and the type: there is one relation of each."""


@dataclass(frozen=True, slots=True)
class End:
    """A relation as one of its claims lists it: that claim is `id` here and stands at the end `own`; what stands at
    the other is called `far`. `pointer` leads to it in the line."""

    id: str
    own: str
    far: str
    name: str | None
    type: str
    note: str | None
    pointer: str


@dataclass(frozen=True, slots=True)
class Related:
    """A relation between two claims that are here."""

    claim: str
    other: str
    type: str
    note: str | None
    pointer: str

    @property
    def key(self) -> Key:
        low, high = sorted((self.claim, self.other))
        return low, high, self.type


def ends_of(sent: Sequence[Sent], ids: Sequence[str]) -> list[End]:
    """The relations that the claims of a line list; `ids` are those that these claims have here.

    Raises:
        Invalid: the claim that lists one is not at one end of it, or is at both.
    """
    return [
        _end(said, claim, id, f"/claims/{n}/relations/{m}")
        for n, (claim, id) in enumerate(zip(sent, ids, strict=True))
        for m, said in enumerate(claim.also["relations"])
    ]


def _end(said: Mapping[str, Any], claim: Sent, id: str, pointer: str) -> End:
    names = {None, claim.also["id"], claim.draft["external_id"]}
    own = [end for end in ENDS if said[end] in names]
    if len(own) != 1:
        code = "same_claim" if own else "not_an_end"
        detail = "Expected the claim that lists it at one end, or nothing there, and another at the other."
        raise Invalid(Fault(pointer, code, detail))
    (far,) = (said[end] for end in ENDS if end not in own)
    return End(id, own[0], far, said["id"], said["type"], said["note"], pointer)


def named(ends: Iterable[End]) -> dict[str, End]:
    """Relations to claims of other lines, by their names.

    Raises:
        Invalid: one has no name, or the name of another.
    """
    found: dict[str, End] = {}
    for end in ends:
        if end.name is None:
            detail = f"Expected a claim of this line, or an id by which another line lists it too, found {end.far!r}."
            raise Invalid(Fault(end.pointer, "unknown_claim", detail))
        if found.setdefault(end.name, end) is not end:
            raise Invalid(Fault(f"{end.pointer}/id", "repeated", f"Expected one relation {end.name!r} in this line."))
    return found


def fits(end: End, first: Any) -> bool:
    """Whether the end belongs to the one that came in `first` under the same name."""
    same = end.type == first.type and _agree(end.note, first.note)
    return same and end.own != first.end and end.id != first.claim


def names_of(sent: Sequence[Sent], ids: Sequence[str], known: Iterable[Any]) -> dict[str, str]:
    """What a relation may call a claim: the `id` that it has in the line, or its `external_id` in the article."""
    line = list(zip(sent, ids, strict=True))
    return {
        **{claim.external_id: claim.id for claim in known},
        **{claim.draft["external_id"]: id for claim, id in line},
        **{claim.also["id"]: id for claim, id in line},
    }


def related(end: End, far: str, note: str | None = None) -> Related:
    """The relation, once it is known which claim is at its other end; `note` is the one that it had from there.

    Raises:
        Invalid: that is the same claim.
    """
    if far == end.id:
        raise Invalid(Fault(end.pointer, "same_claim", "Expected another claim, found the claim itself."))
    pair = (end.id, far) if end.own == "claim" else (far, end.id)
    return Related(*pair, end.type, note if end.note is None else end.note, end.pointer)


def each_once(found: Iterable[Related]) -> list[Related]:
    """The relations, those that both claims list as one.

    Raises:
        Invalid: two listings of one contradict each other.
    """
    once: dict[Key, Related] = {}
    for each in found:
        first = once.setdefault(each.key, each)
        if not (same_way(first, each) and _agree(first.note, each.note)):
            detail = f"Expected what {first.pointer} says of the same relation."
            raise Invalid(Fault(each.pointer, "relation_differs", detail))
        if first.note is None:
            once[each.key] = each
    return list(once.values())


def same_way(one: Any, another: Any) -> bool:
    """Whether two relations between the same claims have one direction, if their type has any."""
    return bool(one.type == SYMMETRIC or one.claim == another.claim)


def _agree(one: str | None, another: str | None) -> bool:
    return one == another or one is None or another is None
