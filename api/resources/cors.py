"""Front ends on other origins: whose scripts a browser lets read the answers (the CORS protocol of the Fetch standard).

Tokens come in a header that scripts set themselves, never in cookies: so no answer allows credentials.
"""

from collections.abc import Set

from flask import Flask, Response, request

from api.resources.headers import SUPERSEDED

METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
SENDS = (
    "Authorization",
    "Content-Type",
    "Content-Encoding",
    "If-Match",
    "If-None-Match",
    "Idempotency-Key",
    "Consistency-Token",
    "X-Request-Id",
)
READS = (
    "ETag",
    SUPERSEDED,
    "Link",
    "Location",
    "Retry-After",
    "RateLimit",
    "RateLimit-Policy",
    "Idempotent-Replayed",
    "Consistency-Token",
    "X-Request-Id",
    "Content-Disposition",
    "WWW-Authenticate",
)
MAX_AGE = "7200"
"""Seconds for which a browser need not ask again; none keeps an answer much longer."""


def install(app: Flask, origins: Set[str]) -> None:
    """Lets scripts of these origins read the answers, refusals included."""

    def preflight() -> Response | None:
        """What a browser asks before it sends a request, without the token: nothing is done, whatever the address."""
        return Response(status=204) if _asks_first() else None

    def share(response: Response) -> Response:
        # Also where no origin is named: or else a cache would give one origin the answer to another.
        response.vary.add("Origin")
        origin = request.headers.get("Origin")
        if origin in origins:
            response.headers["Access-Control-Allow-Origin"] = origin
            if _asks_first():
                response.headers["Access-Control-Allow-Methods"] = METHODS
                response.headers["Access-Control-Allow-Headers"] = ", ".join(SENDS)
                response.headers["Access-Control-Max-Age"] = MAX_AGE
            else:
                response.headers["Access-Control-Expose-Headers"] = ", ".join(READS)
        return response

    if origins:
        app.before_request(preflight)
        app.after_request(share)


def _asks_first() -> bool:
    headers = request.headers
    return request.method == "OPTIONS" and "Origin" in headers and "Access-Control-Request-Method" in headers
