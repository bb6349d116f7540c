"""A sign-in service of our own: keys, tokens, and an address that gives the keys."""

import json
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from api.settings import Settings

ISSUER = "https://sign-in.example/realms/desk"
AUDIENCE = "claimspan"


CURVES = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1(), "ES512": ec.SECP521R1()}


def private_key(key: str, kind: str = "RS256") -> Any:
    """The key of that name, the same for a whole run."""
    return _made(key, kind)


@cache
def _made(_key: str, kind: str) -> Any:
    if kind in CURVES:
        return ec.generate_private_key(CURVES[kind])
    return ed25519.Ed25519PrivateKey.generate() if kind == "EdDSA" else rsa.generate_private_key(65537, 2048)


def public_jwk(key: str, kind: str = "RS256", **members: Any) -> dict[str, Any]:
    of_kind: Any = ECAlgorithm if kind in CURVES else OKPAlgorithm if kind == "EdDSA" else RSAAlgorithm
    jwk = of_kind.to_jwk(private_key(key, kind).public_key(), as_dict=True)
    return {name: value for name, value in {**jwk, "kid": key, "use": "sig", **members}.items() if value is not None}


def jwks(*keys: dict[str, Any]) -> bytes:
    return json.dumps({"keys": list(keys)}).encode()


def claims(sub: str = "0001", **others: Any) -> dict[str, Any]:
    """Those of a good token; None leaves one out."""
    now = int(time.time())
    good = {"iss": ISSUER, "aud": AUDIENCE, "sub": sub, "iat": now, "nbf": now, "exp": now + 300}
    return {name: value for name, value in {**good, **others}.items() if value is not None}


def token(said: dict[str, Any], key: str = "a", kind: str = "RS256", **header: Any) -> str:
    """Signed with the key of that name, which is its id too if the header says no other. None leaves a member out."""
    head = {name: value for name, value in {"kid": key, **header}.items() if value is not None or name == "typ"}
    return jwt.encode(said, private_key(key, kind), kind, head)


def part(value: Any) -> str:
    """A part of a token, as it is written."""
    return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def with_sign_in(settings: Settings, where: Path | str, **others: Any) -> Settings:
    return replace(settings, oidc_issuer=ISSUER, oidc_audience=AUDIENCE, oidc_jwks=str(where), **others)


class KeyServer:
    """What the address gives now, and how often it was asked."""

    def __init__(self) -> None:
        self.status, self.content, self.headers, self.asked = 200, b"", {}, 0
        self.pause = 0.0
        self.url = ""


@contextmanager
def key_server(content: bytes) -> Iterator[KeyServer]:
    state = KeyServer()
    state.content = content

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked += 1
            time.sleep(state.pause)
            self.send_response(state.status)
            for name, value in state.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(state.content)))
            self.end_headers()
            self.wfile.write(state.content)

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}/keys"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
