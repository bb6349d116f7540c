"""brat standoff, zipped: the text of each article and its claims beside it.

https://brat.nlplab.org/standoff.html. Offsets count code points of the text as it is, line ends included.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from api.exports.archive import zipped
from api.exports.dossier import Dossier, Format, Source, standing, wording
from api.rules.consensus import STATUSES
from api.rules.scales import verdicts

RELATIONS = ("repeats", "contradicts", "supports", "corrects", "part_of")
LINE_BREAKS = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
"""Where Python, in which brat is written, ends a line."""
LINE = re.compile(f"[^{LINE_BREAKS}]+")
Stretch = tuple[int, int]


def write(dossiers: Iterable[Dossier], source: Source) -> Iterator[bytes]:
    articles = (_article(dossier) for dossier in dossiers)
    return zipped(chain([[("annotation.conf", _configuration(source).encode())]], articles))


def _configuration(source: Source) -> str:
    """What there can be, in brat's own words."""
    relations = "".join(f"{relation}\tArg1:Claim, Arg2:Claim\n" for relation in RELATIONS)
    attributes = {"Status": STATUSES, "Verdict": verdicts(source.scale)}
    values = "".join(f"{name}\tArg:Claim, Value:{'|'.join(words)}\n" for name, words in attributes.items())
    return f"[entities]\nClaim\n\n[relations]\n{relations}\n[events]\n\n[attributes]\n{values}"


def _article(dossier: Dossier) -> list[tuple[str, bytes]]:
    article = dossier["article"]
    lines = "".join(line + "\n" for line in _annotations(article["text"], dossier["claims"]))
    return [(f"{article['id']}.txt", article["text"].encode()), (f"{article['id']}.ann", lines.encode())]


def _annotations(text: str, claims: list[dict[str, Any]]) -> Iterator[str]:
    placed = [(claim, stretches) for claim in claims if (stretches := _stretches(text, claim))]
    names = {claim["id"]: f"T{n}" for n, (claim, _) in enumerate(placed, 1)}
    attributes = 0
    for n, (claim, stretches) in enumerate(placed, 1):
        places = ";".join(f"{start} {end}" for start, end in stretches)
        yield f"T{n}\tClaim {places}\t{' '.join(text[start:end] for start, end in stretches)}"
        for name in ("status", "verdict"):
            if claim[name]:
                attributes += 1
                yield f"A{attributes}\t{name.capitalize()} T{n} {claim[name]}"
        yield f"#{n}\tAnnotatorNotes T{n}\t{_note(claim)}"
    yield from _relations(claims, names)


def _stretches(text: str, claim: dict[str, Any]) -> list[Stretch]:
    """Where the claim stands, without overlaps, and cut at the ends of lines, as brat does itself.

    >>> spans = [{"start": start, "end": end, "anchor": {"outcome": "kept"}} for start, end in ((0, 4), (3, 5))]
    >>> _stretches("ab\\ncd", {"spans": spans})
    [(0, 2), (3, 5)]
    """
    joined: list[Stretch] = []
    for start, end in sorted(standing(claim)):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    lines = chain.from_iterable(LINE.finditer(text, *stretch) for stretch in joined)
    return [line.span() for line in lines if line[0].strip()]


def _note(claim: dict[str, Any]) -> str:
    """On one line: the claim's id, its wording, who made it, and the evidence."""
    links = (f"{each['stance']} {each['url']} {each['title'] or ''}" for each in claim["evidence"])
    claimant = [claim["claimant"]["name"]] if claim["claimant"] else []
    return " ".join(" | ".join([claim["id"], wording(claim), *claimant, *links]).split())


def _relations(claims: list[dict[str, Any]], names: Mapping[str, str]) -> Iterator[str]:
    """Those between claims of this article; each hangs on both of its claims, and is written once."""
    both = {each["id"]: each for claim in claims for each in claim["relations"]}
    within = [each for each in both.values() if each["claim"] in names and each["other"] in names]
    for n, each in enumerate(within, 1):
        yield f"R{n}\t{each['type']} Arg1:{names[each['claim']]} Arg2:{names[each['other']]}"


FORMAT = Format(
    "brat",
    "application/zip",
    "zip",
    "brat standoff: a zip with the text of each article, its claims beside it, and brat's configuration.",
    "Texts but the current one, claims that no longer stand on it, assessments, facts of articles, relations to other "
    "articles; of evidence, all but stance, address and title, which the claim's note has.",
    write,
    packed=True,
)
