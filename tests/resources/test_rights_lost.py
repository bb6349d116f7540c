"""Rights that end while a request still arrives, or waits for its turn: it does what one without them could do."""

from collections.abc import Callable
from functools import partial
from io import BytesIO
from json import dumps
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.client import BOX, Client, check_against_document, location

EDITH = "/v1/projects/default/members/edith"
LINES = [dumps({"article": {"external_id": f"n{n}", "text": f"Text {n}."}}).encode() + b"\n" for n in range(120)]
SENT = b"".join(LINES[:60]), b"".join(LINES[60:])
IN_LINES = {"Content-Type": "application/x-ndjson"}
Act = Callable[[Client, Client], int]


class Slow(BytesIO):
    """A body of which the rest is sent after something has happened."""

    def __init__(self, first: bytes, rest: bytes, then: Callable[[], Any]):
        super().__init__(first + rest)
        self._first, self._then = len(first), then

    def readinto(self, buffer: Any, /) -> int:
        size = len(buffer)
        if self.tell() < self._first:
            size = min(size, self._first - self.tell())
        else:
            self._then()
            self._then = lambda: None
        return super().readinto(memoryview(buffer)[:size])


def removed(owner: Client, _editor: Client) -> int:
    return owner.delete(EDITH, If_Match=owner.tag(EDITH)).status_code


def demoted(owner: Client, _editor: Client) -> int:
    return owner.put(EDITH, {"role": "reader"}, If_Match=owner.tag(EDITH)).status_code


def revoked(_owner: Client, editor: Client) -> int:
    (token,) = editor.all("/v1/tokens")
    return editor.delete(f"/v1/tokens/{token['id']}").status_code


def slowly(
    editor: Client, act: Callable[[], int], method: str, path: str, first: bytes, rest: bytes, **headers: str
) -> TestResponse:
    """What becomes of a request of the editor's, the rest of which is sent after the act."""
    done: list[int] = []
    # In a thread of its own, or else Flask would take it for a part of the request that is under way.
    meanwhile = Thread(target=lambda: done.append(act()))
    response = editor.app.test_client().open(
        path,
        method=method,
        input_stream=Slow(first, rest, lambda: (meanwhile.start(), meanwhile.join())),
        content_length=len(first + rest),
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {editor.token}", **headers},
    )
    assert done in ([200], [204])
    check_against_document(editor.app, method, path, response)
    return response


@pytest.mark.parametrize(("act", "status"), [(removed, 404), (demoted, 403), (revoked, 401)])
@pytest.mark.parametrize(
    ("method", "headers"), [("POST", {}), ("POST", {"Idempotency-Key": "k"}), ("PATCH", {"If-Match": "*"})]
)
def test_what_arrives_after_its_right_has_ended_is_not_done(
    owner: Client, editor: Client, act: Act, status: int, method: str, headers: dict[str, str]
) -> None:
    article = owner.article("Before.", title="Before")
    path, rest = (BOX, b' "text": "After."}') if method == "POST" else (article, b' "title": "After"}')
    refused = slowly(editor, partial(act, owner, editor), method, path, b"{", rest, **headers)
    assert refused.status_code == status
    assert "Before" not in refused.text
    assert [each["title"] for each in owner.all(BOX)] == ["Before"]


@pytest.mark.parametrize(("act", "status"), [(removed, 404), (demoted, 409), (revoked, 401)])
def test_what_waits_for_its_turn_to_write_is_not_done_when_its_right_has_ended(
    owner: Client, editor: Client, monkeypatch: pytest.MonkeyPatch, act: Act, status: int
) -> None:
    database = editor.app.extensions["database"]
    write = database.write_at

    def later(work: Any) -> Any:
        monkeypatch.setattr(database, "write_at", write)
        meanwhile = Thread(target=act, args=(owner, editor))
        meanwhile.start()
        meanwhile.join()
        return write(work)

    monkeypatch.setattr(database, "write_at", later)
    assert editor.post(BOX, {"text": "After."}).status_code == status
    assert owner.all(BOX) == []


@pytest.mark.parametrize(("act", "status"), [(removed, 404), (demoted, 403), (revoked, 401)])
@pytest.mark.parametrize("query", ["", "?mode=atomic"])
def test_an_import_ends_with_the_right_to_it(owner: Client, editor: Client, act: Act, status: int, query: str) -> None:
    ends = partial(act, owner, editor)
    refused = slowly(editor, ends, "POST", f"/v1/projects/default/imports{query}", *SENT, **IN_LINES)
    assert refused.status_code == status
    report = owner.get(f"/v1/imports/{refused.json['import']}").json
    assert (report["state"], report["lines"]) == ("failed", 0 if query else 50)
    assert len(owner.all(BOX)) == report["created"] == report["lines"]


def test_an_import_goes_on_while_its_importer_still_may(owner: Client, editor: Client) -> None:
    def promote() -> int:
        return owner.put(EDITH, {"role": "owner"}, If_Match=owner.tag(EDITH)).status_code

    done = slowly(editor, promote, "POST", "/v1/projects/default/imports", *SENT, **IN_LINES)
    assert owner.get(location(done)).json["created"] == len(LINES)


def test_an_admin_needs_no_role_for_what_is_under_way(app: Flask, admin: Client, owner: Client) -> None:
    member = "/v1/projects/default/members/admin"

    def remove() -> int:
        return owner.delete(member, If_Match=owner.tag(member)).status_code

    assert slowly(admin, remove, "POST", BOX, b"{", b'"text": "x"}').status_code == 201
