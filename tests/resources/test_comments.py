"""Comments: what people say about articles, claims and assessments."""

import pytest
import sqlalchemy as sa

from api.db import Database
from api.models import events
from tests.client import Client, location, pointers

KINDS = ["article", "claim", "assessment"]


@pytest.fixture
def things(editor: Client, reviewer: Client) -> dict[str, str]:
    """The address of one thing of each kind."""
    article = editor.article()
    claim = reviewer.claim(article)
    assessment = reviewer.assess(claim, "false").json["id"]
    return {"article": article, "claim": claim, "assessment": f"/v1/assessments/{assessment}"}


def say(client: Client, thing: str, text: str = "Counted how?") -> str:
    """The address of a new comment."""
    return location(client.post(f"{thing}/comments", {"text": text}))


@pytest.mark.parametrize("kind", KINDS)
def test_write_read_change_and_delete(reviewer: Client, reader: Client, things: dict[str, str], kind: str) -> None:
    comment = say(reviewer, things[kind], "  Counted how?\n")
    shown = reader.get(comment).json
    on = {each: things[kind].rpartition("/")[2] if each == kind else None for each in KINDS}
    assert {name: shown[name] for name in KINDS} == on
    assert (shown["text"], shown["created_by"]) == ("  Counted how?\n", "ravi")
    changed = reviewer.patch(comment, {"text": "Counted when?"}, If_Match='"1"')
    assert (changed.json["text"], changed.json["version"]) == ("Counted when?", 2)
    assert changed.json["updated_at"] > shown["updated_at"]
    assert reviewer.delete(comment, If_Match='"1"').status_code == 412
    assert reviewer.delete(comment, If_Match='"2"').status_code == 204
    assert reader.get(comment).status_code == 404


