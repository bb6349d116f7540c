"""Errors as answers: `application/problem+json` (RFC 9457), from one table."""

import logging
from dataclasses import asdict
from typing import Any

from flask import Flask, Response
from werkzeug.exceptions import HTTPException, InternalServerError, RequestEntityTooLarge
from werkzeug.exceptions import MethodNotAllowed as NotThisMethod

from api import errors
from api.exports.dossier import as_json
from api.logs import request_id

MEDIA_TYPE = "application/problem+json"
TYPE = "/docs/errors#"

STATUS: dict[type[errors.ClaimspanError], int] = {
    errors.Malformed: 400,
    errors.Unauthenticated: 401,
    errors.InvalidToken: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.MethodNotAllowed: 405,
    errors.Conflict: 409,
    errors.AlreadyExists: 409,
    errors.NameRetired: 409,
    errors.ClaimantDiffers: 409,
    errors.QuoteAmbiguous: 409,
    errors.ClaimWithdrawn: 409,
    errors.AlreadySubmitted: 409,
    errors.ClaimClosed: 409,
    errors.ClaimOrphaned: 409,
    errors.EvidenceKept: 409,
    errors.EvidenceCited: 409,
    errors.LeaseExpired: 409,
    errors.ScaleInUse: 409,
    errors.LastOwner: 409,
    errors.LastAdmin: 409,
    errors.Stale: 412,
    errors.PreconditionFailed: 412,
    errors.TooLarge: 413,
    errors.UnsupportedMediaType: 415,
    errors.Invalid: 422,
    errors.NotAReviewer: 422,
    errors.ConfirmationNeeded: 422,
    errors.KeyReused: 422,
    errors.PreconditionRequired: 428,
    errors.RateLimited: 429,
    errors.Unavailable: 503,
    errors.ConnectionLost: 503,
    errors.Interrupted: 503,
    errors.TimedOut: 503,
    errors.OutcomeUnknown: 503,
    errors.SignInUnavailable: 503,
    errors.TooManyFiles: 503,
}
FAILURE, FAILED = "internal", "The service failed"
HEADERS = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": "1"}}
log = logging.getLogger(__name__)


def problem(error: errors.ClaimspanError) -> Response:
    status = STATUS[type(error)]
    body = {
        "type": TYPE + error.code,
        "title": error.title,
        "status": status,
        "detail": error.detail,
        "code": error.code,
        **error.facts,
    }
    if isinstance(error, errors.Faulty):
        body["errors"] = [_told(fault) for fault in error.faults]
    return Response(as_json(body), status, _headers(error, status), content_type=MEDIA_TYPE)


def _told(fault: errors.Fault) -> dict[str, Any]:
    return {name: value for name, value in asdict(fault).items() if value is not None}


def _headers(error: errors.ClaimspanError, status: int) -> dict[str, str]:
    if isinstance(error, errors.InvalidToken):  # RFC 6750, section 3.1
        return {"WWW-Authenticate": f'Bearer error="{error.code}", error_description="{error.detail}"'}
    if isinstance(error, errors.OutcomeUnknown):  # not to be repeated without a look
        return {}
    return HEADERS.get(status, {})


def install(app: Flask) -> None:
    """Makes every error of the app, foreseen or not, a problem."""

    @app.errorhandler(errors.ClaimspanError)
    def foreseen(error: errors.ClaimspanError) -> Response:
        return problem(error)

    @app.errorhandler(HTTPException)
    def of_flask(error: HTTPException) -> Response:
        if isinstance(error, InternalServerError):  # so Flask calls what went wrong behind a view
            return failure(error.original_exception or error)
        if isinstance(error, NotThisMethod):
            allowed = ", ".join(sorted(error.valid_methods or ()))
            response = problem(errors.MethodNotAllowed(f"This address takes {allowed}."))
            response.headers["Allow"] = allowed
            return response
        if isinstance(error, RequestEntityTooLarge):
            limit = app.config["MAX_CONTENT_LENGTH"]
            return problem(errors.TooLarge(f"A body has at most {limit} bytes.", limit=limit))
        if error.code == 404:
            return problem(errors.NotFound())
        return problem(errors.Malformed(error.description or "The request can't be read."))

    @app.errorhandler(Exception)
    def unforeseen(error: Exception) -> Response:
        return failure(error)


def failure(error: BaseException) -> Response:
    """500, and in the log what happened, under the id that the answer names."""
    log.error("unforeseen error", exc_info=error)
    body = {
        "type": TYPE + FAILURE,
        "title": FAILED,
        "status": 500,
        "detail": "This is a fault of the service; it was logged under this request_id.",
        "code": FAILURE,
        "request_id": request_id.get(),
    }
    return Response(as_json(body), 500, content_type=MEDIA_TYPE)
