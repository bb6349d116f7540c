"""Imports: lines brought in whole or not at all, as often as one likes."""

import gzip
import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from api.db import Database
from api.errors import Conflict, Unavailable
from api.models import events, imports
from api.models.columns import now
from api.readers.reader import Terms
from api.rules.imports import Entry
from api.rules.permissions import Caller
from api.schemas.dossier_drafts import read_dossier
from api.schemas.records import NATIVE, read
from api.services import import_reports as service
from api.services import imports as imported
from api.services.imported_claims import Importer
from api.services.imported_known import known_of
from api.services.imports import CHUNK_LINES
from api.services.intake import take_in
from tests.client import BOX, TEXT, Client, code, location
from tests.round_trip import kept

IMPORTS = "/v1/projects/default/imports"
NDJSON = "application/x-ndjson"


def dossier(name: str | None = "a-1", text: str = TEXT, **facts: Any) -> dict[str, Any]:
    claim = {
        "external_id": "c-1",
        "spans": [{"start": 30, "end": 62}],
        "text": "The city planted 4,000 trees.",
        "claimant": {"name": "Jo Marlow"},
        "tags": ["trees"],
        "evidence": [{"url": "https://parks.example/register", "stance": "refutes"}],
        "assessments": [
            {"reviewer": "ravi", "verdict": "false", "evidence": [{"url": "https://parks.example/register"}]}
        ],
    }
    other = {"external_id": "c-2", "spans": [{"exact": "2,950"}]}
    return {"article": {"external_id": name, "text": text, "title": "Trees", **facts}, "claims": [claim, other]}


def lines(*dossiers: Any) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in dossiers)


def send(client: Client, body: bytes, query: str = "", kind: str = NDJSON, **headers: str) -> dict[str, Any]:
    """The report of an import that was dealt with to its end."""
    response = client.raw(f"{IMPORTS}{query}", body, kind, **headers)
    report: dict[str, Any] = client.get(location(response)).json
    assert report == response.json
    return report


def counts(report: dict[str, Any]) -> tuple[int, ...]:
    return tuple(report[name] for name in ("lines", "created", "updated", "unchanged", "failed"))


def failures(client: Client, report: dict[str, Any]) -> list[tuple[int, str, str]]:
    found = client.all(f"/v1/imports/{report['id']}/failures")
    return [(failure["line"], failure["pointer"], failure["code"]) for failure in found]


def number_of_events(database: Database) -> int:
    with database.snapshot() as tx:
        return int(tx.execute(sa.select(sa.func.count()).select_from(events)).scalar_one())


def exported(client: Client, project: str = "default") -> list[dict[str, Any]]:
    *dossiers, _end = client.get(f"/v1/projects/{project}/export?format=ndjson").data.splitlines()
    return [json.loads(line) for line in dossiers]


def test_a_line_brings_an_article_with_all_that_is_known_of_it(editor: Client) -> None:
    report = send(editor, lines(dossier()))
    assert (report["state"], counts(report)) == ("finished", (1, 1, 0, 0, 0))
    (found,) = exported(editor)
    assert (found["article"]["external_id"], found["article"]["text"]) == ("a-1", TEXT)
    first, second = found["claims"]
    assert (first["status"], first["verdict"], first["claimant"]["name"]) == ("resolved", "false", "Jo Marlow")
    assert first["assessments"][0]["reviewer"] == "ravi"
    assert first["assessments"][0]["evidence"] == [{"id": first["evidence"][0]["id"], "stance": "refutes"}]
    assert [span["exact"] for span in second["spans"]] == ["2,950"]


def test_the_history_says_who_brought_in_what_another_found(editor: Client) -> None:
    send(editor, lines(dossier()))
    claim = exported(editor)[0]["claims"][0]
    told = editor.all(f"/v1/claims/{claim['id']}/history")
    given = next(event for event in told if event["resource"] == "assessment")
    assert (given["by"], given["after"]["reviewer"]) == ("edith", "ravi")


@pytest.mark.parametrize("name", ["a-1", None])
def test_the_same_file_again_changes_nothing_and_is_no_event(
    editor: Client, database: Database, name: str | None
) -> None:
    body = lines(dossier(name), dossier(name and "a-2", "Another. " + TEXT))
    assert counts(send(editor, body))[1:] == (2, 0, 0, 0)
    before = exported(editor), number_of_events(database)
    assert counts(send(editor, body))[1:] == (0, 0, 2, 0)
    assert (exported(editor), number_of_events(database)) == before


