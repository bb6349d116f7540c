"""Who may do what: one table, and the questions that are asked of it.

A right asks three things of a caller: a scope of the token, a role in the project, and
whether the role may be lower for what the caller made themselves. Instance admins stand
above every role; scopes bind them too, and so does what is for its author only.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Scope = Literal["read", "write", "admin"]
SCOPES: tuple[Scope, ...] = ("read", "write", "admin")
Role = Literal["reader", "reviewer", "editor", "owner"]
ROLES: tuple[Role, ...] = ("reader", "reviewer", "editor", "owner")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is asking, and with which token.

    `token` is its id if it is one of ours, else a word for all tokens of that user. `until` is when it ends. `issuer`
    and `subject` say who they are to the sign-in service that vouches for them, if one does.
    """

    name: str
    admin: bool
    scopes: frozenset[Scope]
    token: str
    until: datetime | None = None
    issuer: str | None = None
    subject: str | None = None

    @property
    def revocable(self) -> str | None:
        """The id of the token, if it is one of ours: those can be revoked."""
        return None if self.issuer else self.token or None


@dataclass(frozen=True, slots=True)
class Right:
    """What a caller needs. `role` None: any user, for what is theirs; `own`: the role that
    suffices for things the caller made; `own_only`: nobody may do it to what another made, not even
    an admin; `admin_only`: no role suffices."""

    scope: Scope
    role: Role | None
    does: str
    own: Role | None = None
    own_only: bool = False
    admin_only: bool = False


RIGHTS: dict[str, Right] = {
    "me.read": Right("read", None, "See who the token says one is"),
    "token.read": Right("read", None, "List one's own tokens"),
    "token.create": Right("admin", None, "Make oneself a token, no stronger than the one in use"),
    "token.delete": Right("admin", None, "Revoke one's own token"),
    "user.read": Right("read", None, "See all users, deleted ones too", admin_only=True),
    "user.delete": Right("admin", None, "Delete a user", admin_only=True),
    "project.list": Right("read", None, "List the projects one is a member of"),
    "project.create": Right("admin", None, "Found a project", admin_only=True),
    "project.read": Right("read", "reader", "Read a project, its scale and its policy"),
    "project.change": Right("admin", "owner", "Change a project"),
    "project.delete": Right("admin", "owner", "Delete a project and all that is in it"),
    "member.read": Right("read", "reader", "See who the members are"),
    "member.change": Right("admin", "owner", "Add, promote, demote and remove members"),
    "article.read": Right("read", "reader", "Read and list articles"),
    "article.create": Right("write", "editor", "Store an article"),
    "article.change": Right("write", "editor", "Change an article's bibliographic facts"),
    "revision.create": Right("write", "editor", "Give an article a new text"),
    "article.delete": Right("write", "editor", "Delete an article with its claims"),
    "claim.read": Right("read", "reader", "Read and list claims and their claimants"),
    "claim.create": Right("write", "reviewer", "Mark a claim"),
    "claim.change": Right("write", "editor", "Change, re-mark or withdraw a claim", own="reviewer"),
    "claim.confirm": Right("write", "reviewer", "Confirm a claim on words that an edit has changed"),
    "claim.delete": Right("write", "editor", "Delete a claim with its assessments, evidence and relations"),
    "claimant.change": Right("write", "editor", "Change what is known of a claimant"),
    "assessment.read": Right("read", "reader", "Read the assessments of a claim"),
    "assessment.give": Right("write", "reviewer", "Give, change and take back one's own assessment"),
    "claim.adjudicate": Right("write", "editor", "Settle a claim, and reopen it"),
    "history.read": Right("read", "reader", "See who did what when"),
    "queue.read": Right("read", "reader", "See what waits for review, and who has taken it"),
    "queue.next": Right("write", "reviewer", "Take claims from the queue, renew and give back one's leases"),
    "queue.assign": Right("write", "editor", "Assign claims to reviewers by hand"),
    "agreement.read": Right("read", "reader", "See how far reviewers agree"),
    "statistics.read": Right("read", "reader", "See where claims stand and who did how much"),
    "evidence.read": Right("read", "reader", "Read and list evidence"),
    "evidence.create": Right("write", "reviewer", "Attach evidence to a claim"),
    "evidence.change": Right("write", "editor", "Change or remove evidence", own="reviewer"),
    "relation.read": Right("read", "reader", "Read and list relations between claims"),
    "relation.create": Right("write", "reviewer", "Relate a claim to another"),
    "relation.change": Right("write", "editor", "Change or remove a relation", own="reviewer"),
    "comment.read": Right("read", "reader", "Read and list comments"),
    "comment.create": Right("write", "reviewer", "Comment on an article, a claim or an assessment"),
    "comment.change": Right("write", "reviewer", "Change one's own comment", own_only=True),
    "comment.delete": Right("write", "editor", "Delete a comment", own="reviewer"),
    "import.create": Right("write", "editor", "Import dossiers, other reviewers' assessments included"),
    "import.read": Right("read", "editor", "Read the reports of imports"),
    "dossier.export": Right("read", "reader", "Export dossiers"),
}


def may_review(role: Role | None) -> bool:
    """Whether a member with this role gives assessments."""
    return role is not None and ROLES.index(role) >= ROLES.index("reviewer")


def has_scope(caller: Caller, right: Right) -> bool:
    return right.scope in caller.scopes


def is_member(caller: Caller, role: Role | None) -> bool:
    """Whether the project exists at all, as far as this caller can tell."""
    return caller.admin or role is not None


def has_role(caller: Caller, right: Right, role: Role | None, made_by: str | None) -> bool:
    if right.own_only and made_by != caller.name:
        return False
    if caller.admin:
        return True
    if right.admin_only:
        return False
    least = right.own if right.own and made_by == caller.name else right.role
    return least is None or (role is not None and ROLES.index(role) >= ROLES.index(least))
