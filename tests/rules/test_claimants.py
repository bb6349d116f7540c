"""A second mention of a claimant adds to what is known, or contradicts it."""

from typing import Any

import pytest

from api.rules.claimants import learned

KNOWN: dict[str, Any] = {"name": "Jo", "kind": "person", "job_title": None, "same_as": []}


def test_what_was_unknown_is_learned() -> None:
    said = {"name": "Jo", "kind": "person", "job_title": "Mayor", "same_as": ["https://example.org/jo"]}
    assert learned(KNOWN, said) == {"job_title": "Mayor", "same_as": ["https://example.org/jo"]}


def test_what_is_left_out_changes_nothing() -> None:
    assert learned(KNOWN, {"name": "Jo", "kind": "unknown", "job_title": None, "same_as": []}) == {}


def test_a_contradiction_is_refused() -> None:
    with pytest.raises(ValueError, match="kind is 'person', not 'organization'"):
        learned(KNOWN, {"kind": "organization"})
