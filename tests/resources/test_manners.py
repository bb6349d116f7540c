"""Manners that are the same on every route: errors, strict JSON, preconditions, pages."""

import json
from base64 import urlsafe_b64encode

import pytest
from flask import Flask

from tests.client import BOX, Client, code, pointers, token_of


@pytest.mark.parametrize(
    "path",
    [
        "/v1",
        "/v1/articles/not-a-uuid",
        "/v1/projects/UPPER",
        "/v2/me",
        "/v1/me/",
        "/v1//me",
        "/v1/projects//claims",
    ],
)
def test_what_does_not_exist_answers_like_what_is_hidden(editor: Client, stranger: Client, path: str) -> None:
    hidden = stranger.get(editor.article())
    unknown = editor.get(path)
    assert (unknown.status_code, unknown.json) == (404, hidden.json)


def test_a_wrong_method_names_the_right_ones(editor: Client) -> None:
    response = editor.send("DELETE", "/v1/me")
    assert (response.status_code, code(response)) == (405, "method_not_allowed")
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("header", ["", "Basic YTpi", "Bearer", "Bearer ", "Bearer cs_wrong", "cs_wrong", "Bearer ü"])
def test_without_a_valid_token_there_is_only_401(anonymous: Client, header: str) -> None:
    response = anonymous.get("/v1/me", Authorization=header.encode().decode("latin-1"))
    given = header.startswith("Bearer ") and header.strip() != "Bearer"
    assert (response.status_code, code(response)) == (401, "invalid_token" if given else "unauthenticated")
    reason = ' error="invalid_token", error_description="The token is unknown, revoked or expired."'
    assert response.headers["WWW-Authenticate"] == "Bearer" + (reason if given else "")


def test_the_scheme_of_a_token_may_be_written_in_any_case(editor: Client) -> None:
    assert editor.get("/v1/me", Authorization=f"bEARER {editor.token}").status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        (b"", 400, "found none at line 1"),
        (b"{", 400, "line 1, column 2"),
        (b"{'text': 1}", 400, "line 1, column 2"),
        (b'{"text": "x"} {}', 400, "Extra data"),
        (b"\xff", 400, "Expected UTF-8"),
        (b'\xef\xbb\xbf{"text": "x"}', 400, "found none"),
        (b'"' + b"\xed\xa0\x80" + b'"', 400, "Expected UTF-8"),
        (b"[" * 100_000, 400, "nested at most"),
        (b'{"a":' * 100_000, 400, "nested at most"),
        (b'{"metadata": ' + b"[" * 40 + b"]" * 40 + b', "text": "x"}', 400, "nested at most 32 deep"),
        (b'{"text": "x", "metadata": {"n": ' + b"9" * 5001 + b"}}", 400, "64 bits"),
        (b'{"text": "x", "metadata": {"n": 9223372036854775808}}', 400, "64 bits"),
        (b'{"text": "x", "metadata": {"n": -9223372036854775809}}', 400, "64 bits"),
        (b'{"text": "x", "metadata": {"n": 1e999}}', 400, "finite"),
        (b'{"text": "x", "metadata": {"n": NaN}}', 400, "found NaN"),
        (b'{"text": "x", "metadata": {"n": -Infinity}}', 400, "found -Infinity"),
        (b'{"text": "x", "text": "y"}', 400, 'found "text" twice'),
        (b'{"text": "x", "metadata": {"a": {"b": 1, "b": 1}}}', 400, 'found "b" twice'),
        (b'{"text": "a\nb"}', 400, "Invalid control character"),
        (b"[]", 422, "Found []"),
        (b"null", 422, "Found null"),
        (b'"text"', 422, 'Found "text"'),
        (b"7", 422, "Found 7"),
    ],
)
def test_json_that_readers_could_read_differently_is_refused(
    editor: Client, body: bytes, status: int, says: str
) -> None:
    response = editor.raw(BOX, body)
    assert response.status_code == status, response.text
    assert says in response.json["detail"]
    assert editor.all(BOX) == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (rb'{"text": "a\u0000b"}', "/text"),
        (rb'{"text": "a\ud800"}', "/text"),
        (rb'{"text": "\udc00\ud800"}', "/text"),
        (rb'{"text": "x", "metadata": {"a": [1, "\u0000"]}}', "/metadata/a/1"),
        (rb'{"text": "x", "metadata": {"a/b~\ud800": 1}}', "/metadata/a~1b~0�"),
        (rb'{"te\u0000xt": "x"}', "/te�xt"),
    ],
)
def test_text_that_can_not_be_stored_is_refused_at_its_place(editor: Client, body: bytes, pointer: str) -> None:
    response = editor.raw(BOX, body)
    assert (response.status_code, pointers(response)[0]) == (422, pointer)
    assert response.json["errors"][0]["code"] == "unstorable"


def test_escapes_of_what_can_be_stored_are_fine(editor: Client) -> None:
    body = rb'{"text": "\ud83c\udf33 \\u0000 \u00e9", "metadata": {"n": 9223372036854775807}}'
    response = editor.raw(BOX, body)
    assert (response.json["text"], response.json["metadata"]["n"]) == ("🌳 \\u0000 é", 2**63 - 1)


