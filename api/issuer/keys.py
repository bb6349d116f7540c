"""The issuer's public keys (JWKS, RFC 7517), and which signatures each may be held against."""

import logging
from collections.abc import Mapping
from typing import Any

import orjson
from jwt import PyJWK
from jwt.exceptions import PyJWTError

log = logging.getLogger(__name__)

OF_KIND = {
    ("RSA", None): ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    ("EC", "P-256"): ("ES256",),
    ("EC", "P-384"): ("ES384",),
    ("EC", "P-521"): ("ES512",),
    ("OKP", "Ed25519"): ("EdDSA",),
}
"""The signatures that are accepted. All are by a key pair: whoever can check one can't make one."""
ALGORITHMS = sorted({name for names in OF_KIND.values() for name in names})
PUBLIC = ("kty", "crv", "n", "e", "x", "y")
MOST_KEYS = 100
LEAST_RSA_BITS = 2048

KeySet = Mapping[tuple[str | None, str], PyJWK]
"""Keys by their id and the algorithm that they are for."""


def read(content: bytes) -> KeySet:
    """The keys of a JWKS that can be used here. Those of other kinds or for other uses are passed over.

    Raises:
        ValueError: it is none, or has no such key.
    """
    try:
        keys = orjson.loads(content)["keys"]
    except (ValueError, TypeError, KeyError):
        raise ValueError("expected a JWKS, a JSON object with `keys`") from None
    if not isinstance(keys, list):
        raise ValueError("expected a list of keys")
    found: dict[tuple[str | None, str], PyJWK] = {}
    for key in keys[:MOST_KEYS]:
        if isinstance(key, dict):
            found |= _usable(key)
    if not found:
        raise ValueError("found no key for signatures of the kinds " + ", ".join(ALGORITHMS))
    return found


def _usable(key: dict[str, Any]) -> dict[tuple[str | None, str], PyJWK]:
    kid = key.get("kid")
    kinds = OF_KIND.get((str(key.get("kty")), key.get("crv") if isinstance(key.get("crv"), str) else None), ())
    names = [name for name in kinds if key.get("alg") in (None, name)]
    operations = key.get("key_ops")
    meant = key.get("use") in (None, "sig") and (not isinstance(operations, list) or "verify" in operations)
    if not (names and meant and isinstance(kid, str | None)):
        return {}
    # Without what is private in it, should the operator have given us that.
    public = {name: key[name] for name in PUBLIC if name in key}
    try:
        found = {(kid, name): PyJWK(public, name) for name in names}
    except (PyJWTError, ValueError, TypeError) as error:
        log.warning("the issuer's key %r can't be read: %s", kid, type(error).__name__)
        return {}
    return found if _strong(next(iter(found.values()))) else {}


def _strong(key: PyJWK) -> bool:
    bits: int = getattr(key.key, "key_size", LEAST_RSA_BITS)
    return key.key_type != "RSA" or bits >= LEAST_RSA_BITS
