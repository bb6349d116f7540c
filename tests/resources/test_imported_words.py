"""Which words claims were marked, confirmed and settled on comes back from an export."""

from typing import Any

import pytest

from tests.client import Client
from tests.resources.test_imports import counts, exported, failures, lines, send
from tests.round_trip import kept

WAS = "The city planted 4,000 trees. Nobody counted."
TEXTS = [
    WAS,
    WAS.replace("4,000", "4,200"),
    WAS.replace("4,000", "4,500"),
    "Corrected. " + WAS.replace("4,000", "4,500"),
]
CLAIM = {"exact": "The city planted 4,000 trees"}


def again(admin: Client, body: bytes) -> list[dict[str, Any]]:
    """The dossiers, imported into an empty project and exported."""
    admin.post("/v1/projects", {"slug": "empty", "name": "Empty"})
    admin.put("/v1/projects/empty/members/ravi", {"role": "reviewer"})
    response = admin.raw("/v1/projects/empty/imports", body, "application/x-ndjson")
    assert response.json["failed"] == 0, admin.all(f"/v1/imports/{response.json['id']}/failures")
    return exported(admin, "empty")


def check_comes_back(admin: Client) -> dict[str, Any]:
    """The only claim."""
    before = exported(admin)
    assert kept(again(admin, lines(*before))) == kept(before)
    assert counts(send(admin, lines(*before)))[3] == len(before)
    assert counts(admin.raw("/v1/projects/empty/imports", lines(*before), "application/x-ndjson").json)[3] == len(
        before
    )
    assert admin.app.test_cli_runner().invoke(args=["history", "verify"]).exit_code == 0
    claim: dict[str, Any] = before[0]["claims"][0]
    return claim


@pytest.mark.parametrize("settled_on", [1, 2, 3, 4])
def test_on_which_words_a_verdict_was_given(admin: Client, editor: Client, reviewer: Client, settled_on: int) -> None:
    article = editor.article(TEXTS[0])
    claim = reviewer.claim(article, CLAIM)
    for n, text in enumerate(TEXTS, 1):
        if n > 1:
            editor.revise(article, text)
        if n == settled_on:
            reviewer.assess(claim, "true")
    found = check_comes_back(admin)
    assert found["needs_attention"] == "text_changed"
    assert found["resolution"]["words_changed"] is (settled_on < 3)


def test_the_history_says_how_a_verdict_came_to_be_on_older_words(
    admin: Client, editor: Client, reviewer: Client
) -> None:
    article = editor.article(TEXTS[0])
    reviewer.assess(reviewer.claim(article, CLAIM), "true")
    editor.revise(article, TEXTS[1])
    (found,) = again(admin, lines(*exported(admin)))
    claim = found["claims"][0]
    told = admin.all(f"/v1/claims/{claim['id']}/history?resource=status")
    assert [(event["by"], event["action"]) for event in told] == [("admin", "changed"), ("admin", "changed")]
    assert claim["resolution"]["resolved_at"] == found["article"]["revisions"][0]["created_at"]
    assert told[1]["after"]["resolution"]["resolved_at"] == claim["resolution"]["resolved_at"]


@pytest.mark.parametrize("confirmed_on", [1, 2, 3, 4])
def test_which_words_were_confirmed(admin: Client, editor: Client, reviewer: Client, confirmed_on: int) -> None:
    article = editor.article(TEXTS[0])
    claim = reviewer.claim(article, CLAIM, {"exact": "Nobody counted"})
    for n, text in enumerate(TEXTS, 1):
        if n > 1:
            editor.revise(article, text)
        if n == confirmed_on:
            reviewer.post(f"{claim}/anchors/confirm", None, If_Match="*")
    found = check_comes_back(admin)
    words = {1: "4,000", 2: "4,200"}.get(confirmed_on)
    assert found["spans"][0]["anchor"]["confirmed"] == (words and f"The city planted {words} trees")


def test_where_a_claim_was_marked_before_it_was_marked_anew(admin: Client, editor: Client, reviewer: Client) -> None:
    article = editor.article(TEXTS[0])
    claim = reviewer.claim(article, CLAIM)
    for n, text in enumerate([*TEXTS[1:], WAS, "Again. " + WAS], 2):
        editor.revise(article, text)
        if n in (3, 5):
            reviewer.patch(claim, {"spans": [{"exact": "Nobody counted"}]}, If_Match="*")
    check_comes_back(admin)
    reports = [revision["report"]["claims"] for revision in exported(admin, "empty")[0]["article"]["revisions"]]
    assert [len(report) for report in reports] == [0, 1, 0, 1, 0, 1]


def test_a_past_that_cannot_have_been_is_not_told(editor: Client, reviewer: Client) -> None:
    article = editor.article(TEXTS[0])
    claim = reviewer.claim(article, CLAIM)
    for n, text in enumerate(TEXTS[1:], 2):
        editor.revise(article, text)
        if n == 3:
            reviewer.patch(claim, {"spans": [{"exact": "Nobody counted"}]}, If_Match="*")
    (sent,) = exported(editor)
    sent["article"]["external_id"] = "forged"
    place = sent["article"]["revisions"][1]["report"]["claims"][0]["spans"][0]["from"]
    place |= {"revision": 4, "start": 0, "end": 3, "exact": "Cor"}
    report = send(editor, lines(sent))
    assert counts(report) == (1, 1, 0, 0, 0), failures(editor, report)
    found = exported(editor)[1]
    assert [len(each["report"]["claims"]) for each in found["article"]["revisions"]] == [0, 0, 0, 1]
