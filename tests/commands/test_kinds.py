"""What files are, where nobody says so."""

import pytest

from api.commands.kinds import kind_of

JSON, LINES, LD = "application/json", "application/x-ndjson", "application/ld+json"


@pytest.mark.parametrize(
    ("format", "name", "content", "kind"),
    [
        ("native", "a.json", b'{"article": {}}\n', LINES),
        ("native", "a.ndjson", b' [{"article": {}}]', JSON),
        ("native", "-", b'{"dossiers": []}', JSON),
        ("native", "-", b"", LINES),
        ("doccano", "a.json", b'{"id": 1}\n{"id": 2}\n', LINES),
        ("doccano", "a.jsonl", b'[{"id": 1}]', JSON),
        ("hypothesis", "-", b'{"rows": []}', JSON),
        ("hypothesis", "a.jsonl.gz", b'{"id": 1}', LINES),
        ("hypothesis", "a.json", b'{\n "rows": []}', JSON),
        ("web-annotation", "a.jsonld", b'{"items": []}', LD),
        ("web-annotation", "-", b'{"id": 1}\n{"id": 2}\n', LINES),
        ("text", "a.txt", b"[sic]", "text/plain"),
        ("text", "-", b"PK\x03\x04", "application/zip"),
        ("csv", "a.csv", b"text\n1\n", "text/csv"),
        ("brat", "a.zip", b"PK\x03\x04", "application/zip"),
    ],
)
def test_the_kind_follows_from_the_beginning_and_then_from_the_name(
    format: str, name: str, content: bytes, kind: str
) -> None:
    found, whole = kind_of(format, name, [content[:3], content[3:]])
    assert (found, b"".join(whole)) == (kind, content)
