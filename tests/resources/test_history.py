"""Histories over HTTP: what is told, to whom, and how a claim was."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from api.db import Database
from api.errors import TimedOut
from api.models import assessments, chains, claims, events, evidence, resolutions, revisions, spans
from api.models.columns import now
from api.services import verification as verification_of
from tests.client import BOX, TEXT, Client, code, location, token_of


def told(client: Client, address: str, query: str = "") -> list[tuple[str, str, str]]:
    """Who did what to which kind of thing, oldest first."""
    return [(e["by"], e["action"], e["resource"]) for e in client.all(f"{address}/history{query}")]


def verification(client: Client, address: str) -> Any:
    return client.get(f"{address}/history?verify=true").json["verification"]


def test_every_change_of_a_claim_and_what_belongs_to_it_is_an_event(
    reviewer: Client, other_reviewer: Client, editor: Client
) -> None:
    claim = reviewer.claim(editor.article(), text="First")
    reviewer.patch(claim, {"text": "Second"}, If_Match='"1"')
    link = location(reviewer.post(f"{claim}/evidence", {"url": "https://example.org"}))
    reviewer.patch(link, {"note": "p. 3"}, If_Match='"1"')
    other_reviewer.assess(claim, "true")
    reviewer.delete(link, If_Match='"2"')
    assert told(reviewer, claim) == [
        ("ravi", "created", "claim"),
        ("ravi", "changed", "claim"),
        ("ravi", "created", "evidence"),
        ("ravi", "changed", "evidence"),
        ("rosa", "created", "assessment"),
        ("rosa", "changed", "status"),
        ("ravi", "deleted", "evidence"),
    ]
    items = reviewer.all(f"{claim}/history?limit=2")
    assert [item["n"] for item in items] == list(range(1, 8))
    assert items[1]["before"] == {"text": "First", "version": 1}
    assert items[1]["after"] == {"text": "Second", "version": 2}
    assert items[5]["after"] | {"resolution": None} == {"status": "resolved", "verdict": "true", "resolution": None}
    assert items[6]["before"]["note"] == "p. 3"


def test_filters_narrow_a_history(reviewer: Client, other_reviewer: Client, editor: Client) -> None:
    claim = reviewer.claim(editor.article())
    other_reviewer.assess(claim, "true")
    middle = reviewer.all(f"{claim}/history")[1]["at"]
    assert told(reviewer, claim, "?by=rosa&resource=status") == [("rosa", "changed", "status")]
    assert told(reviewer, claim, f"?before={middle}") == [("ravi", "created", "claim")]
    assert [e["n"] for e in reviewer.all(f"{claim}/history?sort=-at&after={middle}")] == [3, 2]


def test_every_version_of_an_assessment_is_kept_and_drafts_are_their_writers_alone(
    reviewer: Client, other_reviewer: Client, editor: Client
) -> None:
    claim = reviewer.claim(editor.article())
    mine = f"{claim}/assessments/mine"
    reviewer.assess(claim, "true", state="draft", rationale="A guess")
    reviewer.put(mine, {"verdict": "false", "state": "draft"}, If_Match=reviewer.tag(mine))
    assert len(reviewer.all(f"{claim}/history")) == 3
    assert told(other_reviewer, claim) == [("ravi", "created", "claim")]
    reviewer.put(mine, {"verdict": "half_true"}, If_Match=reviewer.tag(mine))
    reviewer.put(mine, {"verdict": "mostly_true"}, If_Match=reviewer.tag(mine))
    page = other_reviewer.get(f"{claim}/history?resource=assessment")
    assert "A guess" not in page.text
    first, second = page.json["items"]
    assert (first["action"], first["before"], first["after"]["verdict"]) == ("submitted", None, "half_true")
    assert (second["before"]["verdict"], second["after"]["verdict"]) == ("half_true", "mostly_true")
    assert [e["n"] for e in other_reviewer.all(f"{claim}/history")] == [1, 2, 3, 4, 5]
    assert verification(reviewer, claim)["intact"]


def test_an_article_shows_its_claims_history_too_and_a_project_its_members(owner: Client, editor: Client) -> None:
    article = editor.article()
    claim = editor.claim(article, claimant={"name": "Jo"})
    editor.revise(article, TEXT.replace("planted", "felled"))
    assert told(owner, article) == [
        ("edith", "created", "article"),
        ("edith", "created", "revision"),
        ("edith", "created", "claim"),
        ("edith", "changed", "article"),
        ("edith", "created", "revision"),
        ("edith", "carried", "claim"),
    ]
    carried = editor.all(f"{claim}/history")[-1]
    assert carried["before"]["needs_attention"] is None
    assert carried["after"]["spans"][0]["revision"] == 2
    owner.put("/v1/projects/default/members/rita", {"role": "reviewer"}, If_Match="*")
    history = owner.all("/v1/projects/default/history")
    assert (history[-1]["before"]["role"], history[-1]["after"]["role"]) == ("reader", "reviewer")
    assert any(event["resource"] == "claimant" for event in history)
    assert not any(event["claim"] or event["article"] for event in history)


def test_the_history_of_what_was_deleted_stays(reviewer: Client, editor: Client, stranger: Client) -> None:
    article = editor.article()
    claim = editor.claim(article)
    editor.erase(article, If_Match=editor.tag(article))
    assert reviewer.get(claim).status_code == 404
    assert told(reviewer, claim)[-1] == ("edith", "deleted", "claim")
    assert told(reviewer, article)[-1] == ("edith", "deleted", "article")
    assert verification(reviewer, claim)["intact"]
    assert verification(reviewer, article)["intact"]
    assert stranger.get(f"{claim}/history").status_code == 404


def test_what_is_refused_leaves_no_event(reviewer: Client, other_reviewer: Client, editor: Client) -> None:
    claim = reviewer.claim(editor.article())
    reviewer.patch(claim, {"text": "x"}, If_Match='"7"')
    other_reviewer.patch(claim, {"text": "x"}, If_Match='"1"')
    reviewer.assess(claim, "no such verdict")
    assert len(reviewer.all(f"{claim}/history")) == 1


def test_a_claim_is_shown_as_it_was_at_any_time(reviewer: Client, other_reviewer: Client, editor: Client) -> None:
    article = editor.article()
    claim = reviewer.claim(article, {"start": 30, "end": 62}, text="First", claimant={"name": "Jo"})
    states = [reviewer.get(claim).json]
    steps = [
        lambda: reviewer.post(f"{claim}/evidence", {"url": "https://example.org"}),
        lambda: other_reviewer.assess(claim, "true"),
        lambda: editor.revise(article, TEXT.replace("planted", "once felled")),
        lambda: reviewer.post(f"{claim}/anchors/confirm", None, If_Match=reviewer.tag(claim)),
        lambda: reviewer.patch(claim, {"text": "Second", "claimant": None}, If_Match=reviewer.tag(claim)),
        lambda: reviewer.put(f"{claim}/withdrawal", If_Match=reviewer.tag(claim)),
        lambda: reviewer.delete(f"{claim}/withdrawal", If_Match=reviewer.tag(claim)),
    ]
    for step in steps:
        assert step().status_code in (200, 201)
        states.append(reviewer.get(claim).json)
    times = [event["at"] for event in reviewer.all(f"{claim}/history")]
    assert states[3]["resolution"]["words_changed"]
    seen = [reviewer.get(f"{claim}?at={at}").json for at in times]
    assert [state for state in states if state not in seen] == []
    assert reviewer.get(f"{claim}?at={states[0]['created_at']}").json == states[0]
    assert reviewer.get(f"{claim}?at=2100-01-01T00:00:00Z").json == states[-1]
    past = reviewer.get(f"{claim}?at={times[0]}&unit=utf8").json
    assert past["spans"] == reviewer.get(f"{article}/claims?revision=1&unit=utf8").json["items"][0]["spans"]
    before = reviewer.get(f"{claim}?at=2020-01-01T00:00:00Z")
    assert (before.status_code, code(before)) == (404, "not_found")


def test_a_claim_is_shown_as_it_was_though_the_clock_of_its_claimant_was_ahead(
    database: Database, editor: Client
) -> None:
    claim = editor.claim(editor.article(), claimant={"name": "Jo"})
    made = editor.get(claim).json["created_at"]
    ahead = sa.update(events).where(events.c.resource == "claimant").values(at=now() + timedelta(seconds=5))
    database.write(lambda tx: tx.execute(ahead))
    assert editor.get(f"{claim}?at={made}").json["claimant"]["name"] == "Jo"


CHANGES = {
    "an event": sa.update(events).where(events.c.resource == "assessment").values(by="rita"),
    "what an event says": sa.update(events).where(events.c.resource == "claim").values(after={"text": "Forged"}),
    "a removed event": sa.delete(events).where(events.c.resource == "status"),
    "the last event": sa.delete(events).where(events.c.resource == "evidence"),
    "the head": sa.update(chains).where(chains.c.kind == "claim").values(n=2),
    "a verdict": sa.update(assessments).values(verdict="true"),
    "a wording": sa.update(claims).values(text="Forged"),
    "a status": sa.update(claims).values(status="disputed", verdict=None),
    "a resolution": sa.update(resolutions).values(rationale="Forged"),
    "a place": sa.update(spans).values(start=1),
    "evidence": sa.delete(evidence),
    "whose history tells it": sa.update(events).where(events.c.resource == "evidence").values(claim=None),
    "to whom it is told": sa.update(events).where(events.c.resource == "assessment").values(private_to="olga"),
    "whether the blind see it": sa.update(events).where(events.c.resource == "assessment").values(review=False),
    "a count": sa.update(claims).values(submitted=0),
    "a version": sa.update(claims).values(review_version=7),
    "a cell that can't be read": sa.text("UPDATE claims SET first_appearance = 'x'"),
    "an event that can't be read": sa.text("UPDATE events SET after = 'x' WHERE resource = 'evidence'"),
    "a text": sa.update(revisions).values(text=TEXT + " "),
    "a hash of a text": sa.update(revisions).values(text_sha256="0" * 64),
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_is_changed_behind_the_services_back_is_named(
    app: Any, database: Database, reviewer: Client, editor: Client, what: str
) -> None:
    article = editor.article()
    claim = reviewer.claim(article)
    reviewer.assess(claim, "false")
    reviewer.post(f"{claim}/evidence", {"url": "https://example.org"})
    verify = app.test_cli_runner().invoke
    assert verify(args=["history", "verify"]).exit_code == 0

    database.write(lambda tx: tx.execute(CHANGES[what]))

    result = verify(args=["history", "verify"])
    assert result.exit_code == 1
    thing = article if "text" in what else claim
    assert thing.rpartition("/")[2] in result.stdout
    if "event that can't be read" not in what:
        assert verification(reviewer, thing)["breaks"]


def test_a_draft_changed_behind_the_services_back_is_named(
    app: Any, database: Database, reviewer: Client, editor: Client
) -> None:
    claim = reviewer.claim(editor.article())
    draft = reviewer.assess(claim, "false", state="draft").json["id"]
    assert app.test_cli_runner().invoke(args=["history", "verify"]).exit_code == 0
    database.write(lambda tx: tx.execute(sa.update(assessments).values(verdict="true")))
    result = app.test_cli_runner().invoke(args=["history", "verify"])
    assert f"draft {draft}: assessment {draft} has another verdict" in result.stdout


def test_what_has_no_history_is_named(app: Any, database: Database, editor: Client) -> None:
    claim = editor.claim(editor.article())
    database.write(lambda tx: (tx.execute(sa.delete(events)), tx.execute(sa.delete(chains))))
    result = app.test_cli_runner().invoke(args=["history", "verify", "--project", "default"])
    assert result.exit_code == 1
    assert f"claim {claim.rpartition('/')[2]}: it has no history" in result.stdout


def test_what_can_not_be_looked_at_for_the_moment_is_not_called_broken(
    app: Any, editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = editor.claim(editor.article())

    def late(*_: Any) -> Any:
        raise TimedOut("The database took longer for this than it may.")

    monkeypatch.setattr(verification_of, "_verified", late)
    headers = {"Authorization": f"Bearer {token_of('edith')}"}
    refused = app.test_client().get(f"{claim}/history?verify=true", headers=headers)
    assert (refused.status_code, code(refused)) == (503, "timed_out")


def test_verifying_a_project_that_is_not_there_is_refused(app: Any) -> None:
    result = app.test_cli_runner().invoke(args=["history", "verify", "--project", "nothing"])
    assert result.exit_code == 1
    assert "there is no project" in result.output


def test_everything_that_the_service_does_verifies(app: Any, admin: Client, owner: Client, editor: Client) -> None:
    article = editor.article(external_id="a", metadata={"big": 2**40, "half": 0.5})
    claim = editor.claim(article, {"start": 0, "end": 9}, {"start": 30, "end": 62}, claimant={"name": "Jo"})
    editor.claim(article, claimant={"name": "Jo", "job_title": "Mayor"}, claimed_at="2026-03-02T10:00:00Z")
    assessment = editor.assess(claim, "false", confidence=1).json["id"]
    draft = {"verdict": "true", "rationale": "Why.", "assessments": [assessment]}
    editor.put(f"{claim}/resolution", draft, If_Match=editor.tag(claim))
    editor.revise(article, TEXT[40:])
    editor.patch(claim, {"spans": [{"start": 0, "end": 3}]}, If_Match=editor.tag(claim))
    editor.delete(f"{claim}/resolution", If_Match=editor.tag(claim))
    owner.patch("/v1/projects/default", {"policy": {"required_assessments": 2}}, If_Match=owner.tag(BOX[:-9]))
    assert editor.get(claim).json["status"] == "in_review"
    result = app.test_cli_runner().invoke(args=["history", "verify"])
    assert result.exit_code == 0, result.output
