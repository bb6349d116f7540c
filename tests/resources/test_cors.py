"""Front ends on other origins: what their scripts may read, by the operator's leave."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from api.settings import Settings
from app import create_app
from tests.client import BOX, Client, code

FRONT = "https://desk.example"
ASKED = {"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "authorization,if-match"}
ALLOWED = "Access-Control-Allow-Origin"


@pytest.fixture
def shared(app: Flask, settings: Settings) -> Iterator[Flask]:
    shared = create_app(replace(settings, cors_origins=f"{FRONT},http://localhost:3000", rate_limit_per_minute=600))
    yield shared
    for name in ("database", "quotas"):
        shared.extensions[name].close()


def preflight(app: Flask, path: str, origin: str = FRONT) -> TestResponse:
    return app.test_client().options(path, headers={"Origin": origin, **ASKED})


@pytest.mark.parametrize("path", ["/v1/me", BOX, "/v1/projects/default/export", "/v1/nothing", "/healthz"])
def test_a_browser_that_asks_first_is_told_without_a_token(shared: Flask, path: str) -> None:
    told = preflight(shared, path)
    assert (told.status_code, told.data) == (204, b"")
    assert told.headers[ALLOWED] == FRONT
    assert "PATCH" in told.headers["Access-Control-Allow-Methods"].split(", ")
    sends = told.headers["Access-Control-Allow-Headers"].lower().split(", ")
    assert {"authorization", "content-type", "if-match", "if-none-match", "idempotency-key", "x-request-id"} <= {*sends}
    assert told.headers["Access-Control-Max-Age"] == "7200"
    assert "Origin" in told.headers["Vary"]
    assert "RateLimit" not in told.headers


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "https://desk.example.evil.example", "null", "*", "", "https://DESK.example"]
)
def test_other_origins_are_told_nothing(shared: Flask, origin: str) -> None:
    answers = [preflight(shared, "/v1/me", origin), Client(shared, "edith").get("/v1/me", Origin=origin)]
    for answer in answers:
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control-")]
        assert "Origin" in answer.headers["Vary"]


def test_scripts_read_answers_refusals_and_files(shared: Flask) -> None:
    editor, nobody = Client(shared, "edith"), Client(shared, None)
    article = editor.article()
    answers = {
        200: editor.get(article, Origin=FRONT),
        201: editor.post(BOX, {"text": "x"}, Origin=FRONT),
        304: editor.get(article, Origin=FRONT, If_None_Match=editor.tag(article)),
        401: nobody.get("/v1/me", Origin=FRONT),
        403: editor.delete("/v1/projects/default", Origin=FRONT, If_Match="*"),
        404: editor.get("/v1/nothing", Origin=FRONT),
        405: editor.send("DELETE", "/v1/me", Origin=FRONT),
        412: editor.patch(article, {"title": "x"}, Origin=FRONT, If_Match='"0.1"'),
        413: editor.raw(BOX, b"x" * 1_000_001, Origin=FRONT),
        415: editor.raw(BOX, b"x", "text/plain", Origin=FRONT),
        422: editor.post(BOX, {}, Origin=FRONT),
        428: editor.patch(article, {"title": "x"}, Origin=FRONT),
    }
    answers |= {
        n: editor.get(f"/v1/projects/default/export?format={n}", Origin=FRONT) for n in ("json", "html", "brat")
    }
    for status, answer in answers.items():
        assert answer.status_code == (status if isinstance(status, int) else 200)
        assert answer.headers.getlist(ALLOWED) == [FRONT]
        reads = answer.headers["Access-Control-Expose-Headers"].split(", ")
        assert {"ETag", "Article-ETag", "Link", "Location", "Retry-After", "RateLimit", "RateLimit-Policy"} <= {*reads}
        assert {"Idempotent-Replayed", "Consistency-Token", "X-Request-Id", "Content-Disposition"} <= {*reads}
        assert {"Origin", "Authorization"} <= {*answer.headers["Vary"].split(", ")}


def test_an_error_of_the_service_can_be_read_too(shared: Flask) -> None:
    @shared.get("/broken")
    def broken() -> None:
        raise RuntimeError("planted")

    answer = shared.test_client().get("/broken", headers={"Origin": FRONT})
    assert (answer.status_code, answer.headers[ALLOWED]) == (500, FRONT)


def test_credentials_of_the_browser_are_never_asked_for(shared: Flask) -> None:
    answers = [preflight(shared, "/v1/me"), Client(shared, "edith").get("/v1/me", Origin=FRONT)]
    assert not any("Access-Control-Allow-Credentials" in answer.headers for answer in answers)
    assert not any(answer.headers[ALLOWED] == "*" for answer in answers)


def test_each_origin_is_told_its_own_name(shared: Flask) -> None:
    told = Client(shared, "edith").get("/v1/me", Origin="http://localhost:3000")
    assert told.headers[ALLOWED] == "http://localhost:3000"
    assert ALLOWED not in Client(shared, "edith").get("/v1/me").headers


def test_without_origins_nothing_is_said_and_asking_first_needs_a_token(app: Flask, anonymous: Client) -> None:
    refused = preflight(app, "/v1/me")
    assert (refused.status_code, code(refused)) == (401, "unauthenticated")
    for answer in (refused, anonymous.get("/healthz", Origin=FRONT)):
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control-")]
        assert "Origin" not in answer.headers["Vary"]


def test_an_options_that_is_no_question_of_a_browser_goes_on_as_ever(shared: Flask) -> None:
    assert shared.test_client().options("/v1/me", headers={"Origin": FRONT}).status_code == 401
