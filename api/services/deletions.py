"""What goes with what is deleted, and how a user goes."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, func, select

from api.db import unhurried
from api.errors import LastAdmin, LastOwner
from api.models import (
    articles,
    assessments,
    assignments,
    chains,
    claimants,
    claims,
    comments,
    events,
    evidence,
    idempotency_keys,
    imports,
    leases,
    memberships,
    relations,
    revisions,
    tokens,
    users,
)
from api.models.assessments import IS_DRAFT
from api.models.columns import now
from api.services.answers import Answer, Found, Reading
from api.services.assignments import remove_member
from api.services.users import lock

_project: sa.BindParameter[str] = bindparam("project")
_article = bindparam("article", type_=articles.c.id.type)
_user: sa.BindParameter[str] = bindparam("user")
_is_draft = sa.text(IS_DRAFT)
_is_submitted = assessments.c.state == "submitted"
Count = sa.ScalarSelect[int]


def _count(table: sa.Table, *conditions: Any) -> Count:
    return select(func.count()).select_from(table).where(*conditions).scalar_subquery()


def _counts(**counts: Any) -> Reading:
    return Reading(select(*(count.label(name) for name, count in counts.items())))


def _in_project(table: sa.Table, *conditions: Any) -> Count:
    return _count(table, table.c.project == _project, *conditions)


_its_claims = select(claims.c.id).where(claims.c.project == _project, claims.c.article == _article)
_their_assessments = select(assessments.c.id).where(
    assessments.c.project == _project, assessments.c.claim.in_(_its_claims)
)


def _on_claims(table: sa.Table, *conditions: Any) -> Count:
    return _in_project(table, table.c.claim.in_(_its_claims), *conditions)


def _said_of(on: str, which: Any) -> Count:
    return _in_project(comments, comments.c[on].in_(which))


_related = sa.union(
    *(
        select(relations.c.id).where(relations.c.project == _project, end.in_(_its_claims))
        for end in (relations.c.low, relations.c.high)
    )
).subquery()
WITH_PROJECT = _counts(
    articles=_in_project(articles),
    revisions=_in_project(revisions),
    claims=_in_project(claims),
    claimants=_in_project(claimants),
    assessments=_in_project(assessments, _is_submitted),
    drafts=_in_project(assessments, _is_draft),
    evidence=_in_project(evidence),
    relations=_in_project(relations),
    comments=_in_project(comments),
    assignments=_in_project(assignments),
    imports=_in_project(imports),
    members=_in_project(memberships),
    events=_in_project(events),
)
WITH_ARTICLE = _counts(
    revisions=_in_project(revisions, revisions.c.article == _article),
    claims=_in_project(claims, claims.c.article == _article),
    assessments=_on_claims(assessments, _is_submitted),
    drafts=_on_claims(assessments, _is_draft),
    evidence=_on_claims(evidence),
    relations=select(func.count()).select_from(_related).scalar_subquery(),
    comments=_in_project(comments, comments.c.article == _article)
    + _said_of("claim", _its_claims)
    + _said_of("assessment", _their_assessments),
    assignments=_on_claims(assignments),
)
WITH_USER = _counts(
    tokens=_count(tokens, tokens.c.user == _user),
    memberships=_count(memberships, memberships.c.user == _user),
    drafts=_count(assessments, assessments.c.reviewer == _user, _is_draft),
    assignments=_count(
        assignments,
        assignments.c.reviewer == _user,
        assignments.c.project.in_(select(memberships.c.project).where(memberships.c.user == _user)),
    ),
)
ADMINS = Reading(
    select(users.c.name).where(users.c.admin, users.c.disabled_at.is_(None)).order_by(users.c.name).with_for_update()
)
_held, _other = memberships.alias("held"), memberships.alias("other")
OWNED_ALONE = Reading(
    select(_held.c.project)
    .where(_held.c.user == _user, _held.c.role == "owner")
    .where(
        ~sa.exists().where(_other.c.project == _held.c.project, _other.c.role == "owner", _other.c.user != _held.c.user)
    )
    .order_by(_held.c.project)
)
MEMBERSHIPS = Reading(
    select(memberships).where(memberships.c.user == _user).order_by(memberships.c.project).with_for_update()
)
PRIVATE = Reading(select(events.c.project, events.c.chain).where(events.c.private_to == _user).distinct())


def of_project(tx: sa.Connection, project: Found) -> Answer:
    """What has to be repeated to delete the project, and how much goes with it."""
    unhurried(tx)
    return {"confirm": project.slug, "goes": WITH_PROJECT.answer(tx, project=project.slug)}


def of_article(tx: sa.Connection, article: Found) -> Answer:
    """As `of_project`; an article is called by its title, or its id if it has none."""
    goes = WITH_ARTICLE.answer(tx, project=article.project, article=article.id)
    return {"confirm": article.title or article.id, "goes": goes}


def of_user(tx: sa.Connection, user: Found) -> Answer:
    """As `of_project`."""
    return {"confirm": user.name, "goes": WITH_USER.answer(tx, user=user.name)}


def delete_user(tx: sa.Connection, name: str, by: str) -> None:
    """Ends all that the user can do, and forgets what is known of them but what they did.

    Their name stays in the record, and with it what they submitted. What only they could see goes: drafts, and the
    history of what was a draft of theirs. Who they are to a sign-in service stays known, so that they stay out.

    Raises:
        NotFound: there is no such user.
        LastAdmin: nobody else is an admin.
        LastOwner: nobody else owns some projects; `projects` names them.
    """
    if lock(tx, name).admin:
        _keep_an_admin(tx, name)
    alone = OWNED_ALONE.values(tx, user=name)
    if alone:
        detail = f"{name!r} is the only owner of {', '.join(alone)}; make other ones first, or delete these projects."
        raise LastOwner(detail, projects=alone)
    for member in MEMBERSHIPS.rows(tx, user=name):
        remove_member(tx, member, by)
    tx.execute(sa.delete(leases).where(leases.c.reviewer == name))  # an admin's, who is no member
    tx.execute(sa.delete(assessments).where(assessments.c.reviewer == name, _is_draft))
    _forget_private_history(tx, name)
    for table in (tokens, idempotency_keys):
        tx.execute(sa.delete(table).where(table.c.user == name))
    moment = now()
    gone = {"display_name": "", "admin": False, "disabled_at": moment, "deleted_at": moment}
    tx.execute(sa.update(users).where(users.c.name == name).values(gone))


def _keep_an_admin(tx: sa.Connection, name: str) -> None:
    # The admins' rows are the lock: of two who delete each other, the second finds themselves deleted.
    admins = ADMINS.values(tx)
    if admins == [name]:
        raise LastAdmin(f"{name!r} is the only admin; make another one first.")


def _forget_private_history(tx: sa.Connection, name: str) -> None:
    """The chains that were opened for drafts of the user, of which nobody else ever saw an event."""
    theirs = [{"of": row.project, "chain": row.chain} for row in PRIVATE.rows(tx, user=name)]
    if theirs:
        tx.execute(sa.delete(events).where(events.c.private_to == name))
        here = (chains.c.project == bindparam("of"), chains.c.id == bindparam("chain"))
        tx.execute(sa.delete(chains).where(*here), theirs)