@pytest.mark.parametrize(
    "content_type",
    [None, "text/plain", "application/x-www-form-urlencoded", "application/jsonx", "multipart/form-data"],
)
def test_another_content_type_is_415(editor: Client, content_type: str | None) -> None:
    response = editor.raw(BOX, b'{"text": "x"}', content_type)
    assert (response.status_code, code(response)) == (415, "unsupported_media_type")


def test_json_with_a_charset_parameter_is_json(editor: Client) -> None:
    assert editor.raw(BOX, b'{"text": "x"}', "application/json; charset=utf-8").status_code == 201


def test_an_encoded_body_is_415(editor: Client) -> None:
    assert editor.raw(BOX, b"\x1f\x8b", Content_Encoding="gzip").status_code == 415


def test_a_body_over_the_limit_is_413_and_names_the_limit(editor: Client) -> None:
    response = editor.raw(BOX, b'{"text": "' + b"x" * 1_000_000 + b'"}')
    assert (response.status_code, response.json["limit"]) == (413, 1_000_000)


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        (f"{BOX}?limit=0", "/limit"),
        (f"{BOX}?limit=201", "/limit"),
        (f"{BOX}?limit=x", "/limit"),
        (f"{BOX}?limit=1_0", "/limit"),
        (f"{BOX}?limit=%D9%A5", "/limit"),
        (f"{BOX}?limit=1&limit=2", "/limit"),
        (f"{BOX}?limt=1", "/limt"),
        (f"{BOX}?sort=text", "/sort"),
        (f"{BOX}?has_claims=perhaps", "/has_claims"),
        (f"{BOX}?created_after=yesterday", "/created_after"),
        (f"{BOX}?publisher=%00", "/publisher"),
        (f"{BOX}?cursor=%00", "/cursor"),
        (f"{BOX}?cursor=abc", "/cursor"),
        (f"{BOX}?cursor=W10", "/cursor"),
        ("/v1/projects/default/claims?status=done", "/status/0"),
        ("/v1/projects/default/claims?claimant=jo", "/claimant"),
        ("/v1/me?verbose=1", "/verbose"),
        ("/v1/projects/default?x=1", "/x"),
    ],
)
def test_query_parameters_that_do_not_fit_are_refused(editor: Client, path: str, pointer: str) -> None:
    response = editor.get(path)
    assert (response.status_code, pointers(response)) == (422, [pointer])


@pytest.mark.parametrize(
    "values",
    [
        ["-created_at", "x", "y"],
        ["-created_at", 5, "01934f6e-7a10-7000-8000-000000000001"],
        ["-created_at", "2026-01-01T00:00:00+00:00", 5],
        ["-created_at", "2026-01-01T00:00:00+00:00", {"a": 1}],
        ["created_at", "2026-01-01T00:00:00+00:00", "01934f6e-7a10-7000-8000-000000000001"],
        ["-created_at", "2026-01-01T00:00:00+00:00"],
        ["-created_at", "0001-01-01T00:00:00+14:00", "01934f6e-7a10-7000-8000-000000000001"],
        ["-created_at", "2026-01-01T00:00:00", "01934f6e-7a10-7000-8000-000000000001"],
        "text",
        None,
    ],
)
def test_a_forged_cursor_is_refused(editor: Client, values: object) -> None:
    cursor = urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")
    response = editor.get(f"{BOX}?cursor={cursor}")
    assert (response.status_code, pointers(response)) == (422, ["/cursor"])


def test_rows_that_come_while_paging_neither_hide_nor_double_the_others(editor: Client) -> None:
    made = [editor.article() for _ in range(4)]
    page = editor.get(f"{BOX}?limit=2&sort=created_at").json
    seen = [item["id"] for item in page["items"]]
    editor.erase(made[0], If_Match='"1"')
    late = editor.article()
    while page["next"]:
        page = editor.get(page["next"]).json
        seen += [item["id"] for item in page["items"]]
    assert [f"/v1/articles/{id}" for id in seen] == [*made, late]


def test_a_tag_that_still_holds_saves_the_answer(editor: Client) -> None:
    article = editor.article()
    tag = editor.tag(article)
    for given in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        response = editor.get(article, If_None_Match=given)
        assert (response.status_code, response.data, response.headers["ETag"]) == (304, b"", tag)
    assert editor.get(article, If_None_Match='"x"').status_code == 200
    editor.patch(article, {"title": "New"}, If_Match=tag)
    assert editor.get(article, If_None_Match=tag).status_code == 200


def test_a_new_claim_changes_an_articles_tag_but_does_not_stand_in_an_editors_way(
    editor: Client, reviewer: Client
) -> None:
    article = editor.article()
    tag = editor.tag(article)
    reviewer.claim(article)
    assert editor.get(article, If_None_Match=tag).status_code == 200
    assert editor.patch(article, {"title": "New"}, If_Match=tag).status_code == 200