def test_what_a_line_says_otherwise_is_changed_and_what_it_leaves_out_stays(editor: Client) -> None:
    send(editor, lines(dossier()))
    found = exported(editor)[0]["claims"][0]
    editor.patch(f"/v1/claims/{found['id']}", {"priority": 5}, If_Match="*")
    changed = dossier()
    del changed["article"]["title"]
    changed["article"]["publisher"] = "The Daily Example"
    changed["claims"] = [changed["claims"][0]]
    changed["claims"][0] |= {"tags": ["parks"], "spans": [{"start": 31, "end": 62}]}
    changed["claims"][0]["evidence"][0]["note"] = "Street trees only."
    changed["claims"][0]["assessments"][0]["verdict"] = "true"
    assert counts(send(editor, lines(changed)))[1:] == (0, 1, 0, 0)
    (now,) = exported(editor)
    assert (now["article"]["title"], now["article"]["publisher"]) == ("Trees", "The Daily Example")
    assert len(now["claims"]) == 2
    claim = now["claims"][0]
    assert (claim["tags"], claim["priority"], claim["verdict"]) == (["parks"], 5, "true")
    assert claim["spans"][0]["start"] == 31
    assert claim["evidence"][0]["note"] == "Street trees only."
    assert counts(send(editor, lines(changed)))[1:] == (0, 0, 1, 0)


def test_a_new_text_becomes_a_revision_and_its_claims_go_along(editor: Client) -> None:
    send(editor, lines(dossier()))
    edited = dossier(text="Yesterday: " + TEXT)
    edited["claims"] = []
    assert counts(send(editor, lines(edited)))[1:] == (0, 1, 0, 0)
    (now,) = exported(editor)
    assert now["article"]["revision"] == 2
    assert [claim["spans"][0]["anchor"]["outcome"] for claim in now["claims"]] == ["kept", "kept"]
    assert now["claims"][0]["spans"][0]["start"] == 41


def test_the_text_before_an_edit_made_here_does_not_come_back(editor: Client) -> None:
    send(editor, lines(dossier()))
    article = f"/v1/articles/{exported(editor)[0]['article']['id']}"
    editor.revise(article, "Yesterday: " + TEXT)
    assert counts(send(editor, lines(dossier())))[1:] == (0, 0, 1, 0)
    assert editor.get(article).json["revision"] == 2


@pytest.mark.parametrize("unit", ["codepoint", "utf16", "utf8"])
def test_spans_count_in_the_unit_they_name(editor: Client, unit: str) -> None:
    width = {"codepoint": 4, "utf16": 2, "utf8": 1}[unit]
    encoding = {"codepoint": "utf-32-le", "utf16": "utf-16-le", "utf8": "utf-8"}[unit]
    start = len(TEXT[: TEXT.index("2,950")].encode(encoding)) // width
    sent = dossier()
    sent["claims"] = [{"spans": [{"start": start, "end": start + 5, "unit": unit, "exact": "2,950"}]}]
    assert counts(send(editor, lines(sent)))[1:] == (1, 0, 0, 0)
    assert exported(editor)[0]["claims"][0]["spans"][0]["exact"] == "2,950"


@pytest.mark.parametrize("packed", [False, True])
def test_arrays_and_exports_are_understood_and_gzip_too(editor: Client, packed: bool) -> None:
    for body in ([dossier()], {"dossiers": [dossier(), dossier("a-2")]}):
        sent = json.dumps(body, indent=1).encode()
        headers = {"Content_Encoding": "gzip"} if packed else {}
        report = send(editor, gzip.compress(sent) if packed else sent, "", "application/json", **headers)
        assert report["failed"] == 0
    assert [found["article"]["external_id"] for found in exported(editor)] == ["a-1", "a-2"]


def broken(**places: Any) -> dict[str, Any]:
    """A dossier with something else at the places, whose names are JSON pointers with `__` for `/`."""
    found: Any = dossier("broken")
    for pointer, value in places.items():
        *way, last = (int(part) if part.isdigit() else part for part in pointer.split("__"))
        inner = found
        for part in way:
            inner = inner[part]
        inner[last] = value
    return found


