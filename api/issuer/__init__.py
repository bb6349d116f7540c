"""The sign-in service that the operator has named: its keys, and whether a token is from it."""

from api.issuer.tokens import Issuer

__all__ = ["Issuer"]
