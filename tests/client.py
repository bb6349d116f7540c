"""A client that holds every answer against `openapi.yaml`: status, media type and shape."""

import re
from functools import cache
from json import dumps, loads
from typing import Any
from urllib.parse import urlencode

import jsonschema
from flask import Flask
from werkzeug.test import TestResponse

from api.fault_kinds import FAULTS, OMISSIONS
from api.resources.problems import STATUS

BARE_VERSION = re.compile(r'"\d+"')
ACTION = re.compile(r"(/withdrawal|/resolution|/anchors/confirm|/revisions)?(\?.*)?$")
"""What stands behind the address of the thing itself."""
BOX = "/v1/projects/default/articles"
KINDS_OF_FAULT = {*FAULTS, *(kind.code for kind in STATUS)}
TEXT = (
    "On Monday the mayor said that the city had planted 4,000 trees 🌳 since 2020. "
    "The parks office counts 2,950. Asked again, the mayor said that the city had planted 4,000 trees."
)


def token_of(name: str) -> str:
    return f"cs_{name}-test-token".ljust(46, "0")


class Client:
    """Requests of one person, or of nobody. `If_Match='"1"'` stands for the tag of the thing at version 1."""

    def __init__(self, app: Flask, name: str | None, token: str | None = None):
        self.app = app
        self.token = token or (token_of(name) if name else None)

    def send(self, method: str, path: str, json: Any = None, **headers: str) -> TestResponse:
        """Header names come with `_` for `-`: `If_Match='"1"'`."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            given.setdefault("Authorization", f"Bearer {self.token}")
        if BARE_VERSION.fullmatch(given.get("If-Match", "")):
            given["If-Match"] = self._tag_of_version(path, given["If-Match"].strip('"'))
        body = {"data": dumps(json), "content_type": "application/json"} if json is not None else {}
        response = self.app.test_client().open(path, method=method, headers=given, buffered=True, **body)
        check_against_document(self.app, method, path.partition("?")[0], response)
        return response

    def _tag_of_version(self, path: str, version: str) -> str:
        """The tag that the thing there has, or had or would have, at that version."""
        tag = self.get(ACTION.sub("", path)).headers.get("ETag", '"none.1"').strip('"')
        made, _, *counts = tag.split(".")
        return f'"{".".join((made, version, *counts))}"'

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.send("GET", path, **headers)

    def post(self, path: str, json: Any, **headers: str) -> TestResponse:
        return self.send("POST", path, json, **headers)

    def put(self, path: str, json: Any = None, **headers: str) -> TestResponse:
        return self.send("PUT", path, json, **headers)

    def patch(self, path: str, json: Any, **headers: str) -> TestResponse:
        return self.send("PATCH", path, json, **headers)

    def delete(self, path: str, **headers: str) -> TestResponse:
        return self.send("DELETE", path, **headers)

    def erase(self, path: str, **headers: str) -> TestResponse:
        """A DELETE that repeats the name, if it is asked for."""
        refused = self.delete(path, **headers)
        if refused.status_code != 422 or refused.json["code"] != "confirmation_needed":
            return refused
        return self.delete(f"{path}?{urlencode({'confirm': refused.json['confirm']})}", **headers)

    def raw(
        self, path: str, body: bytes, content_type: str | None = "application/json", **headers: str
    ) -> TestResponse:
        """A POST of just these bytes."""
        given = {"Authorization": f"Bearer {self.token}", **{k.replace("_", "-"): v for k, v in headers.items()}}
        response = self.app.test_client().post(path, data=body, content_type=content_type, headers=given)
        check_against_document(self.app, "POST", path.partition("?")[0], response)
        return response

    def article(self, text: str = TEXT, **facts: Any) -> str:
        """The address of a new article."""
        return location(self.post(BOX, {"text": text, **facts}))

    def claim(self, article: str, *spans: dict[str, Any], **facts: Any) -> str:
        """The address of a new claim."""
        places = spans or ({"start": 30, "end": 62},)
        return location(self.post(f"{article}/claims", {"spans": list(places), **facts}))

    def revise(self, article: str, text: str, query: str = "", **facts: Any) -> TestResponse:
        """A new text for the article as it is now."""
        return self.post(f"{article}/revisions{query}", {"text": text, **facts}, If_Match=self.tag(article))

    def assess(self, claim: str, verdict: str, **facts: Any) -> TestResponse:
        return self.put(f"{claim}/assessments/mine", {"verdict": verdict, **facts})

    def tag(self, path: str) -> str:
        return self.get(path).headers["ETag"]

    def all(self, path: str) -> list[dict[str, Any]]:
        """The items of every page."""
        items: list[dict[str, Any]] = []
        following: str | None = path
        while following:
            page = self.get(following).json
            items += page["items"]
            following = page["next"]
        return items


def location(response: TestResponse) -> str:
    assert response.status_code == 201, response.text
    return response.headers["Location"]


def code(response: TestResponse) -> str:
    """The word for the kind of refusal."""
    assert response.content_type == "application/problem+json", response.text
    return str(response.json["code"])


def pointers(response: TestResponse) -> list[str]:
    return [fault["pointer"] for fault in response.json["errors"]]


def check_against_document(app: Flask, method: str, path: str, response: TestResponse) -> None:
    assert response.status_code < 500, response.text
    if response.content_type == "application/problem+json":
        validate(app, "Problem", response.json)
        assert {fault["code"] for fault in response.json.get("errors", ())} <= KINDS_OF_FAULT
    operation = _operation(app, method, path)
    if operation is None or response.status_code in (404, 405):
        return
    described = operation["responses"].get(str(response.status_code))
    assert described, f"{method} {path} may not answer {response.status_code}: {response.text}"
    content = described.get("content", {}).get(response.content_type)
    if content:
        lines = response.data.splitlines() if "ndjson" in response.content_type else [response.data]
        for line in lines:
            validate(app, content["schema"]["$ref"].rpartition("/")[2], loads(line))
    if response.status_code == 200 and path.endswith(("/failures", "/omissions")):
        known = KINDS_OF_FAULT if path.endswith("/failures") else OMISSIONS.keys()
        assert {told["code"] for told in response.json["items"]} <= known


def validate(app: Flask, schema: str, value: Any) -> None:
    """Raises: jsonschema.ValidationError: `value` is not in the shape of that name."""
    _validator(app, schema).validate(value)


@cache
def _validator(app: Flask, schema: str) -> jsonschema.Draft202012Validator:
    components = app.extensions["api"].spec.to_dict()["components"]
    return jsonschema.Draft202012Validator(
        {"$ref": f"#/components/schemas/{schema}", "components": components},
        format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
    )


@cache
def _paths(app: Flask) -> dict[str, Any]:
    paths: dict[str, Any] = app.extensions["api"].spec.to_dict()["paths"]
    return paths


def _operation(app: Flask, method: str, path: str) -> dict[str, Any] | None:
    for template, operations in _paths(app).items():
        parts, given = template.split("/"), path.split("/")
        if len(parts) == len(given) and all(
            part.startswith("{") or part == found for part, found in zip(parts, given, strict=True)
        ):
            found: dict[str, Any] | None = operations.get(method.lower())
            return found
    return None
