"""Texts that follow one another, and claims that stay on their words."""

from typing import Any

import pytest

from api.db import Database
from api.errors import Stale
from api.services import articles, revisions, users
from tests.client import TEXT, Client, code, location, pointers, token_of

TREES = "the city had planted 4,000 trees"
FIRST = TEXT.index(TREES)
OFFICE = "The parks office counts 2,950."


@pytest.fixture
def article(editor: Client) -> str:
    return editor.article()


def outcomes(revision: dict[str, Any]) -> dict[str, str]:
    """The outcome of each claim, by its address."""
    return {f"/v1/claims/{claim['claim']}": claim["outcome"] for claim in revision["report"]["claims"]}


def words(client: Client, claim: str, query: str = "") -> list[str]:
    return [span["exact"] for span in client.get(claim + query).json["spans"]]


def test_a_new_text_becomes_the_next_revision_and_the_old_one_stays_readable(editor: Client, article: str) -> None:
    made = editor.revise(article, "Another text.", note="Rewritten")
    assert location(made) == f"{article}/revisions/2"
    assert (made.json["n"], made.json["note"], made.json["code_points"]) == (2, "Rewritten", 13)
    now = editor.get(article).json
    assert (now["text"], now["revision"], now["version"]) == ("Another text.", 2, 2)
    assert editor.get(f"{article}/revisions/1").json["text"] == TEXT
    assert editor.get(f"{article}/revisions/2").json == made.json
    assert [revision["n"] for revision in editor.all(f"{article}/revisions?limit=1")] == [1, 2]


def test_a_claim_moves_with_its_words_and_says_where_it_came_from(editor: Client, article: str) -> None:
    claim = editor.claim(article, {"start": FIRST, "end": FIRST + len(TREES)})
    report = editor.revise(article, f"Update: more to come.\n\n{TEXT}").json["report"]
    assert (report["kept"], report["changed"], report["orphaned"]) == (1, 0, 0)
    (span,) = report["claims"][0]["spans"]
    place = {"revision": 1, "start": FIRST, "end": FIRST + len(TREES), "unit": "codepoint", "exact": TREES}
    assert span["from"] == place
    assert span["to"] == {**place, "revision": 2, "start": FIRST + 23, "end": FIRST + 23 + len(TREES)}
    shown = editor.get(claim).json
    assert (shown["spans"][0]["start"], shown["spans"][0]["revision"]) == (FIRST + 23, 2)
    assert shown["spans"][0]["anchor"] == {
        "outcome": "kept",
        "score": span["score"],
        "from_revision": 1,
        "confirmed": None,
    }
    assert (shown["needs_attention"], shown["version"]) == (None, 2)


def test_edited_words_need_attention_until_somebody_confirms_them(
    editor: Client, reviewer: Client, article: str
) -> None:
    claim = editor.claim(article, {"start": FIRST, "end": FIRST + len(TREES)})
    reviewer.assess(claim, "false")
    revision = editor.revise(article, TEXT.replace("4,000", "4,200")).json
    assert outcomes(revision) == {claim: "changed"}
    shown = reviewer.get(claim).json
    assert (shown["needs_attention"], shown["verdict"]) == ("text_changed", "false")
    assert shown["resolution"]["words_changed"] is True
    assert shown["spans"][0]["exact"] == "the city had planted 4,200 trees"
    assert shown["spans"][0]["anchor"]["confirmed"] == TREES
    confirmed = reviewer.post(f"{claim}/anchors/confirm", None, If_Match=reviewer.tag(claim))
    assert confirmed.status_code == 200
    assert (confirmed.json["needs_attention"], confirmed.json["version"]) == (None, shown["version"] + 1)
    assert confirmed.json["resolution"]["words_changed"] is False
    assert confirmed.json["spans"][0]["anchor"]["confirmed"] is None
    again = reviewer.post(f"{claim}/anchors/confirm", None, If_Match=confirmed.headers["ETag"])
    assert again.headers["ETag"] == confirmed.headers["ETag"]


