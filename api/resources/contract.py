"""The words that operations are written in, and the manners each word brings with it.

A resource says `claims.creates("/articles/<id:article>/claims", on=find, right="claim.create",
takes=ClaimDraft, gives=Claim, at="/v1/claims/{id}")` over a function of two lines. The word stands for the rest:
who is asking, may they, what came in, which preconditions, which transaction, which headers,
and how all of that is documented. The order is always the same: authenticate (401), read what
was sent (400, 413, 415, 422), find (404), permit (403), preconditions (412, 428), act.

Views get `(tx, thing, what came in)`, as far as there is such; further parts of the address
come by name. They give an answer: a dict in the shape of `gives`.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from functools import wraps
from http import HTTPStatus
from typing import Any

import flask_smorest
from flask import Response, g

from api.resources import preconditions
from api.resources.admission import Finder, admitted, authenticate, leave, present, refuse_body, refuse_query, written
from api.resources.answering import created, item, page, plain
from api.resources.headers import (
    ETAG,
    IF_MATCH,
    IF_REPLACED,
    KEY,
    LINK,
    LOCATION,
    PARTS,
    UNLESS_CHANGED,
    UNLESS_THERE,
)
from api.resources.parsing import JSON, Parser
from api.schemas.fields import PageQuery, Shape
from api.services.answers import Answer, tag

View = Callable[..., Any]
Word = Callable[[View], View]
Perform = Callable[..., Response]

ALWAYS = {400, 401, 403, 422, 503}
WITH_BODY = {413, 415}
WITH_VERSION = {409, 412, 428}


class Contract(flask_smorest.Blueprint):  # type: ignore[misc]
    """A noun's operations under `/v1`."""

    ARGUMENTS_PARSER = Parser()

    def __init__(self, name: str, description: str):
        super().__init__(name, name, description=description, url_prefix="/v1")
        self.before_request(authenticate)
        self._prepare_doc_cbks = [self._prepare_arguments_doc, self._prepare_terms]

    def reads(self, rule: str, *, right: str, gives: type[Shape], on: Finder) -> Word:
        """GET of one thing: ETag, and 304 for who has it already."""

        def perform(view: View, address: Answer) -> Response:
            thing = admitted(right, on, address)
            state = tag(thing._asdict())
            if preconditions.known(state):
                return Response(status=304, headers={"ETag": f'"{state}"'})
            return item(view(g.tx, thing))

        return self._operation("GET", rule, right, perform, gives=gives, headers=ETAG, sends=[UNLESS_CHANGED])

    def tells(self, rule: str, *, right: str, gives: type[Shape]) -> Word:
        """GET of something about the caller, which has no version."""

        def perform(view: View, address: Answer) -> Response:
            admitted(right, None, address)
            return plain(view(g.tx))

        return self._operation("GET", rule, right, perform, gives=gives)

    def lists(
        self, rule: str, *, right: str, gives: type[Shape], on: Finder | None = None, query: type[PageQuery] = PageQuery
    ) -> Word:
        """GET of a page of a list: `next` and Link lead on."""

        def perform(view: View, address: Answer, wanted: Answer) -> Response:
            thing = admitted(right, on, address)
            return page(view(g.tx, wanted) if thing is None else view(g.tx, thing, wanted))

        return self._operation("GET", rule, right, perform, query=query, gives=gives, headers=LINK)

    def streams(
        self, rule: str, *, right: str, on: Finder, query: type[Shape], gives: Mapping[str, type[Shape]]
    ) -> Word:
        """GET of a file. The view makes the whole answer; `gives` says the shape by media type."""

        def perform(view: View, address: Answer, wanted: Answer) -> Response:
            thing = admitted(right, on, address)
            leave()
            response: Response = view(thing, wanted)
            return response

        return self._operation("GET", rule, right, perform, query=query, gives=gives)

    def creates(
        self,
        rule: str,
        *,
        right: str,
        takes: type[Shape],
        gives: type[Shape],
        at: str,
        on: Finder | None = None,
        secret: bool = False,
    ) -> Word:
        """POST that makes a thing, once for each Idempotency-Key. `at` is its address, to be filled in.

        `secret`: the answer shows what is never shown again, so it is not kept for a repetition.
        """

        def perform(view: View, address: Answer, draft: Answer) -> Response:
            thing = admitted(right, on, address)
            inputs = (draft,) if thing is None else (thing, draft)
            return created(lambda tx: view(tx, *inputs), at, secret)

        return self._operation(
            "POST",
            rule,
            right,
            perform,
            takes=takes,
            gives=gives,
            answers=(201,),
            headers=LOCATION if secret else LOCATION | ETAG,
            sends=[] if secret else [KEY],
            refuses={409},
        )

    def puts(
        self, rule: str, *, right: str, on: Finder, current: Finder, takes: type[Shape], gives: type[Shape]
    ) -> Word:
        """PUT that creates (201) or, under If-Match, replaces (200).

        `on` finds the parent by the first part of the address, `current` by the whole of it what
        is there now; the view gets that, or None, after the parent.
        """

        def perform(view: View, address: Answer, draft: Answer) -> Response:
            (parent, id), *rest = address.items()
            thing = admitted(right, on, {parent: id})
            there = present(current, address)
            preconditions.require_absent(there)
            answer = written(lambda tx: view(tx, thing, there, draft, **dict(rest)))
            return item(answer, 201 if there is None else 200)

        return self._operation(
            "PUT",
            rule,
            right,
            perform,
            takes=takes,
            gives=gives,
            headers=ETAG,
            sends=[IF_REPLACED, UNLESS_THERE],
            refuses=WITH_VERSION,
            answers=(200, 201),
        )

    def changes(
        self,
        rule: str,
        *,
        right: str,
        on: Finder,
        gives: type[Shape],
        takes: type[Shape] | None = None,
        by: str = "PATCH",
    ) -> Word:
        """PATCH, or an action that changes the thing, under If-Match. Members left out stay as they are."""

        def perform(view: View, address: Answer, *changes: Answer) -> Response:
            thing = admitted(right, on, address)
            preconditions.require_version(thing)
            return item(written(lambda tx: view(tx, thing, *changes)))

        return self._operation(
            by,
            rule,
            right,
            perform,
            takes=takes(partial=True) if takes else None,
            gives=gives,
            headers=ETAG,
            sends=[IF_MATCH],
            refuses=WITH_VERSION,
        )

    def removes(self, rule: str, *, right: str, on: Finder, versioned: bool = True) -> Word:
        """DELETE, under If-Match if the thing has versions; what was added below it since is not lost unseen."""

        def perform(view: View, address: Answer) -> Response:
            thing = admitted(right, on, address)
            if versioned:
                preconditions.require_state(thing)
            written(lambda tx: view(tx, thing))
            return Response(status=204)

        sends, refuses = ([IF_MATCH], WITH_VERSION) if versioned else ([], {409})
        return self._operation("DELETE", rule, right, perform, answers=(204,), sends=sends, refuses=refuses)

    def _operation(
        self,
        method: str,
        rule: str,
        right: str,
        perform: Perform,
        *,
        takes: type[Shape] | Shape | None = None,
        query: type[Shape] | Shape | None = None,
        gives: type[Shape] | Mapping[str, type[Shape]] | None = None,
        answers: tuple[int, ...] = (200,),
        headers: dict[str, Any] | None = None,
        sends: Sequence[dict[str, Any]] = (),
        refuses: Set[int] = frozenset(),
    ) -> Word:
        """Puts the operation on its address and into the OpenAPI document."""
        takes, query = takes and _instance(takes), query and _instance(query)
        parts = [part for part in PARTS if f":{part}>" in rule]
        refused = ALWAYS | refuses | (WITH_BODY if takes else set()) | ({404} if parts else set())

        parameters = [{"in": "path", "name": part, "description": PARTS[part]} for part in parts]
        terms: dict[str, Any] = {
            "operationId": None,
            "security": [{"token": []}],
            "x-right": right,
            "parameters": sends,
            "responses": {
                **{code: f"Problem{code}" for code in refused},
                **({304: {"description": "It is what you have.", "headers": ETAG}} if UNLESS_CHANGED in sends else {}),
                **{code: _answer(code, gives, headers) for code in answers},
            },
        }

        def register(view: View) -> View:
            @wraps(view)
            def operation(*inputs: Answer, **address: Any) -> Response:
                if query is None:
                    refuse_query()
                if takes is None and method != "GET":
                    refuse_body()
                return perform(view, address, *inputs)

            operation._apidoc = {"terms": {**terms, "operationId": view.__name__}}  # type: ignore[attr-defined]
            if takes is not None:
                operation = self.arguments(takes, location="json", example=takes.example)(operation)
            if query is not None:
                operation = self.arguments(query, location="query")(operation)
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


def _instance(shape: type[Shape] | Shape) -> Shape:
    # Made once: marshmallow copies every field into each instance.
    return shape() if isinstance(shape, type) else shape


def _answer(status: int, gives: Any, headers: Any) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": HTTPStatus(status).phrase}
    if gives is not None:
        by_type = gives if isinstance(gives, Mapping) else {JSON: gives}
        answer["headers"] = headers or {}
        answer["content"] = {kind: {"schema": shape, "example": shape.example} for kind, shape in by_type.items()}
    return answer
