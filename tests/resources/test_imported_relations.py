"""Relations in imports: between claims of one line or of two, made with the one that comes in last."""

import gzip
import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa

from api.db import Database
from api.models import imports as reports
from api.models import relation_ends
from api.models.columns import now
from api.rules.imports import Entry
from api.rules.permissions import Caller
from api.schemas.dossier_drafts import read_dossier
from api.services import import_reports, imports
from api.services.imported_claims import Importer
from tests.client import Client
from tests.resources.test_imports import IMPORTS, NDJSON, counts, exported, failures, lines, number_of_events, send

Told = list[tuple[str, str, str, str | None]]


def line(n: int, **relations: list[dict[str, Any]]) -> dict[str, Any]:
    """Article `a<n>` with claims `a` and `b`, called `<n>a` and `<n>b` in the file, and their relations."""
    claims = [
        {"id": f"{n}{name}", "external_id": name, "spans": [{"start": at, "end": at + 3}]}
        for at, name in enumerate("ab")
    ]
    for claim in claims:
        claim["relations"] = relations.get(str(claim["external_id"]), [])
    return {"article": {"external_id": f"a{n}", "text": f"{n}: Trees."}, "claims": claims}


def between(claim: str, other: str, type: str = "corrects", **facts: Any) -> dict[str, Any]:
    return {"id": f"{claim}-{other}", "type": type, "claim": claim, "other": other, **facts}


def told(client: Client) -> Told:
    """All relations, each with the claims in the manner of `line`; both of these show it alike."""
    found = exported(client)
    names = {c["id"]: d["article"]["external_id"][1:] + c["external_id"] for d in found for c in d["claims"]}
    shown: dict[str, list[Any]] = {}
    for each in [relation for d in found for c in d["claims"] for relation in c["relations"]]:
        shown.setdefault(each["id"], []).append(each)
    assert all(len(both) == 2 and both[0] == both[1] for both in shown.values())
    return sorted((r["type"], names[r["claim"]], names[r["other"]], r["note"]) for r, _ in shown.values())


def omissions(client: Client, report: dict[str, Any]) -> list[tuple[int, str, str]]:
    found = client.all(f"/v1/imports/{report['id']}/omissions")
    return [(each["line"], each["pointer"], each["code"]) for each in found]


def still_waiting(database: Database) -> int:
    with database.snapshot() as tx:
        return int(tx.execute(sa.select(sa.func.count()).select_from(relation_ends)).scalar_one())


APART = between("1a", "2b", note="In print")
CASES: dict[str, tuple[list[dict[str, Any]], Told]] = {
    "both claims of a line list it": (
        [line(1, a=[between("1a", "1b", note="N")], b=[between("1a", "1b", note="N")])],
        [("corrects", "1a", "1b", "N")],
    ),
    "one claim of a line lists it": ([line(1, b=[between("1a", "1b")])], [("corrects", "1a", "1b", None)]),
    "the lister is left out": ([line(1, b=[{"type": "repeats", "other": "1a"}])], [("repeats", "1b", "1a", None)]),
    "the other is called by external_id": (
        [line(1, a=[{"type": "supports", "claim": "b"}])],
        [("supports", "1b", "1a", None)],
    ),
    "two lines": ([line(1, a=[APART]), line(2, b=[APART])], [("corrects", "1a", "2b", "In print")]),
    "two lines far apart": (
        [line(1, a=[APART]), *(line(n) for n in range(3, 40)), line(2, b=[APART])],
        [("corrects", "1a", "2b", "In print")],
    ),
    "two lines, the note at one end": (
        [line(2, b=[between("1a", "2b")]), line(1, a=[APART])],
        [("corrects", "1a", "2b", "In print")],
    ),
    "several types between the same": (
        [line(1, a=[between("1a", "1b"), between("1a", "1b", "repeats"), between("1b", "1a", "contradicts")])],
        [("contradicts", "1b", "1a", None), ("corrects", "1a", "1b", None), ("repeats", "1a", "1b", None)],
    ),
}


@pytest.mark.parametrize("query", ["", "?mode=atomic"])
@pytest.mark.parametrize("case", CASES)
def test_relations_come_in_once(editor: Client, database: Database, case: str, query: str) -> None:
    sent, expected = CASES[case]
    events = set()
    for n, again in enumerate([sent, sent, sent[::-1], None]):
        report = send(editor, lines(*(again or exported(editor))), query)
        outcome = (len(sent), 0, 0, 0) if n == 0 else (0, 0, len(sent), 0)
        assert counts(report)[1:] == outcome, failures(editor, report)
        assert told(editor) == expected
        assert omissions(editor, report) == []
        events.add(number_of_events(database))
    assert len(events) == 1
    assert still_waiting(database) == 0
    assert editor.app.test_cli_runner().invoke(args=["history", "verify"]).exit_code == 0


def test_both_histories_tell_of_a_relation_by_the_hand_of_who_imports(editor: Client) -> None:
    send(editor, lines(line(1, a=[APART]), line(2, b=[APART])))
    for at in ((0, 0), (1, 1)):
        claim = exported(editor)[at[0]]["claims"][at[1]]
        history = editor.all(f"/v1/claims/{claim['id']}/history?resource=relation")
        assert [(event["by"], event["action"], event["after"]["type"]) for event in history] == [
            ("edith", "created", "corrects")
        ]


