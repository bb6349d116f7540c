"""Operations that send or take files, piece by piece: two more words for contracts.

Their views make the whole answer, in transactions of their own; the snapshot of the request is over by then.
"""

from collections.abc import Callable, Mapping

from flask import Response

from api.resources.admission import Finder, admitted, leave
from api.resources.contract import Contract
from api.resources.headers import LOCATION
from api.resources.operations import View, Word
from api.schemas.fields import OneOf, Shape
from api.services.answers import Answer


class Files(Contract):
    """A noun's operations, some of them on files."""

    def streams(
        self, rule: str, *, right: str, on: Finder, query: type[Shape], gives: Mapping[str, type[Shape] | OneOf | None]
    ) -> Word:
        """GET of a file. The view makes the whole answer; `gives` says the shape by media type, if it is ours."""
        perform = _on_its_own(right, on)
        return self._operation("GET", rule, right, perform, query=query, gives=gives)

    def takes_in(
        self,
        rule: str,
        *,
        right: str,
        on: Finder,
        takes: Mapping[str, type[Shape] | None],
        query: type[Shape],
        gives: type[Shape],
    ) -> Word:
        """POST of a file. The view reads it as it comes, in transactions of its own; `takes` says the shapes by
        media type, if they are ours."""
        perform = _on_its_own(right, on)
        return self._operation(
            "POST",
            rule,
            right,
            perform,
            reads=takes,
            query=query,
            gives=gives,
            answers=(201,),
            headers=LOCATION,
            refuses={409},
        )


def _on_its_own(right: str, on: Finder) -> Callable[..., Response]:
    def perform(view: View, address: Answer, wanted: Answer) -> Response:
        thing = admitted(right, on, address)
        leave()
        response: Response = view(thing, wanted)
        return response

    return perform
