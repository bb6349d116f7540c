"""Claims stand exactly where they were marked."""

from typing import Any

import pytest

from tests.client import BOX, TEXT, Client, code, location, pointers

TREES = "the city had planted 4,000 trees"
FIRST, SECOND = TEXT.index(TREES), TEXT.rindex(TREES)
IN_PROJECT = "/v1/projects/default/claims"


@pytest.fixture
def article(editor: Client) -> str:
    return editor.article()


def spans_of(claim: dict[str, Any]) -> list[tuple[int, int, str]]:
    return [(span["start"], span["end"], span["exact"]) for span in claim["spans"]]


def test_only_spans_are_needed_and_the_server_fills_in_the_rest(reviewer: Client, article: str) -> None:
    claim = reviewer.get(reviewer.claim(article, {"start": FIRST, "end": FIRST + len(TREES)})).json
    assert claim["spans"] == [
        {
            "start": FIRST,
            "end": FIRST + len(TREES),
            "unit": "codepoint",
            "revision": 1,
            "exact": TREES,
            "prefix": TEXT[max(0, FIRST - 32) : FIRST],
            "suffix": TEXT[FIRST + len(TREES) : FIRST + len(TREES) + 32],
            "anchor": {"outcome": "marked", "score": 1.0, "from_revision": 1, "confirmed": None},
        }
    ]
    assert (claim["status"], claim["verdict"], claim["resolution"]) == ("unverified", None, None)
    assert article.endswith(claim["article"])
    assert claim["created_by"] == "ravi"


def test_a_position_counts_code_points_even_behind_an_emoji(reviewer: Client, article: str) -> None:
    start = TEXT.index("2,950")
    claim = reviewer.claim(article, {"start": start, "end": start + 5, "unit": "codepoint", "exact": "2,950"})
    assert spans_of(reviewer.get(claim).json) == [(start, start + 5, "2,950")]


def test_a_quote_is_found_by_the_server(reviewer: Client, article: str) -> None:
    claim = reviewer.claim(article, {"exact": "counts 2,950"})
    assert reviewer.get(claim).json["spans"][0]["start"] == TEXT.index("counts 2,950")


def test_words_that_stand_twice_need_a_prefix_or_suffix(reviewer: Client, article: str) -> None:
    refused = reviewer.post(f"{article}/claims", {"spans": [{"exact": TREES}]})
    assert (refused.status_code, code(refused)) == (409, "quote_ambiguous")
    assert [candidate["start"] for candidate in refused.json["errors"][0]["candidates"]] == [FIRST, SECOND]
    assert pointers(refused) == ["/spans/0"]
    second = reviewer.claim(article, {"exact": TREES, "suffix": "."})
    assert reviewer.get(second).json["spans"][0]["start"] == SECOND


def test_every_quote_has_its_own_candidates(reviewer: Client, article: str) -> None:
    absent = [{"exact": "The parks office counts 3,000"}, {"exact": "Asked twice, the mayor said"}]
    refused = reviewer.post(f"{article}/claims", {"spans": absent})
    assert (refused.status_code, code(refused)) == (422, "invalid")
    nearest = [(fault["pointer"], fault["candidates"][0]["exact"]) for fault in refused.json["errors"]]
    assert nearest == [
        ("/spans/0/exact", "The parks office counts 2,950."),
        ("/spans/1/exact", "Asked again, the mayor said"),
    ]


def test_ambiguous_quotes_are_told_together_and_with_what_else_is_wrong(reviewer: Client, article: str) -> None:
    several = [{"exact": TREES}, {"exact": "the mayor said"}]
    refused = reviewer.post(f"{article}/claims", {"spans": several})
    assert (refused.status_code, code(refused)) == (409, "quote_ambiguous")
    assert [len(fault["candidates"]) for fault in refused.json["errors"]] == [2, 2]
    refused = reviewer.post(f"{article}/claims", {"spans": [*several, {"start": 5, "end": 5}]})
    assert (refused.status_code, code(refused)) == (422, "invalid")
    kinds = [fault["code"] for fault in refused.json["errors"]]
    assert kinds == ["quote_ambiguous", "quote_ambiguous", "span_outside_text"]


