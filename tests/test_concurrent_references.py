"""What refers to something else holds while that is removed, whichever comes first."""

import threading
from collections import Counter
from typing import Any

from api.db import Database
from api.services import assessments, claims, users
from tests.client import Client, location, token_of
from tests.test_concurrency import at_once

ROUNDS = 5


def test_evidence_is_never_removed_from_under_a_submitted_assessment(
    reviewer: Client, other_reviewer: Client, editor: Client, owner: Client
) -> None:
    """Either it is cited and stays, or it is gone and nobody has cited it."""
    for _ in range(ROUNDS):
        claim = editor.claim(editor.article())
        piece = location(editor.post(f"{claim}/evidence", {"url": "https://example.org"}))
        cited = [{"id": piece.rpartition("/")[2]}]
        hands = [editor, reviewer, other_reviewer, owner]

        def act(n: int, claim: str = claim, piece: str = piece, cited: Any = cited, hands: Any = hands) -> int:
            if n == 0:
                return int(editor.delete(piece, If_Match="*").status_code)
            return int(hands[n].assess(claim, "true", evidence=cited).status_code)

        removed, *assessed = at_once(len(hands), act)
        assert set(assessed) <= {201, 422}
        assert removed == (409 if 201 in assessed else 204)
        for assessment in editor.all(f"{claim}/assessments"):
            assert [each["id"] for each in assessment["evidence"]] == [cited[0]["id"]]


def test_removing_evidence_waits_for_an_assessment_that_cites_it(database: Database, editor: Client) -> None:
    claim = editor.claim(editor.article())
    piece = location(editor.post(f"{claim}/evidence", {"url": "https://example.org"}))
    cited, removed = threading.Event(), threading.Event()

    def assess(tx: Any) -> None:
        caller = users.caller_with(tx, token_of("ravi"))
        draft = {"verdict": "true", "rationale": None, "confidence": None, "state": "submitted"}
        evidence = [{"id": piece.rpartition("/")[2], "stance": None}]
        found = claims.find(tx, caller, claim.rpartition("/")[2])
        assessments.give(tx, found, {**draft, "evidence": evidence}, "ravi")
        cited.set()
        removed.wait(0.5)

    def remove() -> int:
        cited.wait()
        status: int = editor.delete(piece, If_Match="*").status_code
        removed.set()
        return status

    works: list[Any] = [lambda: database.write(assess), remove]
    assert at_once(2, lambda n: works[n]())[1] == 409
    assert len(editor.all(f"{claim}/assessments")[0]["evidence"]) == 1


def test_two_claims_related_at_once_from_both_sides_are_related_once(editor: Client) -> None:
    article = editor.article()
    for _ in range(ROUNDS):
        ends = [editor.claim(article), editor.claim(article)]
        ids = [end.rpartition("/")[2] for end in ends]

        def relate(n: int, ends: Any = ends, ids: Any = ids) -> Any:
            return editor.post(f"{ends[n % 2]}/relations", {"type": "repeats", "other": ids[1 - n % 2]})

        answers = at_once(6, relate)
        assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 5}
        (made,) = editor.all(f"{ends[0]}/relations")
        assert {answer.json["existing"] for answer in answers if answer.status_code == 409} == {made["id"]}


def test_a_claim_deleted_while_it_is_related_is_gone_or_related(editor: Client) -> None:
    article = editor.article()
    for _ in range(ROUNDS):
        claim, *others = [editor.claim(article) for _ in range(4)]
        seen, id = editor.tag(claim), claim.rpartition("/")[2]

        def act(n: int, claim: str = claim, others: Any = others, seen: str = seen, id: str = id) -> int:
            if n == 0:
                return editor.delete(claim, If_Match=seen).status_code
            return editor.post(f"{others[n - 1]}/relations", {"type": "supports", "other": id}).status_code

        deleted, *related = at_once(4, act)
        assert set(related) <= {201, 409, 422}
        assert deleted == (412 if 201 in related else 204)
        counts = [editor.get(other).json["relation_count"] for other in others]
        assert sum(counts) == related.count(201)
