"""Relations: which claims repeat, contradict, support, correct or belong to others."""

from typing import Any

import pytest

from tests.client import Client, code, location, pointers


@pytest.fixture
def article(editor: Client) -> str:
    return editor.article()


@pytest.fixture
def claim(reviewer: Client, article: str) -> str:
    return reviewer.claim(article)


@pytest.fixture
def other(reviewer: Client, editor: Client) -> str:
    """A claim on another article."""
    return reviewer.claim(editor.article())


def id_of(path: str) -> str:
    return path.rpartition("/")[2]


def relate(client: Client, claim: str, type: str, other: str, **facts: Any) -> str:
    """The address of a new relation."""
    return location(client.post(f"{claim}/relations", {"type": type, "other": id_of(other), **facts}))


def test_relate_read_change_and_remove(reviewer: Client, claim: str, other: str) -> None:
    relation = relate(reviewer, claim, "repeats", other, note="Word for word.")
    shown = reviewer.get(relation).json
    said = {"type": "repeats", "claim": id_of(claim), "other": id_of(other), "note": "Word for word."}
    assert {name: shown[name] for name in said} == said
    assert shown["created_by"] == "ravi"
    changed = reviewer.patch(relation, {"note": None}, If_Match='"1"')
    assert (changed.json["note"], changed.json["version"]) == (None, 2)
    assert reviewer.delete(relation, If_Match='"1"').status_code == 412
    assert reviewer.delete(relation, If_Match='"2"').status_code == 204
    assert reviewer.get(relation).status_code == 404


def test_only_the_note_can_be_changed(reviewer: Client, claim: str, other: str) -> None:
    relation = relate(reviewer, claim, "repeats", other)
    refused = reviewer.patch(relation, {"type": "corrects", "other": id_of(claim)}, If_Match='"1"')
    assert (refused.status_code, sorted(pointers(refused))) == (422, ["/other", "/type"])


def test_both_claims_list_and_count_a_relation(reviewer: Client, claim: str, other: str) -> None:
    tags = {reviewer.tag(claim), reviewer.tag(other)}
    made = reviewer.get(relate(reviewer, claim, "corrects", other)).json
    for end in (claim, other):
        assert reviewer.all(f"{end}/relations") == [made]
        assert reviewer.get(end).json["relation_count"] == 1
        assert reviewer.tag(end) not in tags


def test_relations_are_listed_in_the_order_they_came_and_by_type(
    reviewer: Client, article: str, claim: str, other: str
) -> None:
    third = reviewer.claim(article)
    relate(reviewer, claim, "repeats", other)
    relate(reviewer, third, "supports", claim)
    relate(reviewer, other, "corrects", claim)
    relate(reviewer, other, "part_of", third)
    assert [each["type"] for each in reviewer.all(f"{claim}/relations?limit=1")] == ["repeats", "supports", "corrects"]
    assert [each["claim"] for each in reviewer.all(f"{claim}/relations?type=supports")] == [id_of(third)]
    assert reviewer.all(f"{claim}/relations?type=part_of") == []
    assert reviewer.get(f"{claim}/relations?type=likes").status_code == 422


@pytest.mark.parametrize("type", ["repeats", "contradicts", "supports", "corrects", "part_of"])
def test_two_claims_are_related_once_in_each_way_whichever_way_round(
    reviewer: Client, claim: str, other: str, type: str
) -> None:
    first = relate(reviewer, claim, type, other)
    for one, another in ((claim, other), (other, claim)):
        again = reviewer.post(f"{one}/relations", {"type": type, "other": id_of(another)})
        assert (again.status_code, code(again)) == (409, "already_exists")
        assert again.json["existing"] == id_of(first)
    assert reviewer.get(claim).json["relation_count"] == 1
    relate(reviewer, other, "part_of" if type != "part_of" else "repeats", claim)


def test_a_claim_of_another_project_is_refused_like_one_that_does_not_exist(
    admin: Client, reviewer: Client, stranger: Client, claim: str
) -> None:
    hers = location(stranger.post("/v1/projects/elsewhere/articles", {"text": "Hers alone."}))
    foreign = stranger.claim(hers, {"exact": "alone"})
    for client in (reviewer, admin):
        answers = [
            client.post(f"{claim}/relations", {"type": "repeats", "other": id})
            for id in (id_of(foreign), "01934f6e-7a10-7000-8000-00000000ffff")
        ]
        assert {(answer.status_code, answer.json["errors"][0]["code"]) for answer in answers} == {
            (422, "unknown_claim")
        }
        assert answers[0].data == answers[1].data
        assert pointers(answers[0]) == ["/other"]


