"""W3C Web Annotations in JSON-LD: a collection of one page, one annotation a claim.

https://www.w3.org/TR/annotation-model/. Words that the model lacks are schema.org's, whose prefix its context
declares: `schema:name` on a body says what it is to the claim.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from api.exports.dossier import Dossier, Format, Source, as_json, given

CONTEXT = "http://www.w3.org/ns/anno.jsonld"


def write(dossiers: Iterable[Dossier], source: Source) -> Iterator[bytes]:
    address = f"{source.base}{source.path}/export?format=web-annotation"
    yield b'{"@context":%b,"id":%b,"type":"AnnotationCollection","label":%b,"first":{"id":%b,' % (
        *map(as_json, (CONTEXT, address, source.name, f"{address}#page")),
    )
    yield b'"type":"AnnotationPage","partOf":%b,"startIndex":0,"items":[' % as_json(address)
    total = 0
    for dossier in dossiers:
        annotations = [as_json(_annotation(dossier["article"], claim, source)) for claim in dossier["claims"]]
        if annotations:
            yield (b",\n" if total else b"\n") + b",\n".join(annotations)
            total += len(annotations)
    yield b'\n]},"total":%d}\n' % total


def _annotation(article: dict[str, Any], claim: dict[str, Any], source: Source) -> dict[str, Any]:
    return {
        "@context": CONTEXT,
        "id": source.address("claims", claim["id"]),
        "type": "Annotation",
        "motivation": "assessing",
        "creator": {"type": "Person", "nickname": claim["created_by"]},
        "created": claim["created_at"],
        "modified": claim["updated_at"],
        "body": list(_bodies(claim, source)),
        "target": [_target(article, span, source) for span in claim["spans"]],
    }


def _target(article: dict[str, Any], span: dict[str, Any], source: Source) -> dict[str, Any]:
    """On the text of one revision, which never changes; an orphaned span on the last that had its words."""
    quote = {"type": "TextQuoteSelector", "exact": span["exact"], "prefix": span["prefix"], "suffix": span["suffix"]}
    position = {"type": "TextPositionSelector", "start": span["start"], "end": span["end"]}
    return given(
        type="SpecificResource",
        source=source.address("articles", article["id"], "revisions", str(span["revision"])),
        scope=article["url"],
        selector=[quote, position],
    )


def _bodies(claim: dict[str, Any], source: Source) -> Iterator[dict[str, Any]]:
    if claim["text"]:
        yield {**_said("wording", "describing", claim["text"]), **given(language=claim["language"])}
    yield _said("status", "classifying", claim["status"])
    if claim["resolution"]:
        yield from _resolution(claim["resolution"], source)
    yield from (_said("type", "classifying", kind) for kind in claim["types"])
    yield from (_said("tag", "tagging", tag) for tag in claim["tags"])
    if claim["claimant"]:
        yield _claimant(claim["claimant"])
    yield from map(_evidence, claim["evidence"])


def _said(what: str, purpose: str, value: str) -> dict[str, Any]:
    return {"type": "TextualBody", "purpose": purpose, "schema:name": what, "value": value, "format": "text/plain"}


def _resolution(resolution: dict[str, Any], source: Source) -> Iterator[dict[str, Any]]:
    verdict = source.verdict(resolution["verdict"])
    yield {**_said("verdict", "assessing", verdict["label"]), "schema:identifier": verdict["value"]}
    if resolution["rationale"]:
        yield _said("rationale", "commenting", resolution["rationale"])


def _claimant(claimant: dict[str, Any]) -> dict[str, Any]:
    said = {"schema:additionalType": claimant["kind"], "schema:sameAs": claimant["same_as"]}
    known = {name: value for name, value in said.items() if value}
    return {**_said("claimant", "identifying", claimant["name"]), **known}


def _evidence(evidence: dict[str, Any]) -> dict[str, Any]:
    """The link, with the words it is attached for, the copy kept of it, and its stance as what it is to the claim."""
    quoted = {"type": "TextQuoteSelector", "exact": evidence["excerpt"]} if evidence["excerpt"] else None
    seen = evidence["accessed_at"] if "T" in (evidence["accessed_at"] or "") else None
    kept = given(type="TimeState", cached=evidence["archive_url"], sourceDate=seen)
    return {
        **given(type="SpecificResource", purpose="linking", source=evidence["url"], selector=quoted),
        **given(state=kept if len(kept) > 1 else None),
        "schema:name": evidence["stance"],
        **({"schema:headline": evidence["title"]} if evidence["title"] else {}),
    }


FORMAT = Format(
    "web-annotation",
    f'application/ld+json; profile="{CONTEXT}"',
    "jsonld",
    "W3C Web Annotations (JSON-LD), one a claim, on the revisions of the articles; positions count code points.",
    "Texts, single assessments, comments, relations, appearances and dates of claims; publishers, dates and notes of "
    "evidence.",
    write,
)