@pytest.mark.parametrize(
    ("bad", "pointer", "why"),
    [
        (b"{", "", "malformed"),
        (b"[]", "", "invalid"),
        (b"\xff", "", "malformed"),
        (b'{"a": 1, "a": 2}', "", "malformed"),
        (b"[" * 100_000, "", "malformed"),
        (b'{"article": {"text": "' + b"x" * 2_000_000 + b'"}}', "", "line_too_long"),
        (lines({}).strip(), "/article", "required"),
        (lines({"article": {"text": "x" * 100_001}}).strip(), "/article/text", "text_too_long"),
        (lines(broken(article__text="a\x00b")).strip(), "/article/text", "unstorable"),
        (lines(broken(article__colour=1)).strip(), "/article/colour", "unknown_field"),
        (lines(broken(claims__1__spans=[])).strip(), "/claims/1/spans", "invalid"),
        (lines(broken(claims__1__spans=[{"exact": "trees"}])).strip(), "/claims/1/spans/0", "quote_ambiguous"),
        (lines(broken(claims__1__spans=[{"exact": "oak"}])).strip(), "/claims/1/spans/0/exact", "quote_not_found"),
        (
            lines(broken(claims__1__spans=[{"start": 0, "end": 10_000}])).strip(),
            "/claims/1/spans/0",
            "span_outside_text",
        ),
        (
            lines(broken(claims__1__spans=[{"start": 125, "end": 130, "unit": "utf16", "exact": "ffice"}])).strip(),
            "/claims/1/spans/0/exact",
            "exact_mismatch",
        ),
        (lines(broken(claims__1__external_id="c-1")).strip(), "/claims/1/external_id", "external_id_repeated"),
        (
            lines(broken(claims__0__assessments__0__verdict="perhaps")).strip(),
            "/claims/0/assessments/0/verdict",
            "verdict_not_on_scale",
        ),
        (
            lines(broken(claims__0__assessments__0__reviewer="rita")).strip(),
            "/claims/0/assessments/0/reviewer",
            "not_a_reviewer",
        ),
        (
            lines(broken(claims__0__assessments__0__reviewer="nobody")).strip(),
            "/claims/0/assessments/0/reviewer",
            "not_a_reviewer",
        ),
        (
            lines(broken(claims__0__assessments__0__state="draft")).strip(),
            "/claims/0/assessments/0/state",
            "draft_of_another",
        ),
        (
            lines(broken(claims__0__assessments__0__evidence=[{"id": "e"}])).strip(),
            "/claims/0/assessments/0/evidence/0/id",
            "unknown_evidence",
        ),
        (lines(broken(claims__0__evidence=[{"url": "ftp://x"}])).strip(), "/claims/0/evidence/0/url", "invalid"),
    ],
)
@pytest.mark.parametrize("mode", ["partial", "atomic"])
def test_a_bad_line_is_named_and_leaves_nothing(
    editor: Client, database: Database, mode: str, bad: bytes, pointer: str, why: str
) -> None:
    body = lines(dossier("before")) + bad + b"\n" + lines(dossier("behind", "Behind. " + TEXT))
    report = send(editor, body, f"?mode={mode}")
    assert failures(editor, report) == [(2, pointer, why)]
    names = [found["article"]["external_id"] for found in exported(editor)]
    if mode == "partial":
        assert (report["state"], counts(report), names) == ("finished", (3, 2, 0, 0, 1), ["before", "behind"])
    else:
        assert (report["state"], counts(report), names) == ("failed", (3, 0, 0, 0, 1), [])
    assert editor.all("/v1/projects/default/claims?external_id=c-9") == []


def test_a_line_fails_whole_however_far_it_had_come(editor: Client, database: Database) -> None:
    send(editor, lines(dossier()))
    before = exported(editor), number_of_events(database)
    bad = dossier(title="Changed")
    bad["claims"][0]["tags"] = ["changed"]
    bad["claims"][1]["assessments"] = [{"reviewer": "rosa", "verdict": "perhaps"}]
    report = send(editor, lines(bad))
    assert failures(editor, report) == [(1, "/claims/1/assessments/0/verdict", "verdict_not_on_scale")]
    assert (exported(editor), number_of_events(database)) == before


def test_an_article_twice_in_one_file_is_refused_the_second_time(editor: Client) -> None:
    report = send(editor, lines(dossier(), dossier(title="Other"), dossier(None), dossier(None)))
    assert failures(editor, report) == [
        (2, "/article/external_id", "external_id_repeated"),
        (4, "/article/text", "text_repeated"),
    ]


