"""W3C Web Annotations in JSON-LD: single ones, arrays, pages, and collections such as our own export.

https://www.w3.org/TR/annotation-model/. An annotation adds to the article that its target names; bodies say what is
known of the claim, and `schema:name` on them, as we write it, says what exactly.
"""

import re
from typing import Any

from api.readers.reader import JSON, NDJSON, Draft, Json, Reader, a_text, an_object, json_reader
from api.text.strict import shown

OURS = re.compile(r"(?:.*)/v1/articles/([0-9a-f-]{36})/revisions/\d+")
OUR_CLAIM = re.compile(r".*/v1/claims/[0-9a-f-]{36}")
STANCES = ("supports", "refutes", "context")
TAKEN = {"wording": "text", "tag": "tags", "type": "types"}
PURPOSES = {"tagging": "tags", "classifying": "tags", "commenting": "context", "describing": "context"}
"""What bodies of others say of a claim; one without a purpose is a comment."""
LONGEST_ID = 255


def convert(value: Any) -> Draft:
    annotation = an_object(value, "")
    spans: list[Json] = []
    sources: list[Json] = []
    draft = Draft({})
    for n, target in enumerate(_several(annotation.get("target"))):
        pointer = f"/target/{n}" if isinstance(annotation.get("target"), list) else "/target"
        source, found = _target(draft, target, pointer)
        if sources and source != sources[0]:
            draft.omit(pointer, "target", "A claim stands on one article; what is on another is not brought in.")
            continue
        sources.append(source)
        spans += found
    draft.article |= sources[0] if sources else {}
    if spans:
        draft.add({**_name(annotation.get("id")), "spans": spans, **_bodies(draft, annotation)})
    else:
        draft.omit("/target", "page_note", "Annotations that mark no words are not brought in.")
    return draft


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _name(id: Any) -> Json:
    """Our own claims are known by their words, or else each export of them would be others again."""
    if not isinstance(id, str) or OUR_CLAIM.fullmatch(id) or len(id) > LONGEST_ID:
        return {}
    return {"external_id": id}


def _target(draft: Draft, target: Any, pointer: str) -> tuple[Json, list[Json]]:
    """What names the article, and the stretches of its text."""
    if isinstance(target, str):
        return {"url": target}, []
    said = an_object(target, pointer)
    source = said.get("source", said.get("id"))
    source = a_text(source.get("id") if isinstance(source, dict) else source, f"{pointer}/source")
    ours = OURS.fullmatch(source)
    article = {"url": said["scope"]} if ours and isinstance(said.get("scope"), str) else {}
    article |= {"id": ours[1]} if ours else {"url": source}
    selectors = _several(said.get("selector"))
    span = _span([an_object(each, f"{pointer}/selector") for each in selectors])
    if selectors and span is None:
        kinds = [each.get("type") for each in selectors]
        draft.omit(f"{pointer}/selector", "selector", f"Expected a quote or a position, found {shown(kinds)}.")
    return article, [] if span is None else [span]


def _span(selectors: list[Json]) -> Json | None:
    """By the quote; by the position if nothing tells the quote from others like it. A position inside something
    else, as `refinedBy` gives it, is not one in the text."""
    inner = [each["refinedBy"] for each in selectors if isinstance(each.get("refinedBy"), dict)]
    quote = next((each for each in selectors + inner if each.get("type") == "TextQuoteSelector"), None)
    position = next((each for each in selectors if each.get("type") == "TextPositionSelector"), None)
    if quote and (position is None or quote.get("prefix") or quote.get("suffix")):
        return {name: quote[name] for name in ("exact", "prefix", "suffix") if quote.get(name)}
    if position:
        place = {"start": position.get("start"), "end": position.get("end"), "unit": "codepoint"}
        return {**place, "exact": quote["exact"]} if quote and quote.get("exact") else place
    return None


def _bodies(draft: Draft, annotation: Json) -> Json:
    claim: Json = {"tags": [], "types": [], "evidence": [], "context": []}
    if isinstance(annotation.get("bodyValue"), str):
        claim["context"].append(annotation["bodyValue"])
    for n, body in enumerate(_several(annotation.get("body"))):
        pointer = f"/body/{n}" if isinstance(annotation.get("body"), list) else "/body"
        if not isinstance(body, dict) or not _body(claim, body):
            draft.omit(pointer, *_left_out(body))
    for name in ("tags", "types"):
        claim[name] = list(dict.fromkeys(claim[name]))
    return {**claim, "context": "\n\n".join(claim["context"])}


def _body(claim: Json, body: Json) -> bool:
    """Whether the claim could take in what the body says."""
    value, what = body.get("value"), body.get("schema:name")
    if body.get("purpose") == "linking" and isinstance(body.get("source"), str):
        claim["evidence"].append(_evidence(body))
        return True
    if not isinstance(value, str) or not value or body.get("type") not in (None, "TextualBody"):
        return False
    if what == "claimant":
        kind = {"kind": body["schema:additionalType"]} if "schema:additionalType" in body else {}
        claim["claimant"] = {"name": value, "same_as": _several(body.get("schema:sameAs")), **kind}
        return True
    if what == "status":
        claim |= {"status": value} if value == "withdrawn" else {}
        return value in ("withdrawn", "unverified")
    if what in ("verdict", "rationale"):
        return False
    return _put(claim, TAKEN.get(str(what)) or PURPOSES.get(str(body.get("purpose", "commenting"))), body)


def _put(claim: Json, member: str | None, body: Json) -> bool:
    if member is None or isinstance(claim.get(member), str):
        return False
    if member == "text":
        claim |= {"text": body["value"], **({"language": body["language"]} if "language" in body else {})}
    else:
        claim[member].append(body["value"])
    return True


def _evidence(body: Json) -> Json:
    selector, state = body.get("selector"), body.get("state")
    selector, state = (each if isinstance(each, dict) else {} for each in (selector, state))
    stance = body.get("schema:name")
    said = {
        "url": body["source"],
        "title": body.get("schema:headline"),
        "stance": stance if stance in STANCES else None,
        "excerpt": selector.get("exact"),
        "archive_url": state.get("cached"),
        "accessed_at": state.get("sourceDate"),
    }
    return {name: value for name, value in said.items() if value is not None}


def _left_out(body: Any) -> tuple[str, str]:
    what = body.get("schema:name") if isinstance(body, dict) else None
    if what in ("status", "verdict", "rationale"):
        return "verdict", f"Verdicts follow from assessments, which are not in it: {shown(body.get('value'))}."
    return "body", f"Such a body is not brought in: {shown(body)}."


READER = Reader(
    "web-annotation",
    ("application/ld+json", JSON, NDJSON),
    "W3C Web Annotations (JSON-LD): quotes and positions on the article with the target's address, or on ours; "
    "comments as context, tags, and what our export says of claimant, wording and evidence.",
    "Verdicts, bodies and selectors of other kinds, annotations of whole pages; who marked what.",
    json_reader(convert, (), ("items",), ("first", "items"), ("@graph",)),
)