def test_words_that_are_changed_back_need_no_attention(editor: Client, article: str) -> None:
    claim = editor.claim(article, {"start": FIRST, "end": FIRST + len(TREES)})
    editor.revise(article, TEXT.replace("4,000", "4,200"))
    editor.revise(article, TEXT.replace("4,000", "4,200") + " More.")
    assert editor.get(claim).json["needs_attention"] == "text_changed"
    assert editor.get(claim).json["spans"][0]["anchor"]["outcome"] == "kept"
    editor.revise(article, TEXT)
    assert editor.get(claim).json["needs_attention"] is None


def test_new_spans_end_the_need_for_attention(editor: Client, article: str) -> None:
    claim = editor.claim(article, {"start": FIRST, "end": FIRST + len(TREES)})
    edited = TEXT.replace("4,000", "4,200")
    editor.revise(article, edited)
    body = {"spans": [{"exact": "counts 2,950"}]}
    marked = editor.patch(claim, body, If_Match=editor.tag(claim)).json
    assert (marked["needs_attention"], marked["spans"][0]["anchor"]["outcome"]) == (None, "marked")
    assert words(editor, claim) == ["counts 2,950"]
    assert editor.all(f"{article}/claims?revision=1")[0]["spans"][0]["exact"] == TREES


def test_a_claim_whose_words_are_gone_keeps_them_and_is_found_when_they_return(
    editor: Client, reviewer: Client, article: str
) -> None:
    claim = editor.claim(article, {"exact": OFFICE})
    start = TEXT.index(OFFICE)
    gone = editor.revise(article, TEXT.replace(OFFICE + " ", ""))
    assert (gone.json["report"]["orphaned"], gone.json["report"]["claims"][0]["spans"][0]["to"]) == (1, None)
    shown = reviewer.get(claim).json
    assert shown["needs_attention"] == "orphaned"
    (span,) = shown["spans"]
    assert (span["exact"], span["start"], span["revision"]) == (OFFICE, start, 1)
    refused = reviewer.post(f"{claim}/anchors/confirm", None, If_Match=reviewer.tag(claim))
    assert (refused.status_code, code(refused)) == (409, "claim_orphaned")
    editor.revise(article, TEXT.replace(OFFICE + " ", "") + " Nothing new.")
    assert reviewer.get(claim).json["spans"][0]["anchor"]["outcome"] == "orphaned"
    back = editor.revise(article, "Corrected. " + TEXT)
    assert outcomes(back.json) == {claim: "kept"}
    shown = reviewer.get(claim).json
    assert (shown["needs_attention"], shown["spans"][0]["start"]) == (None, start + 11)
    assert shown["spans"][0]["anchor"]["from_revision"] == 1


def test_a_claim_of_several_spans_is_as_well_off_as_the_worst_of_them(editor: Client, article: str) -> None:
    claim = editor.claim(article, {"exact": OFFICE}, {"start": FIRST, "end": FIRST + len(TREES)})
    revision = editor.revise(article, TEXT.replace(OFFICE + " ", "")).json
    (told,) = revision["report"]["claims"]
    assert (told["outcome"], [span["outcome"] for span in told["spans"]]) == ("orphaned", ["kept", "orphaned"])
    assert editor.get(claim).json["needs_attention"] == "orphaned"


def test_spans_that_change_places_are_shown_in_the_order_of_the_text(editor: Client) -> None:
    one, two = "The river rose by four metres on Monday night. ", "Nobody in the lower town was hurt by the water. "
    article = editor.article(one + two + "End.")
    claim = editor.claim(article, {"exact": one.strip()}, {"exact": two.strip()})
    editor.revise(article, two + one + "End.")
    assert words(editor, claim) == [two.strip(), one.strip()]
    assert words(editor, claim, "?unit=utf16") == [two.strip(), one.strip()]


