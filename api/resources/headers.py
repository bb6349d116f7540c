"""Headers and parts of addresses, as the OpenAPI document describes them."""

from typing import Any

PARTS = {
    "project": "Slug of the project.",
    "user": "Name of the user.",
    "token": "Id of the token.",
    "article": "Id of the article.",
    "n": "Number of the revision.",
    "claim": "Id of the claim.",
    "claimant": "Id of the claimant.",
    "evidence": "Id of the piece of evidence.",
    "relation": "Id of the relation.",
    "assessment": "Id of the assessment.",
    "comment": "Id of the comment.",
    "import": "Id of the import.",
}


def _header(name: str, example: str, description: str, required: bool = False, pattern: str = "") -> dict[str, Any]:
    schema = {"type": "string", **({"pattern": pattern} if pattern else {})}
    about = {"description": description, "required": required, "schema": schema, "example": example}
    return {"in": "header", "name": name, **about}


TAG = '"64a1f3c2b9d40.3"'
KEY = _header(
    "Idempotency-Key",
    "upload-17",
    "Any word of yours. Sent again within 24 hours with the same body, the request has no second effect "
    "and gets the first answer.",
    pattern="^[!-~]([ -~]{0,253}[!-~])?$",
)
IF_MATCH = _header("If-Match", TAG, "The ETag you read: refused (412) if it changed since.", required=True)
IF_REPLACED = _header("If-Match", TAG, "Needed to replace what is there: the ETag you read.")
UNLESS_CHANGED = _header("If-None-Match", TAG, "An ETag you have: if it still holds, the answer is an empty 304.")
UNLESS_THERE = _header("If-None-Match", "*", "`*`: only create, never replace.")
ETAG = {"ETag": {"description": "Tells this state from any other.", "schema": {"type": "string"}}}
LOCATION = {"Location": {"description": "Address of what was made.", "schema": {"type": "string"}}}
SUPERSEDED = "Article-ETag"
NEXT_TAG = {
    SUPERSEDED: {"description": "The article's own ETag now: If-Match for its next text.", "schema": {"type": "string"}}
}
CONSISTENCY = "Consistency-Token"
AS_NEW_AS = _header(
    CONSISTENCY,
    "0/1A2B3C8",
    "What the answer to a write gave: this read sees that write, and may be answered from a read replica that has it. "
    "`any` is content with whatever a replica has, `latest` with nothing but the newest, as reads without a token are.",
    pattern="^(any|latest|[0-9A-F]{1,8}/[0-9A-F]{1,8})$",
)
WRITTEN_AT = {
    CONSISTENCY: {
        "description": "If there is a read replica: to be sent with reads that must see this write.",
        "schema": {"type": "string"},
    }
}
LINK = {"Link": {"description": 'Address of the next page, rel="next".', "schema": {"type": "string"}}}
RETRY_AFTER = {
    "Retry-After": {
        "description": "Seconds to wait before the same request is sent again; absent where that would not be safe.",
        "schema": {"type": "string"},
    }
}
