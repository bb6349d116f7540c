"""Whatever JSON a file holds, each of its elements comes in or is told why not."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.readers import readers
from api.readers.reader import NDJSON, Terms
from api.schemas.records import drafted
from tests.readers import files

NAMES = [
    *("id", "text", "label", "labels", "entities", "start_offset", "end_offset", "relations", "cats", "Comments"),
    *("data", "annotations", "result", "value", "type", "start", "end", "meta", "choices", "was_cancelled"),
    *("uri", "target", "selector", "exact", "prefix", "tags", "references", "source", "scope", "refinedBy", "body"),
    *("bodyValue", "purpose", "schema:name", "schema:sameAs", "language", "state"),
]
WORDS = ["TextQuoteSelector", "TextPositionSelector", "labels", "textarea", "claimant", "wording", "linking", "x", ""]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 99) | st.floats(0, 9) | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    max_leaves=20,
)
WHOLE: dict[str, Any] = {
    "doccano": files.doccano(),
    "label-studio": files.task(),
    "hypothesis": files.row(),
    "web-annotation": files.annotation(),
}


@pytest.mark.parametrize("name", WHOLE)
@given(st.data())
def test_no_value_in_any_place_is_too_strange(name: str, data: st.DataObject) -> None:
    whole = json.loads(json.dumps(WHOLE[name]))
    inner = whole
    while isinstance(inner, dict | list) and inner:
        key = data.draw(st.sampled_from(sorted(inner) if isinstance(inner, dict) else range(len(inner))))
        if data.draw(st.booleans()):
            inner[key] = data.draw(VALUES)
            break
        inner = inner[key]
    body = json.dumps(whole).encode()
    (entry,) = drafted(readers()[name].read([body], Terms(NDJSON, 1_000_000, 32)))
    assert bool(entry.article) != bool(entry.faults)
