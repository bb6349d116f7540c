"""A page to read and print: each article with its claims highlighted, and below it what was found.

It needs nothing from elsewhere and runs nothing: everything is escaped, and its own policy forbids scripts.
"""

from base64 import b64encode
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any

from api.exports.dossier import Dossier, Format, Source, rfc3339, standing, wording, words
from api.exports.highlights import Highlight, escaped, highlighted

STYLE = """
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; font: 1.05rem/1.6 Georgia, serif; color: #1b1b1b; }
h1, h2, h3, .facts, ol, sup { font-family: system-ui, sans-serif; }
article { border-top: 1px solid #999; margin-top: 3rem; }
.text { white-space: pre-wrap; overflow-wrap: anywhere; }
.facts, li { font-size: .9rem; overflow-wrap: anywhere; }
mark { color: inherit; background: #88888826; border-bottom: 2px solid #666; }
mark.true { background: #2e9e4f33; border-color: #1d7a39; }
mark.false { background: #d6323233; border-color: #b01f1f; }
mark.mixed { background: #e09c0033; border-color: #9a6b00; }
mark.unverifiable { background: #5b6fd633; border-color: #3d4fae; border-bottom-style: dashed; }
sup a { text-decoration: none; }
li:target { background: #fff3c4; }
blockquote { margin: .3rem 0 .3rem 1rem; padding-left: .6rem; border-left: 3px solid #ccc; white-space: pre-wrap; }
"""
POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'"
)
Thing = dict[str, Any]


def write(dossiers: Iterable[Dossier], source: Source) -> Iterator[bytes]:
    yield (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="referrer" content="no-referrer">\n<meta name="viewport" content="width=device-width">\n'
        f"<title>{escaped(source.name)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{_own(source.name)}</h1>\n"
    ).encode()
    for dossier in dossiers:
        yield "".join(_article(dossier["article"], dossier["claims"], source)).encode()
    yield b"</body>\n</html>\n"


def _article(article: Thing, claims: list[Thing], source: Source) -> Iterator[str]:
    lang = f' lang="{escaped(article["language"])}"' if article["language"] else ""
    yield f'<article id="article-{article["id"]}"{lang}>\n<h2>{_own(article["title"] or "Untitled")}</h2>\n'
    facts = [*map(_own, filter(None, (article["byline"], article["publisher"], article["published_at"])))]
    link = [_link(article["url"], article["url"])] if article["url"] else []
    if facts or link:
        yield f'<p class="facts">{" · ".join([*facts, *link])}</p>\n'
    yield '<div class="text" dir="auto">'
    yield from highlighted(article["text"], _highlights(claims, source))
    yield "</div>\n"
    if claims:
        yield "<h3>Claims</h3>\n<ol>\n"
        for claim in claims:
            yield from _claim(claim, source)
        yield "</ol>\n"
    yield "</article>\n"


def _highlights(claims: list[Thing], source: Source) -> Iterator[Highlight]:
    for n, claim in enumerate(claims, 1):
        kind = source.verdict(claim["verdict"])["truth_class"] if claim["verdict"] else "open"
        title = escaped(f"{n}: {_standing(claim, source)}")
        opening = f'<mark class="{kind}" data-claim="{claim["id"]}" title="{title}">'
        places = sorted(standing(claim))
        for place in places:
            note = f'<sup><a href="#claim-{claim["id"]}">{n}</a></sup>' if place == places[-1] else ""
            yield Highlight(*place, opening, note)


def _claim(claim: Thing, source: Source) -> Iterator[str]:
    yield f'<li id="claim-{claim["id"]}">\n<p>{_own(wording(claim))}</p>\n'
    if claim["text"]:
        yield _quoted(words(claim))
    yield f"<p>{' · '.join(map(_own, _facts(claim, source)))}</p>\n"
    if claim["resolution"] and claim["resolution"]["rationale"]:
        yield _quoted(claim["resolution"]["rationale"])
    yield from _list("Assessments", [_assessment(each, source) for each in claim["assessments"]])
    yield from _list("Evidence", map(_evidence, claim["evidence"]))
    yield "</li>\n"


def _facts(claim: Thing, source: Source) -> Iterator[str]:
    yield _standing(claim, source)
    if claim["resolution"]:
        yield f"{claim['resolution']['method']}, {rfc3339(claim['resolution']['resolved_at'])}"
    if claim["needs_attention"]:
        yield {"orphaned": "no longer stands in the text", "text_changed": "its words have changed since"}[
            claim["needs_attention"]
        ]
    if claim["claimant"]:
        yield ", ".join(filter(None, (claim["claimant"]["name"], claim["claimant"]["job_title"])))
    yield from filter(None, (claim["claimed_at"], claim["location"], *claim["types"], *claim["tags"]))


def _standing(claim: Thing, source: Source) -> str:
    return str(source.verdict(claim["verdict"])["label"] if claim["verdict"] else claim["status"].replace("_", " "))


def _assessment(assessment: Thing, source: Source) -> str:
    sure = f" ({assessment['confidence']:.0%} sure)" if assessment["confidence"] is not None else ""
    said = f"{assessment['reviewer']}: {source.verdict(assessment['verdict'])['label']}{sure}"
    return _own(said) + (_quoted(assessment["rationale"]) if assessment["rationale"] else "")


def _evidence(evidence: Thing) -> str:
    facts = filter(None, (evidence["publisher"], evidence["published_at"], evidence["note"]))
    copy = [_link(evidence["archive_url"], "archived copy")] if evidence["archive_url"] else []
    said = [_link(evidence["url"], evidence["title"] or evidence["url"]), *map(_own, facts), *copy]
    quoted = _quoted(evidence["excerpt"]) if evidence["excerpt"] else ""
    return f"{evidence['stance']}: {' · '.join(said)}{quoted}"


def _list(title: str, entries: Iterable[str]) -> Iterator[str]:
    written = "".join(f"<li>{entry}</li>\n" for entry in entries)
    if written:
        yield f"<p>{title}</p>\n<ul>\n{written}</ul>\n"


def _quoted(text: str) -> str:
    return f'<blockquote dir="auto">{escaped(text)}</blockquote>\n'


def _own(text: str) -> str:
    """Isolated, so that marks of direction in it don't turn what stands around it."""
    return f"<bdi>{escaped(text)}</bdi>"


def _link(url: str, text: str) -> str:
    """Only to the web: whatever else an address could be, it is shown and not linked."""
    if not url.startswith(("https://", "http://")):
        return _own(f"{text} ({url})")
    return f'<a href="{escaped(url)}" rel="noopener nofollow">{_own(text)}</a>'


FORMAT = Format(
    "html",
    "text/html; charset=utf-8",
    "html",
    "A page to read and print, with claims highlighted and what was found below; it loads and runs nothing.",
    "Texts but the current one, comments, relations, citations, appearances, ids but those of articles and claims; "
    "highlights of claims that more than eight cover.",
    write,
)
