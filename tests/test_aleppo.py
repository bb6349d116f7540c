"""A real live news entry, all its marks, through the whole main job over HTTP.

Any verdict given here is a test value, not a finding.
"""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.client import BOX, Client, location
from tests.readers.files import JSON, NDJSON, ZIP, archive
from tests.resources.test_imports import counts, exported, send
from tests.round_trip import kept

REVISION = 4


@pytest.fixture(scope="session")
def entry(shared_data: Path) -> dict[str, Any]:
    entry: dict[str, Any] = json.loads((shared_data / "aleppo" / "claims.json").read_text("utf-8"))
    texts = [(shared_data / "aleppo" / each["file"]).read_bytes().decode() for each in entry["revisions"]]
    return {**entry, "texts": texts, "text": texts[REVISION - 1]}


def marks(entry: dict[str, Any]) -> list[dict[str, Any]]:
    """The marks whose words stand on the revision, each span with its place there."""
    text = entry["text"]
    found = []
    for claim in entry["claims"]:
        places = [_place(text, span, claim["marked_on_revision"]) for span in claim["spans"]]
        if all(places):
            found.append({**claim, "places": places})
    return found


def _place(text: str, span: dict[str, Any], marked_on: int) -> tuple[int, int] | None:
    starts = [at for at in range(len(text)) if text.startswith(span["exact"], at)]
    if not starts:
        return None
    start = span["start"] if marked_on == REVISION else starts[min(span["occurrence"], len(starts) - 1)]
    return start, start + len(span["exact"])


def by_position(text: str, start: int, end: int) -> dict[str, Any]:
    return {"start": start, "end": end, "exact": text[start:end]}


def by_quote(text: str, start: int, end: int) -> dict[str, Any]:
    return {"exact": text[start:end], "prefix": text[max(0, start - 40) : start], "suffix": text[end : end + 40]}


def test_the_text_is_stored_byte_for_byte(editor: Client, entry: dict[str, Any]) -> None:
    article = editor.get(editor.article(entry["text"], **entry["article"])).json
    said = entry["revisions"][REVISION - 1]
    assert article["text"] == entry["text"]
    assert article["text_sha256"] == said["sha256"] == sha256(article["text"].encode()).hexdigest()
    assert article["code_points"] == said["code_points"]
    assert article["published_at"] == "2016-12-08"


@pytest.mark.parametrize("selector", [by_position, by_quote])
def test_what_comes_out_is_what_went_in(
    editor: Client, reviewer: Client, reader: Client, entry: dict[str, Any], selector: Any
) -> None:
    text = entry["text"]
    article = editor.article(text, **entry["article"])
    todo = marks(entry)
    assert len(todo) >= 20
    for n, mark in enumerate(todo):
        draft = {
            "external_id": mark["id"],
            "spans": [selector(text, *place) for place in mark["places"]],
            "text": mark["text"],
            "claimant": {"name": mark["claimant"], "kind": mark["claimant_kind"]} if mark["claimant"] else None,
        }
        claim = location(reviewer.post(f"{article}/claims", draft))
        reviewer.assess(claim, ("true", "false", "half_true")[n % 3], rationale="A test value.")
        reviewer.post(f"{claim}/evidence", {"url": f"https://evidence.example/{mark['id']}", "stance": "context"})
    (dossier,) = reader.get(f"{article}/export").json["dossiers"]
    assert dossier["article"]["text"] == text
    exported = {claim["external_id"]: claim for claim in dossier["claims"]}
    assert exported.keys() == {mark["id"] for mark in todo}
    for n, mark in enumerate(todo):
        claim = exported[mark["id"]]
        assert [(span["start"], span["end"]) for span in claim["spans"]] == sorted(mark["places"])
        assert [span["exact"] for span in claim["spans"]] == [text[a:b] for a, b in sorted(mark["places"])]
        assert claim["text"] == mark["text"]
        assert (claim["claimant"] or {}).get("name") == mark["claimant"]
        assert (claim["status"], claim["verdict"]) == ("resolved", ("true", "false", "half_true")[n % 3])
        assert [link["url"] for link in claim["evidence"]] == [f"https://evidence.example/{mark['id']}"]


def test_words_that_stand_twice_are_not_guessed_at(editor: Client, reviewer: Client, entry: dict[str, Any]) -> None:
    article = editor.article(entry["text"])
    words = "US Secretary of State John Kerry"
    refused = reviewer.post(f"{article}/claims", {"spans": [{"exact": words}]})
    starts = [candidate["start"] for candidate in refused.json["errors"][0]["candidates"]]
    assert refused.status_code == 409
    assert len(starts) == entry["text"].count(words) >= 2


def test_the_entry_is_found_again_by_search(editor: Client, reviewer: Client, entry: dict[str, Any]) -> None:
    article = editor.article(entry["text"])
    claim = reviewer.claim(article, by_quote(entry["text"], *marks(entry)[0]["places"][0]))
    assert [f"/v1/claims/{found['id']}" for found in reviewer.all("/v1/projects/default/claims?q=enemy’s")] == [claim]
    assert reviewer.all(f"{BOX}?has_claims=true")[0]["claim_count"] == 1