def test_a_relation_that_comes_later_changes_the_line_that_makes_it(editor: Client) -> None:
    send(editor, lines(line(1), line(2)))
    assert counts(send(editor, lines(line(1, a=[APART]), line(2, b=[APART]))))[1:] == (0, 1, 1, 0)
    assert counts(send(editor, lines(line(1, b=[{"type": "repeats", "other": "a"}]))))[1:] == (0, 1, 0, 0)
    assert [each[:3] for each in told(editor)] == [("corrects", "1a", "2b"), ("repeats", "1b", "1a")]


def test_another_note_is_a_change_and_none_says_nothing(editor: Client) -> None:
    send(editor, lines(line(1, a=[APART]), line(2, b=[APART])))
    other = {**APART, "note": "Online too"}
    assert counts(send(editor, lines(line(1, a=[other]), line(2, b=[other]))))[1:] == (0, 1, 1, 0)
    bare = {**APART, "note": None}
    assert counts(send(editor, lines(line(1, a=[bare]), line(2, b=[bare]))))[1:] == (0, 0, 2, 0)
    assert told(editor) == [("corrects", "1a", "2b", "Online too")]


@pytest.mark.parametrize("query", ["", "?mode=atomic", "?dry_run=true"])
def test_what_waits_in_vain_is_told_as_left_out(editor: Client, database: Database, query: str) -> None:
    listed = [APART, *(between("1a", f"9{n}") for n in range(3))]
    report = send(editor, lines(line(1, b=[{"type": "repeats", "other": "a"}], a=listed), line(3)), query)
    assert (counts(report), report["omitted"]) == ((2, 2, 0, 0, 0), 1)
    assert sorted(omissions(editor, report)) == [(1, f"/claims/0/relations/{n}", "relation") for n in range(4)]
    assert still_waiting(database) == 0


def test_very_many_may_wait(editor: Client, database: Database) -> None:
    report = send(editor, lines(*(line(n, a=[between(f"{n}a", f"x{m}") for m in range(90)]) for n in range(1, 15))))
    assert report["omitted"] == 14
    assert len(omissions(editor, report)) >= 14 * 20
    assert still_waiting(database) == 0


def test_an_article_sent_again_keeps_its_relations_to_others(editor: Client) -> None:
    send(editor, lines(line(1, a=[APART]), line(2, b=[APART])))
    report = send(editor, lines(exported(editor)[0]))
    assert (counts(report)[1:], omissions(editor, report)) == ((0, 0, 1, 0), [])


def test_a_relation_whose_other_line_fails_is_made_with_the_next_try(editor: Client, database: Database) -> None:
    bad = line(2, b=[APART])
    bad["claims"][0]["spans"] = [{"exact": "oak"}]
    report = send(editor, lines(line(1, a=[APART]), bad))
    assert counts(report)[1:] == (1, 0, 0, 1)
    assert omissions(editor, report) == [(1, "/claims/0/relations/0", "relation")]
    assert counts(send(editor, lines(line(1, a=[APART]), line(2, b=[APART]))))[1:] == (1, 0, 1, 0)
    assert [each[:3] for each in told(editor)] == [("corrects", "1a", "2b")]


