"""Operations: a view put on its address, with its place in the OpenAPI document.

What each kind of operation does, and in which order, the words in `contract.py` say.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from functools import wraps
from http import HTTPStatus
from typing import Any

import flask_smorest
from flask import Response

from api.resources.admission import refuse_query
from api.resources.bodies import refuse_body
from api.resources.consistency import begin, patiently
from api.resources.headers import AS_NEW_AS, ETAG, PARTS, UNLESS_CHANGED, WRITTEN_AT
from api.resources.parsing import JSON, Parser
from api.schemas.fields import OneOf, Shape
from api.services.answers import Answer

View = Callable[..., Any]
Word = Callable[[View], View]
Perform = Callable[..., Response]

ALWAYS = {400, 401, 403, 422, 429, 503}
WITH_BODY = {413, 415}


class Operations(flask_smorest.Blueprint):  # type: ignore[misc]
    """A noun's operations under `/v1`."""

    ARGUMENTS_PARSER = Parser()

    def __init__(self, name: str, description: str):
        super().__init__(name, name, description=description, url_prefix="/v1")
        self.before_request(begin)
        self._prepare_doc_cbks = [self._prepare_arguments_doc, self._prepare_terms]

    def _operation(
        self,
        method: str,
        rule: str,
        right: str,
        perform: Perform,
        *,
        takes: type[Shape] | Shape | None = None,
        reads: Mapping[str, type[Shape] | None] | None = None,
        query: type[Shape] | Shape | None = None,
        gives: type[Shape] | Mapping[str, type[Shape] | OneOf | None] | None = None,
        answers: tuple[int, ...] = (200,),
        headers: dict[str, Any] | None = None,
        sends: Sequence[dict[str, Any]] = (),
        refuses: Set[int] = frozenset(),
    ) -> Word:
        """Puts the operation on its address and into the OpenAPI document.

        `takes` is the shape of a JSON body; `reads` are those of a body that the view itself reads, by media type.
        """
        takes, query = takes and _instance(takes), query and _instance(query)
        parts = [part for part in PARTS if f":{part}>" in rule]
        headers, sends = _with_consistency(method, headers or {}, sends)
        refused = ALWAYS | refuses | (WITH_BODY if takes or reads else set()) | ({404} if parts else set())

        parameters = [{"in": "path", "name": part, "description": PARTS[part]} for part in parts]
        terms: dict[str, Any] = {
            "operationId": None,
            "security": [{"token": []}, {"signIn": []}],
            "x-right": right,
            "parameters": sends,
            "responses": {
                **{code: f"Problem{code}" for code in refused},
                **({304: {"description": "It is what you have.", "headers": ETAG}} if UNLESS_CHANGED in sends else {}),
                **{code: _answer(code, gives if code != 204 else None, headers) for code in answers},
            },
        }
        if reads:
            terms["requestBody"] = {"required": True, "content": _content(reads)}

        def register(view: View) -> View:
            @wraps(view)
            def operation(*inputs: Answer, **address: Any) -> Response:
                if query is None:
                    refuse_query()
                if takes is None and reads is None and method != "GET":
                    refuse_body()
                return patiently(lambda: perform(view, address, *inputs))

            operation._apidoc = {"terms": {**terms, "operationId": view.__name__}}  # type: ignore[attr-defined]
            # The one applied last is read first: views get what came in, then what was asked for.
            if query is not None:
                operation = self.arguments(query, location="query")(operation)
            if takes is not None:
                operation = self.arguments(takes, location="json", required=not takes.optional, example=takes.example)(
                    operation
                )
            self.route(rule, methods=[method], endpoint=view.__name__, parameters=parameters)(operation)
            return view

        return register

    @staticmethod
    def _prepare_terms(doc: dict[str, Any], info: dict[str, Any], **_context: Any) -> dict[str, Any]:
        """flask-smorest asks each of its `_prepare_…` for a part of an operation's documentation."""
        terms = info["terms"]
        responses = {str(code): terms["responses"][code] for code in sorted(terms["responses"])}
        return {
            **doc,
            **terms,
            "parameters": [*doc.get("parameters", []), *terms["parameters"]],
            "responses": responses,
        }


def _with_consistency(
    method: str, headers: dict[str, Any], sends: Sequence[dict[str, Any]]
) -> tuple[dict[str, Any], Sequence[dict[str, Any]]]:
    return (headers, [*sends, AS_NEW_AS]) if method == "GET" else (headers | WRITTEN_AT, sends)


def _instance(shape: type[Shape] | Shape) -> Shape:
    # Made once: marshmallow copies every field into each instance.
    return shape() if isinstance(shape, type) else shape


def _answer(status: int, gives: Any, headers: Any) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": HTTPStatus(status).phrase, "headers": headers}
    if gives is not None:
        by_type = gives if isinstance(gives, Mapping) else {JSON: gives}
        answer["content"] = _content(by_type)
    return answer


def _content(by_type: Mapping[str, type[Shape] | OneOf | None]) -> dict[str, Any]:
    return {kind: _described(shape) if shape else {} for kind, shape in by_type.items()}


def _described(shape: type[Shape] | OneOf) -> dict[str, Any]:
    return {"schema": shape.name if isinstance(shape, OneOf) else shape, "example": shape.example}
