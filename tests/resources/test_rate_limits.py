"""How many requests a token may make, and how it is told."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from api.settings import Settings
from app import create_app
from tests.client import BOX, Client, code


@pytest.fixture
def limited(app: Flask, settings: Settings) -> Iterator[Flask]:
    """The service with ten requests a minute for each token, five of them at once."""
    limited = create_app(replace(settings, rate_limit_per_minute=10, rate_limit_burst=5))
    yield limited
    for name in ("database", "quotas"):
        limited.extensions[name].close()


def test_every_answer_says_what_the_token_has_left(limited: Flask) -> None:
    editor = Client(limited, "edith")
    answers = [
        editor.get("/v1/me"),
        editor.get("/v1/articles/00000000-0000-7000-8000-000000000000"),
        editor.post(BOX, {"text": "x"}),
        editor.get("/v1/projects/default/export"),
    ]
    assert [answer.status_code for answer in answers] == [200, 404, 201, 200]
    assert [answer.headers["RateLimit-Policy"] for answer in answers] == ['"token";q=5;w=30'] * 4
    left = [re.fullmatch(r'"token";r=(\d);t=(\d+)', answer.headers["RateLimit"]) for answer in answers]
    assert [found and found[1] for found in left] == ["4", "3", "2", "1"]


def test_one_too_many_is_429_and_told_when_to_come_back(limited: Flask) -> None:
    editor = Client(limited, "edith")
    assert [editor.get("/v1/me").status_code for _ in range(5)] == [200] * 5
    refused = editor.post(BOX, {"text": "x"})
    assert (refused.status_code, code(refused)) == (429, "rate_limited")
    assert (refused.json["limit"], refused.json["burst"]) == (10, 5)
    assert "10 requests a minute, 5 of them at once" in refused.json["detail"]
    assert int(refused.headers["Retry-After"]) in (5, 6)
    assert refused.headers["RateLimit"] == f'"token";r=0;t={refused.headers["Retry-After"]}'
    assert Client(limited, "ravi").get("/v1/me").status_code == 200


def test_tokens_of_one_person_are_counted_apart(limited: Flask) -> None:
    editor = Client(limited, "edith")
    other = Client(limited, None, editor.post("/v1/tokens", {}).json["token"])
    assert [editor.get("/v1/me").status_code for _ in range(5)] == [200, 200, 200, 200, 429]
    assert other.get("/v1/me").status_code == 200


def test_who_has_no_valid_token_is_401_however_often_and_uses_up_nobodys(limited: Flask) -> None:
    for wrong in (Client(limited, None), Client(limited, "nobody")):
        refused = [wrong.get("/v1/me") for _ in range(12)]
        assert {answer.status_code for answer in refused} == {401}
        assert not any("RateLimit" in answer.headers for answer in refused)
    assert Client(limited, "edith").get("/v1/me").status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/openapi.json", "/docs"])
def test_what_is_open_to_all_is_not_counted(limited: Flask, path: str) -> None:
    answers = [Client(limited, "edith").get(path) for _ in range(12)]
    assert {answer.status_code for answer in answers} == {200}
    assert not any("RateLimit" in answer.headers for answer in answers)


def test_without_a_limit_nothing_is_said(editor: Client) -> None:
    assert "RateLimit" not in editor.get("/v1/me").headers


def test_the_document_says_that_anything_may_be_refused_so(app: Flask) -> None:
    document = app.extensions["api"].spec.to_dict()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert method == "parameters" or "429" in operation["responses"], path
    assert "Retry-After" in document["components"]["responses"]["Problem429"]["headers"]
