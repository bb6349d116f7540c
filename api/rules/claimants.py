"""When two mentions of a claimant are about the same one."""

from typing import Any


def learned(known: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    """What `said` adds to a claimant of the same name: the fields that were empty so far.

    Raises:
        ValueError: it contradicts what is known; the message names the first such field.

    >>> learned({"kind": "unknown", "job_title": "Mayor"}, {"kind": "person", "job_title": None})
    {'kind': 'person'}
    """
    new = {}
    for field, value in said.items():
        if value in (None, "unknown", []) or value == known[field]:
            continue
        if known[field] not in (None, "unknown", []):
            raise ValueError(f"{field} is {known[field]!r}, not {value!r}")
        new[field] = value
    return new
