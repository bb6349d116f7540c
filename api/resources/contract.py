"""The words that operations are written in, and the manners each word brings with it.

A resource says `claims.creates("/articles/<id:article>/claims", on=find, right="claim.create",
takes=ClaimDraft, gives=Claim, at="/v1/claims/{id}")` over a function of two lines. The word stands for the rest:
who is asking, may they, what came in, which preconditions, which transaction, which headers,
and how all of that is documented. The order is always the same: authenticate (401), read what
was sent (400, 413, 415, 422), find (404), permit (403), preconditions (412, 428), act.

Views get `(tx, thing, what came in, what the query asks for)`, as far as there is such; further
parts of the address come by name. They give an answer: a dict in the shape of `gives`.
"""

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from flask import Response, g

from api.resources import preconditions
from api.resources.admission import Finder, admitted, present, written
from api.resources.answering import bounded, created, done, item, page, told, tried, unchanged
from api.resources.headers import (
    ETAG,
    IF_MATCH,
    IF_REPLACED,
    KEY,
    LINK,
    LOCATION,
    NEXT_TAG,
    SUPERSEDED,
    UNLESS_CHANGED,
    UNLESS_THERE,
)
from api.resources.operations import Operations, View, Word
from api.schemas.deletions import Confirmation
from api.schemas.fields import PageQuery, Shape
from api.services.answers import Answer, Found, tag, version_tag

Prepare = Callable[[sa.Connection, Found, Answer], Any]
Goes = Callable[[sa.Connection, Found], Answer]

WITH_VERSION = {409, 412, 428}


