"""Comments in imports: by the importer's hand, and each there once however often it is sent."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from api.db import Database
from api.rules.imports import Entry
from api.rules.permissions import Caller
from api.schemas.dossier_drafts import read_dossier
from api.services import import_reports, imports
from api.services.imported_claims import Importer
from tests.client import Client, location
from tests.resources.test_imports import counts, dossier, exported, failures, lines, number_of_events, send

KINDS = ["article", "claim", "assessment"]


def commented(kind: str, *texts: str, name: str | None = "a-1") -> dict[str, Any]:
    """A dossier with comments on one of its things."""
    sent = dossier(name)
    thing_in(sent, kind)["comments"] = [{"text": text} for text in texts]
    return sent


def thing_in(found: dict[str, Any], kind: str) -> dict[str, Any]:
    claim = found["claims"][0]
    thing: dict[str, Any] = {"article": found["article"], "claim": claim, "assessment": claim["assessments"][0]}[kind]
    return thing


def said(client: Client, kind: str) -> list[tuple[str, str]]:
    """Author and words of the comments on that thing of the only article."""
    (found,) = exported(client)
    return [(comment["created_by"], comment["text"]) for comment in thing_in(found, kind)["comments"]]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["a-1", None])
def test_comments_come_in_once_by_the_hand_of_who_imports(
    editor: Client, database: Database, kind: str, name: str | None
) -> None:
    body = lines(commented(kind, " Counted how? 🌳\n", "By hand.", name=name))
    assert counts(send(editor, body))[1:] == (1, 0, 0, 0)
    assert said(editor, kind) == [("edith", " Counted how? 🌳\n"), ("edith", "By hand.")]
    before = number_of_events(database)
    assert counts(send(editor, body))[1:] == (0, 0, 1, 0)
    assert (len(said(editor, kind)), number_of_events(database)) == (2, before)
    assert editor.app.test_cli_runner().invoke(args=["history", "verify"]).exit_code == 0


@pytest.mark.parametrize("kind", KINDS)
def test_words_that_are_there_as_often_are_not_added_whoever_said_them(
    editor: Client, reviewer: Client, kind: str
) -> None:
    send(editor, lines(dossier()))
    thing = f"/v1/{kind}s/{thing_in(exported(editor)[0], kind)['id']}"
    comment = location(reviewer.post(f"{thing}/comments", {"text": "Yes."}))
    assert counts(send(editor, lines(commented(kind, "Yes."))))[1:] == (0, 0, 1, 0)
    assert counts(send(editor, lines(commented(kind, "Yes.", "Yes."))))[1:] == (0, 1, 0, 0)
    assert said(editor, kind) == [("ravi", "Yes."), ("edith", "Yes.")]
    assert counts(send(editor, lines(commented(kind, "Yes.", "No."))))[1:] == (0, 1, 0, 0)
    assert said(editor, kind) == [("ravi", "Yes."), ("edith", "Yes."), ("edith", "No.")]
    assert reviewer.get(comment).json["version"] == 1


def test_comments_of_others_are_said_to_be_brought_in_by_the_importer(editor: Client, reviewer: Client) -> None:
    claim = reviewer.claim(editor.article(external_id="x"), external_id="c")
    location(reviewer.post(f"{claim}/comments", {"text": "Mine."}))
    body = lines(*exported(editor))
    editor.delete(claim, If_Match="*")
    assert counts(send(editor, body))[1:] == (0, 1, 0, 0)
    (found,) = exported(editor)
    told = editor.all(f"/v1/claims/{found['claims'][0]['id']}/history?resource=comment")
    assert [(event["by"], event["after"]["created_by"]) for event in told] == [("edith", "edith")]


def test_what_is_said_on_ones_own_draft_stays_ones_own(editor: Client, reviewer: Client) -> None:
    sent = dossier()
    sent["claims"][0]["assessments"] = [
        {"reviewer": "edith", "verdict": "true", "state": "draft", "comments": [{"text": "Not yet."}]}
    ]
    send(editor, lines(sent))
    assert counts(send(editor, lines(sent)))[1:] == (0, 0, 1, 0)
    claim = f"/v1/claims/{exported(editor)[0]['claims'][0]['id']}"
    (draft,) = editor.all(f"{claim}/assessments")
    assert [comment["text"] for comment in editor.all(f"/v1/assessments/{draft['id']}/comments")] == ["Not yet."]
    assert [event for event in reviewer.all(f"{claim}/history") if event["resource"] == "comment"] == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("bad", [{}, {"text": " "}, {"text": 7}, {"text": "x", "on": 1}, "text"])
def test_what_is_no_comment_fails_the_line(editor: Client, kind: str, bad: object) -> None:
    sent = dossier()
    thing_in(sent, kind)["comments"] = [bad]
    ((line, pointer, _),) = failures(editor, send(editor, lines(sent)))
    way = {"article": "/article", "claim": "/claims/0", "assessment": "/claims/0/assessments/0"}[kind]
    assert line == 1
    assert pointer.startswith(f"{way}/comments/0")
    assert exported(editor) == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_comments_several_times_at_once_are_there_once(editor: Client, database: Database, kind: str) -> None:
    send(editor, lines(dossier()))
    sent = read_dossier(commented(kind, "One.", "Two."))
    importer = Importer("default", Caller("edith", False, frozenset({"read", "write"}), ""), 1000)
    together = Barrier(3)

    def bring(_: int) -> str:
        id = database.write(lambda tx: import_reports.begin(tx, "default", "edith", "partial", False))
        together.wait(timeout=20)
        imports.run(database, importer, id, lambda: [Entry(1, 10, sent)], chunked=True, keep=True)
        return id

    with ThreadPoolExecutor(3) as pool:
        reports = [editor.get(f"/v1/imports/{id}").json for id in pool.map(bring, range(3))]
    assert sorted(counts(report)[1:] for report in reports) == [(0, 0, 1, 0), (0, 0, 1, 0), (0, 1, 0, 0)]
    assert [text for _, text in said(editor, kind)] == ["One.", "Two."]