def mark_on(client: Client, article: str, entry: dict[str, Any], n: int) -> None:
    """Marks the claims that were marked on that revision, where they stood on it."""
    for claim in entry["claims"]:
        if claim["marked_on_revision"] == n:
            spans = [{"start": s["start"], "end": s["end"], "exact": s["exact"], "revision": n} for s in claim["spans"]]
            location(client.post(f"{article}/claims", {"spans": spans, "external_id": claim["id"]}))


def standing(client: Client, article: str, n: int) -> dict[str, Any]:
    """By the claims' own ids: how they stand on a revision."""
    return {claim["external_id"]: claim for claim in client.all(f"{article}/claims?revision={n}&limit=200")}


def check_standing(client: Client, article: str, entry: dict[str, Any]) -> None:
    """On every text each claim is where `claims.json` says that it should be."""
    expected = {claim["id"]: claim for claim in entry["claims"]}
    assert len(expected) == 22
    for n in range(1, 6):
        text = entry["texts"][n - 1]
        found = standing(client, article, n)
        assert found.keys() == {id for id, claim in expected.items() if claim["marked_on_revision"] <= n}
        for id, claim in found.items():
            since = expected[id]["marked_on_revision"]
            outcome = "marked" if since == n else "kept" if n < 5 else expected[id]["on_revision_5"]
            assert {span["anchor"]["outcome"] for span in claim["spans"]} == {outcome}, (id, n)
            words = [span["exact"] for span in claim["spans"]]
            if outcome != "orphaned":
                assert words == [text[span["start"] : span["end"]] for span in claim["spans"]]
            if outcome != "changed":
                assert words == [span["exact"] for span in expected[id]["spans"]]
    (kerry,) = standing(client, article, 5)["kerry-lavrov-second"]["spans"]
    assert kerry["start"] == entry["texts"][4].rindex("US Secretary of State John Kerry")
    (edited,) = standing(client, article, 5)["sixty-one-killed"]["spans"]
    assert edited["exact"] == "the killing of 63 people in Aleppo on Wednesday"


def test_marks_stay_on_their_words_through_all_five_texts(
    editor: Client, reviewer: Client, entry: dict[str, Any]
) -> None:
    article = editor.article(entry["texts"][0], **entry["article"])
    mark_on(reviewer, article, entry, 1)
    for n, text in enumerate(entry["texts"][1:], 2):
        report = editor.revise(article, text).json["report"]
        assert report["kept"] + report["changed"] + report["orphaned"] == len(report["claims"])
        mark_on(reviewer, article, entry, n)
    assert (report["kept"], report["changed"], report["orphaned"]) == (19, 2, 1)
    check_standing(reviewer, article, entry)
    attention = {id: claim["needs_attention"] for id, claim in standing(reviewer, article, 5).items()}
    assert {id: need for id, need in attention.items() if need} == {
        "sixty-one-killed": "text_changed",
        "ceasefire-announced": "text_changed",
        "repelled": "orphaned",
    }


def test_marks_made_late_on_the_texts_they_belong_to_end_in_the_same_places(
    editor: Client, reviewer: Client, entry: dict[str, Any]
) -> None:
    article = editor.article(entry["texts"][0], **entry["article"])
    for text in entry["texts"][1:]:
        location(editor.revise(article, text))
    for n in range(1, 6):
        mark_on(reviewer, article, entry, n)
    check_standing(reviewer, article, entry)


def test_the_entry_with_all_its_texts_comes_back_from_an_export(
    admin: Client, editor: Client, reviewer: Client, entry: dict[str, Any]
) -> None:
    article = editor.article(entry["texts"][0], **entry["article"])
    mark_on(reviewer, article, entry, 1)
    for n, text in enumerate(entry["texts"][1:], 2):
        editor.revise(article, text)
        mark_on(reviewer, article, entry, n)
    first = editor.get("/v1/projects/default/export").json
    admin.post("/v1/projects", {"slug": "empty", "name": "Empty"})
    imported = admin.raw("/v1/projects/empty/imports", json.dumps(first).encode())
    assert (imported.json["created"], imported.json["failed"]) == (1, 0)
    assert kept(admin.get("/v1/projects/empty/export").json["dossiers"]) == kept(first["dossiers"])
    again = f"/v1/articles/{admin.all('/v1/projects/empty/articles')[0]['id']}"
    check_standing(admin, again, entry)


