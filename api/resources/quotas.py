"""Rate limits over HTTP: what a token has left, in the header fields of draft-ietf-httpapi-ratelimit-headers."""

from flask import Response, current_app, g

from api.errors import RateLimited
from api.quotas import Quotas
from api.rules.permissions import Caller

NAME = "token"
"""Of the policy, as the header fields call it."""


def take(caller: Caller) -> None:
    """Counts a request of the caller, once.

    Raises:
        RateLimited: the token has sent too many.
    """
    if "quota" in g:
        return
    quotas: Quotas = current_app.extensions["quotas"]
    g.quota = quota = quotas.take(caller.token)
    if quota and not quota.granted:
        raise RateLimited(quota.policy.per_minute, quota.policy.burst, quota.wait)


def tell(response: Response) -> Response:
    """Says on every answer what is left, and on a refusal when to come back."""
    quota = g.get("quota")
    if quota:
        response.headers["RateLimit-Policy"] = f'"{NAME}";q={quota.policy.burst};w={quota.window}'
        response.headers["RateLimit"] = f'"{NAME}";r={quota.remaining};t={quota.reset}'
        if not quota.granted:
            response.headers["Retry-After"] = str(quota.wait)
    return response
