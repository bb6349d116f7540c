"""What an export keeps when it is imported into an empty project and exported again: every byte, but for this."""

from collections.abc import Iterator
from typing import Any

import orjson

TIMES = {"created_at", "updated_at", "resolved_at"}
PEOPLE = {"created_by", "by"}
VERSIONS = {"version", "review_version"}
PLACE = {"project"}


def kept(dossiers: list[dict[str, Any]]) -> bytes:
    """Exported dossiers without what an import gives anew: times, people (but for reviewers), versions, and the
    project's name. Ids are numbered as they come, and what stands in the order of ids or times is put in order of
    these numbers: the relations of a claim, and in reports the claims that stood at the same place.
    """
    numbers: dict[str, int] = {}
    for id in _ids(dossiers):
        numbers.setdefault(id, len(numbers))

    def told(value: Any) -> Any:
        if isinstance(value, list):
            return [told(inner) for inner in value]
        if not isinstance(value, dict):
            return numbers.get(value, value) if isinstance(value, str) else value
        members = {name: told(inner) for name, inner in value.items() if name not in TIMES | PEOPLE | VERSIONS | PLACE}
        if "relations" in members:
            members["relations"] = _without_ids_in_order(members["relations"])
        if "report" in members:
            members["report"]["claims"].sort(key=_place)
        return members

    return b"\n".join(orjson.dumps(told(dossier)) for dossier in dossiers)


def _ids(value: Any) -> Iterator[str]:
    """The ids of all things but relations, as they come."""
    if isinstance(value, dict):
        yield from [value["id"]] if "id" in value else []
        for name, inner in value.items():
            yield from _ids(inner) if name != "relations" else ()
    elif isinstance(value, list):
        for inner in value:
            yield from _ids(inner)


def _without_ids_in_order(relations: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """There is one relation of a type between two claims, so its own id says nothing more."""
    nameless = [{name: value for name, value in relation.items() if name != "id"} for relation in relations]
    return sorted(nameless, key=lambda relation: (relation["type"], relation["claim"], relation["other"]))


def _place(claim: dict[str, Any]) -> tuple[int, int]:
    return min(span["from"]["start"] for span in claim["spans"]), claim["claim"]