def test_quotes_share_the_candidates_of_an_answer(reviewer: Client, editor: Client) -> None:
    article = editor.article("a" * 1000)
    refused = reviewer.post(f"{article}/claims", {"spans": [{"exact": "a" * n} for n in range(1, 6)]})
    assert [len(fault["candidates"]) for fault in refused.json["errors"]] == [20] * 5


def test_several_spans_are_kept_in_text_order(reviewer: Client, article: str) -> None:
    claim = reviewer.claim(article, {"start": 80, "end": 90}, {"start": 0, "end": 9}, {"exact": "parks office"})
    starts = [span["start"] for span in reviewer.get(claim).json["spans"]]
    assert starts == sorted(starts)
    assert len(starts) == 3


def test_claims_may_overlap_nest_and_mark_the_same_words_twice(reviewer: Client, article: str) -> None:
    places = [(0, 40), (10, 20), (30, 60), (10, 20)]
    for start, end in places:
        reviewer.claim(article, {"start": start, "end": end})
    listed = reviewer.all(f"{article}/claims?limit=2")
    assert [spans_of(claim)[0][:2] for claim in listed] == sorted(places)


@pytest.mark.parametrize(
    ("spans", "pointer", "kind"),
    [
        ([], "/spans", "invalid"),
        ([{}], "/spans/0", "invalid"),
        ([{"start": 3}], "/spans/0", "invalid"),
        ([{"start": 3, "end": 5, "prefix": "x"}], "/spans/0", "invalid"),
        ([{"start": "3", "end": 5}], "/spans/0/start", "invalid"),
        ([{"start": 3.0, "end": 5}], "/spans/0/start", "invalid"),
        ([{"start": True, "end": 5}], "/spans/0/start", "invalid"),
        ([{"start": -1, "end": 5}], "/spans/0/start", "invalid"),
        ([{"start": 5, "end": 5}], "/spans/0", "span_outside_text"),
        ([{"start": 7, "end": 5}], "/spans/0", "span_outside_text"),
        ([{"start": 0, "end": 10_000}], "/spans/0", "span_outside_text"),
        ([{"start": 0, "end": 2**40}], "/spans/0/end", "invalid"),
        ([{"start": 0, "end": 2}, {"start": 0, "end": 3, "exact": "???"}], "/spans/1/exact", "exact_mismatch"),
        ([{"start": 0, "end": 2}, {"start": 0, "end": 2}], "/spans", "span_repeated"),
        ([{"exact": "not in there at all"}], "/spans/0/exact", "quote_not_found"),
        ([{"exact": ""}], "/spans/0/exact", "invalid"),
        ([{"start": 0, "end": 2, "unit": "furlong"}], "/spans/0/unit", "invalid"),
        ([{"start": 0, "end": 2, "color": "red"}], "/spans/0/color", "unknown_field"),
        ([[0, 2]], "/spans/0", "invalid"),
    ],
)
def test_spans_that_do_not_fit_are_refused_at_their_place(
    reviewer: Client, article: str, spans: list[Any], pointer: str, kind: str
) -> None:
    response = reviewer.post(f"{article}/claims", {"spans": spans, "claimant": {"name": "Jo"}})
    assert response.status_code == 422
    assert [(fault["pointer"], fault["code"]) for fault in response.json["errors"]] == [(pointer, kind)]
    assert reviewer.all(f"{article}/claims") == []
    assert reviewer.all("/v1/projects/default/claimants") == []


def test_an_absent_quote_comes_with_its_nearest_passages(reviewer: Client, article: str) -> None:
    response = reviewer.post(f"{article}/claims", {"spans": [{"exact": "The parks office counts 2,590"}]})
    assert response.json["errors"][0]["candidates"][0]["exact"].startswith("The parks office counts 2,950")


