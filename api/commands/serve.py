"""`flask --app app serve`: migrate, prepare a first start, and answer requests."""

import multiprocessing
import os
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from api import logs
from api.commands import ends
from api.commands.counts import folder_of_counts
from api.commands.migrate import migrate
from api.db import Database
from api.services.instance import first_start
from api.settings import Settings


@click.command("serve")
@with_appcontext
def command() -> None:
    """Serve the API, on HOST and PORT, until it is interrupted."""
    settings = current_app.config["SETTINGS"]
    refuse_used_port(settings)
    prepare(settings, current_app.extensions["database"])
    current_app.extensions["quotas"].begin()
    click.echo(f"Claimspan answers on http://{settings.host}:{settings.port} (documentation: /docs)")
    with folder_of_counts():
        serve(settings)
    leave_one_file(current_app.extensions["database"])


def serve(settings: Settings) -> None:
    """Answers requests until SIGTERM or SIGINT; those in flight are finished then."""
    if sys.platform == "linux":
        multiprocessing.set_start_method("fork", force=True)  # from Python 3.14 on it is another
    ends.heed_in_workers()
    Granian(
        "app:create_worker",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,  # proxies speak it, and the time for a head is limited for no other
        workers=settings.workers,
        blocking_threads=settings.threads + settings.waiting_threads,
        factory=True,
        websockets=False,
        http1_settings=HTTP1Settings(header_read_timeout=settings.header_timeout_s * 1000),
        respawn_failed_workers=True,
        workers_kill_timeout=settings.stop_seconds,
        log_level=LogLevels(settings.log_level),
        log_dictconfig=logs.configuration(settings.log_level, settings.log_format),
    ).serve()


def leave_one_file(database: Database) -> None:
    """The last connection that is closed properly folds SQLite's log into the file."""
    if database.sqlite:
        database.snapshot().close()
    database.close()


def refuse_used_port(settings: Settings) -> None:
    """The server shares its port among its workers, and so would share it with another server, in silence."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise click.ClickException(f"can't listen on {settings.host}:{settings.port}: {error.strerror}") from None


def prepare(settings: Settings, database: Database) -> None:
    """Migrates; fills an empty database and leaves the admin's token in its file."""
    migrate(settings)
    given = settings.admin_token or None

    def start(tx: sa.Connection) -> bool:
        token = first_start(tx, given)
        if token and not given:
            leave_token(Path(settings.admin_token_file), token)
        return token is not None

    if database.write(start):
        where = "CLAIMSPAN_ADMIN_TOKEN" if given else settings.admin_token_file
        click.echo(f"First start: made the project `default` and the user `admin`; its token is in {where}.")
    database.engine.dispose()


def leave_token(file: Path, token: str) -> None:
    """Writes the token where only the owner of the process can read it. One that is there may be of another database,
    and nobody else has it: it is kept aside."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.exists():
        aside = file.with_name(f"{file.name}.before-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}")
        file.rename(aside)
        click.echo(f"There was a token in {file}; it is in {aside} now.")
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(token + "\n")