def test_a_dry_run_reports_and_stores_nothing(editor: Client, article: str) -> None:
    claim = editor.claim(article, {"start": FIRST, "end": FIRST + len(TREES)})
    before = (editor.tag(article), editor.tag(claim))
    edited = TEXT.replace("4,000", "4,200")
    tried = editor.revise(article, edited, "?dry_run=true")
    assert (tried.status_code, tried.json["created_at"], "Location" in tried.headers) == (200, None, False)
    assert (editor.tag(article), editor.tag(claim)) == before
    assert len(editor.all(f"{article}/revisions")) == 1
    assert editor.revise(article, edited).json["report"] == tried.json["report"]


def test_the_same_text_again_is_no_new_revision(editor: Client, article: str) -> None:
    tag = editor.tag(article)
    for query in ("", "?dry_run=true"):
        again = editor.revise(article, TEXT, query)
        assert (again.status_code, again.json["n"]) == (200, 1)
    assert editor.tag(article) == tag


def test_a_stale_text_is_refused_and_a_missing_precondition_too(editor: Client, article: str) -> None:
    tag = editor.tag(article)
    editor.revise(article, "Second.")
    late = editor.post(f"{article}/revisions", {"text": "Third."}, If_Match=tag)
    assert (late.status_code, late.json["version"]) == (412, 2)
    assert editor.post(f"{article}/revisions", {"text": "Third."}).status_code == 428
    assert editor.post(f"{article}/revisions?dry_run=true", {"text": "Third."}, If_Match=tag).status_code == 412
    assert len(editor.all(f"{article}/revisions")) == 2


def test_a_repeated_key_gets_the_first_answer_though_the_article_moved_on(editor: Client, article: str) -> None:
    headers = {"If_Match": editor.tag(article), "Idempotency_Key": "edit-1"}
    first = editor.post(f"{article}/revisions", {"text": "Second."}, **headers)
    editor.revise(article, "Third.")
    again = editor.post(f"{article}/revisions", {"text": "Second."}, **headers)
    assert (again.status_code, again.data) == (201, first.data)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(editor.all(f"{article}/revisions")) == 3


@pytest.mark.parametrize("text", ["", "a\0b", "\ud800", None, 7, ["x"]])
def test_a_text_that_can_not_be_stored_is_refused(editor: Client, article: str, text: Any) -> None:
    refused = editor.revise(article, text)
    assert refused.status_code == 422
    assert pointers(refused) == ["/text"]
    assert editor.get(article).json["revision"] == 1


def test_a_mark_on_an_older_text_is_carried_forward(editor: Client, reviewer: Client, article: str) -> None:
    editor.revise(article, "Update.\n\n" + TEXT)
    editor.revise(article, "Update.\n\n" + TEXT.replace("4,000", "4,200"))
    draft = {"spans": [{"start": FIRST, "end": FIRST + len(TREES), "exact": TREES, "revision": 1}]}
    claim = location(reviewer.post(f"{article}/claims", draft))
    shown = reviewer.get(claim).json
    assert (shown["needs_attention"], shown["spans"][0]["revision"]) == ("text_changed", 3)
    assert shown["spans"][0]["anchor"]["confirmed"] == TREES
    for n, start, outcome in ((1, FIRST, "marked"), (2, FIRST + 9, "kept"), (3, FIRST + 9, "changed")):
        (on,) = reviewer.all(f"{article}/claims?revision={n}")
        (span,) = on["spans"]
        assert (span["start"], span["revision"], span["anchor"]["outcome"]) == (start, n, outcome)


def test_a_claim_is_not_listed_on_texts_older_than_its_mark(editor: Client, article: str) -> None:
    editor.revise(article, TEXT + " End.")
    claim = editor.claim(article, {"exact": "End."})
    assert editor.all(f"{article}/claims?revision=1") == []
    assert [f"/v1/claims/{each['id']}" for each in editor.all(f"{article}/claims?revision=2")] == [claim]


