"""CoNLL-U Plus with IOB2 tags: a token a line, an empty line after each sentence.

https://universaldependencies.org/ext-format.html. Words and sentences end where they do everywhere in the service
(`api.text.words`); offsets lead back to the text. A claim has every token that it touches.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from api.exports.dossier import Dossier, Format, Source, standing
from api.text.words import ENDS, WORD

COLUMNS = b"# global.columns = ID FORM CLAIMSPAN:START CLAIMSPAN:END CLAIMSPAN:TAG CLAIMSPAN:CLAIM\n"
OUTSIDE = "O\t_"


def write(dossiers: Iterable[Dossier], _source: Source) -> Iterator[bytes]:
    yield COLUMNS
    count = 0
    for dossier in dossiers:
        count += 1
        yield "".join(_document(dossier["article"], dossier["claims"])).encode()
    yield b"# end = %d articles\n" % count


def _document(article: dict[str, Any], claims: list[dict[str, Any]]) -> Iterator[str]:
    text = article["text"]
    tokens = [match.span() for match in WORD.finditer(text)]
    if not tokens:
        return
    starts = [start for start, _ in tokens]
    ends = {bisect_left(starts, match.end()) for match in ENDS.finditer(text)}
    sentences = sorted({0, *ends, len(tokens)})
    tags = _tags(tokens, claims, sentences)
    yield from _comments(article, claims)
    for first, last in pairwise(sentences):
        lines = [
            f"{n}\t{text[start:end]}\t{start}\t{end}\t{tag}\n"
            for n, ((start, end), tag) in enumerate(zip(tokens[first:last], tags[first:last], strict=True), 1)
        ]
        yield "".join(lines) + "\n"


def _comments(article: dict[str, Any], claims: list[dict[str, Any]]) -> Iterator[str]:
    yield f"# newdoc id = {article['id']}\n"
    if article["title"]:
        yield f"# title = {' '.join(article['title'].split())}\n"
    yield from (f"# claim {claim['id']} = {claim['status']} {claim['verdict'] or '_'}\n" for claim in claims)


def _tags(tokens: list[tuple[int, int]], claims: list[dict[str, Any]], sentences: list[int]) -> list[str]:
    """Tag and claim of each token. A token has one: the claim that begins first, of those the longest.

    What goes on in the next sentence begins there anew, as readers take sentence by sentence.
    """
    starts, ends = [start for start, _ in tokens], [end for _, end in tokens]
    spans = [(start, -end, claim["id"]) for claim in claims for start, end in standing(claim)]
    tags, free = [OUTSIDE] * len(tokens), 0
    for start, end, claim in sorted(spans):
        first, last = max(free, bisect_right(ends, start)), bisect_left(starts, -end)
        if first < last:
            tags[first:last] = [f"I-Claim\t{claim}"] * (last - first)
            inner = sentences[bisect_right(sentences, first) : bisect_left(sentences, last)]
            for begin in (first, *inner):
                tags[begin] = f"B-Claim\t{claim}"
            free = last
    return tags


FORMAT = Format(
    "conll",
    "text/plain; charset=utf-8",
    "conll",
    "CoNLL-U Plus for sequence labelling: a token a line with its offsets, an IOB2 tag and the claim's id; the last "
    "line is a comment, `# end`.",
    "Of claims that overlap, all but what the first leaves free; ends of claims inside words, white space, texts but "
    "the current one, and all that is known of claims but status and verdict.",
    write,
)
