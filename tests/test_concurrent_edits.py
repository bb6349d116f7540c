"""An article edited by many at once, while its claims are worked on: no text lost, no claim moved by half."""

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

from tests.client import Client
from tests.test_concurrency import at_once

LINES = [f"Line {n}: the council counted {n},000 trees on day {n}." for n in range(20)]
COUNT = "The council counted {} trees. Nobody else counted any on that day. The mayor was not there."
ROUNDS = 6


def accepted(send: Callable[[], Any]) -> Any:
    """The answer, once nobody was faster."""
    while (answer := send()).status_code == 412:
        pass
    return answer


def prepend(who: Client, article: str, line: str) -> Any:
    tag = who.tag(article)
    text = who.get(article).json["text"]
    return who.post(f"{article}/revisions", {"text": f"{line}\n{text}"}, If_Match=tag)


def write_updates(who: Client, article: str) -> None:
    for n in range(ROUNDS):
        assert accepted(partial(prepend, who, article, f"Update {n}.")).status_code == 201


def mark_lines(who: Client, article: str, first: int) -> None:
    for n in range(first, first + 5):
        who.claim(article, {"exact": LINES[n % 20]})


def check_places(client: Client, article: str) -> None:
    """On every revision, every claim stands on the words that it says."""
    for listed in client.all(f"{article}/revisions"):
        text = client.get(f"{article}/revisions/{listed['n']}").json["text"]
        for claim in client.all(f"{article}/claims?revision={listed['n']}&limit=200"):
            (span,) = claim["spans"]
            assert (span["revision"], text[span["start"] : span["end"]]) == (listed["n"], span["exact"])


def test_two_editors_lose_no_text_and_move_no_claim_by_half(editor: Client, owner: Client, reviewer: Client) -> None:
    article = editor.article("\n".join(LINES))
    works = [partial(write_updates, who, article) for who in (editor, owner)]
    works += [partial(mark_lines, reviewer, article, 5 * n) for n in range(4)]
    at_once(len(works), lambda n: works[n]())

    revisions = [editor.get(f"{article}/revisions/{each['n']}").json for each in editor.all(f"{article}/revisions")]
    assert len(revisions) == editor.get(article).json["revision"] == 1 + 2 * ROUNDS
    for before, after in pairwise(revisions):
        assert after["text"].endswith("\n" + before["text"])
    claims = editor.all(f"{article}/claims")
    assert sorted(claim["spans"][0]["exact"] for claim in claims) == sorted(LINES)
    assert {claim["needs_attention"] for claim in claims} == {None}
    check_places(editor, article)


def test_claims_confirmed_deleted_or_marked_anew_during_edits_stay_whole(editor: Client) -> None:
    article = editor.article(COUNT.format(0))
    claims = [editor.claim(article, {"start": 0, "end": 28}) for _ in range(9)]
    confirmed, deleted, marked = claims[0::3], claims[1::3], claims[2::3]
    anew = {"spans": [{"exact": "The mayor was not there."}]}
    ways: list[Callable[[str], Any]] = [
        lambda claim: editor.post(f"{claim}/anchors/confirm", None, If_Match=editor.tag(claim)),
        lambda claim: editor.delete(claim, If_Match=editor.tag(claim)),
        lambda claim: editor.patch(claim, anew, If_Match=editor.tag(claim)),
    ]

    def edit() -> None:
        for n in range(1, 9):
            accepted(lambda n=n: editor.revise(article, COUNT.format(n)))

    def work(on: list[str], way: Callable[[str], Any]) -> None:
        for claim in on:
            assert accepted(partial(way, claim)).status_code < 300

    works = [edit, *(partial(work, on, way) for on, way in zip((confirmed, deleted, marked), ways, strict=True))]
    at_once(len(works), lambda n: works[n]())

    left = {f"/v1/claims/{claim['id']}": claim for claim in editor.all(f"{article}/claims")}
    assert left.keys() == {*confirmed, *marked}
    assert {left[claim]["needs_attention"] for claim in marked} == {None}
    for claim in left.values():
        assert (claim["needs_attention"] is None) == (claim["spans"][0]["anchor"]["confirmed"] is None)
    check_places(editor, article)
