"""Many at once, with real threads, on both engines: nothing lost, nothing doubled, nothing half done."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from api.db import Database
from api.errors import Stale
from api.models import assessments, claims
from api.rules.consensus import Policy, Vote, settle
from api.services import assignments, projects, standing, users
from tests.client import BOX, Client, token_of

HANDS = 8


def at_once(count: int, work: Callable[[int], Any]) -> list[Any]:
    """What `work(0)` … `work(count - 1)` give, all begun at the same moment."""
    start = threading.Barrier(count)

    def begin(n: int) -> Any:
        start.wait()
        return work(n)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(begin, range(count)))


def reviewers(app: Flask, database: Database, count: int) -> list[Client]:
    """That many new reviewers of the project."""

    def join(tx: Any) -> None:
        default = projects.find(tx, users.caller_with(tx, token_of("admin")), "default")
        for n in range(count):
            users.add_user(tx, f"hand{n}", f"Hand {n}")
            users.issue_token(tx, f"hand{n}", "", ("read", "write"), None, token_of(f"hand{n}"))
            projects.add_member(tx, default, f"hand{n}", "reviewer", "admin")

    database.write(join)
    return [Client(app, f"hand{n}") for n in range(count)]


@pytest.fixture
def crowd(app: Flask, database: Database) -> list[Client]:
    return reviewers(app, database, HANDS)


def test_all_claims_marked_at_once_are_kept(crowd: list[Client], editor: Client) -> None:
    article = editor.article()
    made = at_once(HANDS, lambda n: [crowd[n].claim(article, {"start": n, "end": n + i + 1}) for i in range(5)])
    listed = [f"/v1/claims/{claim['id']}" for claim in editor.all(f"{article}/claims")]
    assert sorted(listed) == sorted(claim for claims in made for claim in claims)
    assert editor.get(article).json["claim_count"] == HANDS * 5


def test_every_acknowledged_change_is_kept(editor: Client) -> None:
    article = editor.article(metadata={"n": 0})

    def add_one(_: int) -> int:
        done = 0
        while done < 5:
            read = editor.get(article)
            body = {"metadata": {"n": read.json["metadata"]["n"] + 1}}
            status = editor.patch(article, body, If_Match=read.headers["ETag"]).status_code
            assert status in (200, 412)
            done += status == 200
        return done

    acknowledged = sum(at_once(HANDS, add_one))
    final = editor.get(article).json
    assert final["metadata"]["n"] == acknowledged == HANDS * 5
    assert final["version"] == 1 + acknowledged


def test_what_is_meant_for_a_member_does_not_reach_one_who_was_added_anew_since(
    database: Database, owner: Client
) -> None:
    member = "/v1/projects/default/members/ravi"
    with database.snapshot() as tx:
        read = projects.find_member(tx, users.caller_named(tx, "olga"), "default", "ravi")
    assert owner.delete(member, If_Match="*").status_code == 204
    assert owner.put(member, {"role": "editor"}).json["version"] == read.version
    with pytest.raises(Stale):
        database.write(lambda tx: assignments.change_role(tx, read, "reader", "olga"))
    with pytest.raises(Stale):
        database.write(lambda tx: assignments.remove_member(tx, read, "olga"))
    assert owner.get(member).json["role"] == "editor"


def test_one_key_makes_one_thing(editor: Client) -> None:
    for round_ in range(5):
        draft, key = {"text": f"Text {round_}"}, f"key-{round_}"
        answers = at_once(HANDS, lambda _, draft=draft, key=key: editor.post(BOX, draft, Idempotency_Key=key))
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.data for answer in answers}) == 1
        assert sum("Idempotent-Replayed" in answer.headers for answer in answers) == HANDS - 1
    assert len(editor.all(BOX)) == 5


def test_one_external_id_is_given_once(editor: Client) -> None:
    answers = at_once(HANDS, lambda _: editor.post(BOX, {"text": "x", "external_id": "only"}))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: HANDS - 1}
    assert len(editor.all(BOX)) == 1


def test_one_name_makes_one_claimant(crowd: list[Client], editor: Client) -> None:
    article = editor.article()
    details = [{}, {"kind": "person"}, {"job_title": "Mayor"}, {"same_as": ["https://example.org/jo"]}]
    drafts = [{"spans": [{"start": 0, "end": 2}], "claimant": {"name": "Jo", **details[n % 4]}} for n in range(HANDS)]

    def mark(n: int) -> int:
        while (status := crowd[n].post(f"{article}/claims", drafts[n]).status_code) in (409, 412):
            pass
        return status

    assert set(at_once(HANDS, mark)) == {201}
    (jo,) = editor.all("/v1/projects/default/claimants")
    assert (jo["kind"], jo["job_title"], jo["same_as"]) == ("person", "Mayor", ["https://example.org/jo"])


def test_one_address_is_evidence_once(crowd: list[Client], editor: Client) -> None:
    claim = editor.claim(editor.article())
    answers = at_once(HANDS, lambda n: crowd[n].post(f"{claim}/evidence", {"url": "https://example.org"}))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: HANDS - 1}
    assert editor.get(claim).json["evidence_count"] == 1


def test_a_status_is_always_what_the_stored_assessments_amount_to(
    app: Flask, database: Database, editor: Client
) -> None:
    claim = editor.claim(editor.article())
    writers = reviewers(app, database, 32)

    def assess(n: int) -> None:
        mine = f"{claim}/assessments/mine"
        for turn in range(3):
            verdict = ("true", "false", "half_true")[(n + turn) % 3]
            tag = writers[n].get(mine).headers.get("ETag")
            answer = writers[n].put(mine, {"verdict": verdict}, **({"If_Match": tag} if tag else {}))
            assert answer.status_code in (200, 201)
            if turn == n % 4:
                assert writers[n].delete(mine, If_Match=answer.headers["ETag"]).status_code == 204
            check_standing()

    def check_standing() -> None:
        with database.snapshot() as tx:
            (stored,) = tx.execute(sa.select(claims)).all()
            given = tx.execute(sa.select(assessments.c.id, assessments.c.reviewer, assessments.c.verdict)).all()
        outcome = settle(Policy(), [Vote(*row) for row in given])
        assert (stored.status, stored.submitted) == (outcome.status, len(given))
        assert stored.verdict == (outcome.settled.verdict if outcome.settled else None)

    at_once(32, assess)
    check_standing()
    assert editor.get(f"{claim}/history?verify=true").json["verification"]["breaks"] == []


def test_the_same_reviewer_twice_at_once_gives_one_assessment(editor: Client) -> None:
    claim = editor.claim(editor.article())
    answers = at_once(HANDS, lambda _: editor.assess(claim, "true"))
    statuses = Counter(answer.status_code for answer in answers)
    assert statuses[201] == 1
    assert set(statuses) <= {201, 409, 428}
    assert editor.get(claim).json["assessment_count"] == 1


def test_of_two_last_owners_only_one_can_leave(owner: Client, admin: Client) -> None:
    members = "/v1/projects/default/members"
    for _ in range(5):
        answers = at_once(2, lambda n: owner.delete(f"{members}/{('olga', 'admin')[n]}", If_Match="*"))
        owners = [member["user"] for member in admin.all(members) if member["role"] == "owner"]
        assert len(owners) == 1
        assert 204 in {answer.status_code for answer in answers}
        for name in ("olga", "admin"):
            admin.put(f"{members}/{name}", {"role": "owner"}, **({"If_Match": "*"} if name in owners else {}))


def test_no_verdict_slips_past_a_change_of_scale(crowd: list[Client], owner: Client, editor: Client) -> None:
    claims = [editor.claim(editor.article()) for _ in range(HANDS - 1)]

    def act(n: int) -> int:
        if n == HANDS - 1:
            return owner.patch("/v1/projects/default", {"scale": "basic"}, If_Match="*").status_code
        return crowd[n].assess(claims[n], "pants_on_fire").status_code

    *assessed, changed = at_once(HANDS, act)
    if changed == 200:
        assert set(assessed) <= {422}, "a verdict was stored that the new scale lacks"
    else:
        assert changed == 409
        assert owner.get("/v1/projects/default").json["scale"]["name"] == "six_point"


@pytest.mark.parametrize("below", ["evidence", "assessments", "claims"])
def test_a_delete_never_takes_along_what_came_unseen(crowd: list[Client], editor: Client, below: str) -> None:
    """Either it is refused, or nothing that was acknowledged has gone with it."""
    for _ in range(5):
        article = editor.article()
        thing = article if below == "claims" else editor.claim(article)
        seen = editor.tag(thing)

        def act(n: int, thing: str = thing, seen: str = seen) -> int:
            if n == 0:
                return editor.erase(thing, If_Match=seen).status_code
            if below == "assessments":
                return crowd[n].assess(thing, "true").status_code
            body = {"url": f"https://example.org/{n}"} if below == "evidence" else {"spans": [{"start": 0, "end": n}]}
            return crowd[n].post(f"{thing}/{below}", body).status_code

        deleted, *added = at_once(HANDS, act)
        assert set(added) <= {201, 404, 409}
        assert deleted == (412 if 201 in added else 204)


def test_marking_while_the_article_is_deleted_is_refused_whole(crowd: list[Client], editor: Client) -> None:
    for _ in range(5):
        article = editor.article()

        def act(n: int, article: str = article) -> int:
            if n == 0:
                while (status := editor.erase(article, If_Match="*").status_code) == 412:
                    pass  # a claim came in between
                return status
            return crowd[n].post(f"{article}/claims", {"spans": [{"start": 0, "end": 2}]}).status_code

        deleted, *marked = at_once(HANDS, act)
        assert deleted == 204
        assert set(marked) <= {201, 404, 409}
        assert editor.all("/v1/projects/default/claims") == []


def test_a_status_follows_the_policy_whichever_comes_first(crowd: list[Client], editor: Client, owner: Client) -> None:
    article = editor.article()
    claims = [editor.claim(article, {"start": n, "end": n + 1}) for n in range(HANDS)]
    project = "/v1/projects/default"

    def act(n: int) -> None:
        if n == 0:
            for required in (2, 1, 3, 2):
                policy = {"policy": {"required_assessments": required, "consensus": "majority"}}
                owner.patch(project, policy, If_Match=owner.tag(project))
        else:
            for claim in claims:
                mine = f"{claim}/assessments/mine"
                crowd[n].assess(claim, ("true", "false")[n % 2])
                if n == HANDS - 1:
                    crowd[n].delete(mine, If_Match=crowd[n].tag(mine))

    at_once(HANDS, act)
    policy = Policy(**owner.get(project).json["policy"])
    for claim in claims:
        votes = [Vote(each["id"], each["reviewer"], each["verdict"]) for each in editor.all(f"{claim}/assessments")]
        outcome = settle(policy, votes)
        shown = editor.get(claim).json
        assert (shown["status"], shown["verdict"]) == (
            outcome.status,
            outcome.settled.verdict if outcome.settled else None,
        )
        assert len(votes) == HANDS - 2


def test_a_claim_settled_by_an_editor_takes_no_assessment_that_comes_at_the_same_time(
    crowd: list[Client], editor: Client
) -> None:
    for _ in range(5):
        claim = editor.claim(editor.article())
        known = editor.assess(claim, "true").json["id"]
        draft = {"verdict": "false", "rationale": "Why.", "assessments": [known]}

        def act(n: int, claim: str = claim, draft: Any = draft) -> Any:
            if n:
                return crowd[n].assess(claim, "true")
            return editor.put(f"{claim}/resolution", draft, If_Match="*")

        settled, *assessed = at_once(HANDS, act)
        assert {answer.status_code for answer in assessed} <= {201, 409}
        shown = editor.get(claim).json
        if settled.status_code == 200:
            assert (shown["verdict"], shown["resolution"]["method"]) == ("false", "adjudicated")
        else:
            assert (settled.status_code, shown["verdict"]) == (412, "true")
        assert shown["assessment_count"] == 1 + sum(answer.status_code == 201 for answer in assessed)


def reopened(editor: Client, claim: str, known: str) -> Callable[[], Any]:
    draft = {"verdict": "false", "rationale": "Why.", "assessments": [known]}
    editor.put(f"{claim}/resolution", draft, If_Match="*")
    return lambda: editor.delete(f"{claim}/resolution", If_Match="*")


def reinstated(editor: Client, claim: str, _known: str) -> Callable[[], Any]:
    editor.put(f"{claim}/withdrawal", If_Match="*")
    return lambda: editor.delete(f"{claim}/withdrawal", If_Match="*")


@pytest.mark.parametrize("prepare", [reopened, reinstated])
def test_a_claim_that_comes_back_while_the_policy_changes_follows_the_new_one(
    database: Database, editor: Client, prepare: Callable[[Client, str, str], Callable[[], Any]]
) -> None:
    claim = editor.claim(editor.article())
    come_back = prepare(editor, claim, editor.assess(claim, "true").json["id"])
    changed, back = threading.Event(), threading.Event()

    def change_policy(tx: Any) -> None:
        project = projects.find(tx, users.caller_with(tx, token_of("admin")), "default")
        projects.alter(tx, project, {"policy": {"required_assessments": 2}}, "olga")
        standing.follow_policy(tx, "default", "olga")
        changed.set()
        back.wait(0.5)

    def follow() -> int:
        changed.wait()
        status: int = come_back().status_code
        back.set()
        return status

    works: list[Callable[[], Any]] = [lambda: database.write(change_policy), follow]
    assert at_once(2, lambda n: works[n]())[1] == 200
    assert editor.get(claim).json["status"] == "in_review"


def test_events_of_many_hands_make_one_chain(crowd: list[Client], editor: Client) -> None:
    article = editor.article()
    claim = editor.claim(article, claimant={"name": "Jo"})

    def act(n: int) -> None:
        for turn in range(3):
            crowd[n].post(f"{claim}/evidence", {"url": f"https://example.org/{n}/{turn}"})
            crowd[n].claim(article, {"start": n, "end": n + turn + 1}, claimant={"name": "Jo"})
        crowd[n].assess(claim, ("true", "false")[n % 2])

    at_once(HANDS, act)
    page = editor.get(f"{claim}/history?limit=200&verify=true").json
    assert [event["n"] for event in page["items"]] == list(range(1, len(page["items"]) + 1))
    assert Counter(event["resource"] for event in page["items"])["evidence"] == HANDS * 3
    assert page["verification"]["intact"]
    times = [event["at"] for event in page["items"]]
    assert times == sorted(set(times))


def test_no_assignment_goes_untold_with_a_member(crowd: list[Client], editor: Client, owner: Client) -> None:
    claims = [editor.claim(editor.article()) for _ in range(HANDS - 1)]
    for round_ in range(4):
        member = f"/v1/projects/default/members/hand{round_}"

        def act(n: int, member: str = member, name: str = f"hand{round_}") -> None:
            if n == HANDS - 1:
                assert owner.delete(member, If_Match="*").status_code == 204
            else:
                assert editor.put(f"{claims[n]}/assignees/{name}").status_code in (200, 201, 409, 422)

        at_once(HANDS, act)
    for claim in claims:
        assert editor.get(f"{claim}/history?verify=true").json["verification"]["breaks"] == []


def test_what_is_said_of_a_draft_while_it_is_submitted_is_told_rightly(crowd: list[Client], editor: Client) -> None:
    for _ in range(4):
        claim = editor.claim(editor.article())
        author, mine = crowd[0], f"{claim}/assessments/mine"
        draft = author.assess(claim, "true", state="draft")
        comments = f"/v1/assessments/{draft.json['id']}/comments"
        said = author.post(comments, {"text": "First"}).headers["Location"]

        def act(n: int, author: Client = author, mine: str = mine, comments: str = comments, said: str = said) -> int:
            if n == 0:
                return author.put(mine, {"verdict": "true"}, If_Match="*").status_code
            if n == 1:
                return author.patch(said, {"text": "Second"}, If_Match="*").status_code
            return author.post(comments, {"text": f"Comment {n}"}).status_code

        assert set(at_once(4, act)) <= {200, 201}
        assert editor.get(f"{claim}/history?verify=true").json["verification"]["breaks"] == []