class Contract(Operations):
    """A noun's operations, in words."""

    def reads(self, rule: str, *, right: str, gives: type[Shape], on: Finder, query: type[Shape] | None = None) -> Word:
        """GET of one thing: ETag, and 304 for who has it already."""

        def perform(view: View, address: Answer, *wanted: Answer) -> Response:
            thing = admitted(right, on, address)
            state = tag(thing._asdict())
            if preconditions.known(state):
                return unchanged(state)
            return item(view(g.tx, thing, *wanted))

        return self._operation(
            "GET", rule, right, perform, query=query, gives=gives, headers=ETAG, sends=[UNLESS_CHANGED]
        )

    def tells(
        self,
        rule: str,
        *,
        right: str,
        gives: type[Shape],
        on: Finder | None = None,
        query: type[Shape] | None = None,
    ) -> Word:
        """GET of something that follows from others and has no version: its ETag is made of what it says.

        `on` finds what the caller must have the right on, by the first part of the address.
        """

        def perform(view: View, address: Answer, *wanted: Answer) -> Response:
            first, rest = dict([*address.items()][:1]), dict([*address.items()][1:])
            thing = admitted(right, on, first)
            return told(view(g.tx, *(() if thing is None else (thing,)), *wanted, **rest))

        return self._operation(
            "GET", rule, right, perform, query=query, gives=gives, headers=ETAG, sends=[UNLESS_CHANGED]
        )

    def lists(
        self, rule: str, *, right: str, gives: type[Shape], on: Finder | None = None, query: type[PageQuery] = PageQuery
    ) -> Word:
        """GET of a page of a list: `next` and Link lead on."""

        def perform(view: View, address: Answer, wanted: Answer) -> Response:
            thing = admitted(right, on, address)
            wanted = bounded(wanted)
            return page(view(g.tx, wanted) if thing is None else view(g.tx, thing, wanted))

        return self._operation("GET", rule, right, perform, query=query, gives=gives, headers=LINK)

    def creates(
        self,
        rule: str,
        *,
        right: str,
        takes: type[Shape],
        gives: type[Shape],
        at: str,
        on: Finder | None = None,
        query: type[Shape] | None = None,
        first: Prepare | None = None,
        secret: bool = False,
        supersedes: bool = False,
    ) -> Word:
        """POST that makes a thing, once for each Idempotency-Key. `at` is its address, to be filled in.

        `first` works out, before the write begins, what the view gets in place of what came in.
        `secret`: the answer shows what is never shown again, so it is not kept for a repetition.
        `supersedes`: what is made takes the place of what the client has read, which If-Match names, and the
        answer gives the tag for the next time; the view may find that nothing is to be made (200).
        A query that asks for a `dry_run` is answered from the snapshot.
        """

        def perform(view: View, address: Answer, draft: Answer, *wanted: Answer) -> Response:
            thing = admitted(right, on, address)

            def prepare() -> Any:
                if supersedes:
                    preconditions.require_version(thing)
                return first(g.tx, thing, draft) if first else draft

            def make(tx: sa.Connection, prepared: Any) -> tuple[Answer, dict[str, str]]:
                made = view(tx, *(() if thing is None else (thing,)), prepared, *wanted)
                if not (supersedes and on):
                    return made, {}
                state = version_tag(on(tx, g.caller, *address.values())._asdict())
                return made, {SUPERSEDED: f'"{state}"'}

            if any(asked.get("dry_run") for asked in wanted):
                return tried(*make(g.tx, prepare()))
            return created(prepare, make, at, secret)

        return self._operation(
            "POST",
            rule,
            right,
            perform,
            takes=takes,
            query=query,
            gives=gives,
            answers=(200, 201) if supersedes else (201,),
            headers=LOCATION | ETAG | (NEXT_TAG if supersedes else {}),
            sends=[*([] if secret else [KEY]), *([IF_MATCH] if supersedes else [])],
            refuses=WITH_VERSION if supersedes else {409},
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
        query: type[Shape] | None = None,
        first: Prepare | None = None,
        by: str = "PATCH",
        names: Callable[[Mapping[str, Any]], str] = version_tag,
    ) -> Word:
        """PATCH, in which members left out stay as they are; or an action that changes the thing; under If-Match.

        `first` works out, before the write begins, what the view gets in place of what came in.
        `names` is what of the thing's tag If-Match must name.
        """

        def perform(view: View, address: Answer, *inputs: Answer) -> Response:
            thing = admitted(right, on, address)
            preconditions.require_version(thing, names)
            if first:
                inputs = (first(g.tx, thing, inputs[0]), *inputs[1:])
            return item(written(lambda tx: view(tx, thing, *inputs)))

        return self._operation(
            by,
            rule,
            right,
            perform,
            takes=takes(partial=by == "PATCH") if takes else None,
            query=query,
            gives=gives,
            headers=ETAG,
            sends=[IF_MATCH],
            refuses=WITH_VERSION,
        )

    def acts(
        self,
        rule: str,
        *,
        by: str,
        right: str,
        on: Finder,
        gives: type[Shape],
        takes: type[Shape] | None = None,
        query: type[Shape] | None = None,
        answers: tuple[int, ...] = (200,),
    ) -> Word:
        """An action that heeds no version: what it does is the caller's own, or can be done again without harm; a
        POST once for each Idempotency-Key.

        `on` finds what the caller must have the right on, by the first part of the address; the view gets the
        rest by name. It gives what it made (201, if `answers` has that), what is there (200), or None (204).
        """

        def perform(view: View, address: Answer, *inputs: Answer) -> Response:
            first, rest = dict([*address.items()][:1]), dict([*address.items()][1:])
            thing = admitted(right, on, first)
            made = 201 if 201 in answers else 200
            return done(lambda tx: view(tx, thing, *inputs, **rest), made, repeatable=by != "POST")

        return self._operation(
            by,
            rule,
            right,
            perform,
            takes=takes,
            query=query,
            gives=gives,
            answers=answers,
            sends=[KEY] if by == "POST" else [],
            refuses={409},
        )

    def removes(self, rule: str, *, right: str, on: Finder, versioned: bool = True, goes: Goes | None = None) -> Word:
        """DELETE, under If-Match if the thing has versions: of the thing as it was seen, with all that its tag counts.

        `goes` tells what goes with a thing whose name must be repeated.
        """

        def perform(view: View, address: Answer, *asked: Answer) -> Response:
            thing = admitted(right, on, address)
            if versioned:
                preconditions.require_state(thing)
            if goes:
                preconditions.require_confirmation(goes(g.tx, thing), asked[0]["confirm"])
            written(lambda tx: view(tx, thing))
            return Response(status=204)

        sends, refuses = ([IF_MATCH], WITH_VERSION) if versioned else ([], {409})
        query = Confirmation if goes else None
        return self._operation(
            "DELETE", rule, right, perform, query=query, answers=(204,), sends=sends, refuses=refuses
        )
