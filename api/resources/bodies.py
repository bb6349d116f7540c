"""Bodies of requests: whether there is one, and waiting until it is there."""

from flask import request

from api.errors import Malformed
from api.resources.admission import leave
from api.resources.consistency import let_in
from api.resources.seats import left


def has_body() -> bool:
    return bool(request.content_length) or "Transfer-Encoding" in request.headers


def refuse_body() -> None:
    """Raises: Malformed: something was sent, where nothing is taken."""
    if has_body():
        raise Malformed("This takes no body.")


def received() -> bytes:
    """The whole body. It may have taken any time to come, so that only now it is settled who is asking.

    Raises:
        InvalidToken: the token was revoked, or has expired, meanwhile.
    """
    leave()
    with left():
        body = request.get_data()
    let_in()
    return body
