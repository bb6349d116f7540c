"""The command line: `flask --app app …`, for the operator, straight on the database."""

from flask import Flask

from api.commands import exports, history, imports, migrate, openapi, serve, settings, tokens, users


def install(app: Flask) -> None:
    for module in (serve, migrate, settings, users, tokens, imports, exports, history, openapi):
        app.cli.add_command(module.command)