@pytest.mark.parametrize(
    ("if_match", "status", "kind"),
    [
        (None, 428, "precondition_required"),
        ("{made}.2", 412, "stale"),
        ("0.1", 412, "stale"),
        ("", 412, "precondition_failed"),
        ("W/{made}.1", 412, "precondition_failed"),
        ("{made}.1", 200, ""),
        ("{made}.1.0", 200, ""),
        ("{made}.1.7", 200, ""),
        ("*", 200, ""),
    ],
)
def test_changes_need_the_version_that_was_read(editor: Client, if_match: str | None, status: int, kind: str) -> None:
    article = editor.article()
    made = editor.tag(article).strip('"').partition(".")[0]
    value = (if_match or "").format(made=made)
    weak, value = value.startswith("W/"), value.removeprefix("W/")
    shown = value if value == "*" else f'{"W/" if weak else ""}"{value}"'
    headers = {} if if_match is None else {"If_Match": shown}
    response = editor.patch(article, {"title": "New"}, **headers)
    assert response.status_code == status
    if kind:
        assert code(response) == kind
        assert editor.get(article).json["title"] is None
    if status == 412:
        assert response.json["version"] == 1


def test_a_version_is_no_tag_and_the_answer_does_not_call_it_stale(app: Flask, editor: Client) -> None:
    article = editor.article()
    headers = {"Authorization": f"Bearer {token_of('edith')}", "If-Match": '"1"'}
    refused = app.test_client().patch(article, json={"title": "New"}, headers=headers)
    assert (refused.status_code, code(refused)) == (412, "precondition_failed")
    assert "a version is none" in refused.json["detail"]


def test_several_tags_may_be_named(editor: Client) -> None:
    article = editor.article()
    assert editor.patch(article, {"title": "New"}, If_Match=f'"x", {editor.tag(article)}').status_code == 200


def test_what_is_made_anew_in_the_same_place_has_another_tag(reviewer: Client, editor: Client) -> None:
    mine = f"{reviewer.claim(editor.article())}/assessments/mine"
    first = reviewer.put(mine, {"verdict": "true"}).headers["ETag"]
    reviewer.delete(mine, If_Match=first)
    reviewer.put(mine, {"verdict": "false"})
    assert reviewer.get(mine, If_None_Match=first).status_code == 200
    assert reviewer.put(mine, {"verdict": "true"}, If_Match=first).status_code == 412
    assert "Authorization" in reviewer.get(mine).headers["Vary"]


def test_deleting_needs_the_whole_tag_so_that_nobodys_work_goes_unseen(editor: Client, reviewer: Client) -> None:
    article = editor.article()
    tag = editor.tag(article)
    claim = reviewer.claim(article)
    refused = editor.delete(article, If_Match=tag)
    assert (refused.status_code, code(refused)) == (412, "precondition_failed")
    assert "what belongs to it" in refused.json["detail"]
    tag = editor.tag(claim)
    reviewer.assess(claim, "true")
    assert editor.delete(claim, If_Match=tag).status_code == 412
    assert editor.erase(article, If_Match=editor.tag(article)).status_code == 204


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_body_where_none_is_taken_is_refused(editor: Client, method: str) -> None:
    claim = editor.claim(editor.article())
    refused = editor.send(method, f"{claim}/withdrawal", {"reason": "duplicate"}, If_Match="*")
    assert (refused.status_code, code(refused)) == (400, "malformed")


MISSPELT = "&".join(f"languag{n}=de" for n in range(30))


@pytest.mark.parametrize(("query", "hint"), [("langauge=de", "`language`"), ("form=1", None), (MISSPELT, "`language`")])
def test_what_was_probably_meant_by_an_unknown_parameter_is_told(editor: Client, query: str, hint: str | None) -> None:
    faults = editor.get(f"{BOX}?{query}").json["errors"]
    hints = [fault["detail"] for fault in faults if "Did you mean" in fault["detail"]]
    assert {fault["code"] for fault in faults} == {"unknown_field"}
    assert hints == ([f"There is no such parameter here. Did you mean {hint}?"] * min(len(faults), 20) if hint else [])


def test_an_unknown_member_is_told_which_was_probably_meant(editor: Client) -> None:
    article = editor.article()
    (fault,) = editor.post(f"{article}/claims", {"spans": [{"start": 0, "ende": 2, "end": 2}]}).json["errors"]
    assert (fault["pointer"], fault["detail"]) == (
        "/spans/0/ende",
        "There is no such member here. Did you mean `end`?",
    )
    diff = editor.get(f"{article}/revisions/1/diff?form=1").json["errors"]
    assert "There is no such parameter here. Did you mean `from`?" in [each["detail"] for each in diff]


def test_a_query_is_utf_8(editor: Client) -> None:
    assert editor.get(f"{BOX}?publisher=%FF").status_code == 400


def test_json_is_utf_8(editor: Client) -> None:
    assert editor.raw(BOX, '{"text": "x"}'.encode("utf-16"), "application/json; charset=utf-16").status_code == 415


def test_answers_are_not_to_be_guessed_at_by_browsers(editor: Client) -> None:
    response = editor.get("/v1/me")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.content_type == "application/json"
