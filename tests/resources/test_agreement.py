"""How far reviewers agree, as the service tells it."""

from typing import Any

import pytest

from tests.client import Client, pointers

AGREEMENT = "/v1/projects/default/agreement"
# Krippendorff 2011, section C: four observers, twelve units; nominal 0.743, ordinal 0.815.
OBSERVERS = {
    "rosa": "1 2 3 3 2 1 4 1 2 . . .",
    "ravi": "1 2 3 3 2 2 4 1 2 5 . 3",
    "edith": ". 3 3 3 2 3 4 2 2 5 1 .",
    "olga": "1 2 3 3 2 4 4 1 2 5 1 .",
}
SCALE = {
    "name": "five",
    "values": [{"value": f"v{n}", "label": str(n), "number": n, "truth_class": "mixed"} for n in range(1, 6)],
}


@pytest.fixture
def people(other_reviewer: Client, reviewer: Client, editor: Client, owner: Client) -> dict[str, Client]:
    return {"rosa": other_reviewer, "ravi": reviewer, "edith": editor, "olga": owner}


@pytest.fixture
def rated(people: dict[str, Client], owner: Client) -> list[str]:
    """Twelve claims with the published ratings."""
    project = "/v1/projects/default"
    owner.patch(project, {"scale": SCALE}, If_Match=owner.tag(project))
    article = owner.article()
    claims = [owner.claim(article, {"start": n, "end": n + 1}, types=["even" if n % 2 else "odd"]) for n in range(12)]
    for name, ratings in OBSERVERS.items():
        for claim, rating in zip(claims, ratings.split(), strict=True):
            if rating != ".":
                assert people[name].assess(claim, f"v{rating}").status_code == 201
    return claims


def test_the_published_example_comes_out_to_four_places(reader: Client, rated: list[str]) -> None:
    told = reader.get(AGREEMENT).json
    assert (told["reviewers"], told["left_out"]) == (4, 0)
    assert round(told["alpha_nominal"]["value"], 4) == 0.7434
    assert round(told["alpha_ordinal"]["value"], 4) == 0.8154
    assert told["alpha_nominal"]["interval"]["low"] < 0.7434 < told["alpha_nominal"]["interval"]["high"]
    assert len(told["pairs"]) == 6
    assert told["fleiss_kappa"]["value"] is None
    assert told["fleiss_kappa"]["reason"]
    assert reader.get(AGREEMENT).data == reader.get(AGREEMENT).data


def test_figures_rest_on_what_was_asked_for(reader: Client, editor: Client, rated: list[str]) -> None:
    whole = reader.get(AGREEMENT).json
    two = reader.get(f"{AGREEMENT}?reviewer=rosa&reviewer=ravi").json
    assert [pair["reviewers"] for pair in two["pairs"]] == [["ravi", "rosa"]]
    assert two["pairs"][0] in whole["pairs"]
    assert reader.get(f"{AGREEMENT}?type=odd").json["claims"] < whole["claims"]
    assert reader.get(f"{AGREEMENT}?before=2000-01-01T00:00:00Z").json["assessments"] == 0
    assert reader.get(f"{AGREEMENT}?after=2000-01-01T00:00:00Z").json == whole
    editor.put(f"{rated[3]}/withdrawal", If_Match=editor.tag(rated[3]))
    assert reader.get(AGREEMENT).json["assessments"] == whole["assessments"] - 4


def test_where_nothing_is_shared_every_figure_says_why(reader: Client, people: dict[str, Client]) -> None:
    claim = people["edith"].claim(people["edith"].article())
    people["ravi"].assess(claim, "true")
    told = reader.get(AGREEMENT).json
    figures = [told[name] for name in ("percent_agreement", "fleiss_kappa", "alpha_nominal", "alpha_ordinal")]
    for figure in [*figures, told["spans"]["f1"], told["spans"]["alpha_unitizing"]]:
        assert figure["value"] is None
        assert figure["reason"]


@pytest.mark.parametrize(("theirs", "f1"), [((30, 62), 1.0), ((46, 62), 0.666667), ((70, 80), 0.0)])
def test_marks_on_one_article_are_compared_by_what_they_cover(
    reader: Client, people: dict[str, Client], theirs: tuple[int, int], f1: float
) -> None:
    article = people["edith"].article()
    people["rosa"].claim(article, {"start": 30, "end": 62})
    people["ravi"].claim(article, {"start": theirs[0], "end": theirs[1]})
    spans = reader.get(AGREEMENT).json["spans"]
    assert (spans["articles"], spans["f1"]["value"]) == (1, f1)
    assert spans["pairs"][0]["annotators"] == ["ravi", "rosa"]


@pytest.mark.parametrize(("query", "pointer"), [("after=monday", "/after"), ("kind=x", "/kind"), ("type=", "/type")])
def test_a_question_that_can_not_be_read_is_refused(reader: Client, query: str, pointer: str) -> None:
    refused: Any = reader.get(f"{AGREEMENT}?{query}")
    assert (refused.status_code, pointers(refused)) == (422, [pointer])