def test_all_that_can_be_said_of_a_claim_comes_back(reviewer: Client, article: str) -> None:
    facts = {
        "external_id": "c-1",
        "text": "The city planted 4,000 trees.",
        "context": "At the opening of a park.",
        "language": "en",
        "claimant": {
            "name": "Jo Marlow",
            "kind": "person",
            "job_title": "Mayor",
            "same_as": ["https://www.wikidata.org/wiki/Q1"],
        },
        "claimed_at": "2026-03-02",
        "location": "Exampleton",
        "first_appearance": {"url": "https://tv.example/1", "archive_url": None},
        "appearances": [{"url": "https://tv.example/2", "archive_url": "https://archive.example/2"}],
        "types": ["numerical"],
        "tags": ["trees", "environment"],
    }
    claim = reviewer.get(reviewer.claim(article, **facts)).json
    claim["claimant"].pop("id")
    assert {name: claim[name] for name in facts} == facts


def test_a_claimant_is_found_or_made_by_name_and_learned_about(reviewer: Client, article: str) -> None:
    claims = [
        reviewer.claim(article, claimant={"name": "Jo Marlow"}),
        reviewer.claim(article, claimant={"name": "Jo Marlow", "kind": "person", "job_title": "Mayor"}),
        reviewer.claim(article, claimant={"name": "Jo Marlow", "kind": "person"}),
    ]
    (jo,) = reviewer.all("/v1/projects/default/claimants")
    assert (jo["kind"], jo["job_title"]) == ("person", "Mayor")
    assert {reviewer.get(claim).json["claimant"]["id"] for claim in claims} == {jo["id"]}


def test_claimants_are_searched_by_words_of_their_names(reviewer: Client, article: str) -> None:
    for name in ("Jo Marlow", "Ann Marlow", "Acme"):
        reviewer.claim(article, claimant={"name": name})
    found = reviewer.all("/v1/projects/default/claimants?q=mar")
    assert [claimant["name"] for claimant in found] == ["Ann Marlow", "Jo Marlow"]


def test_a_change_may_add_to_what_is_known_of_the_claims_own_claimant(reviewer: Client, article: str) -> None:
    claim = reviewer.claim(article, claimant={"name": "Jo"})
    changed = reviewer.patch(claim, {"claimant": {"name": "Jo", "kind": "person"}}, If_Match='"1"')
    assert (changed.status_code, changed.json["claimant"]["kind"]) == (200, "person")
    assert changed.headers["ETag"] == reviewer.tag(claim)


def test_a_contradicting_claimant_is_refused(reviewer: Client, article: str) -> None:
    reviewer.claim(article, claimant={"name": "Acme", "kind": "organization"})
    draft = {"spans": [{"start": 0, "end": 2}], "claimant": {"name": "Acme", "kind": "person"}}
    response = reviewer.post(f"{article}/claims", draft)
    assert (response.status_code, code(response)) == (409, "claimant_differs")
    assert len(reviewer.all(f"{article}/claims")) == 1


def test_a_changed_claimant_shows_on_the_claims_under_a_new_tag(editor: Client, article: str) -> None:
    claim = editor.claim(article, claimant={"name": "Jo"})
    before = editor.tag(claim)
    (jo,) = editor.all("/v1/projects/default/claimants")
    address = f"/v1/claimants/{jo['id']}"
    changed = editor.patch(address, {"name": "Jo Marlow", "job_title": "Mayor"}, If_Match=editor.tag(address))
    assert changed.json["name"] == "Jo Marlow"
    assert editor.get(claim).json["claimant"]["name"] == "Jo Marlow"
    assert editor.get(claim, If_None_Match=before).status_code == 200
    editor.claim(article, claimant={"name": "Ann"})
    taken = editor.patch(address, {"name": "Ann"}, If_Match=editor.tag(address))
    assert (taken.status_code, code(taken)) == (409, "already_exists")


def test_external_ids_are_unique_in_their_article(reviewer: Client, editor: Client, article: str) -> None:
    first = reviewer.claim(article, external_id="c-1")
    response = reviewer.post(f"{article}/claims", {"spans": [{"start": 0, "end": 2}], "external_id": "c-1"})
    assert (response.status_code, code(response)) == (409, "already_exists")
    assert first.endswith(response.json["existing"])
    reviewer.claim(editor.article(), external_id="c-1")
    other = reviewer.claim(article)
    assert reviewer.patch(other, {"external_id": "c-1"}, If_Match='"1"').status_code == 409


