"""Formats in JSON: W3C Web Annotation, schema.org ClaimReview, AVeriTeC."""

import json
from dataclasses import replace
from typing import Any

import pytest

from api.rules.scales import PRESETS
from tests.exports.dossiers import HOSTILE, SOURCE, claim, dossier, evidence, hostile, span, written

TEXT = "The city 🌳 planted 4,000 trees since 2020."


def annotations(*dossiers: Any) -> list[dict[str, Any]]:
    collection = json.loads(written("web-annotation", *dossiers))
    assert collection["total"] == len(collection["first"]["items"])
    items: list[dict[str, Any]] = collection["first"]["items"]
    return items


def test_an_annotation_leads_to_its_words_by_quote_and_by_position_in_code_points() -> None:
    for annotation in annotations(hostile()):
        assert annotation["@context"] == "http://www.w3.org/ns/anno.jsonld"
        (target,) = annotation["target"]
        quote, position = target["selector"]
        assert quote["exact"] == HOSTILE[position["start"] : position["end"]]
        assert HOSTILE[: position["start"]].endswith(quote["prefix"])
        assert HOSTILE[position["end"] :].startswith(quote["suffix"])
        assert target["source"].startswith("https://facts.example/v1/articles/")
        assert target["source"].endswith("/revisions/1")


def test_an_annotation_has_bodies_for_what_is_known_of_the_claim() -> None:
    linked = evidence(archive_url="https://archive.example/1", accessed_at="2026-03-01T10:00:00Z", stance="supports")
    (annotation,) = annotations(dossier(TEXT, claim(1, TEXT, (0, 8), (11, 18), tags=["parks"], evidence=[linked])))
    said = {body["schema:name"]: body for body in annotation["body"]}
    assert (said["status"]["purpose"], said["status"]["value"]) == ("classifying", "resolved")
    assert (said["verdict"]["purpose"], said["verdict"]["value"]) == ("assessing", "False")
    assert said["verdict"]["schema:identifier"] == "false"
    assert (said["tag"]["purpose"], said["tag"]["value"]) == ("tagging", "parks")
    assert (said["claimant"]["purpose"], said["claimant"]["value"]) == ("identifying", "Jo Marlow")
    link = said["supports"]
    assert (link["type"], link["purpose"], link["source"]) == ("SpecificResource", "linking", linked["url"])
    assert link["selector"] == {"type": "TextQuoteSelector", "exact": linked["excerpt"]}
    assert link["state"]["cached"] == "https://archive.example/1"
    assert len(annotation["target"]) == 2


def test_an_orphaned_span_is_annotated_on_the_text_it_was_lost_from() -> None:
    lost = {**span("An older text.", 3, 8, outcome="orphaned"), "revision": 2}
    (annotation,) = annotations(dossier(TEXT, claim(1, TEXT, spans=[lost], verdict=None)))
    assert annotation["target"][0]["source"].endswith("/revisions/2")
    assert annotation["target"][0]["selector"][0]["exact"] == "older"


def reviews(*claims: dict[str, Any], **source: Any) -> list[dict[str, Any]]:
    given = json.loads(written("claim-review", dossier(TEXT, *claims), source=replace(SOURCE, **source)))
    return [review for review in given if review["@type"] == "ClaimReview"]


def test_only_resolved_claims_are_reviews() -> None:
    found = reviews(claim(1, TEXT, (0, 8)), claim(2, TEXT, (0, 8), verdict=None), claim(3, TEXT, (0, 8)))
    assert [review["url"][-1] for review in found] == ["1", "3"]


def test_a_review_says_what_google_asks_for() -> None:
    first = {"url": "https://said.example/1", "archive_url": "https://archive.example/1"}
    other = {"url": "https://said.example/2", "archive_url": None}
    (review,) = reviews(claim(1, TEXT, (0, 8), first_appearance=first, appearances=[other]))
    assert review["@context"] == "https://schema.org"
    assert review["claimReviewed"] == "The city planted 4,000 trees between 2020 and March 2026."
    assert review["author"]["name"] == SOURCE.name
    assert review["datePublished"] == "2026-03-02T12:00:00Z"
    assert review["reviewRating"] == {
        "@type": "Rating",
        "ratingValue": 2,
        "bestRating": 6,
        "worstRating": 1,
        "alternateName": "False",
    }
    item = review["itemReviewed"]
    assert item["author"] == {"@type": "Person", "name": "Jo Marlow", "jobTitle": "Mayor"}
    assert item["datePublished"] == "2026-03-02"
    assert [work["url"] for work in item["appearance"]] == ["https://news.example/trees", "https://said.example/2"]
    assert item["firstAppearance"]["archivedAt"] == "https://archive.example/1"


@pytest.mark.parametrize(
    ("scale", "verdict", "label", "numbers"),
    [
        ("basic", "true", "True", (3, 3, 1)),
        ("basic", "unverifiable", "Can't be verified", (None, None, None)),
        ("fever", "refuted", "Refuted", (None, None, None)),
    ],
)
def test_ratings_have_numbers_if_the_scale_has(scale: str, verdict: str, label: str, numbers: tuple[Any, ...]) -> None:
    (review,) = reviews(claim(1, TEXT, (0, 8), verdict=verdict), scale=PRESETS[scale])
    rating = review["reviewRating"]
    assert rating["alternateName"] == label
    assert tuple(rating.get(name) for name in ("ratingValue", "bestRating", "worstRating")) == numbers


def test_a_review_can_stand_in_the_script_of_a_page() -> None:
    assert b"<" not in written("claim-review", hostile())
    assert json.loads(written("claim-review", hostile()))[0]["claimReviewed"] == HOSTILE


def test_averitec_labels_follow_the_truth_class() -> None:
    labels = {}
    for verdict in ("true", "half_true", "false"):
        (found,) = json.loads(written("averitec", dossier(TEXT, claim(1, TEXT, (0, 8), verdict=verdict))))
        labels[verdict] = found["label"]
    assert labels == {"true": "Supported", "half_true": "Conflicting Evidence/Cherrypicking", "false": "Refuted"}
    unknown = replace(SOURCE, scale=PRESETS["fever"])
    neither = claim(1, TEXT, (0, 8), verdict="not_enough_info")
    (found,) = json.loads(written("averitec", dossier(TEXT, neither), source=unknown))
    assert found["label"] == "Not Enough Evidence"


def test_averitec_has_evidence_as_answers_and_makes_no_questions_up() -> None:
    (found,) = json.loads(
        written("averitec", dossier(TEXT, claim(1, TEXT, (0, 8)), claim(2, TEXT, (0, 8), verdict=None)))
    )
    (question,) = found["questions"]
    assert question["question"] == ""
    assert question["answers"][0]["answer_type"] == "Extractive"
    assert question["answers"][0]["source_medium"] == "Other"
    assert found["claim_date"] == "2-3-2026"
    assert found["claim_types"] == ["Numerical Claim"]
    assert found["justification"] == "The parks office counts 2,950."


@pytest.mark.parametrize("format", ["claim-review", "averitec"])
def test_nothing_resolved_is_an_empty_list(format: str) -> None:
    assert json.loads(written(format)) == json.loads(written(format, dossier(TEXT))) == []
