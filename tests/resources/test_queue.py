"""The review queue hands every place in a claim's review to one reviewer, best claim first."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from api.db import Database
from api.models import claims, leases
from api.models.columns import now
from tests.client import Client, code, pointers

PROJECT = "/v1/projects/default"
QUEUE = f"{PROJECT}/queue"


def need(owner: Client, assessments: int) -> None:
    policy = {"policy": {"required_assessments": assessments}}
    assert owner.patch(PROJECT, policy, If_Match=owner.tag(PROJECT)).status_code == 200


def take(client: Client, **body: Any) -> str | None:
    """The address of the claim that the client gets next."""
    answer = client.post(f"{QUEUE}/next", body)
    if answer.status_code == 204:
        assert answer.data == b""
        return None
    assert answer.status_code == 200, answer.text
    return f"/v1/claims/{answer.json['claim']['id']}"


def run_out(database: Database, reviewer: str, by: timedelta = timedelta(seconds=1)) -> None:
    """Lets all leases of the reviewer end before now."""
    ended = {"leased_at": now() - by - timedelta(minutes=30), "expires_at": now() - by}
    database.write(lambda tx: tx.execute(sa.update(leases).where(leases.c.reviewer == reviewer).values(**ended)))


def queue(client: Client, query: str = "") -> dict[str, dict[str, Any]]:
    return {f"/v1/claims/{item['claim']}": item for item in client.all(f"{QUEUE}{query}")}


@pytest.fixture
def article(editor: Client) -> str:
    return editor.article()


@pytest.fixture
def claim(editor: Client, article: str) -> str:
    return editor.claim(article, text="First")


def test_the_next_claim_comes_whole_with_its_lease(reviewer: Client, claim: str) -> None:
    answer = reviewer.send("POST", f"{QUEUE}/next?unit=utf16")
    assert answer.status_code == 200
    lease = answer.json
    assert lease["claim"] == reviewer.get(f"{claim}?unit=utf16").json
    assert (lease["reviewer"], lease["assigned"]) == ("ravi", False)
    assert lease["leased_at"] < lease["expires_at"]
    assert "lease_minutes" not in lease


@pytest.mark.parametrize(("body", "minutes"), [({}, 30), ({"lease_minutes": 1}, 1), ({"lease_minutes": 1440}, 1440)])
def test_a_lease_lasts_as_long_as_was_asked(
    reviewer: Client, claim: str, database: Database, body: dict[str, int], minutes: int
) -> None:
    take(reviewer, **body)
    with database.snapshot() as tx:
        lease = tx.execute(sa.select(leases)).one()
    assert lease.expires_at - lease.leased_at == timedelta(minutes=minutes)


@pytest.mark.parametrize("minutes", [0, -1, 1441, "30", 1.5, True, None])
def test_a_lease_lasts_between_a_minute_and_a_day(reviewer: Client, claim: str, minutes: object) -> None:
    take(reviewer)
    for answer in (
        reviewer.post(f"{QUEUE}/next", {"lease_minutes": minutes}),
        reviewer.put(f"{claim}/lease", {"lease_minutes": minutes}),
    ):
        assert (answer.status_code, pointers(answer)) == (422, ["/lease_minutes"])


def test_a_body_that_can_be_left_out_is_read_as_strictly_as_others(reviewer: Client, claim: str) -> None:
    assert reviewer.raw(f"{QUEUE}/next", b"{}", "text/plain").status_code == 415
    assert reviewer.raw(f"{QUEUE}/next", b"[", "application/json").status_code == 400
    assert reviewer.post(f"{QUEUE}/next", {"minutes": 3}).status_code == 422
    assert reviewer.raw(f"{QUEUE}/next", b"", "application/json").status_code == 200


def test_a_place_is_given_once(reviewer: Client, other_reviewer: Client, editor: Client, article: str) -> None:
    marked = [editor.claim(article, {"start": n, "end": n + 1}) for n in range(2)]
    assert [take(reviewer), take(other_reviewer)] == marked
    assert take(reviewer) is None
    assert take(other_reviewer) is None


def test_one_claim_has_a_place_for_each_assessment_it_needs(
    reviewer: Client, other_reviewer: Client, editor: Client, owner: Client, claim: str
) -> None:
    need(owner, 2)
    assert [take(reviewer), take(other_reviewer), take(editor)] == [claim, claim, None]
    assert take(reviewer) is None


def test_what_one_has_assessed_does_not_come_again(reviewer: Client, owner: Client, claim: str) -> None:
    need(owner, 2)
    take(reviewer)
    reviewer.assess(claim, "true")
    assert take(reviewer) is None


def test_assessing_needs_no_lease_and_takes_a_place_all_the_same(
    reviewer: Client, other_reviewer: Client, editor: Client, owner: Client, claim: str
) -> None:
    need(owner, 2)
    reviewer.assess(claim, "true")
    assert [take(other_reviewer), take(editor)] == [claim, None]


def test_who_has_submitted_holds_no_place_any_more(
    reviewer: Client, other_reviewer: Client, owner: Client, claim: str
) -> None:
    need(owner, 2)
    take(reviewer)
    reviewer.assess(claim, "true")
    item = queue(reviewer)[claim]
    assert (item["submitted"], item["open_slots"], item["taken_by"]) == (1, 1, [])
    assert take(other_reviewer) == claim


@pytest.mark.parametrize("status", ["resolved", "disputed", "withdrawn"])
def test_only_what_lacks_assessments_is_handed_out(
    reviewer: Client, other_reviewer: Client, editor: Client, owner: Client, claim: str, status: str
) -> None:
    if status == "withdrawn":
        editor.put(f"{claim}/withdrawal", If_Match="*")
    else:
        need(owner, 2)
        reviewer.assess(claim, "true")
        other_reviewer.assess(claim, "true" if status == "resolved" else "false")
    assert editor.get(claim).json["status"] == status
    assert take(editor) is None


def test_a_new_policy_opens_and_closes_places(
    reviewer: Client, other_reviewer: Client, owner: Client, claim: str
) -> None:
    assert [take(reviewer), take(other_reviewer)] == [claim, None]
    need(owner, 2)
    assert take(other_reviewer) == claim
    need(owner, 1)
    assert (queue(reviewer)[claim]["state"], queue(reviewer)[claim]["open_slots"]) == ("taken", 0)


def test_the_queue_is_handed_out_best_first(
    reviewer: Client, other_reviewer: Client, editor: Client, owner: Client, article: str
) -> None:
    need(owner, 3)
    names = ["old", "new", "begun", "nearly", "urgent", "draft", "assigned"]
    marked = {name: editor.claim(article, {"start": n, "end": n + 1}) for n, name in enumerate(names)}
    for client, name in [(editor, "begun"), (editor, "nearly"), (other_reviewer, "nearly")]:
        client.assess(marked[name], "true")
    editor.patch(marked["urgent"], {"priority": 1}, If_Match="*")
    reviewer.assess(marked["draft"], "true", state="draft")
    assert editor.put(f"{marked['assigned']}/assignees/ravi").status_code == 201

    taken = [take(reviewer) for _ in names]

    order = ["assigned", "draft", "urgent", "nearly", "begun", "old", "new"]
    assert taken == [marked[name] for name in order]
    assert take(reviewer) is None


def test_the_draft_of_another_moves_nothing(
    reviewer: Client, other_reviewer: Client, editor: Client, article: str
) -> None:
    first, second = (editor.claim(article, {"start": n, "end": n + 1}) for n in range(2))
    other_reviewer.assess(second, "true", state="draft")
    assert take(reviewer) == first


def test_a_lease_that_runs_out_returns_to_the_queue(
    reviewer: Client, other_reviewer: Client, database: Database, claim: str
) -> None:
    assert [take(reviewer), take(other_reviewer)] == [claim, None]
    run_out(database, "ravi")
    assert queue(reviewer)[claim]["state"] == "open"
    assert [take(other_reviewer), take(reviewer)] == [claim, None]


def test_one_may_take_again_what_has_run_out(reviewer: Client, database: Database, claim: str) -> None:
    take(reviewer)
    run_out(database, "ravi")
    assert take(reviewer) == claim


def test_leases_that_ran_out_long_ago_are_swept(
    reviewer: Client, other_reviewer: Client, database: Database, claim: str
) -> None:
    take(reviewer)
    run_out(database, "ravi", timedelta(days=2))
    take(other_reviewer)
    with database.snapshot() as tx:
        assert tx.execute(sa.select(leases.c.reviewer)).scalars().all() == ["rosa"]
    assert reviewer.put(f"{claim}/lease").status_code == 404


def test_a_lease_can_be_renewed_while_it_lasts(reviewer: Client, claim: str) -> None:
    lease = reviewer.post(f"{QUEUE}/next", {}).json
    renewed = reviewer.put(f"{claim}/lease?unit=utf8", {"lease_minutes": 60})
    assert renewed.status_code == 200
    assert renewed.json["leased_at"] == lease["leased_at"]
    assert renewed.json["expires_at"] > lease["expires_at"]
    assert renewed.json["claim"]["spans"][0]["unit"] == "utf8"
    assert reviewer.put(f"{claim}/lease").json["expires_at"] < renewed.json["expires_at"]


def test_a_lease_that_ran_out_can_be_neither_renewed_nor_given_back(
    reviewer: Client, other_reviewer: Client, database: Database, claim: str
) -> None:
    take(reviewer)
    run_out(database, "ravi")
    take(other_reviewer)
    for answer in (reviewer.put(f"{claim}/lease"), reviewer.delete(f"{claim}/lease")):
        assert (answer.status_code, code(answer)) == (409, "lease_expired")
    assert [each["reviewer"] for each in queue(reviewer)[claim]["taken_by"]] == ["rosa"]


def test_a_lease_given_back_is_free_at_once(reviewer: Client, other_reviewer: Client, claim: str) -> None:
    take(reviewer)
    assert reviewer.delete(f"{claim}/lease").status_code == 204
    assert reviewer.delete(f"{claim}/lease").status_code == 404
    assert take(other_reviewer) == claim


def test_a_lease_is_ones_own(reviewer: Client, other_reviewer: Client, editor: Client, claim: str) -> None:
    take(reviewer)
    for client in (other_reviewer, editor):
        assert client.put(f"{claim}/lease").status_code == 404
        assert client.delete(f"{claim}/lease").status_code == 404
    assert queue(reviewer)[claim]["state"] == "taken"


def test_the_queue_shows_what_waits_and_who_has_it(
    reviewer: Client, other_reviewer: Client, editor: Client, owner: Client, article: str
) -> None:
    need(owner, 2)
    taken, disputed, resolved, withdrawn, free = (
        editor.claim(article, {"start": n, "end": n + 1}, text=f"Claim {n}", priority=9 - n) for n in range(5)
    )
    take(reviewer)
    editor.put(f"{taken}/assignees/rosa")
    for client, verdict in [(reviewer, "true"), (other_reviewer, "false")]:
        client.assess(disputed, verdict)
        client.assess(resolved, "true")
    editor.put(f"{withdrawn}/withdrawal", If_Match="*")

    page = owner.get(QUEUE).json
    shown = queue(owner)

    assert page["counts"] == {"open": 1, "taken": 1, "disputed": 1}
    assert {name: item["state"] for name, item in shown.items()} == {
        taken: "taken",
        disputed: "disputed",
        free: "open",
    }
    item = shown[taken]
    rosa, ravi = item.pop("taken_by")
    assert rosa == {"reviewer": "rosa", "assigned": True, "expires_at": None}
    assert (ravi["reviewer"], ravi["assigned"]) == ("ravi", False)
    assert ravi["expires_at"]
    whole = owner.get(taken).json
    assert item == {
        "claim": whole["id"],
        "state": "taken",
        "required": 2,
        "submitted": 0,
        "open_slots": 0,
        **{name: whole[name] for name in ("article", "text", "status", "priority", "created_at")},
    }
    assert (shown[free]["open_slots"], shown[disputed]["open_slots"], shown[disputed]["submitted"]) == (2, 0, 2)
    for state, name in [("taken", taken), ("disputed", disputed), ("open", free)]:
        assert list(queue(owner, f"?state={state}")) == [name]
    assert owner.get(f"{QUEUE}?state=done").status_code == 422


def test_an_instance_admin_who_is_a_reader_of_the_project_takes_claims_too(
    admin: Client, owner: Client, claim: str
) -> None:
    assert owner.put(f"{PROJECT}/members/admin", {"role": "reader"}, If_Match="*").status_code == 200
    assert take(admin) == claim


def test_reviewers_find_their_own_work_again(
    reviewer: Client, other_reviewer: Client, editor: Client, owner: Client, article: str
) -> None:
    marked = [editor.claim(article, {"start": n, "end": n + 1}) for n in range(4)]
    taken = take(reviewer)
    assert take(other_reviewer) == marked[1]
    editor.put(f"{marked[2]}/assignees/ravi")
    assert list(queue(reviewer, "?taken_by=ravi")) == [taken, marked[2]]
    assert list(queue(owner, "?taken_by=rosa&state=taken")) == [marked[1]]
    reviewer.assess(marked[0], "true")
    assert list(queue(reviewer, "?taken_by=ravi")) == [marked[2]]
    assert queue(reviewer, "?taken_by=nobody") == {}


def test_the_blind_see_their_own_places_and_no_others(
    reviewer: Client, other_reviewer: Client, editor: Client, owner: Client, article: str
) -> None:
    marked = [editor.claim(article, {"start": n, "end": n + 1}) for n in range(3)]
    need(owner, 1)
    owner.patch(PROJECT, {"policy": {"blind": True}}, If_Match=owner.tag(PROJECT))
    mine, theirs = take(reviewer), take(other_reviewer)
    assert [mine, theirs] == marked[:2]
    seen = queue(reviewer)
    assert [(each["state"], each["open_slots"]) for each in seen.values()] == [("taken", 0), ("open", 1), ("open", 1)]
    assert reviewer.get(QUEUE).json["counts"] == {"open": 2, "taken": 1, "disputed": 0}
    assert list(queue(reviewer, "?state=taken")) == list(queue(reviewer, "?taken_by=ravi")) == [mine]
    assert queue(reviewer, "?taken_by=rosa") == {}
    assert list(queue(editor, "?taken_by=rosa")) == [theirs]
    need(owner, 2)
    assert queue(reviewer, "?state=taken") == {}
    assert list(queue(reviewer, "?taken_by=ravi&state=open")) == [mine]


def test_the_queue_is_paged_and_sorted(reader: Client, editor: Client, article: str) -> None:
    marked = [editor.claim(article, {"start": n, "end": n + 1}, priority=n % 3) for n in range(7)]
    assert list(queue(reader, "?limit=2")) == marked
    urgent = [item["priority"] for item in reader.all(f"{QUEUE}?limit=2&sort=-priority&state=open")]
    assert urgent == [2, 2, 1, 1, 0, 0, 0]


def test_claims_are_listed_by_priority(editor: Client, article: str) -> None:
    for n in range(5):
        editor.claim(article, {"start": n, "end": n + 1}, priority=(n * 3) % 5)
    listed = editor.all(f"{PROJECT}/claims?sort=-priority&limit=2")
    assert [claim["priority"] for claim in listed] == [4, 3, 2, 1, 0]
    exported = editor.get(f"{PROJECT}/export").json["dossiers"][0]["claims"]
    assert {claim["id"]: claim["priority"] for claim in exported} == {c["id"]: c["priority"] for c in listed}


@pytest.mark.parametrize("priority", [-1, 10, "1", 1.0, True, None])
def test_a_priority_is_a_digit(editor: Client, article: str, claim: str, priority: object) -> None:
    draft = {"spans": [{"start": 0, "end": 1}], "priority": priority}
    for answer in (
        editor.post(f"{article}/claims", draft),
        editor.patch(claim, {"priority": priority}, If_Match="*"),
    ):
        assert (answer.status_code, pointers(answer)) == (422, ["/priority"])


def test_claims_know_how_many_assessments_were_submitted(
    reviewer: Client, other_reviewer: Client, owner: Client, database: Database, claim: str
) -> None:
    def stored() -> int:
        with database.snapshot() as tx:
            return int(tx.execute(sa.select(claims.c.submitted)).scalar_one())

    need(owner, 3)
    reviewer.assess(claim, "true", state="draft")
    assert stored() == 0
    mine = f"{claim}/assessments/mine"
    reviewer.put(mine, {"verdict": "true"}, If_Match=reviewer.tag(mine))
    other_reviewer.assess(claim, "false")
    assert stored() == 2
    reviewer.put(mine, {"verdict": "false"}, If_Match=reviewer.tag(mine))
    owner.put(f"{claim}/withdrawal", If_Match="*")
    owner.delete(f"{claim}/withdrawal", If_Match="*")
    need(owner, 1)
    assert stored() == 2
    reviewer.delete(mine, If_Match=reviewer.tag(mine))
    assert stored() == 1
