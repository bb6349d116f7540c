"""Every place of every operation where a string can stand, read from `openapi.yaml`."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

DOCUMENT = Path(__file__).parents[2] / "openapi.yaml"
METHODS = ("get", "post", "put", "patch", "delete")
UNDOCUMENTED = (
    "Authorization",
    "Content-Type",
    "Content-Encoding",
    "Accept",
    "Accept-Encoding",
    "Origin",
    "Host",
    "Range",
    "User-Agent",
    "Forwarded",
    "X-Forwarded-For",
    "X-Request-Id",
    "Consistency-Token",
    "Transfer-Encoding",
    "Expect",
)
"""Headers that every server is sent; they go to a few operations only."""
SENT_TO = ("read_article", "create_article", "export_project", "import_dossiers")
NAME = "(name)"
"""In a path into a body: the name of a member, where any is allowed."""
DEEPEST = 12


@dataclass(frozen=True)
class Operation:
    name: str
    method: str
    path: str
    media: str | None
    example: Any = field(compare=False)


@dataclass(frozen=True)
class Place:
    """One string of one operation: where (`body`, `query`, `path`, `header`), and its name or its path in the body."""

    operation: Operation
    where: str
    at: tuple[str | int, ...]
    is_string: bool = True

    def __str__(self) -> str:
        return f"{self.operation.name} {self.where} {'/'.join(map(str, self.at))}"


def places() -> list[Place]:
    document = yaml.safe_load(DOCUMENT.read_text("utf-8"))
    found = []
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                found += list(_of_operation(document, path, method, methods))
    return found


def _of_operation(document: Any, path: str, method: str, methods: Any) -> Iterator[Place]:
    terms = methods[method]
    bodies = terms.get("requestBody", {}).get("content", {})
    shapes = {media: content for media, content in bodies.items() if content}
    media = "application/json" if "application/json" in shapes else None
    example = shapes[media].get("example", {}) if media else None
    operation = Operation(terms["operationId"], method.upper(), path, media, example)
    for parameter in [*methods.get("parameters", []), *terms.get("parameters", [])]:
        yield Place(operation, parameter["in"], (parameter["name"],))
    if operation.name in SENT_TO:
        for name in UNDOCUMENTED:
            yield Place(operation, "header", (name,))
    if media:
        seen = set()
        for at, is_string in _leaves(document, shapes[media]["schema"], ()):
            if at not in seen:
                seen.add(at)
                yield Place(operation, "body", at, is_string)


def _leaves(document: Any, schema: Any, at: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], bool]]:
    """Paths to what is neither object nor array, and whether it may be a string."""
    if len(at) > DEEPEST:
        return
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for part in [*schema.get("allOf", []), *schema.get("oneOf", []), *schema.get("anyOf", [])]:
        yield from _leaves(document, part, at)
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if "object" in kinds or "properties" in schema:
        yield from _members(document, schema, at)
    elif "array" in kinds:
        yield from _leaves(document, schema.get("items", {}), (*at, 0))
    elif kinds or "enum" in schema:
        yield at, "string" in kinds or not kinds


def _members(document: Any, schema: Any, at: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], bool]]:
    for name, inner in schema.get("properties", {}).items():
        yield from _leaves(document, inner, (*at, name))
    if schema.get("additionalProperties", "properties" not in schema) is not False:
        yield (*at, NAME), True
        yield (*at, "any"), True


if __name__ == "__main__":
    for place in places():
        print(place, "" if place.is_string else "(no string)")
