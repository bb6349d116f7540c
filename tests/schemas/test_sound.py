"""Whatever is sent, the quick way of reading it comes to the same as marshmallow: the same result, the same errors."""

from copy import deepcopy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from api.schemas.dossier_drafts import DossierDraft
from api.schemas.sound import sound

DOSSIER = DossierDraft()
READ = sound(DOSSIER)
WHOLE = {
    "article": {
        "id": "an export says so",
        "external_id": "a-1",
        "title": "Trees",
        "url": "HTTPS://News.example:443/a/../b?q=ü",
        "language": "en",
        "published_at": "2026-03-02T10:00:00+02:00",
        "metadata": {"desk": {"id": 7}},
        "text": "He planted 4,000 trees.",
        "revisions": [{"n": 1, "text": None, "note": "first", "report": {"kept": 1, "claims": []}}],
    },
    "claims": [
        {
            "id": "c",
            "external_id": "c-1",
            "spans": [
                {"start": 0, "end": 2, "unit": "utf16", "exact": "He", "prefix": "", "suffix": " planted"},
                {"exact": "trees", "prefix": "4,000 ", "revision": 1},
            ],
            "text": "The mayor planted 4,000 trees.",
            "claimant": {"name": "The mayor", "kind": "person", "same_as": ["https://people.example/1"]},
            "claimed_at": "2026-03-02",
            "first_appearance": {"archive_url": None, "url": "https://news.example"},
            "types": ["numerical"],
            "tags": ["environment", "trees"],
            "priority": 3,
            "status": "resolved",
            "resolution": {"method": "adjudicated", "verdict": "false", "assessments": ["s"], "by": "olga"},
            "evidence": [{"id": "e", "url": "https://parks.example", "stance": "refutes", "accessed_at": "2026-01-01"}],
            "assessments": [
                {
                    "id": "s",
                    "reviewer": "ravi",
                    "verdict": "false",
                    "confidence": 0.5,
                    "evidence": [{"url": "https://parks.example", "stance": None}],
                }
            ],
        }
    ],
}
VALUES = st.sampled_from(
    [
        None,
        True,
        0,
        -1,
        2**31,
        1.5,
        "",
        " ",
        "x",
        "x" * 1001,
        "\n",
        "2026-02-30",
        "ftp://x.example",
        [],
        {},
        [None],
        ["x", "x"],
    ]
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all members of objects and lists."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [way for key, inner in members for way in ((*path, key), *places(inner, (*path, key)))]


@st.composite
def dossiers(draw: st.DrawFn) -> Any:
    """The whole dossier with some members changed, taken out, added or put in the opposite order."""
    dossier: Any = deepcopy(WHOLE)
    for _ in range(draw(st.integers(0, 4))):
        path = draw(st.sampled_from(places(dossier)))
        holder = dossier
        for key in path[:-1]:
            holder = holder[key]
        way = draw(st.sampled_from(["change", "take out", "add", "turn round"]))
        if way == "change":
            holder[path[-1]] = deepcopy(draw(VALUES))
        elif way == "take out":
            del holder[path[-1]]
        elif isinstance(holder, list):
            holder.append(deepcopy(draw(VALUES)))
        elif way == "add":
            holder[draw(st.sampled_from(["unknown", "id", "url", "text", "version"]))] = deepcopy(draw(VALUES))
        else:
            turned = list(reversed(holder.items()))
            holder.clear()
            holder.update(turned)
        if not dossier:
            break
    return dossier


def outcome(read: Any, value: Any) -> tuple[str, Any]:
    try:
        return "read", repr(read(deepcopy(value)))  # repr, as the order of members is stored too
    except ValidationError as error:
        return "refused", error.normalized_messages()


@settings(max_examples=400)
@given(dossier=dossiers())
def test_sound_or_not_it_is_read_as_marshmallow_reads_it(dossier: Any) -> None:
    assert outcome(READ, dossier) == outcome(DOSSIER.load, dossier)


@given(value=VALUES)
def test_what_is_no_dossier_is_refused_alike(value: Any) -> None:
    assert outcome(READ, value) == outcome(DOSSIER.load, value)


def test_a_sound_dossier_does_not_come_to_marshmallow(monkeypatch: Any) -> None:
    read = sound(DOSSIER)
    monkeypatch.setattr(DOSSIER, "load", lambda _value: 1 / 0)
    assert read(WHOLE).draft["title"] == "Trees"
