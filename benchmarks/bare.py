"""The floor: a Flask route that answers a constant, served as the service is."""

from flask import Flask, Response


def create_app() -> Flask:
    app = Flask(__name__, static_folder=None)

    @app.get("/bare")
    def bare() -> Response:
        return Response(b'{"ok":true}', content_type="application/json")

    return app
