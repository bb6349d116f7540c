"""Reads from a replica, as new as they have to be: writes give a token, and reads bring it back.

Who is asking and what they may do is always as the primary has it now: a replica answers only if it has the same.
"""

from collections.abc import Callable

import sqlalchemy as sa
from flask import Response, g, request

from api.db import give_back
from api.errors import ConnectionLost, Interrupted, Malformed, Unavailable
from api.replica import LATEST, number
from api.resources.admission import authenticate, database, leave
from api.resources.headers import CONSISTENCY
from api.services.users import standing

READS = ("GET", "HEAD")


def begin() -> None:
    """Finds out who is asking, and from where the request may read.

    Raises:
        Unauthenticated: there is no token.
        InvalidToken: it lets nobody in now.
        Malformed: what it says of how new the replica must be is no token.
    """
    let_in()
    choose_place()


def let_in() -> None:
    """Authenticates, once more if the connection is lost meanwhile."""
    try:
        authenticate()
    except (ConnectionLost, Interrupted):
        _begin_anew()


def choose_place() -> None:
    """Has the request read from the replica, if it says how new that must be and the replica is that new.

    Raises:
        Malformed: it says so in words that are no token.
    """
    wanted = _wanted()
    if database.replica is None or wanted is None:
        return
    try:
        copy = database.replica.snapshot(wanted)
        if copy is not None:
            _prefer(copy, wanted)
    except (ConnectionLost, Interrupted):
        return  # the primary serves


def _prefer(copy: sa.Connection, position: int) -> None:
    """Takes the replica's snapshot for the request's, if the caller's standing is the same there."""
    try:
        same = standing(copy, g.caller.name) == standing(g.tx, g.caller.name)
    except BaseException:
        give_back(copy)
        raise
    if not same:
        give_back(copy)
        return
    leave()
    g.tx, g.position_read = copy, position


def _wanted() -> int | None:
    given = request.headers.get(CONSISTENCY)
    if given is None or request.method not in READS:
        return None
    try:
        return number(given)
    except ValueError:
        raise Malformed(
            f"Expected a {CONSISTENCY} as a write gave it, `any` or `latest`; found {given[:40]!r}."
        ) from None


def own_snapshot() -> sa.Connection:
    """A snapshot for a view that makes its answer in its own time, from where the request may read."""
    position = g.get("position_read")
    copy = database.replica.snapshot(position) if database.replica and position is not None else None
    return copy or database.snapshot()


def patiently(perform: Callable[[], Response]) -> Response:
    """What `perform` gives; if the snapshot is lost while it still reads, it begins once more, from a new one."""
    try:
        return perform()
    except (ConnectionLost, Interrupted):
        if "tx" not in g:
            raise
        _begin_anew()
        return perform()


def _begin_anew() -> None:
    """A new snapshot, of the primary, for a request that has lost its own."""
    leave()
    g.pop("position_read", None)
    authenticate()


def stamp(response: Response) -> Response:
    """Gives the answer to a write the token of a state that has it. A refusal has one too, for it may speak of what
    others wrote just before."""
    if database.replica and "caller" in g and request.method not in READS:
        leave()  # a position is asked for on a connection of its own
        response.headers[CONSISTENCY] = g.pop("written_at", None) or _position(response.status_code)
    return response


def _position(status: int) -> str:
    if status == 429 or status >= 500:
        return LATEST
    try:
        return database.position() or LATEST
    except Unavailable:
        return LATEST
