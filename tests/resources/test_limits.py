"""Each limit at its edge: what is just within passes, one more is refused, and the refusal names the limit."""

from collections.abc import Iterator
from dataclasses import replace
from threading import BoundedSemaphore

import pytest
from flask import Flask

from api.settings import Settings
from app import create_app
from tests.client import BOX, Client, code, pointers

DEEPEST, LONGEST, LARGEST, LINE = 10, 50, 2_000, 1_100


@pytest.fixture
def tight(app: Flask, settings: Settings) -> Iterator[Client]:
    """An editor of a service with small limits."""
    small = replace(
        settings,
        max_json_depth=DEEPEST,
        max_text_code_points=LONGEST,
        max_body_bytes=LARGEST,
        max_import_line_bytes=LINE,
        max_page_items=20,
    )
    tight = create_app(small)
    yield Client(tight, "edith")
    tight.extensions["database"].close()


def test_the_length_of_a_text(tight: Client) -> None:
    assert tight.post(BOX, {"text": "🌳" * LONGEST}).status_code == 201
    refused = tight.post(BOX, {"text": "🌳" * (LONGEST + 1)})
    assert (refused.status_code, pointers(refused), refused.json["limit"]) == (422, ["/text"], LONGEST)


def test_the_depth_of_a_body(tight: Client) -> None:
    def nested(levels: int) -> bytes:
        return b'{"text": "x", "metadata": {"a": ' + b"[" * (levels - 2) + b"]" * (levels - 2) + b"}}"

    assert tight.raw(BOX, nested(DEEPEST)).status_code == 201
    refused = tight.raw(BOX, nested(DEEPEST + 1))
    assert (refused.status_code, refused.json["limit"]) == (400, DEEPEST)
    assert tight.raw(BOX, nested(100_000)).status_code == 413
    assert tight.raw(BOX, nested(900)).json["limit"] == DEEPEST


def test_the_size_of_a_body(tight: Client) -> None:
    def sized(size: int) -> bytes:
        frame = b'{"text": "x", "title": ""}'
        return frame.replace(b'"title": ""', b'"title": "' + b"t" * (size - len(frame)) + b'"')

    assert tight.raw(BOX, sized(LARGEST)).status_code in (201, 422)
    refused = tight.raw(BOX, sized(LARGEST + 1))
    assert (refused.status_code, refused.json["limit"]) == (413, LARGEST)


def test_the_length_of_a_line(tight: Client) -> None:
    def line(size: int) -> bytes:
        frame = b'{"article": {"external_id": "%d", "text": "x", "metadata": {"a": ""}}}' % size
        return frame.replace(b'""', b'"' + b"t" * (size - len(frame)) + b'"')

    path = "/v1/projects/default/imports"
    report = tight.raw(path, line(LINE) + b"\n" + line(LINE + 1) + b"\n", "application/x-ndjson").json
    assert (report["created"], report["failed"]) == (1, 1)
    failures = tight.all(f"/v1/imports/{report['id']}/failures")
    assert [(each["line"], each["code"]) for each in failures] == [(2, "line_too_long")]
    assert f"at most {LINE} bytes" in failures[0]["detail"]


def test_the_items_of_a_page(tight: Client) -> None:
    for _ in range(21):
        tight.article("x")
    assert len(tight.get(f"{BOX}?limit=20").json["items"]) == 20
    refused = tight.get(f"{BOX}?limit=21")
    assert (refused.status_code, refused.json["limit"]) == (422, 20)
    found = "Expected a whole number from 1 to 20. Found 21."
    assert refused.json["errors"] == [{"pointer": "/limit", "code": "invalid", "detail": found}]
    first = tight.get(BOX)
    assert (len(first.json["items"]), len(tight.get(first.json["next"]).json["items"])) == (20, 1)


def test_files_at_once(tight: Client) -> None:
    places: BoundedSemaphore = tight.app.extensions["file_places"]
    client, bearer = tight.app.test_client(), {"Authorization": f"Bearer {tight.token}"}
    with places:
        for refused in (
            client.get("/v1/projects/default/export", headers=bearer),
            client.post("/v1/projects/default/imports", headers=bearer, json={"dossiers": []}),
        ):
            assert (refused.status_code, code(refused), refused.json["limit"]) == (503, "too_many_files", 1)
            assert refused.headers["Retry-After"] == "1"
    assert tight.get("/v1/projects/default/export").status_code == 200
