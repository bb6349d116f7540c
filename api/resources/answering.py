"""Answers on their way out: items with their tag, pages with their links, and first answers kept."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import Response, current_app, g, request

from api.errors import Fault, Invalid, Malformed, OutcomeUnknown
from api.exports.dossier import as_json
from api.resources.admission import caller, written
from api.resources.parsing import JSON
from api.resources.preconditions import known
from api.services import idempotency
from api.services.answers import Answer, NotMade, tag
from api.services.idempotency import FirstAnswer


def told(answer: Answer) -> Response:
    """The answer, tagged with a hash of itself; 304 for who has it already."""
    body = as_json(answer)
    state = sha256(body).hexdigest()[:32]
    return unchanged(state) if known(state) else Response(body, 200, {"ETag": f'"{state}"'}, content_type=JSON)


def tried(answer: Answer, headers: dict[str, str]) -> Response:
    """What would be made, and the headers that go with it; it is not there."""
    return Response(as_json(answer), 200, headers, content_type=JSON)


def unchanged(state: str) -> Response:
    return Response(status=304, headers={"ETag": f'"{state}"'})


def item(answer: Answer, status: int = 200) -> Response:
    return Response(as_json(answer), status, {"ETag": f'"{tag(answer)}"'}, content_type=JSON)


def done(act: Callable[[sa.Connection], Answer | None], status: int, repeatable: bool) -> Response:
    """What an action gives: something new with that status, something that was there (200), or nothing (204).

    If it is not repeatable without harm, the request's Idempotency-Key gets the first answer again.
    """

    def answer(tx: sa.Connection, _prepared: None) -> FirstAnswer:
        made = act(tx)
        if made is None:
            return FirstAnswer(204, {}, b"")
        return FirstAnswer(200 if isinstance(made, NotMade) else status, {}, as_json(made))

    return _response(written(lambda tx: answer(tx, None))) if repeatable else _answered(lambda: None, answer)


def bounded(wanted: Answer) -> Answer:
    """What is wanted of a list, with a page no larger than the operator allows.

    Raises:
        Invalid: a larger one was asked for.
    """
    most = current_app.config["SETTINGS"].max_page_items
    if wanted["limit"] <= most:
        return wanted
    if "limit" in request.args:
        found = f"Expected a whole number from 1 to {most}. Found {wanted['limit']}."
        raise Invalid(Fault("/limit", "invalid", found), limit=most)
    return {**wanted, "limit": most}


def page(answer: Answer) -> Response:
    """The page, with the cursor of the next one made into its address, and what that one must ask for likewise."""
    headers = {}
    pinned = answer.pop("pinned", {})
    if answer["next"]:
        query = [(name, value) for name, value in request.args.items(multi=True) if name not in ("cursor", *pinned)]
        answer["next"] = f"{request.path}?{urlencode([*query, *pinned.items(), ('cursor', answer['next'])])}"
        headers["Link"] = f'<{answer["next"]}>; rel="next"'
    return Response(as_json(answer), 200, headers, content_type=JSON)


def created(
    prepare: Callable[[], Any],
    make: Callable[[sa.Connection, Any], tuple[Answer, dict[str, str]]],
    at: str,
    secret: bool,
) -> Response:
    """201 for what `make` makes of what was prepared; or the first answer to the request's Idempotency-Key.

    An answer that holds a secret is not kept, so it takes no key.
    """
    if secret and "Idempotency-Key" in request.headers:
        raise Malformed("This answer holds a secret and is not kept: send no Idempotency-Key.")
    return _answered(prepare, lambda tx, prepared: _first(*make(tx, prepared), at))


def _answered(prepare: Callable[[], Any], answer: Callable[[sa.Connection, Any], FirstAnswer]) -> Response:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        prepared = prepare()
        return _response(written(lambda tx: answer(tx, prepared)))
    if not 1 <= len(key) <= 255 or not key.isascii() or not key.isprintable():
        raise Malformed("Expected an Idempotency-Key of 1 to 255 printable ASCII characters.")
    return _once(key, prepare, answer)


def _once(key: str, prepare: Callable[[], Any], answer: Callable[[sa.Connection, Any], FirstAnswer]) -> Response:
    fingerprint = sha256(f"{request.method} {request.full_path}\n".encode() + request.get_data()).hexdigest()
    # What was answered once is answered again, though nothing could be prepared for it any more.
    before = idempotency.given(g.tx, caller.name, key, fingerprint)
    if before is not None:
        return _replayed(before)
    prepared = prepare()

    def work(tx: sa.Connection) -> tuple[FirstAnswer, bool]:
        before = idempotency.first_answer(tx, caller.name, key, fingerprint)
        if before is not None:
            return before, True
        first = answer(tx, prepared)
        idempotency.keep(tx, caller.name, key, first)
        return first, False

    try:
        first, is_repeated = written(work)
    except OutcomeUnknown:
        # The key knows: if the effect is there, so is its answer. If the first try is still at it, this one waits.
        first, is_repeated = written(work)
    return _replayed(first) if is_repeated else _response(first)


def _replayed(answer: FirstAnswer) -> Response:
    return _response(FirstAnswer(answer.status, {**answer.headers, "Idempotent-Replayed": "true"}, answer.body))


def _first(made: Answer, headers: dict[str, str], at: str) -> FirstAnswer:
    body = as_json(made)
    if not isinstance(made, NotMade):
        headers["Location"] = at.format(**made)
    headers["ETag"] = f'"{tag(made) if "version" in made else sha256(body).hexdigest()[:32]}"'
    return FirstAnswer(200 if isinstance(made, NotMade) else 201, headers, body)


def _response(answer: FirstAnswer) -> Response:
    return Response(answer.body, answer.status, answer.headers, content_type=JSON)
