"""Where claims stand and who did how much, as the service counts it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from api.db import Database
from api.models import articles, assessments, claims, evidence, resolutions
from tests.client import BOX, Client, location, pointers

STATISTICS = "/v1/projects/default/statistics"
FIRST = datetime(2026, 3, 1, 23, 59, 59, 999_999, tzinfo=UTC)
"""The last microsecond of a day."""


def told(client: Client, query: str = "") -> dict[str, Any]:
    response = client.get(f"{STATISTICS}?{query}")
    assert response.status_code == 200, response.text
    return dict(response.json)


def date_back(database: Database, moments: dict[str, datetime]) -> None:
    """Has things, by their addresses, made at these moments."""
    for address, moment in moments.items():
        id = address.rpartition("/")[2]
        for table in (articles, claims, assessments, evidence):
            values = {"created_at": moment}
            database.write(lambda tx, table=table, values=values, id=id: _write(tx, table, table.c.id == id, values))
        settled = resolutions.c.claim == id
        database.write(
            lambda tx, settled=settled, moment=moment: _write(tx, resolutions, settled, {"resolved_at": moment})
        )


def _write(tx: sa.Connection, table: sa.Table, which: sa.ColumnElement[bool], values: dict[str, Any]) -> None:
    tx.execute(sa.update(table).where(which).values(values))


@pytest.fixture
def worked(editor: Client, reviewer: Client, other_reviewer: Client, owner: Client) -> dict[str, str]:
    """Claims in every status, two assessments needed. Addresses by name."""
    project = "/v1/projects/default"
    policy = {"required_assessments": 2, "consensus": "unanimous"}
    owner.patch(project, {"policy": policy}, If_Match=owner.tag(project))
    article = editor.article()
    names = ("unverified", "in_review", "disputed", "resolved", "withdrawn", "drafted")
    made = {name: editor.claim(article, {"start": n, "end": n + 9}) for n, name in enumerate(names)}
    made["odd"] = reviewer.claim(article, {"start": 30, "end": 62}, types=["odd"])
    for name in ("in_review", "disputed", "resolved", "withdrawn", "odd"):
        made[f"{name} by ravi"] = f"x/{reviewer.assess(made[name], 'false').json['id']}"
    for name, verdict in {"disputed": "true", "resolved": "false", "odd": "false"}.items():
        made[f"{name} by rosa"] = f"x/{other_reviewer.assess(made[name], verdict).json['id']}"
    other_reviewer.assess(made["drafted"], "true", state="draft")
    owner.put(f"{made['withdrawn']}/withdrawal", If_Match="*")
    made["link"] = location(reviewer.post(f"{made['resolved']}/evidence", {"url": "https://example.org"}))
    made["article"] = article
    return made


def test_every_status_and_every_verdict_is_told_of_an_empty_project(reader: Client) -> None:
    counted = told(reader)
    assert set(counted["by_status"].values()) == {0}
    assert [each["verdict"] for each in counted["by_verdict"]] == [
        *("true", "mostly_true", "half_true", "mostly_false", "false", "pants_on_fire")
    ]
    assert {each["claims"] for each in counted["by_verdict"]} == {0}
    assert (counted["by_reviewer"], counted["by_day"]) == ([], [])
    assert counted["totals"] == {"articles": 0, "claims": 0, "assessments": 0, "evidence": 0}


def test_claims_are_counted_by_where_they_stand(reader: Client, worked: dict[str, str]) -> None:
    counted = told(reader)
    assert counted["by_status"] == {"unverified": 2, "in_review": 1, "disputed": 1, "resolved": 2, "withdrawn": 1}
    assert {each["verdict"]: each["claims"] for each in counted["by_verdict"] if each["claims"]} == {"false": 2}
    assert counted["by_verdict"][4]["truth_class"] == "false"
    assert counted["totals"] == {"articles": 1, "claims": 7, "assessments": 8, "evidence": 1}


def test_people_are_counted_by_what_they_did_and_how_often_the_resolution_agrees(
    reader: Client, editor: Client, worked: dict[str, str]
) -> None:
    settled = {"verdict": "true", "rationale": "Seen.", "assessments": [worked["disputed by ravi"][2:]]}
    editor.put(f"{worked['disputed']}/resolution", settled, If_Match="*")
    people = {each.pop("reviewer"): each for each in told(reader)["by_reviewer"]}
    assert list(people) == ["edith", "ravi", "rosa"]
    assert people["edith"] == {
        "assessments": 0,
        "claims_assessed": 0,
        "claims_marked": 6,
        "evidence": 0,
        "on_resolved": {"assessments": 0, "agreeing": 0, "share": None},
    }
    assert people["ravi"] == {
        "assessments": 5,
        "claims_assessed": 5,
        "claims_marked": 1,
        "evidence": 1,
        "on_resolved": {"assessments": 3, "agreeing": 2, "share": 0.666667},
    }
    assert people["rosa"]["assessments"] == 3
    assert people["rosa"]["on_resolved"] == {"assessments": 3, "agreeing": 3, "share": 1.0}


def test_a_day_ends_at_midnight_in_utc(reader: Client, database: Database, worked: dict[str, str]) -> None:
    next_day = FIRST + timedelta(microseconds=1)
    date_back(database, {address: FIRST - timedelta(days=9) for address in worked.values()})
    date_back(database, {worked["odd"]: FIRST, worked["odd by ravi"]: FIRST, worked["odd by rosa"]: next_day})
    assert told(reader)["by_day"] == [
        {"date": "2026-02-20", "claims_marked": 6, "assessments": 6, "claims_resolved": 1},
        {"date": "2026-03-01", "claims_marked": 1, "assessments": 1, "claims_resolved": 1},
        {"date": "2026-03-02", "claims_marked": 0, "assessments": 1, "claims_resolved": 0},
    ]


def test_only_what_was_made_in_the_period_by_these_people_counts(
    reader: Client, database: Database, worked: dict[str, str]
) -> None:
    date_back(database, {address: FIRST - timedelta(days=9) for address in worked.values()})
    date_back(database, {worked["odd"]: FIRST, worked["odd by ravi"]: FIRST, worked["link"]: FIRST})
    since = told(reader, "after=2026-03-01T00:00:00Z")
    assert since["totals"] == {"articles": 0, "claims": 1, "assessments": 1, "evidence": 1}
    assert since["by_status"]["resolved"] == 1
    until = told(reader, "before=2026-03-01T00:00:00Z")
    assert until["totals"] == {"articles": 1, "claims": 6, "assessments": 7, "evidence": 0}
    assert told(reader, "after=2026-03-01T23:59:59.999999Z")["totals"] == since["totals"]
    assert told(reader, "before=2026-03-01T23:59:59.999999Z")["totals"] == until["totals"]
    rosas = told(reader, "reviewer=rosa")
    assert rosas["totals"] == {"articles": 0, "claims": 0, "assessments": 3, "evidence": 0}
    assert [each["reviewer"] for each in rosas["by_reviewer"]] == ["rosa"]
    both = told(reader, "reviewer=rosa&reviewer=ravi")
    assert both["totals"] == {"articles": 0, "claims": 1, "assessments": 8, "evidence": 1}
    assert sum(each["claims_resolved"] for each in both["by_day"]) == 1


def test_of_a_kind_of_claims_what_hangs_on_them_counts(reader: Client, editor: Client, worked: dict[str, str]) -> None:
    editor.article()
    assert told(reader)["totals"]["articles"] == 2
    odd = told(reader, "type=odd")
    assert odd["totals"] == {"articles": 1, "claims": 1, "assessments": 2, "evidence": 0}
    assert [day["claims_resolved"] for day in odd["by_day"]] == [1]
    assert told(reader, "type=even")["totals"] == {"articles": 0, "claims": 0, "assessments": 0, "evidence": 0}


def test_what_is_in_other_projects_counts_for_nothing(reader: Client, stranger: Client, worked: dict[str, str]) -> None:
    before = told(reader)
    theirs = location(stranger.post(BOX.replace("default", "elsewhere"), {"text": "Their own words."}))
    stranger.assess(stranger.claim(theirs, {"exact": "words"}), "true")
    assert told(reader) == before
    assert stranger.get("/v1/projects/elsewhere/statistics").json["totals"]["claims"] == 1


def test_the_sums_agree_with_each_other(reader: Client, worked: dict[str, str]) -> None:
    counted = told(reader)
    assert sum(counted["by_status"].values()) == counted["totals"]["claims"]
    assert sum(each["claims"] for each in counted["by_verdict"]) == counted["by_status"]["resolved"]
    for part in ("by_reviewer", "by_day"):
        assert sum(each["assessments"] for each in counted[part]) == counted["totals"]["assessments"]
        assert sum(each["claims_marked"] for each in counted[part]) == counted["totals"]["claims"]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [("after=monday", "/after"), ("kind=x", "/kind"), ("type=", "/type"), ("reviewer=%00", "/reviewer/0")],
)
def test_a_question_that_can_not_be_read_is_refused(reader: Client, query: str, pointer: str) -> None:
    refused: Any = reader.get(f"{STATISTICS}?{query}")
    assert (refused.status_code, pointers(refused)) == (422, [pointer])