@pytest.mark.parametrize(
    ("draft", "pointer"),
    [
        ({"type": "repeats"}, "/other"),
        ({"type": "repeats", "other": "x"}, "/other"),
        ({"other": "01934f6e-7a10-7000-8000-00000000ffff"}, "/type"),
        ({"type": "likes", "other": "01934f6e-7a10-7000-8000-00000000ffff"}, "/type"),
    ],
)
def test_a_draft_that_does_not_fit_is_refused(reviewer: Client, claim: str, draft: Any, pointer: str) -> None:
    refused = reviewer.post(f"{claim}/relations", draft)
    assert (refused.status_code, pointers(refused)) == (422, [pointer])


def test_a_claim_is_not_related_to_itself(reviewer: Client, claim: str) -> None:
    refused = reviewer.post(f"{claim}/relations", {"type": "contradicts", "other": id_of(claim).upper()})
    assert (refused.status_code, pointers(refused)) == (422, ["/other"])
    assert refused.json["errors"][0]["code"] == "same_claim"


def test_reviewers_change_what_they_made_and_editors_all(
    reviewer: Client, other_reviewer: Client, editor: Client, claim: str, other: str
) -> None:
    relation = relate(reviewer, claim, "repeats", other)
    assert other_reviewer.patch(relation, {"note": "x"}, If_Match='"1"').status_code == 403
    assert other_reviewer.delete(relation, If_Match='"1"').status_code == 403
    assert reviewer.patch(relation, {"note": "x"}, If_Match='"1"').status_code == 200
    assert editor.delete(relation, If_Match='"2"').status_code == 204


@pytest.mark.parametrize("deleted", ["claim", "other", "article"])
def test_what_is_deleted_takes_its_relations_along(
    reviewer: Client, editor: Client, article: str, claim: str, other: str, deleted: str
) -> None:
    relation = relate(reviewer, claim, "repeats", other)
    thing, left = {"claim": (claim, other), "other": (other, claim), "article": (article, other)}[deleted]
    assert editor.erase(thing, If_Match=editor.tag(thing)).status_code == 204
    assert reviewer.get(relation).status_code == 404
    assert reviewer.all(f"{left}/relations") == []
    assert reviewer.get(left).json["relation_count"] == 0


def test_a_claim_is_not_deleted_with_a_relation_unseen(
    reviewer: Client, editor: Client, claim: str, other: str
) -> None:
    tag = editor.tag(claim)
    relate(reviewer, other, "repeats", claim)
    assert editor.delete(claim, If_Match=tag).status_code == 412


def test_the_dossiers_of_both_articles_show_a_relation(reviewer: Client, claim: str, other: str) -> None:
    made = reviewer.get(relate(reviewer, claim, "repeats", other)).json
    for end in (claim, other):
        article = f"/v1/articles/{reviewer.get(end).json['article']}"
        (dossier,) = reviewer.get(f"{article}/export").json["dossiers"]
        assert [each["relations"] for each in dossier["claims"]] == [[made]]
    whole = reviewer.get("/v1/projects/default/export").json["dossiers"]
    assert [claim["relations"] for dossier in whole for claim in dossier["claims"]] == [[made], [made]]


@pytest.mark.parametrize("deleted", ["other", "article"])
def test_the_history_of_a_claim_tells_of_its_relations_till_they_go_with_the_other_claim(
    reviewer: Client, editor: Client, claim: str, other: str, deleted: str
) -> None:
    relation = relate(reviewer, claim, "repeats", other)
    reviewer.patch(relation, {"note": "Word for word."}, If_Match="*")
    thing = other if deleted == "other" else f"/v1/articles/{editor.get(other).json['article']}"
    editor.erase(thing, If_Match=editor.tag(thing))
    told = reviewer.all(f"{claim}/history?resource=relation")
    assert [(e["by"], e["action"]) for e in told] == [("ravi", "created"), ("ravi", "changed"), ("edith", "deleted")]
    assert {event["resource_id"] for event in told} == {id_of(relation)}
    assert [e["action"] for e in reviewer.all(f"{other}/history?resource=relation")] == ["created", "changed"]
    assert reviewer.get(f"{claim}/history?verify=true").json["verification"]["intact"]
