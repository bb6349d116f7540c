"""Who a sign-in service says somebody is, and what follows from that: a name here, scopes, and roles in projects.

Claims are those of a token that has been found genuine; nothing in them is of a sure type.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from api.rules.permissions import ROLES, SCOPES, Role, Scope

LONGEST_NAME = 63
LONGEST_DISPLAY_NAME = 200
NOT_IN_NAMES = re.compile(r"[^a-z0-9._-]+")
GRANT = re.compile(r"([a-z0-9][a-z0-9-]{0,62}):(reader|reviewer|editor|owner)", re.ASCII)
ELSEWHERE = "_claim_names"
"""Where a token says which of its claims are to be had elsewhere (OpenID Connect Core 5.6.2), as they are too many."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What the operator has said of the claims."""

    user_claim: str
    roles_claim: str = ""
    role_map: str = ""
    scope_prefix: str = "claimspan:"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom an issuer vouches for. Only (issuer, subject) says who they are; `name` is what they would like to
    be called, and may be another's. `roles` by project; None if the token says nothing of roles."""

    issuer: str
    subject: str
    name: str
    display_name: str
    scopes: frozenset[Scope]
    until: datetime
    roles: Mapping[str, Role] | None


@dataclass(frozen=True, slots=True)
class Held:
    """A role that somebody has in a project. `granted` is the role that a sign-in gave, None if it was given by hand;
    `alone` says that nobody else owns the project."""

    role: Role
    granted: Role | None
    alone: bool


def person(claims: Mapping[str, Any], terms: Terms) -> Person:
    """The person that genuine claims speak of."""
    subject = claims["sub"]
    wanted = claimed(claims, terms.user_claim)
    name = user_name(wanted if isinstance(wanted, str) else subject)
    until = datetime.fromtimestamp(min(claims["exp"], 253_402_300_799), UTC)  # the last second of the year 9999
    return Person(
        issuer=claims["iss"],
        subject=subject,
        name=name,
        display_name=_displayed(claims.get("name")) or name,
        scopes=scopes(claims, terms.scope_prefix),
        until=until,
        roles=roles(claims, terms) if terms.roles_claim else None,
    )


def claimed(claims: Mapping[str, Any], name: str) -> Any:
    """The claim of that name; else the one that the name leads to, member by member.

    >>> claimed({"https://a.example/roles": ["x"]}, "https://a.example/roles")
    ['x']
    >>> claimed({"realm_access": {"roles": ["x"]}}, "realm_access.roles")
    ['x']
    """
    if name in claims:
        return claims[name]
    found: Any = claims
    for part in name.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def user_name(wanted: str) -> str:
    """A user name as near to the wanted one as can be.

    >>> user_name("Ada.Öbi@desk.example")
    'ada.obi'
    >>> user_name("道")
    'user'
    """
    plain = unicodedata.normalize("NFKD", wanted[:1000].partition("@")[0]).encode("ascii", "ignore").decode().lower()
    return NOT_IN_NAMES.sub("-", plain).strip("._-")[:LONGEST_NAME].rstrip("._-") or "user"


def names(wanted: str, endings: Iterable[str]) -> Iterator[str]:
    """The wanted name, then others for when it is taken: with a number, in the end with the endings.

    >>> from itertools import islice, repeat
    >>> list(islice(names("ada", repeat("x")), 3))
    ['ada', 'ada-2', 'ada-3']
    """
    yield wanted
    for ending in chain(map(str, range(2, 10)), endings):
        yield f"{wanted[: LONGEST_NAME - len(ending) - 1].rstrip('._-')}-{ending}"


def scopes(claims: Mapping[str, Any], prefix: str) -> frozenset[Scope]:
    """All scopes, unless the token names some of ours: then those.

    >>> sorted(scopes({"scope": "openid claimspan:read"}, "claimspan:"))
    ['read']
    >>> sorted(scopes({"scope": "openid email"}, "claimspan:"))
    ['admin', 'read', 'write']
    """
    words = {word for name in ("scope", "scp") for word in _words(claims.get(name))}
    if not any(word.startswith(prefix) for word in words):
        return frozenset(SCOPES)
    return frozenset(scope for scope in SCOPES if prefix + scope in words)


def roles(claims: Mapping[str, Any], terms: Terms) -> Mapping[str, Role] | None:
    """The highest role for each project that the claim names. No such claim is no role; None if it is elsewhere.

    >>> roles({"r": ["default:editor", "default:reader", "x"]}, Terms("", "r"))
    {'default': 'editor'}
    >>> roles({"r": ["desk", "default:owner"]}, Terms("", "r", "desk=default:reviewer;desk=archive:reader"))
    {'archive': 'reader', 'default': 'reviewer'}
    """
    elsewhere = claims.get(ELSEWHERE)
    if isinstance(elsewhere, dict) and terms.roles_claim in elsewhere:
        return None
    said = _words(claimed(claims, terms.roles_claim))
    if terms.role_map:
        known = (entry.rsplit("=", 1) for entry in terms.role_map.split(";"))
        said = [grant for name, grant in known if name in said]
    grants = [(found[1], _rank(found[2])) for word in said if (found := GRANT.fullmatch(word))]
    return {project: ROLES[highest] for project, highest in sorted(grants)}


def owed(held: Mapping[str, Held], roles: Mapping[str, Role] | None) -> dict[str, Role | None]:
    """What is to change for somebody to have the roles that their token names, by project; None takes a role away.

    What was given by hand stays as it is, also where a role that a sign-in gave was changed by hand since; so does the
    last owner of a project.
    """
    if roles is None:
        return {}
    changes: dict[str, Role | None] = {project: role for project, role in roles.items() if project not in held}
    for project, had in held.items():
        role = roles.get(project)
        by_hand = had.granted != had.role
        if by_hand or role == had.role or (had.role == "owner" and had.alone):
            continue
        changes[project] = role
    return changes


def _rank(role: str) -> int:
    words: tuple[str, ...] = ROLES
    return words.index(role)


def _words(said: Any) -> list[str]:
    """A claim that is a list of words, or a text with spaces between them."""
    words = said.split() if isinstance(said, str) else said if isinstance(said, list) else []
    return [word for word in words if isinstance(word, str)]


def _displayed(name: Any) -> str:
    text = "".join(c for c in name[:LONGEST_DISPLAY_NAME] if c.isprintable()) if isinstance(name, str) else ""
    return text.strip()
