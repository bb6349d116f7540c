"""Answers on their way out: items with their tag, pages with their links, and first answers kept."""

from collections.abc import Callable
from hashlib import sha256
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import Response, request

from api.errors import Malformed
from api.exports.dossier import as_json
from api.resources.admission import caller, written
from api.resources.parsing import JSON
from api.services import idempotency
from api.services.answers import Answer, tag
from api.services.idempotency import FirstAnswer


def plain(answer: Answer) -> Response:
    return Response(as_json(answer), content_type=JSON)


def item(answer: Answer, status: int = 200) -> Response:
    return Response(as_json(answer), status, {"ETag": f'"{tag(answer)}"'}, content_type=JSON)


def page(answer: Answer) -> Response:
    """The page, with the cursor of the next one made into its address."""
    headers = {}
    if answer["next"]:
        query = [(name, value) for name, value in request.args.items(multi=True) if name != "cursor"]
        answer["next"] = f"{request.path}?{urlencode([*query, ('cursor', answer['next'])])}"
        headers["Link"] = f'<{answer["next"]}>; rel="next"'
    return Response(as_json(answer), 200, headers, content_type=JSON)


def created(make: Callable[[sa.Connection], Answer], at: str, secret: bool) -> Response:
    """201 for what `make` makes; or what it answered when the request's Idempotency-Key first came.

    An answer that holds a secret is not kept, so it takes no key.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return _response(written(lambda tx: _first(make(tx), at)))
    if secret:
        raise Malformed("This answer holds a secret and is not kept: send no Idempotency-Key.")
    if not 1 <= len(key) <= 255 or not key.isascii() or not key.isprintable():
        raise Malformed("Expected an Idempotency-Key of 1 to 255 printable ASCII characters.")
    fingerprint = sha256(f"{request.method} {request.path}\n".encode() + request.get_data()).hexdigest()
    replayed = False

    def once(tx: sa.Connection) -> FirstAnswer:
        nonlocal replayed
        before = idempotency.first_answer(tx, caller.name, key, fingerprint)
        replayed = before is not None
        if before is not None:
            return before
        answer = _first(make(tx), at)
        idempotency.keep(tx, caller.name, key, answer)
        return answer

    response = _response(written(once))
    if replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return response


def _first(made: Answer, at: str) -> FirstAnswer:
    headers = {"Location": at.format(**made)}
    if "version" in made:
        headers["ETag"] = f'"{tag(made)}"'
    return FirstAnswer(201, headers, as_json(made))


def _response(answer: FirstAnswer) -> Response:
    return Response(answer.body, answer.status, answer.headers, content_type=JSON)