def test_an_import_cut_off_between_the_two_claims_is_sent_again(editor: Client, database: Database) -> None:
    body = lines(line(1, a=[APART]), *(line(n) for n in range(3, 33)), line(2, b=[APART]))
    packed = gzip.compress(body)
    refused = editor.raw(IMPORTS, packed[: len(packed) * 2 // 3], NDJSON, Content_Encoding="gzip")
    came = editor.get(f"/v1/imports/{refused.json['import']}").json
    assert (refused.status_code, came["omitted"], still_waiting(database)) == (400, 0, 0)
    assert 1 <= came["created"] < 32
    again = send(editor, body)
    assert (counts(again)[1], counts(again)[3:]) == (32 - came["created"], (came["created"], 0))
    assert told(editor) == [("corrects", "1a", "2b", "In print")]
    assert still_waiting(database) == 0


def test_what_an_import_left_that_its_server_could_not_end_is_taken_out(editor: Client, database: Database) -> None:
    id = database.write(lambda tx: import_reports.begin(tx, "default", "edith", "partial", False))
    send(editor, lines(line(1)))
    claim = exported(editor)[0]["claims"][0]["id"]
    row = {"project": "default", "import": id, "name": "r", "type": "repeats", "end": "claim", "claim": claim}
    database.write(lambda tx: tx.execute(sa.insert(relation_ends).values(line=1, pointer="", **row)))
    send(editor, lines(line(1)))
    assert still_waiting(database) == 1
    long_ago = now() - 2 * import_reports.SILENCE
    database.write(lambda tx: tx.execute(sa.update(reports).values(updated_at=long_ago)))
    send(editor, lines(line(1)))
    assert still_waiting(database) == 0


def test_the_same_relations_several_times_at_once_are_there_once(editor: Client, database: Database) -> None:
    send(editor, lines(line(1), line(2)))
    sent = [line(1, a=[APART, between("1a", "1b")]), line(2, b=[APART])]
    importer = Importer("default", Caller("edith", False, frozenset({"read", "write"}), ""), 1000)
    together = Barrier(3)

    def bring(_: int) -> str:
        id = database.write(lambda tx: import_reports.begin(tx, "default", "edith", "partial", False))
        together.wait(timeout=20)
        entries = [Entry(n, 10, read_dossier(each)) for n, each in enumerate(sent, 1)]
        imports.run(database, importer, id, lambda: entries, chunked=True, keep=True)
        return id

    with ThreadPoolExecutor(3) as pool:
        reports = [editor.get(f"/v1/imports/{id}").json for id in pool.map(bring, range(3))]
    assert sorted(counts(report)[1:] for report in reports) == [(0, 0, 2, 0), (0, 0, 2, 0), (0, 2, 0, 0)]
    assert [each[:3] for each in told(editor)] == [("corrects", "1a", "1b"), ("corrects", "1a", "2b")]


def test_a_claim_deleted_while_its_relation_waits_takes_it_along(editor: Client, database: Database) -> None:
    id = database.write(lambda tx: import_reports.begin(tx, "default", "edith", "partial", False))
    send(editor, lines(line(1)))
    claim = exported(editor)[0]["claims"][0]["id"]
    row = {"project": "default", "import": id, "name": "r", "type": "repeats", "end": "claim", "claim": claim}
    database.write(lambda tx: tx.execute(sa.insert(relation_ends).values(line=1, pointer="", **row)))
    assert editor.delete(f"/v1/claims/{claim}", If_Match="*").status_code == 204
    assert still_waiting(database) == 0


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"type": "repeats"}, "/claims/0/relations/0", "same_claim"),
    ({"type": "repeats", "other": "a"}, "/claims/0/relations/0", "same_claim"),
    ({"type": "repeats", "claim": "1a", "other": "1a"}, "/claims/0/relations/0", "same_claim"),
    ({"type": "repeats", "claim": "1b", "other": "2b"}, "/claims/0/relations/0", "not_an_end"),
    ({"type": "repeats", "other": "2b"}, "/claims/0/relations/0", "unknown_claim"),
    ({"type": "likes", "other": "1b"}, "/claims/0/relations/0/type", "invalid"),
    ({"other": "1b"}, "/claims/0/relations/0/type", "required"),
    ({"type": "repeats", "other": "1b", "colour": 1}, "/claims/0/relations/0/colour", "unknown_field"),
    ({"type": "repeats", "other": "1b", "id": "x" * 256}, "/claims/0/relations/0/id", "invalid"),
    ({"type": "repeats", "other": 7}, "/claims/0/relations/0/other", "invalid"),
]


@pytest.mark.parametrize(("bad", "pointer", "why"), BAD)
def test_what_is_no_relation_fails_the_line(editor: Client, bad: dict[str, Any], pointer: str, why: str) -> None:
    report = send(editor, lines(line(1, a=[bad]), line(2)))
    assert failures(editor, report) == [(1, pointer, why)]
    assert [found["article"]["external_id"] for found in exported(editor)] == ["a2"]


@pytest.mark.parametrize(
    ("first", "second", "pointer", "why"),
    [
        ([between("1a", "1b")], [between("1b", "1a")], "/claims/1/relations/0", "relation_differs"),
        ([between("1a", "1b", note="A")], [between("1a", "1b", note="B")], "/claims/1/relations/0", "relation_differs"),
        ([between("1a", "9a", id="r"), between("1a", "9b", id="r")], [], "/claims/0/relations/1/id", "repeated"),
    ],
)
def test_listings_in_a_line_have_to_agree(
    editor: Client, first: list[dict[str, Any]], second: list[dict[str, Any]], pointer: str, why: str
) -> None:
    assert failures(editor, send(editor, lines(line(1, a=first, b=second)))) == [(1, pointer, why)]
    assert exported(editor) == []


@pytest.mark.parametrize(
    "other", [{"type": "repeats"}, {"note": "Otherwise"}, {"claim": "2b", "other": "1a"}], ids=json.dumps
)
def test_listings_in_two_lines_have_to_agree(editor: Client, other: dict[str, Any]) -> None:
    report = send(editor, lines(line(1, a=[APART]), line(2, b=[{**APART, **other}])))
    assert failures(editor, report) == [(2, "/claims/1/relations/0", "relation_differs")]
    assert omissions(editor, report) == [(1, "/claims/0/relations/0", "relation")]


def test_a_relation_is_not_turned_round(editor: Client) -> None:
    send(editor, lines(line(1, a=[between("1a", "1b"), between("1a", "1b", "contradicts")])))
    turned = [between("1b", "1a", "contradicts")]
    assert counts(send(editor, lines(line(1, b=turned))))[1:] == (0, 0, 1, 0)
    report = send(editor, lines(line(1, b=[between("1b", "1a")])))
    assert failures(editor, report) == [(1, "/claims/1/relations/0", "already_exists")]
