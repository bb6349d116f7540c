"""The application: settings in, floors put together, Flask out."""

import gc
import os
from multiprocessing.util import Finalize
from threading import BoundedSemaphore

from flask import Flask, Response

from api import commands
from api.db import Database
from api.issuer import Issuer
from api.quotas import Quotas
from api.resources import (
    agreement,
    articles,
    assessments,
    assignments,
    claimants,
    claims,
    comments,
    consistency,
    cors,
    document,
    evidence,
    exports,
    history,
    imports,
    journal,
    metrics,
    problems,
    projects,
    queue,
    quotas,
    relations,
    resolutions,
    revisions,
    seats,
    service,
    statistics,
    users,
)
from api.resources.admission import leave
from api.rules.sign_in import Terms
from api.settings import Settings, SettingsError

CONTRACTS = (
    users,
    projects,
    articles,
    claims,
    claimants,
    assessments,
    resolutions,
    evidence,
    relations,
    comments,
    revisions,
    queue,
    assignments,
    agreement,
    statistics,
    exports,
    imports,
    history,
)

GARBAGE_LOT = 10_000


def create_app(settings: Settings | None = None) -> Flask:
    """The service. Without `settings` they come from the environment; bad ones end the process."""
    try:
        settings = settings or Settings.from_environment(os.environ)
        issuer = Issuer(settings) if settings.oidc_issuer else None
        database = Database(settings)
    except SettingsError as error:
        raise SystemExit(f"claimspan: {error}") from None
    except OSError as error:
        raise SystemExit(f"claimspan: can't use the database: {error.strerror}: {error.filename}") from None
    app = Flask(__name__, static_folder=None)
    app.url_map.merge_slashes = False  # or else it redirects, with a page, to wherever Host says
    app.config["SETTINGS"] = settings
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    app.extensions["database"] = database
    app.extensions["issuer"] = issuer
    app.config["SIGN_IN_TERMS"] = Terms(
        settings.oidc_user_claim, settings.oidc_roles_claim, settings.oidc_role_map, settings.oidc_scope_prefix
    )
    app.extensions["quotas"] = Quotas(settings)
    app.extensions["files_at_once"] = files = max(1, settings.threads - 1)
    app.extensions["file_places"] = BoundedSemaphore(files)
    problems.install(app)
    cors.install(app, settings.origins)
    app.extensions["api"] = api = document.install(app)
    for resource in CONTRACTS:
        api.register_blueprint(resource.contract)
    app.register_blueprint(service.blueprint)
    app.teardown_request(leave)
    journal.install(app, metrics.install(app))
    app.after_request(consistency.stamp)
    app.after_request(quotas.tell)
    app.after_request(harden)
    commands.install(app)
    return app


def create_worker() -> Flask:
    """The service, for a process of the server: it may have more threads than are to work at once, and ends only when
    its last answers are written down.

    What stands after its start is never looked through for garbage again, and what comes later in larger lots than
    Python's 700 things: an import spends a sixth less time.
    """
    app = create_app()
    settings: Settings = app.config["SETTINGS"]
    if settings.waiting_threads:
        seats.install(app, settings.threads)
    Finalize(None, app.extensions["journal"].finish, exitpriority=0)
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_LOT)
    return app


def harden(response: Response) -> Response:
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers.setdefault("Cache-Control", "no-cache")
    response.headers.setdefault("Vary", "Authorization")
    if response.status_code == 204:
        response.headers.pop("Content-Type", None)  # Of nothing at all, Flask says that it is HTML.
    return response
