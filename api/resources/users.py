"""Oneself, one's tokens, and, for admins, all users over HTTP."""

import sqlalchemy as sa

from api.resources.admission import caller
from api.resources.contract import Contract
from api.schemas.deletions import Deletion
from api.schemas.users import Me, NewToken, TokenDraft, TokenPage, User, UserPage
from api.services import deletions
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


@contract.lists("/users", right="user.read", gives=UserPage)
def list_users(tx: sa.Connection, query: Answer) -> Answer:
    """List all users

    By name, for instance admins. Of who was deleted only the name is left.
    """
    return service.list_all(tx, query)


@contract.tells("/users/<user:user>", right="user.read", on=service.find, gives=User)
def read_user(tx: sa.Connection, user: Found) -> Answer:
    """Read a user

    For instance admins.
    """
    return service.account(tx, user.name)


@contract.tells("/users/<user:user>/deletion", right="user.delete", on=service.find_present, gives=Deletion)
def read_user_deletion(tx: sa.Connection, user: Found) -> Answer:
    """See what deleting a user takes

    What goes with them, and what must be repeated. What they submitted stays.
    """
    return deletions.of_user(tx, user)


@contract.removes(
    "/users/<user:user>", right="user.delete", on=service.find_present, versioned=False, goes=deletions.of_user
)
def delete_user(tx: sa.Connection, user: Found) -> None:
    """Delete a user

    Their tokens end at once; memberships, places in the queue, drafts and all that is known of them
    go. What they did stays under their name, which is never given again; `confirm` repeats it. The
    only owner of a project (409 `last_owner`) and the only admin (409 `last_admin`) can't go.
    """
    deletions.delete_user(tx, user.name, caller.name)