def test_a_dry_run_reports_and_keeps_nothing(editor: Client, database: Database) -> None:
    before = number_of_events(database)
    report = send(editor, lines(dossier(), {}, dossier("a-2")), "?dry_run=true")
    assert (report["state"], counts(report)) == ("finished", (3, 2, 0, 0, 1))
    assert failures(editor, report) == [(2, "/article", "required")]
    assert (exported(editor), number_of_events(database)) == ([], before)


def test_what_a_reviewer_said_in_person_stays(editor: Client, reviewer: Client) -> None:
    send(editor, lines(dossier()))
    claim = f"/v1/claims/{exported(editor)[0]['claims'][0]['id']}"
    reviewer.put(f"{claim}/assessments/mine", {"verdict": "true"}, If_Match="*")
    report = send(editor, lines(dossier()))
    assert failures(editor, report) == [(1, "/claims/0/assessments/0", "assessment_kept")]
    assert editor.all(f"{claim}/assessments")[0]["verdict"] == "true"


def test_a_reviewers_draft_is_neither_shown_nor_touched(editor: Client, reviewer: Client) -> None:
    sent = dossier()
    given = sent["claims"][0].pop("assessments")
    send(editor, lines(sent))
    claim = f"/v1/claims/{exported(editor)[0]['claims'][0]['id']}"
    reviewer.assess(claim, "false", state="draft")
    sent["claims"][0]["assessments"] = given
    assert failures(editor, send(editor, lines(sent))) == [(1, "/claims/0/assessments/0", "assessment_kept")]
    assert editor.all(f"{claim}/assessments") == []