@pytest.mark.parametrize("kind", KINDS)
def test_comments_are_listed_in_the_order_they_came_with_what_they_are_on(
    reviewer: Client, editor: Client, reader: Client, things: dict[str, str], kind: str
) -> None:
    for n in range(3):
        for each in KINDS:
            say((reviewer, editor)[n % 2], things[each], f"{each} {n}")
    listed = reader.all(f"{things[kind]}/comments?limit=1")
    assert [comment["text"] for comment in listed] == [f"{kind} {n}" for n in range(3)]
    assert [comment["created_by"] for comment in listed] == ["ravi", "edith", "ravi"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", [None, "", " \n", 7, "x" * 100_001])
def test_a_comment_says_something(reviewer: Client, things: dict[str, str], kind: str, text: object) -> None:
    refused = reviewer.post(f"{things[kind]}/comments", {"text": text})
    assert (refused.status_code, pointers(refused)) == (422, ["/text"])
    assert reviewer.post(f"{things[kind]}/comments", {}).status_code == 422
    assert reviewer.all(f"{things[kind]}/comments") == []


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_changes_what_another_said(
    admin: Client, owner: Client, editor: Client, other_reviewer: Client, things: dict[str, str], kind: str
) -> None:
    comment = say(other_reviewer, things[kind])
    for client in (admin, owner, editor):
        refused = client.patch(comment, {"text": "I was wrong."}, If_Match='"1"')
        assert refused.status_code == 403
        assert "who made it" in refused.json["detail"]
    assert other_reviewer.patch(comment, {"text": "Mine."}, If_Match='"1"').status_code == 200


def test_its_author_and_editors_delete_a_comment(
    reviewer: Client, other_reviewer: Client, editor: Client, things: dict[str, str]
) -> None:
    first, second = say(reviewer, things["claim"]), say(reviewer, things["claim"])
    assert other_reviewer.delete(first, If_Match="*").status_code == 403
    assert reviewer.delete(first, If_Match="*").status_code == 204
    assert editor.delete(second, If_Match="*").status_code == 204


def test_what_is_said_of_a_draft_stays_with_its_author_until_it_is_submitted(
    reviewer: Client, other_reviewer: Client, editor: Client, admin: Client, things: dict[str, str]
) -> None:
    claim = editor.claim(things["article"])
    draft = f"/v1/assessments/{reviewer.assess(claim, 'false', state='draft').json['id']}"
    comment = say(reviewer, draft)
    nothing = "/v1/assessments/01934f6e-7a10-7000-8000-00000000ffff"
    for client in (other_reviewer, editor, admin):
        for path in (draft, nothing):
            assert client.get(f"{path}/comments").status_code == 404
            assert client.post(f"{path}/comments", {"text": "Hm."}).status_code == 404
        assert client.get(comment).status_code == 404
        assert client.delete(comment, If_Match="*").status_code == 404
        assert client.patch(comment, {"text": "x"}, If_Match="*").status_code == 404
        assert client.get(comment).data == client.get(f"{nothing}/comments").data
        assert "Counted how?" not in client.get("/v1/projects/default/export").text
    assert [each["text"] for each in reviewer.all(f"{draft}/comments")] == ["Counted how?"]
    reviewer.put(f"{claim}/assessments/mine", {"verdict": "false"}, If_Match="*")
    assert [each["text"] for each in other_reviewer.all(f"{draft}/comments")] == ["Counted how?"]
    assert other_reviewer.get(comment).status_code == 200


@pytest.mark.parametrize(("deleted", "gone"), [("article", KINDS), ("claim", KINDS[1:]), ("mine", KINDS[2:])])
def test_comments_go_with_what_they_are_on(
    reviewer: Client, editor: Client, things: dict[str, str], deleted: str, gone: list[str]
) -> None:
    said = {kind: say(editor, things[kind]) for kind in KINDS}
    mine = f"{things['claim']}/assessments/mine"
    client, thing = (reviewer, mine) if deleted == "mine" else (editor, things[deleted])
    assert client.erase(thing, If_Match=client.tag(thing)).status_code == 204
    assert {kind for kind in KINDS if editor.get(said[kind]).status_code == 404} == set(gone)


def test_a_comment_changes_nothing_of_what_it_is_on(reviewer: Client, editor: Client, things: dict[str, str]) -> None:
    tags = {kind: editor.tag(things[kind]) for kind in ("article", "claim")}
    for thing in things.values():
        say(reviewer, thing)
    assert {kind: editor.tag(things[kind]) for kind in ("article", "claim")} == tags


def test_dossiers_carry_what_was_said(reviewer: Client, editor: Client, things: dict[str, str]) -> None:
    for client in (reviewer, editor):
        for thing in things.values():
            say(client, thing)
    listed = {kind: reviewer.all(f"{things[kind]}/comments") for kind in KINDS}
    (dossier,) = reviewer.get(f"{things['article']}/export").json["dossiers"]
    (claim,) = dossier["claims"]
    (assessment,) = claim["assessments"]
    carried = {"article": dossier["article"], "claim": claim, "assessment": assessment}
    assert {kind: carried[kind]["comments"] for kind in KINDS} == listed


def told(database: Database) -> list[tuple[str, bool, str, str]]:
    """What the history tells of comments: in which chain, whether only to who made it, by whom, and what."""
    columns = (events.c.chain, events.c.private_to, events.c.by, events.c.action)
    found = sa.select(*columns).where(events.c.resource == "comment").order_by(events.c.at)
    with database.snapshot() as tx:
        return [(row.chain, bool(row.private_to), row.by, row.action) for row in tx.execute(found)]


def test_the_history_of_what_it_is_on_tells_of_a_comment(
    reviewer: Client, editor: Client, things: dict[str, str], database: Database
) -> None:
    on_article, on_claim, _ = (say(editor, thing) for thing in things.values())
    editor.patch(on_article, {"text": "Counted when?"}, If_Match="*")
    editor.delete(on_claim, If_Match="*")
    reviewer.delete(f"{things['claim']}/assessments/mine", If_Match="*")
    article, claim = (things[kind].rpartition("/")[2] for kind in ("article", "claim"))
    assert told(database) == [
        (article, False, "edith", "created"),
        (claim, False, "edith", "created"),
        (claim, False, "edith", "created"),
        (article, False, "edith", "changed"),
        (claim, False, "edith", "deleted"),
        (claim, False, "ravi", "deleted"),
    ]


def test_the_history_tells_of_a_comment_on_a_draft_only_to_its_author(
    reviewer: Client, editor: Client, things: dict[str, str], database: Database
) -> None:
    claim = editor.claim(things["article"])
    draft = f"/v1/assessments/{reviewer.assess(claim, 'false', state='draft').json['id']}"
    comment = say(reviewer, draft)
    reviewer.patch(comment, {"text": "Counted when?"}, If_Match="*")
    reviewer.delete(f"{claim}/assessments/mine", If_Match="*")
    own = comment.rpartition("/")[2]
    assert told(database) == [(own, True, "ravi", action) for action in ("created", "changed", "deleted")]


def test_what_is_said_of_a_draft_is_told_to_all_once_it_is_submitted(
    reviewer: Client, editor: Client, things: dict[str, str], database: Database
) -> None:
    claim = editor.claim(things["article"])
    draft = f"/v1/assessments/{reviewer.assess(claim, 'false', state='draft').json['id']}"
    comment = say(reviewer, draft)
    reviewer.put(f"{claim}/assessments/mine", {"verdict": "false"}, If_Match="*")
    editor.delete(comment, If_Match="*")
    assert told(database) == [
        (comment.rpartition("/")[2], True, "ravi", "created"),
        (claim.rpartition("/")[2], False, "ravi", "submitted"),
        (claim.rpartition("/")[2], False, "edith", "deleted"),
    ]