@pytest.mark.parametrize(
    ("spans", "pointer"),
    [
        ([{"start": 0, "end": 2, "revision": 3}], "/spans/0/revision"),
        ([{"start": 0, "end": 2, "revision": 1}, {"start": 3, "end": 4, "revision": 2}], "/spans"),
        ([{"start": 0, "end": 2, "revision": 1}, {"start": 3, "end": 4}], "/spans"),
        ([{"start": 0, "end": 2, "revision": 0}], "/spans/0/revision"),
        ([{"start": 0, "end": 2, "revision": "1"}], "/spans/0/revision"),
        ([{"start": 0, "end": 2, "unit": "utf32"}], "/spans/0/unit"),
    ],
)
def test_unknown_and_mixed_revisions_and_units_are_refused(
    editor: Client, article: str, spans: list[dict[str, Any]], pointer: str
) -> None:
    editor.revise(article, TEXT + " End.")
    refused = editor.post(f"{article}/claims", {"spans": spans})
    assert refused.status_code == 422
    assert pointers(refused) == [pointer]
    assert editor.all(f"{article}/claims") == []


def test_a_revision_that_is_not_there_is_not_found(editor: Client, article: str) -> None:
    assert editor.get(f"{article}/revisions/2").status_code == 404
    assert editor.get(f"{article}/revisions/2/diff").status_code == 404
    assert editor.get(f"{article}/revisions/0").status_code == 404
    for path, parameter in (
        (f"{article}/claims?revision=2", "/revision"),
        (f"{article}/revisions/1/diff?from=2", "/from"),
    ):
        refused = editor.get(path)
        assert (refused.status_code, pointers(refused)) == (422, [parameter])
    assert editor.get(f"{article}/claims?unit=bytes").status_code == 422


def test_a_revision_is_answered_with_304_to_who_has_it(editor: Client, article: str) -> None:
    claim = editor.claim(article, {"start": FIRST, "end": FIRST + len(TREES)})
    made = editor.revise(article, TEXT + " End.")
    first = editor.get(f"{article}/revisions/2")
    assert first.headers["ETag"] == made.headers["ETag"]
    assert editor.get(f"{article}/revisions/2", If_None_Match=first.headers["ETag"]).status_code == 304
    editor.delete(claim, If_Match=editor.tag(claim))
    assert editor.get(f"{article}/revisions/2", If_None_Match=first.headers["ETag"]).status_code == 200


def test_a_diff_gives_the_changed_stretches_on_both_texts(editor: Client, article: str) -> None:
    edited = "Corrected. " + TEXT.replace("4,000 trees 🌳", "4,200 trees 🌳").replace(" Asked again,", "")
    editor.revise(article, edited)
    for unit, width in (("codepoint", 1), ("utf16", 2), ("utf8", 4)):
        diff = editor.get(f"{article}/revisions/2/diff?unit={unit}").json
        assert (diff["from"], diff["to"]) == (1, 2)
        for change in diff["changes"]:
            for side, text in (("from", TEXT), ("to", edited)):
                place = change[side]
                tree = text.index("🌳")
                start, end = (at - (width - 1 if at > tree else 0) for at in (place["start"], place["end"]))
                assert text[start:end] == place["exact"]
    kinds = [change["kind"] for change in diff["changes"]]
    assert kinds == ["inserted", "replaced", "deleted"]
    assert diff["changes"][1]["from"]["exact"] == "000"
    back = editor.get(f"{article}/revisions/1/diff?from=2").json
    assert [change["kind"] for change in back["changes"]] == ["deleted", "replaced", "inserted"]
    assert editor.get(f"{article}/revisions/1/diff").json["changes"] == []


def test_a_diff_names_what_was_moved(editor: Client) -> None:
    moved = "The bridge over the river was closed on Tuesday.\n"
    rest = "The mayor spoke for an hour.\nThe council meets again in June.\nTickets are free.\n"
    article = editor.article(moved + rest)
    editor.revise(article, rest + moved)
    diff = editor.get(f"{article}/revisions/2/diff").json
    assert any(moved.strip() in move["from"]["exact"] for move in diff["moved"])


