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


def install(app: Flask) -> None:
    for module in MODULES:
        app.cli.add_command(module.command)