def test_a_change_touches_only_what_it_names(reviewer: Client, article: str) -> None:
    claim = reviewer.claim(article, text="Old", tags=["kept"])
    changed = reviewer.patch(claim, {"text": "New"}, If_Match='"1"').json
    assert (changed["text"], changed["tags"], changed["version"]) == ("New", ["kept"], 2)


def test_new_spans_replace_the_old(reviewer: Client, article: str) -> None:
    claim = reviewer.claim(article, {"start": 0, "end": 5}, {"start": 10, "end": 15})
    changed = reviewer.patch(claim, {"spans": [{"exact": "parks office"}]}, If_Match='"1"').json
    assert [span[2] for span in spans_of(changed)] == ["parks office"]
    refused = reviewer.patch(claim, {"text": "x", "spans": [{"exact": "absent"}]}, If_Match='"2"')
    assert refused.status_code == 422
    assert reviewer.get(claim).json == changed


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"claimant": {}}, "/claimant/name"),
        ({"claimant": {"kind": "person"}}, "/claimant/name"),
        ({"first_appearance": {}}, "/first_appearance/url"),
        ({"appearances": [{}]}, "/appearances/0/url"),
    ],
)
def test_parts_of_a_change_are_given_whole(
    reviewer: Client, article: str, change: dict[str, Any], pointer: str
) -> None:
    claim = reviewer.claim(article)
    refused = reviewer.patch(claim, change, If_Match='"1"')
    assert (refused.status_code, pointers(refused)) == (422, [pointer])


def test_a_new_claimant_or_appearance_in_a_change_gets_its_defaults(reviewer: Client, article: str) -> None:
    claim = reviewer.claim(article)
    change = {"claimant": {"name": "New"}, "appearances": [{"url": "https://tv.example/"}]}
    changed = reviewer.patch(claim, change, If_Match='"1"').json
    assert (changed["claimant"]["kind"], changed["appearances"][0]["archive_url"]) == ("unknown", None)


def test_claims_are_found_by_their_claimant(reviewer: Client, article: str) -> None:
    claim = reviewer.get(reviewer.claim(article, claimant={"name": "Jo"})).json
    reviewer.claim(article)
    for id in (claim["claimant"]["id"], claim["claimant"]["id"].upper()):
        assert [found["id"] for found in reviewer.all(f"{IN_PROJECT}?claimant={id}")] == [claim["id"]]


def test_reviewers_change_their_own_claims_and_editors_all(
    reviewer: Client, other_reviewer: Client, editor: Client, article: str
) -> None:
    claim = reviewer.claim(article)
    assert other_reviewer.patch(claim, {"text": "x"}, If_Match='"1"').status_code == 403
    assert reviewer.patch(claim, {"text": "x"}, If_Match='"1"').status_code == 200
    assert editor.patch(claim, {"text": "y"}, If_Match='"2"').status_code == 200


def test_a_withdrawn_claim_is_out_of_review_until_it_is_back(reviewer: Client, article: str) -> None:
    claim = reviewer.claim(article)
    reviewer.assess(claim, "false")
    withdrawn = reviewer.put(f"{claim}/withdrawal", If_Match=reviewer.tag(claim))
    assert (withdrawn.json["status"], withdrawn.json["verdict"]) == ("withdrawn", None)
    assert withdrawn.json["resolution"] is None
    mine = reviewer.tag(f"{claim}/assessments/mine")
    for refused in (
        reviewer.put(f"{claim}/assessments/mine", {"verdict": "true"}, If_Match=mine),
        reviewer.delete(f"{claim}/assessments/mine", If_Match=mine),
    ):
        assert (refused.status_code, code(refused)) == (409, "claim_withdrawn")
    back = reviewer.delete(f"{claim}/withdrawal", If_Match=withdrawn.headers["ETag"])
    assert (back.json["status"], back.json["verdict"]) == ("resolved", "false")
    assert reviewer.delete(f"{claim}/withdrawal", If_Match=back.headers["ETag"]).status_code == 404


