"""The service with one check taken away, to see whether the campaign finds that out. `FLAW` names which.

Only the campaign starts this: `python -m tests.campaigns.flawed`.
"""

import os
from collections.abc import Callable
from datetime import UTC, datetime

import sqlalchemy as sa
from flask import Flask
from granian import Granian
from granian.constants import Interfaces

from api.commands.serve import prepare
from api.models import idempotency_keys as keys
from api.resources import admission
from api.rules.permissions import RIGHTS, Right
from api.services import claimants, idempotency, projects, users
from api.services.answers import Reading
from api.services.paging import Listing
from app import create_app as create_sound_app


def lower_a_right() -> None:
    RIGHTS["evidence.change"] = Right("write", "reviewer", "Change or remove evidence")


def forget_membership() -> None:
    admission.is_member = lambda *_: True


def forget_roles() -> None:
    admission.has_role = lambda *_: True


def forget_scopes() -> None:
    admission.has_scope = lambda *_: True


def forget_expiry() -> None:
    users.now = lambda: datetime(2000, 1, 1, tzinfo=UTC)


def list_all_projects() -> None:
    projects.MY_PROJECTS = projects.PROJECTS


def list_claimants_of_all_projects() -> None:
    # Of the filter by project only the parameter is left.
    everywhere = claimants.CLAIMANT.where(sa.bindparam("project", type_=sa.String) != "")
    claimants.LIST = Listing(everywhere, claimants.LIST._orders, claimants.LIST._filters)


def replay_to_anybody() -> None:
    anybodys = (sa.bindparam("of", type_=sa.String) != "", keys.c.key == sa.bindparam("name"))
    idempotency.FIND = Reading(sa.select(keys).where(*anybodys))


FLAWS: dict[str, Callable[[], None]] = {
    "membership not asked for": forget_membership,
    "a right lowered": lower_a_right,
    "roles not asked for": forget_roles,
    "scopes not asked for": forget_scopes,
    "expiry not asked for": forget_expiry,
    "projects listed to all": list_all_projects,
    "claimants listed from all projects": list_claimants_of_all_projects,
    "replays for anybody": replay_to_anybody,
}


def create_app() -> Flask:
    FLAWS[os.environ["FLAW"]]()
    return create_sound_app()


def main() -> None:
    app = create_app()
    settings = app.config["SETTINGS"]
    prepare(settings, app.extensions["database"])
    Granian(
        "tests.campaigns.flawed:create_app",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=settings.threads,
        factory=True,
        websockets=False,
        log_enabled=False,
    ).serve()


if __name__ == "__main__":
    main()
