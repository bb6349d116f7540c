"""Tokens of the issuer: whether they are genuine, for us, and good now (RFC 7519, RFC 8725, RFC 9068)."""

from math import inf
from typing import Any

import jwt
from jwt import PyJWK

from api.errors import InvalidToken
from api.issuer.keys import ALGORITHMS, KeySet
from api.issuer.sources import Address, File, Source
from api.settings import PREFIX, Settings, SettingsError

LONGEST = 16 * 1024
"""Of a token, in characters."""
KINDS = ("jwt", "at+jwt", "application/at+jwt")
"""What a token may say it is. Others are signed by the same keys for other ends, such as logging out."""
LONGEST_SUBJECT = 255
OPTIONS: jwt.types.Options = {"require": ["iss", "sub", "aud", "exp"], "enforce_minimum_key_length": True}
WRONG: tuple[tuple[type[jwt.PyJWTError], str], ...] = (
    (jwt.ExpiredSignatureError, "The token has expired."),
    (jwt.ImmatureSignatureError, "The token is not valid yet."),
    (jwt.InvalidAudienceError, "The token is for another audience."),
    (jwt.InvalidIssuerError, "The token is from another issuer."),
    (jwt.MissingRequiredClaimError, "The token lacks one of the claims iss, sub, aud and exp."),
    (jwt.InvalidSignatureError, "The signature of the token does not fit."),
)
MALFORMED = "The token is not one that can be read here."


class Issuer:
    """Tells the issuer's tokens from others. Safe to share between threads."""

    def __init__(self, settings: Settings):
        self._issuer, self._audience = settings.oidc_issuer, settings.oidc_audience
        self._leeway = settings.oidc_leeway_seconds
        self._source = _source(settings)

    def claims(self, token: str) -> dict[str, Any]:
        """What the token says.

        Raises:
            InvalidToken: it is not from this issuer, not for us, not good now, or not readable.
            SignInUnavailable: the issuer's keys can't be had.
        """
        key, algorithm = self._key(token)
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                options=OPTIONS,
                audience=self._audience,
                issuer=self._issuer,
                leeway=self._leeway,
            )
        except jwt.PyJWTError as error:
            raise InvalidToken(next((says for kind, says in WRONG if isinstance(error, kind)), MALFORMED)) from None
        _check_types(claims)
        return claims

    def _key(self, token: str) -> tuple[PyJWK, str]:
        kid, algorithm = _header(token)
        keys = self._source.keys()
        key = _named(keys, kid, algorithm)
        if key is None:
            key = _named(self._source.keys_again(keys), kid, algorithm)
        if key is None:
            raise InvalidToken("The token is signed with an unknown key.")
        return key, algorithm


def _source(settings: Settings) -> Source:
    """Raises: SettingsError: the file can't be read."""
    where = settings.oidc_jwks
    if "://" in where:
        return Address(where, settings.oidc_keys_seconds, settings.oidc_refetch_seconds)
    try:
        return File(where)
    except (OSError, ValueError) as error:
        raise SettingsError(f"{PREFIX}OIDC_JWKS: {error}") from None


def _header(token: str) -> tuple[str | None, str]:
    """The id of the key, and the algorithm: both only to find a key that is meant for them."""
    if len(token) > LONGEST:
        raise InvalidToken("The token is too long.")
    if token.count(".") != 2 or not token.isascii():
        raise InvalidToken(MALFORMED)
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError:
        raise InvalidToken(MALFORMED) from None
    kid, algorithm, kind = header.get("kid"), header.get("alg"), header.get("typ", "JWT")
    if algorithm not in ALGORITHMS:
        raise InvalidToken("The token is not signed in a way that is accepted here.")
    if not isinstance(kind, str) or kind.lower() not in KINDS or "crit" in header:
        raise InvalidToken("The token is not an access token.")
    return kid, algorithm


def _named(keys: KeySet, kid: str | None, algorithm: str) -> PyJWK | None:
    """The key of that id; a token that names none is held against the only one there is."""
    if kid is not None:
        return keys.get((kid, algorithm))
    fitting = [key for (_, name), key in keys.items() if name == algorithm]
    return fitting[0] if len(fitting) == 1 else None


def _check_types(claims: dict[str, Any]) -> None:
    """The library takes numbers from texts, too."""
    times = [claims[name] for name in ("exp", "nbf", "iat") if claims.get(name) is not None]
    if not all(type(time) in (int, float) and -inf < time < inf for time in times):
        raise InvalidToken(MALFORMED)
    subject = claims["sub"]
    if not 1 <= len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
        raise InvalidToken("The subject of the token is none that can be kept.")