def test_three_reviewers_end_each_review_in_its_own_way(
    editor: Client, owner: Client, reviewer: Client, other_reviewer: Client, entry: dict[str, Any]
) -> None:
    project = "/v1/projects/default"
    owner.put(f"{project}/members/rita", {"role": "reviewer"}, If_Match="*")
    third = Client(editor.app, "rita")
    policy = {"required_assessments": 3, "consensus": "majority", "blind": True}
    assert owner.patch(project, {"policy": policy}, If_Match=owner.tag(project)).status_code == 200
    article = editor.article(entry["text"], **entry["article"])
    made = [
        editor.claim(article, *(by_position(entry["text"], *place) for place in mark["places"]), text=mark["text"])
        for mark in marks(entry)
    ]
    wholly, mostly, not_at_all = ("true", "true", "true"), ("true", "false", "true"), ("true", "false", "half_true")
    verdicts = [(wholly, mostly, not_at_all)[n % 3] for n in range(len(made))]
    planned = dict(zip(made, verdicts, strict=True))
    for at, client in enumerate((reviewer, other_reviewer, third)):
        for _ in made:
            leased = client.post(f"{project}/queue/next", {}).json["claim"]
            assert (leased["status"], leased["assessment_count"]) == ("unverified", 0)
            claim = f"/v1/claims/{leased['id']}"
            assert client.assess(claim, planned[claim][at], rationale="A test value.").status_code == 201
        assert client.post(f"{project}/queue/next", {}).status_code == 204

    def standing(claim: str) -> tuple[str, str | None]:
        found = third.get(claim).json
        return found["status"], found["resolution"] and found["resolution"]["method"]

    expected = {wholly: ("resolved", "unanimous"), mostly: ("resolved", "majority"), not_at_all: ("disputed", None)}
    assert {claim: standing(claim) for claim in made} == {claim: expected[planned[claim]] for claim in made}
    waiting = editor.get(f"{project}/queue").json
    disputed = [claim for claim in made if planned[claim] is not_at_all]
    assert waiting["counts"] == {"open": 0, "taken": 0, "disputed": len(disputed)}
    figures = editor.get(f"{project}/agreement").json
    assert (figures["claims"], figures["assessments"]) == (len(made), 3 * len(made))

    claim = disputed[0]
    ids = [each["id"] for each in editor.all(f"{claim}/assessments")]
    word = {"verdict": "half_true", "rationale": "A test value.", "assessments": ids}
    assert editor.put(f"{claim}/resolution", word, If_Match=editor.tag(claim)).status_code == 200
    assert standing(claim) == ("resolved", "adjudicated")
    assert editor.delete(f"{claim}/resolution", If_Match=editor.tag(claim)).status_code == 200
    assert standing(claim) == ("disputed", None)
    told = [event["action"] for event in editor.all(f"{claim}/history?resource=status")]
    assert told == ["changed", "changed", "adjudicated", "reopened"]
    assert editor.get(f"{claim}/history?verify=true").json["verification"]["intact"]
    statistics = editor.get(f"{project}/statistics").json
    assert statistics["by_status"]["disputed"] == len(disputed)
    assert {each["reviewer"]: each["assessments"] for each in statistics["by_reviewer"]}["rita"] == len(made)


def as_doccano(entry: dict[str, Any]) -> bytes:
    labels = [[*place, "Claim"] for mark in marks(entry) for place in mark["places"]]
    return json.dumps({"id": 1, "text": entry["text"], "label": labels}).encode()


def as_label_studio(entry: dict[str, Any]) -> bytes:
    regions = [
        {"id": f"{n}-{at}", "type": "labels", "value": {**in_utf16(entry["text"], *place), "labels": ["Claim"]}}
        for n, mark in enumerate(marks(entry))
        for at, place in enumerate(mark["places"])
    ]
    return json.dumps([{"data": {"text": entry["text"]}, "annotations": [{"id": 1, "result": regions}]}]).encode()


def in_utf16(text: str, start: int, end: int) -> dict[str, Any]:
    before, words = (len(part.encode("utf-16-le")) // 2 for part in (text[:start], text[start:end]))
    return {"start": before, "end": before + words, "text": text[start:end]}


def as_brat(entry: dict[str, Any]) -> bytes:
    places = [place for mark in marks(entry) for place in mark["places"]]
    lines = [f"T{n}\tClaim {start} {end}\t{entry['text'][start:end]}" for n, (start, end) in enumerate(places)]
    whole = [line.replace("\n", " ") + "\n" for line in lines]
    return archive({"aleppo.txt": entry["text"].encode(), "aleppo.ann": "".join(whole)})


@pytest.mark.parametrize(
    ("format", "kind", "write"),
    [("doccano", NDJSON, as_doccano), ("label-studio", JSON, as_label_studio), ("brat", ZIP, as_brat)],
)
def test_the_marks_come_in_from_files_of_other_tools(
    editor: Client, entry: dict[str, Any], format: str, kind: str, write: Callable[[dict[str, Any]], bytes]
) -> None:
    body = write(entry)
    assert counts(send(editor, body, f"?format={format}", kind)) == (1, 1, 0, 0, 0)
    assert counts(send(editor, body, f"?format={format}", kind)) == (1, 0, 0, 1, 0)
    (found,) = exported(editor)
    expected = sorted(entry["text"][start:end] for mark in marks(entry) for start, end in mark["places"])
    assert sorted(claim["spans"][0]["exact"] for claim in found["claims"]) == expected
