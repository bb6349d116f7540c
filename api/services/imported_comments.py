"""Comments as imports bring them: by the hand of who imports, each known again by what it is on and its words."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from api.models import metadata
from api.models.comments import ON
from api.services.answers import Answer, Found
from api.services.changes import lock
from api.services.comments import add, on_each


@dataclass(frozen=True, slots=True)
class OnAssessment:
    """What comments on an assessment hang on."""

    project: str
    id: str
    claim: str


def bring_comments(tx: sa.Connection, on: str, thing: Found, sent: Sequence[Answer], by: str, *, is_new: bool) -> bool:
    """Whether any comment was added to the thing of the kind `on`: those whose words it does not have, or not as
    often. None is changed or taken away.

    Raises:
        NotFound, Conflict: the thing is gone.
    """
    if not sent:
        return False
    if not is_new:
        if not _lacking(tx, on, thing, sent):
            return False
        # The same file twice at once: the second waits, and then sees what the first has added.
        lock(tx, metadata.tables[ON[on]], thing)
        sent = _lacking(tx, on, thing, sent)
    for comment in sent:
        add(tx, on, thing, comment, by)
    return bool(sent)


def _lacking(tx: sa.Connection, on: str, thing: Found, sent: Sequence[Answer]) -> list[Answer]:
    there = Counter(comment["text"] for comment in on_each(tx, on, thing.project, [thing.id]).get(thing.id, ()))
    lacking = []
    for comment in sent:
        if there[comment["text"]]:
            there[comment["text"]] -= 1
        else:
            lacking.append(comment)
    return lacking
