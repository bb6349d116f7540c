"""Exports in the formats of others, over HTTP."""

import json
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from flask import Flask

from api.exports import formats
from tests.client import TEXT, Client

WHOLE = "/v1/projects/default/export"


@pytest.fixture
def claim(editor: Client, reviewer: Client, other_reviewer: Client) -> str:
    """A resolved claim, an open one and an article without claims."""
    article = editor.article(title="Trees", url="https://news.example/trees")
    claim = reviewer.claim(article, {"start": 30, "end": 62}, {"exact": "2,950"}, claimant={"name": "Jo"})
    reviewer.post(f"{claim}/evidence", {"url": "https://example.org/1", "stance": "refutes", "excerpt": "2,950"})
    reviewer.assess(claim, "false", rationale="Counted.")
    other_reviewer.assess(claim, "false")
    other = reviewer.claim(article, {"start": 40, "end": 70}, text="=1+1 <b>")
    reviewer.post(f"{claim}/relations", {"type": "repeats", "other": other.rpartition("/")[2]})
    editor.article("No claims here.")
    return claim


@pytest.mark.parametrize("name", formats())
def test_every_format_comes_for_articles_and_projects(reader: Client, claim: str, name: str) -> None:
    article = reader.get(claim).json["article"]
    for address, stem in ((WHOLE, "default"), (f"/v1/articles/{article}/export", article)):
        export = reader.get(f"{address}?format={name}")
        assert export.status_code == 200
        assert export.content_type == formats()[name].media_type
        filename = f"{stem}.{formats()[name].extension}"
        assert export.headers["Content-Disposition"] == f'attachment; filename="{filename}"'
        assert export.data


@pytest.mark.parametrize("name", formats())
def test_every_format_can_be_empty(reader: Client, name: str) -> None:
    assert reader.get(f"{WHOLE}?format={name}").status_code == 200


def test_addresses_lead_back_to_the_service(app: Flask, reader: Client, claim: str) -> None:
    (review,) = reader.get(f"{WHOLE}?format=claim-review").json
    assert review["url"] == f"http://localhost{claim}"
    collection = reader.get(f"{WHOLE}?format=web-annotation").json
    assert collection["id"] == f"http://localhost{WHOLE}?format=web-annotation"
    for annotation in collection["first"]["items"]:
        for target in annotation["target"]:
            text = reader.get(target["source"].removeprefix("http://localhost")).json["text"]
            quote, position = target["selector"]
            assert text[position["start"] : position["end"]] == quote["exact"]


def test_the_operator_says_where_others_reach_the_service(
    app: Flask, reader: Client, claim: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    public = replace(app.config["SETTINGS"], public_url="https://facts.example/desk")
    monkeypatch.setitem(app.config, "SETTINGS", public)
    (review,) = reader.get(f"{WHOLE}?format=claim-review", Host="evil.example").json
    assert review["url"] == f"https://facts.example/desk{claim}"


def test_a_claim_that_lost_its_words_is_marked_nowhere(reader: Client, editor: Client, claim: str) -> None:
    article = f"/v1/articles/{reader.get(claim).json['article']}"
    editor.revise(article, "Something else altogether.")
    assert "<mark" not in reader.get(f"{article}/export?format=html").text
    assert "B-Claim" not in reader.get(f"{article}/export?format=conll").text
    with ZipFile(BytesIO(reader.get(f"{article}/export?format=brat").data)) as found:
        assert found.read(found.namelist()[-1]) == b""
    for annotation in reader.get(f"{article}/export?format=web-annotation").json["first"]["items"]:
        assert {target["source"][-2:] for target in annotation["target"]} == {"/1"}
        assert TEXT[slice(*list(annotation["target"][0]["selector"][1].values())[1:])]


def test_a_real_entry_comes_out_whole(editor: Client, reviewer: Client, reader: Client, shared_data: Path) -> None:
    entry: dict[str, Any] = json.loads((shared_data / "aleppo" / "claims.json").read_text("utf-8"))
    text = (shared_data / "aleppo" / "revision-4.txt").read_bytes().decode()
    article = editor.article(text)
    quotes = [span["exact"] for claim in entry["claims"] for span in claim["spans"] if text.count(span["exact"]) == 1]
    assert len(quotes) >= 15
    for quote in quotes:
        reviewer.assess(reviewer.claim(article, {"exact": quote}), "false")
    annotations = reader.get(f"{article}/export?format=web-annotation").json["first"]["items"]
    assert sorted(each["target"][0]["selector"][0]["exact"] for each in annotations) == sorted(quotes)
    with ZipFile(BytesIO(reader.get(f"{article}/export?format=brat").data)) as found:
        _, texts, marks = map(found.read, found.namelist())
    assert texts.decode() == text
    assert len([line for line in marks.decode().splitlines() if line.startswith("T")]) == len(quotes)
    page = reader.get(f"{article}/export?format=html").text
    assert page.count("<sup>") == len(quotes)