@pytest.mark.parametrize(
    ("body", "kind", "headers", "status"),
    [
        (b"{}", "text/csv", {}, 415),
        (b"{}", NDJSON, {"Content_Encoding": "br"}, 415),
        (b"{}", NDJSON, {"Idempotency_Key": "k"}, 400),
        (b"", "application/json", {}, 400),
        (b'{"articles": []}', "application/json", {}, 400),
        (b"[] []", "application/json", {}, 400),
        (b"no gzip", NDJSON, {"Content_Encoding": "gzip"}, 400),
        (gzip.compress(lines(dossier()))[:-3], NDJSON, {"Content_Encoding": "gzip"}, 400),
        (gzip.compress(lines(dossier())) + b"more", NDJSON, {"Content_Encoding": "gzip"}, 400),
        (gzip.compress(b" " * 30_000_000), NDJSON, {"Content_Encoding": "gzip"}, 400),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(
    editor: Client, body: bytes, kind: str, headers: dict[str, str], status: int
) -> None:
    refused = editor.raw(IMPORTS, body, kind, **headers)
    assert refused.status_code == status
    assert code(refused) in ("malformed", "unsupported_media_type")
    if "import" in refused.json:
        report = editor.get(f"/v1/imports/{refused.json['import']}").json
        assert (report["state"], report["detail"]) == ("failed", refused.json["detail"])


def test_what_came_before_the_break_is_in_and_the_rest_comes_with_the_next_try(editor: Client) -> None:
    packed = gzip.compress(lines(*(dossier(f"a-{n}", f"{n}: {TEXT}") for n in range(60))))
    broken_off = editor.raw(IMPORTS, packed[: len(packed) * 2 // 3], NDJSON, Content_Encoding="gzip")
    assert broken_off.status_code == 400
    report = editor.get(f"/v1/imports/{broken_off.json['import']}").json
    assert 0 < report["created"] < 60
    assert len(exported(editor)) == report["created"]
    again = send(editor, packed, Content_Encoding="gzip")
    assert counts(again) == (60, 60 - report["created"], 0, report["created"], 0)


def test_an_atomic_import_that_breaks_off_leaves_nothing(editor: Client) -> None:
    packed = gzip.compress(lines(*(dossier(f"a-{n}", f"{n}: {TEXT}") for n in range(60))))
    refused = editor.raw(f"{IMPORTS}?mode=atomic", packed[:-9], NDJSON, Content_Encoding="gzip")
    assert refused.status_code == 400
    assert exported(editor) == []
    assert counts(editor.get(f"/v1/imports/{refused.json['import']}").json) == (0, 0, 0, 0, 0)


def test_a_body_may_be_longer_than_any_other(editor: Client) -> None:
    body = lines(*({"article": {"external_id": f"a-{n}", "text": "x" * 90_000}} for n in range(15)))
    assert len(body) > 1_000_000
    assert counts(send(editor, body)) == (15, 15, 0, 0, 0)


def test_failures_come_in_pages(editor: Client) -> None:
    report = send(editor, b"no\n" * 120)
    assert counts(report) == (120, 0, 0, 0, 120)
    assert [line for line, _, _ in failures(editor, report)] == list(range(1, 121))


def test_imports_are_listed_and_one_that_stands_still_has_failed(editor: Client, database: Database) -> None:
    first, second = (send(editor, lines(dossier())) for _ in range(2))
    assert [each["id"] for each in editor.all(IMPORTS)] == [second["id"], first["id"]]
    long_ago = first["started_at"].replace("202", "200", 1)
    moment = datetime.fromisoformat(long_ago)
    database.write(lambda tx: tx.execute(sa.update(imports).values(state="running", updated_at=moment)))
    shown = editor.get(f"/v1/imports/{first['id']}").json
    assert shown["state"] == "failed"
    assert "send it again" in shown["detail"]


def long_ago(database: Database, silence: timedelta) -> None:
    """Has all imports have moved last a little longer ago than that, and still run."""
    moment = now() - silence - timedelta(seconds=1)
    database.write(lambda tx: tx.execute(sa.update(imports).values(state="running", updated_at=moment)))


def test_one_that_stood_still_for_too_long_is_over_for_good(editor: Client, database: Database) -> None:
    def stream() -> Iterator[bytes]:
        yield lines(*({"article": {"text": f"First {n}"}} for n in range(CHUNK_LINES + 1)))
        long_ago(database, service.SILENCE)
        yield lines(*({"article": {"text": f"Second {n}"}} for n in range(CHUNK_LINES)))

    with pytest.raises(Conflict) as refused:
        brought(database, stream(), "partial")
    shown = editor.get(f"/v1/imports/{refused.value.facts['import']}").json
    assert (shown["state"], shown["created"], "send it again" in shown["detail"]) == ("failed", CHUNK_LINES, True)
    assert len(editor.all(BOX)) == CHUNK_LINES


def test_the_next_import_ends_those_that_were_cut_off(editor: Client, database: Database) -> None:
    first, atomic = send(editor, lines(dossier())), send(editor, lines(dossier()), "?mode=atomic")
    long_ago(database, service.SILENCE)
    assert [editor.get(f"/v1/imports/{each['id']}").json["state"] for each in (first, atomic)] == ["failed", "running"]
    send(editor, lines(dossier()))
    with database.snapshot() as tx:
        states = {row.id: row.state for row in tx.execute(sa.select(imports.c.id, imports.c.state))}
    assert [states[each["id"]] for each in (first, atomic)] == ["failed", "running"]
    long_ago(database, service.LONG_SILENCE)
    assert editor.get(f"/v1/imports/{atomic['id']}").json["state"] == "failed"


def test_one_in_a_single_transaction_does_not_finish_once_it_counts_as_dead(
    editor: Client, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "LONG_SILENCE", timedelta(seconds=-1))
    with pytest.raises(Conflict) as refused:
        brought(database, iter([lines(dossier())]), "atomic")
    assert editor.get(f"/v1/imports/{refused.value.facts['import']}").json["state"] == "failed"
    assert editor.all(BOX) == []


def test_a_sign_of_life_that_fails_does_not_end_it(
    editor: Client, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> None:
        raise Unavailable("The database is away.")

    monkeypatch.setattr(service, "BEAT", 0)
    monkeypatch.setattr(service, "move", away)
    assert editor.get(f"/v1/imports/{brought(database, iter([lines(dossier())]), 'atomic')}").json["created"] == 1


def test_what_fails_is_held_without_its_candidates(database: Database) -> None:
    entry = Entry(1, 10, read_dossier({"article": {"text": "a" * 500}, "claims": [{"spans": [{"exact": "a"}]}]}))
    importer = Importer("default", Caller("edith", False, frozenset({"read", "write"}), ""), 1000)

    def outcome(tx: Any) -> tuple[Any, ...]:
        return imported._outcome(tx, importer, entry, known_of(tx, "default", [entry.article]))

    came, (fault,) = database.write(outcome)
    assert (came, fault.code, fault.candidates) == ("failed", "quote_ambiguous", None)


@pytest.mark.parametrize("mode", ["partial", "atomic"])
def test_while_lines_come_its_report_moves(
    editor: Client, database: Database, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    monkeypatch.setattr(service, "BEAT", 0)
    ages: list[timedelta] = []

    def stream() -> Iterator[bytes]:
        for n in range(3):
            database.write(lambda tx: tx.execute(sa.update(imports).values(updated_at=now() - timedelta(minutes=9))))
            yield lines({"article": {"text": f"Text {n}"}})
            (report,) = editor.get(IMPORTS).json["items"]
            ages.append(now() - datetime.fromisoformat(report["updated_at"]))

    report = editor.get(f"/v1/imports/{brought(database, stream(), mode)}").json
    assert counts(report) == (3, 3, 0, 0, 0)
    assert max(ages) < timedelta(minutes=5)


def brought(database: Database, stream: Iterator[bytes], mode: str) -> str:
    """The id of the report of an import of such a stream of lines."""
    importer = Importer("default", Caller("edith", False, frozenset({"read", "write"}), ""), 1000)
    terms = Terms(NDJSON, 10_000, 20)
    return take_in(database, importer, stream, lambda lines: read(NATIVE, lines, terms), mode=mode, dry_run=False)


def much(editor: Client, reviewer: Client, other: Client) -> None:
    """Articles with everything that an import brings back."""
    article = editor.article(external_id="x-1", metadata={"b": [1, None], "a": {}}, published_at="2026-03-02")
    first = reviewer.claim(article, {"start": 30, "end": 62}, {"exact": "2,950"}, claimant={"name": "Jo"}, tags=["t"])
    second = reviewer.claim(article, {"start": 30, "end": 62}, external_id="c", claimed_at="2026-03-01")
    lost = reviewer.claim(article, {"exact": "The parks office"}, text="Lost")
    link = location(reviewer.post(f"{first}/evidence", {"url": "https://example.org/1", "stance": "refutes"}))
    editor.post(f"{first}/evidence", {"url": "https://example.org/2", "published_at": "2026-01-01"})
    reviewer.assess(first, "false", rationale="Counted.", evidence=[{"id": link.rpartition("/")[2]}])
    verdict = other.assess(second, "true", confidence=0.5).json
    draft = {"verdict": "false", "rationale": "Both", "assessments": [verdict["id"]]}
    editor.put(f"{second}/resolution", draft, If_Match="*")
    editor.revise(article, TEXT.replace("The parks office counts", "They count"), note="Shorter")
    editor.revise(article, TEXT.replace("The parks office counts", "They count").replace("4,000", "4,200"))
    late = reviewer.claim(article, {"exact": "They count"})
    reviewer.post(f"{first}/anchors/confirm", None, If_Match="*")
    editor.put(f"{late}/withdrawal", If_Match="*")
    assert editor.get(lost).json["needs_attention"] == "orphaned"
    editor.article("Nothing of note, but for 🌳.", url="https://news.example/2")


@pytest.mark.parametrize("format", ["json", "ndjson"])
def test_an_export_comes_back_as_it_was(
    admin: Client, editor: Client, reviewer: Client, other_reviewer: Client, database: Database, format: str
) -> None:
    much(editor, reviewer, other_reviewer)
    before = exported(editor)
    body = editor.get(f"/v1/projects/default/export?format={format}").data
    kind = NDJSON if format == "ndjson" else "application/json"
    again = send(editor, body, "", kind)
    assert counts(again) == (2, 0, 0, 2, 0), failures(editor, again)
    admin.post("/v1/projects", {"slug": "empty", "name": "Empty"})
    for name in ("ravi", "rosa"):
        admin.put(f"/v1/projects/empty/members/{name}", {"role": "reviewer"})
    response = admin.raw("/v1/projects/empty/imports", body, kind)
    assert counts(response.json) == (2, 2, 0, 0, 0), failures(admin, response.json)
    after = exported(admin, "empty")
    assert kept(after) == kept(before)
    events_before = number_of_events(database)
    assert counts(admin.raw("/v1/projects/empty/imports", body, kind).json) == (2, 0, 0, 2, 0)
    assert number_of_events(database) == events_before
    verified = admin.app.test_cli_runner().invoke(args=["history", "verify"])
    assert verified.exit_code == 0, verified.output


def test_the_same_words_marked_twice_stay_two_claims(editor: Client) -> None:
    sent = dossier()
    nameless = {"spans": [{"exact": "2,950"}], "text": "One"}
    sent["claims"] = [nameless, {**nameless, "text": "Two"}, deepcopy(nameless)]
    assert counts(send(editor, lines(sent)))[1:] == (1, 0, 0, 0)
    assert counts(send(editor, lines(sent)))[1:] == (0, 0, 1, 0)
    assert sorted(claim["text"] for claim in exported(editor)[0]["claims"]) == ["One", "One", "Two"]
    assert len(editor.all(BOX)) == 1
