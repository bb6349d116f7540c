"""The command line: `flask --app app …`, for the operator, straight on the database; `upload` and `download` are for
anybody, over HTTP."""

from flask import Flask

from api.commands import download, exports, history, imports, migrate, openapi, serve, settings, tokens, upload, users


def install(app: Flask) -> None:
    for module in (serve, migrate, settings, users, tokens, imports, exports, upload, download, history, openapi):
        app.cli.add_command(module.command)
