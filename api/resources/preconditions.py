"""If-Match and If-None-Match against the tag of a thing (RFC 9110, 13.1)."""

from flask import request

from api.errors import PreconditionFailed, PreconditionRequired, Stale
from api.services.answers import Found, tag


def unchanged(thing: Found) -> bool:
    """Whether the client already has this state of the thing (304)."""
    return request.if_none_match.contains_weak(tag(thing._asdict()))


def require_match(thing: Found) -> None:
    """Demands that If-Match names the thing's version. What the thing counts of others may have
    changed since: a new claim on an article does not stand in the way of changing its title.

    Raises:
        PreconditionRequired: If-Match is absent.
        Stale: it names another version.
    """
    if "If-Match" not in request.headers:
        raise PreconditionRequired("Send If-Match with the ETag that you read, so that nobody's change is lost.")
    given = request.if_match
    versions = {(etag or "").partition(".")[0] for etag in given.as_set()}
    if not given.star_tag and str(thing.version) not in versions:
        raise Stale(thing.version)


def require_absent(thing: Found | None) -> None:
    """Heeds If-Match and If-None-Match on a PUT to a place where `thing` is, or nothing.

    Raises:
        PreconditionFailed: something is there against `If-None-Match: *`, or nothing against If-Match.
        PreconditionRequired, Stale: as for `require_match`, where there is something to replace.
    """
    if thing is None:
        if "If-Match" in request.headers:
            raise PreconditionFailed("There is nothing here to replace; leave out If-Match to create it.")
        return
    if request.if_none_match.star_tag:
        raise PreconditionFailed("There is something here already.", version=thing.version)
    require_match(thing)
