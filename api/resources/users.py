"""Oneself and one's tokens over HTTP."""

import sqlalchemy as sa

from api.resources.admission import caller
from api.resources.contract import Contract
from api.schemas.users import Me, NewToken, TokenDraft, TokenPage
from api.services import users as service
from api.services.answers import Answer, Found

contract = Contract("users", "Who one is, and the tokens one acts with.")


@contract.tells("/me", right="me.read", gives=Me)
def read_me(tx: sa.Connection) -> Answer:
    """Who am I

    The user that the token belongs to, its scopes, and the roles held in projects.
    """
    return service.me(tx, caller)


@contract.lists("/tokens", right="token.read", gives=TokenPage)
def list_tokens(tx: sa.Connection, query: Answer) -> Answer:
    """List my tokens

    Newest first. Secrets are never shown again.
    """
    return service.list_tokens(tx, caller.name, query)


@contract.creates("/tokens", right="token.create", takes=TokenDraft, gives=NewToken, at="/v1/tokens/{id}", secret=True)
def create_token(tx: sa.Connection, draft: Answer) -> Answer:
    """Make myself a token

    The secret is in this answer and nowhere else. The token can do no more, and lives no
    longer, than the one it is made with.
    """
    return service.issue_own_token(tx, caller, draft)


@contract.removes("/tokens/<id:token>", right="token.delete", on=service.find_token, versioned=False)
def delete_token(tx: sa.Connection, token: Found) -> None:
    """Revoke a token of mine

    It is refused from the next request on.
    """
    service.revoke(tx, token.id)
