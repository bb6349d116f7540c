"""Users and tokens."""

from marshmallow import fields, validate

from api.rules.permissions import ROLES, SCOPES
from api.schemas.fields import Answered, Choice, Line, Moment, Shape, different, listed, page_of

TIME = "2026-11-22T09:30:00.000000Z"


class Membership(Answered):
    """A project one works in."""

    project = fields.String()
    role = Choice(*ROLES)


class SignIn(Answered):
    """How one is signed in."""

    method = Choice("token", "openid_connect")
    issuer = fields.String(allow_none=True, metadata={"description": "Who vouches for one; null with a token, `cs_…`."})
    subject = fields.String(allow_none=True, metadata={"description": "Who one is there."})
    expires_at = Moment(allow_none=True, metadata={"description": "When the token in use ends."})


class Me(Answered):
    """The user that the token belongs to."""

    name = fields.String()
    display_name = fields.String()
    admin = fields.Boolean(metadata={"description": "Instance admins may do everything in every project."})
    created_at = Moment()
    sign_in = fields.Nested(SignIn)
    scopes = fields.List(Choice(*SCOPES), metadata={"description": "Scopes of the token in use."})
    projects = fields.List(fields.Nested(Membership))
    example = {
        "name": "admin",
        "display_name": "Administrator",
        "admin": True,
        "created_at": TIME,
        "sign_in": {"method": "token", "issuer": None, "subject": None, "expires_at": None},
        "scopes": ["read", "write", "admin"],
        "projects": [{"project": "default", "role": "owner"}],
    }


class TokenDraft(Shape):
    """A token to make for oneself."""

    label = Line(100, load_default="", metadata={"description": "What it is for."})
    scopes = listed(
        Choice(*SCOPES),
        3,
        load_default=lambda: ["read"],
        validate=[validate.Length(1, error="Expected at least one scope."), different],
        metadata={"description": "What it may do; at most what the token in use may."},
    )
    expires_at = Moment(load_default=None, allow_none=True, metadata={"description": "Null: when its maker does."})
    example = {"label": "nightly upload", "scopes": ["read", "write"], "expires_at": "2027-01-01T00:00:00Z"}


class Token(Answered):
    """A token, without its secret."""

    id = fields.UUID()
    user = fields.String()
    label = fields.String()
    scopes = fields.List(Choice(*SCOPES))
    created_at = Moment()
    expires_at = Moment(allow_none=True)
    example = {
        "id": "01934f6e-7a10-7000-8000-000000000001",
        "user": "admin",
        "label": "nightly upload",
        "scopes": ["read", "write"],
        "created_at": TIME,
        "expires_at": "2027-01-01T00:00:00Z",
    }


class NewToken(Token):
    """A token with its secret, which is shown this once."""

    token = fields.String()
    example = {**Token.example, "token": "cs_3q2-7wXo1cYbZkQmN5tJ8vR4sLdPfGhAeUiB6nM0yTk"}


class User(Answered):
    """A user, as instance admins see them."""

    name = fields.String()
    display_name = fields.String(metadata={"description": "Empty for who was deleted."})
    admin = fields.Boolean()
    created_at = Moment()
    disabled_at = Moment(allow_none=True)
    deleted_at = Moment(
        allow_none=True, metadata={"description": "Their name stands in the record, and is not given again."}
    )
    example = {
        "name": "ada",
        "display_name": "Ada Obi",
        "admin": False,
        "created_at": TIME,
        "disabled_at": None,
        "deleted_at": None,
    }


UserPage = page_of(User, "UserPage")
TokenPage = page_of(Token, "TokenPage")
