"""The command line: `flask --app app …`, for the operator, straight on the database; `upload` and `download` are for
anybody, over HTTP."""

from flask import Flask

from api.commands import (
    backup,
    download,
    exports,
    history,
    imports,
    migrate,
    openapi,
    restore,
    serve,
    settings,
    tokens,
    upload,
    users,
)
from api.commands.refusals import worded

MODULES = (
    serve,
    migrate,
    settings,
    users,
    tokens,
    imports,
    exports,
    upload,
    download,
    backup,
    restore,
    history,
    openapi,
)
COMMANDS = [worded(module.command) for module in MODULES]


def install(app: Flask) -> None:
    for command in COMMANDS:
        app.cli.add_command(command)