@pytest.mark.parametrize(("unit", "width"), [("codepoint", 1), ("utf16", 2), ("utf8", 4)])
def test_offsets_go_in_and_come_out_in_any_unit(reviewer: Client, article: str, unit: str, width: int) -> None:
    start = TEXT.index("2,950")
    given = {"start": start + width - 1, "end": start + width + 4, "unit": unit, "exact": "2,950"}
    made = reviewer.post(f"{article}/claims?unit={unit}", {"spans": [given]})
    claim = location(made)
    listed = reviewer.all(f"{article}/claims?unit={unit}")
    searched = reviewer.all(f"/v1/projects/default/claims?unit={unit}")
    for shown in (made.json, reviewer.get(f"{claim}?unit={unit}").json, *listed, *searched):
        (span,) = shown["spans"]
        assert {name: span[name] for name in given} == given
    assert reviewer.get(claim).json["spans"][0]["start"] == start


def test_words_sent_in_the_wrong_unit_are_told_the_right_one(reviewer: Client, article: str) -> None:
    start = TEXT.index("2,950") + 1
    refused = reviewer.post(f"{article}/claims", {"spans": [{"start": start, "end": start + 5, "exact": "2,950"}]})
    assert refused.status_code == 422
    assert [(fault["pointer"], fault["code"]) for fault in refused.json["errors"]] == [("/spans/0/unit", "wrong_unit")]
    assert "utf16" in refused.json["errors"][0]["detail"]


@pytest.mark.parametrize("unit", ["utf16", "utf8"])
def test_a_boundary_inside_a_character_is_refused(reviewer: Client, article: str, unit: str) -> None:
    tree = TEXT.index("🌳")
    refused = reviewer.post(f"{article}/claims", {"spans": [{"start": tree + 1, "end": tree + 8, "unit": unit}]})
    assert refused.status_code == 422
    assert [(f["pointer"], f["code"]) for f in refused.json["errors"]] == [("/spans/0/start", "inside_character")]


def test_candidates_are_counted_in_the_unit_of_the_question(reviewer: Client, article: str) -> None:
    refused = reviewer.post(f"{article}/claims", {"spans": [{"exact": TREES, "unit": "utf16"}]})
    starts = [(candidate["start"], candidate["unit"]) for candidate in refused.json["errors"][0]["candidates"]]
    assert starts == [(FIRST, "utf16"), (TEXT.rindex(TREES) + 1, "utf16")]


def test_claims_that_need_attention_can_be_listed(editor: Client, article: str) -> None:
    changed = editor.claim(article, {"start": FIRST, "end": FIRST + len(TREES)})
    orphaned = editor.claim(article, {"exact": OFFICE})
    editor.claim(article, {"start": 0, "end": 9})
    editor.revise(article, TEXT.replace("planted 4,000 trees 🌳", "planted 4,200 trees 🌳").replace(OFFICE + " ", ""))
    listed = {
        need: [
            f"/v1/claims/{claim['id']}" for claim in editor.all(f"/v1/projects/default/claims?needs_attention={need}")
        ]
        for need in ("text_changed", "orphaned")
    }
    assert listed == {"text_changed": [changed], "orphaned": [orphaned]}


def test_search_looks_at_the_words_of_the_current_text_only(editor: Client, article: str) -> None:
    claim = editor.claim(article, {"start": FIRST, "end": FIRST + len(TREES)})
    editor.revise(article, TEXT.replace("4,000", "4,200"))
    search = "/v1/projects/default/claims?q="
    assert editor.all(f"{search}4,000 trees") == []
    assert [f"/v1/claims/{found['id']}" for found in editor.all(f"{search}4,200 trees")] == [claim]


def test_an_export_has_every_text_and_what_became_of_the_claims(editor: Client, article: str) -> None:
    claim = editor.claim(article, {"start": FIRST, "end": FIRST + len(TREES)})
    edited = TEXT.replace("4,000", "4,200")
    report = editor.revise(article, edited).json["report"]
    (dossier,) = editor.get(f"{article}/export").json["dossiers"]
    first, second = dossier["article"]["revisions"]
    assert (first["text"], second["text"], dossier["article"]["text"]) == (TEXT, None, edited)
    assert first["report"] == {"kept": 0, "changed": 0, "orphaned": 0, "claims": []}
    assert second["report"] == report
    (exported,) = dossier["claims"]
    assert (exported["needs_attention"], f"/v1/claims/{exported['id']}") == ("text_changed", claim)