def test_deleting_a_claim_is_for_editors(reviewer: Client, editor: Client, article: str) -> None:
    claim = reviewer.claim(article)
    assert reviewer.delete(claim, If_Match='"1"').status_code == 403
    assert editor.delete(claim, If_Match=editor.tag(claim)).status_code == 204
    assert editor.get(claim).status_code == 404
    assert editor.get(article).json["claim_count"] == 0


@pytest.mark.parametrize(
    ("query", "texts"),
    [
        ("", ["A", "B", "C"]),
        ("status=resolved", ["A"]),
        ("status=unverified", ["B"]),
        ("status=resolved&status=withdrawn", ["A", "C"]),
        ("verdict=false", ["A"]),
        ("verdict=true&verdict=half_true", []),
        ("tag=tree", ["A"]),
        ("tag=trees", ["B"]),
        ("tag=,", []),
        ("tag=%22%2C%22", ["C"]),
        ("type=numerical", ["B"]),
        ("language=de", ["C"]),
        ("created_by=edith", ["C"]),
        ("claimant_name=Jo", ["A"]),
        ("external_id=c-2", ["B"]),
        ("claimed_after=2026-01-01", ["B"]),
        ("claimed_before=2026-01-01", ["A"]),
        ("created_after=2020-01-01T00:00:00Z", ["A", "B", "C"]),
        ("created_before=2020-01-01T00:00:00Z", []),
        ("q=PARKS+OFFICE", ["B"]),
        ("q=b", ["B"]),
        ("q=100%25", []),
        ("q=_", []),
        ("status=resolved&tag=trees", []),
    ],
)
def test_filters(reviewer: Client, editor: Client, article: str, query: str, texts: list[str]) -> None:
    jo = {"name": "Jo"}
    one = reviewer.claim(article, text="A", tags=["tree"], claimant=jo, claimed_at="2025-12-31T23:59:59Z")
    places = {"exact": "The parks office"}
    reviewer.claim(
        article, places, text="B", tags=["trees", "x"], types=["numerical"], external_id="c-2", claimed_at="2026-01-01"
    )
    three = editor.claim(article, {"exact": "Asked"}, text="C", tags=['","', "y"], language="de")
    reviewer.assess(one, "false")
    editor.put(f"{three}/withdrawal", If_Match=editor.tag(three))
    found = reviewer.all(f"{IN_PROJECT}?sort=created_at&{query}")
    assert [claim["text"] for claim in found] == texts


def test_search_knows_letters_beyond_ascii(reviewer: Client, editor: Client) -> None:
    reviewer.claim(editor.article("Der ÄRGER der Bürger"), {"exact": "ÄRGER"}, text="Unmut")
    assert len(reviewer.all(f"{IN_PROJECT}?q=ärger")) == 1


@pytest.mark.parametrize("sort", ["created_at", "-created_at", "-updated_at", "claimed_at", "-claimed_at"])
def test_sorting_and_paging_lose_and_double_nothing(reviewer: Client, article: str, sort: str) -> None:
    for day in ("2026-01-02", None, "2026-01-01", None, "2026-01-02"):
        reviewer.claim(article, claimed_at=day)
    listed = reviewer.all(f"{IN_PROJECT}?sort={sort}&limit=2")
    assert len({claim["id"] for claim in listed}) == len(listed) == 5
    values = [claim[sort.removeprefix("-")] or "" for claim in listed]
    assert values == sorted(values, reverse=sort.startswith("-"))


def test_a_claim_of_an_unknown_article_is_nowhere(reviewer: Client, article: str) -> None:
    nowhere = "/v1/articles/01934f6e-7a10-7000-8000-000000000002/claims"
    assert reviewer.post(nowhere, {"spans": [{"start": 0, "end": 1}]}).status_code == 404
    assert reviewer.get(f"{BOX}/{article}").status_code == 404


def test_location_leads_to_the_claim(reviewer: Client, article: str) -> None:
    made = reviewer.post(f"{article}/claims", {"spans": [{"start": 0, "end": 1}]})
    assert reviewer.get(location(made)).json == made.json
