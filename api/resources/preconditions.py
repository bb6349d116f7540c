"""If-Match and If-None-Match against the tag of a thing (RFC 9110, 13.1); and whether its deletion is meant."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import request

from api.errors import ConfirmationNeeded, Fault, PreconditionFailed, PreconditionRequired, Stale
from api.services.answers import Found, tag, version_tag
from api.services.changes import changed_below


def known(state: str) -> bool:
    """Whether the client already has the state with this tag (304)."""
    return request.if_none_match.contains_weak(state)


def require_version(thing: Found, part: Callable[[Mapping[str, Any]], str] = version_tag) -> None:
    """Demands that If-Match names the thing's version, or more, as `part` makes it the first part of a tag.
    What the thing counts of others may have changed since: a new claim on an article does not stand in the
    way of changing its title.

    Raises:
        PreconditionRequired: If-Match is absent.
        PreconditionFailed: it names no tag of ours.
        Stale: it names another version.
    """
    if not _named(thing, part):
        raise Stale(thing.version)


def require_state(thing: Found) -> None:
    """Demands that If-Match names the thing just as it is, with all that it counts.

    Raises:
        PreconditionRequired: If-Match is absent.
        PreconditionFailed: it names no tag of ours, or something has come or gone below the thing since.
        Stale: it names another version.
    """
    if _named(thing, tag):
        return
    if _named(thing, version_tag):
        raise changed_below(thing)
    raise Stale(thing.version)


def require_absent(thing: Found | None) -> None:
    """Heeds If-Match and If-None-Match on a PUT to a place where `thing` is, or nothing.

    Raises:
        PreconditionFailed: something is there against If-None-Match, or nothing against If-Match.
        PreconditionRequired, Stale: as for `require_version`, where there is something to replace.
    """
    if thing is None:
        if "If-Match" in request.headers:
            raise PreconditionFailed("There is nothing here to replace; leave out If-Match to create it.")
        return
    if request.if_none_match.star_tag or known(tag(thing._asdict())):
        raise PreconditionFailed("There is something here already.", version=thing.version)
    require_version(thing)


def require_confirmation(deletion: Mapping[str, Any], given: str | None) -> None:
    """Raises: ConfirmationNeeded: it is not what must be repeated, or nothing is."""
    expected = deletion["confirm"]
    if given != expected:
        kinds = [f"{count:,} {kind}" for kind, count in deletion["goes"].items() if count]
        found = "nothing" if given is None else repr(given)
        detail = f"Expected {expected!r}, found {found}. With it go: {', '.join(kinds) or 'no other things'}."
        raise ConfirmationNeeded(Fault("/confirm", "confirmation_needed", detail), **deletion)


def _named(thing: Found, part: Callable[[Mapping[str, Any]], str]) -> bool:
    """Whether If-Match names the thing by the tag that begins with this."""
    if "If-Match" not in request.headers:
        raise PreconditionRequired("Send If-Match with the ETag that you read, so that nobody's change is lost.")
    if request.if_match.star_tag:
        return True
    given = [etag for etag in request.if_match.as_set() if etag and "." in etag]
    if not given:
        detail = "Expected an ETag just as an answer gave it, and strong; a version is none. Read it again."
        raise PreconditionFailed(detail, version=thing.version)
    wanted = part(thing._asdict()).split(".")
    return any(etag.split(".")[: len(wanted)] == wanted for etag in given)