def test_others_hear_nothing_of_revisions(editor: Client, stranger: Client, article: str) -> None:
    editor.claim(article)
    for path in ("/revisions", "/revisions/1", "/revisions/1/diff"):
        nothing = stranger.get(f"/v1/articles/00000000-0000-7000-8000-000000000000{path}").json
        assert stranger.get(article + path).json == nothing


def test_the_answer_gives_the_tag_for_the_next_text(editor: Client, article: str) -> None:
    tag = editor.tag(article)
    for n, text in enumerate(("Second.", "Third.", "Third.", "Fourth."), 2):
        made = editor.post(f"{article}/revisions", {"text": text}, If_Match=tag)
        assert made.status_code == (200 if n == 4 else 201)
        tag = made.headers["Article-ETag"]
    assert editor.get(article).json["revision"] == 4


def test_the_pages_of_a_list_are_of_one_revision(editor: Client) -> None:
    names = ["alpha", "beta", "gamma", "delta"]
    article = editor.article("\n".join(f"Here is {name}." for name in names))
    for name in names:
        editor.claim(article, {"exact": name})
    first = editor.get(f"{article}/claims?limit=2").json
    editor.revise(article, "Something new in front.\n" + "\n".join(f"Here is {name}." for name in names))
    second = editor.get(first["next"]).json
    assert [claim["spans"][0]["exact"] for claim in first["items"] + second["items"]] == names
    assert {claim["spans"][0]["revision"] for claim in first["items"] + second["items"]} == {1}


def test_a_verdict_given_on_the_new_words_is_not_said_to_be_on_others(
    editor: Client, reviewer: Client, other_reviewer: Client, article: str
) -> None:
    claim = editor.claim(article, {"start": FIRST, "end": FIRST + len(TREES)})
    reviewer.assess(claim, "false")
    editor.revise(article, TEXT.replace("4,000", "4,200"))
    assert reviewer.get(claim).json["resolution"]["words_changed"] is True
    other_reviewer.assess(claim, "false")
    shown = reviewer.get(claim).json
    assert (shown["resolution"]["words_changed"], shown["needs_attention"]) == (False, "text_changed")


def test_a_verdict_given_on_a_lost_claim_is_not_said_to_be_older_than_the_loss(
    editor: Client, reviewer: Client, article: str
) -> None:
    claim = editor.claim(article, {"exact": OFFICE})
    without = TEXT.replace(OFFICE + " ", "")
    editor.revise(article, without)
    reviewer.assess(claim, "false")
    editor.revise(article, without + " Subscribe to us.")
    assert reviewer.get(claim).json["resolution"]["words_changed"] is False


def test_the_current_text_sent_again_is_stale_once_another_text_came_between(
    database: Database, editor: Client, article: str
) -> None:
    with database.snapshot() as tx:
        caller = users.caller_with(tx, token_of("edith"))
        seen = articles.find(tx, caller, article.rpartition("/")[2])
        drawn = revisions.draw_up(tx, seen, {"text": TEXT, "note": None}, len(TEXT))
    assert drawn is None
    editor.revise(article, "Second.")
    with pytest.raises(Stale):
        database.write(lambda tx: revisions.add(tx, seen, drawn, "edith", "codepoint"))


@pytest.mark.parametrize(
    ("query", "body", "pointer"),
    [
        ("?dry_run=1", {}, "/dry_run"),
        ("?unit=bytes", {}, "/unit"),
        ("?force=true", {}, "/force"),
        ("", {"note": " "}, "/note"),
        ("", {"note": "x" * 1001}, "/note"),
        ("", {"title": "x"}, "/title"),
    ],
)
def test_a_revision_that_does_not_fit_is_refused(
    editor: Client, article: str, query: str, body: dict[str, Any], pointer: str
) -> None:
    refused = editor.revise(article, "Second.", query, **body)
    assert (refused.status_code, pointers(refused)) == (422, [pointer])
    assert editor.get(article).json["revision"] == 1
