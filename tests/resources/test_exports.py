"""Exports hold everything, in the documented shape, from one moment."""

import gzip
import json
import zlib
from io import BytesIO
from typing import Any
from zipfile import is_zipfile

import jsonschema
import pytest

from tests.client import BOX, TEXT, Client

PROJECT = "/v1/projects/default"


@pytest.fixture
def claim(editor: Client, reviewer: Client, other_reviewer: Client) -> str:
    article = editor.article(external_id="x-1", metadata={"section": "local"})
    claim = reviewer.claim(article, {"start": 30, "end": 62}, {"exact": "2,950"}, claimant={"name": "Jo"})
    reviewer.assess(claim, "false", rationale="Counted.")
    other_reviewer.assess(claim, "false")
    reviewer.post(f"{claim}/evidence", {"url": "https://example.org/1", "stance": "refutes"})
    editor.post(f"{claim}/evidence", {"url": "https://example.org/2", "stance": "context"})
    return claim


def check(reader: Client, export: Any) -> None:
    schema = reader.get("/v1/schemas/dossier.json").json
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(export, schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)


def test_an_article_with_everything_known_about_it(reader: Client, claim: str) -> None:
    shown = reader.get(claim).json
    article = f"/v1/articles/{shown['article']}"
    response = reader.get(f"{article}/export")
    (dossier,) = response.json["dossiers"]
    check(reader, response.json)
    revisions = dossier["article"].pop("revisions")
    assert dossier["article"].pop("comments") == []
    assert dossier["article"] == reader.get(article).json
    assert [(revision["n"], revision["text"]) for revision in revisions] == [(1, None)]
    (exported,) = dossier["claims"]
    assessments = reader.all(f"{claim}/assessments")
    assert exported.pop("assessments") == [{**assessment, "comments": []} for assessment in assessments]
    assert exported.pop("evidence") == reader.all(f"{claim}/evidence")
    assert exported.pop("relations") == exported.pop("comments") == []
    assert exported == shown
    assert exported["resolution"]["method"] == "unanimous"
    for span in exported["spans"]:
        assert TEXT[span["start"] : span["end"]] == span["exact"]
    assert response.headers["Content-Disposition"] == f'attachment; filename="{shown["article"]}.json"'


def test_a_project_comes_whole_in_both_formats(reader: Client, editor: Client, claim: str) -> None:
    for n in range(230):
        editor.article(f"Text {n}")
    whole = reader.get("/v1/projects/default/export").json
    lines = reader.get("/v1/projects/default/export?format=ndjson")
    assert lines.content_type == "application/x-ndjson"
    assert [json.loads(line) for line in lines.text.splitlines()] == [*whole["dossiers"], {"end": {"dossiers": 231}}]
    assert len(whole["dossiers"]) == 231
    assert [dossier["article"]["text"] for dossier in whole["dossiers"][1:]] == [f"Text {n}" for n in range(230)]
    check(reader, whole)
    for line in (*lines.text.splitlines()[:3], lines.text.splitlines()[-1]):
        check(reader, json.loads(line))


def test_an_empty_project_is_an_empty_export(reader: Client) -> None:
    assert reader.get("/v1/projects/default/export").json == {"dossiers": []}
    assert reader.get("/v1/projects/default/export?format=ndjson").data == b'{"end":{"dossiers":0}}\n'


def test_claims_come_in_the_order_of_the_text(reader: Client, reviewer: Client, editor: Client) -> None:
    article = editor.article()
    for start in (50, 10, 30, 10):
        reviewer.claim(article, {"start": start, "end": start + 5})
    (dossier,) = reader.get(f"{article}/export").json["dossiers"]
    listed = reader.all(f"{article}/claims")
    assert [each["id"] for each in dossier["claims"]] == [each["id"] for each in listed]


def test_the_schema_refuses_what_is_not_a_dossier(reader: Client, claim: str) -> None:
    dossier = reader.get("/v1/projects/default/export").json["dossiers"][0]
    for broken in ({}, {"end": {}}, {**dossier, "extra": 1}, {"article": dossier["article"]}, {"dossiers": [{}]}):
        with pytest.raises(jsonschema.ValidationError):
            check(reader, broken)


def test_an_unknown_format_is_refused(reader: Client) -> None:
    refused = reader.get("/v1/projects/default/export?format=docx")
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/format")
    assert "json, ndjson" in refused.text


def test_an_export_shows_one_moment(reader: Client, editor: Client) -> None:
    """What comes after the first byte was asked for is not in it."""
    for n in range(150):
        editor.article(f"Text {n} " * 300)
    response = reader.app.test_client().get(
        "/v1/projects/default/export?format=ndjson", headers={"Authorization": f"Bearer {reader.token}"}
    )
    pieces = response.iter_encoded()
    first = next(pieces)
    editor.article("Late")
    for article in editor.all(f"{BOX}?limit=200"):
        editor.patch(f"/v1/articles/{article['id']}", {"title": "Late"}, If_Match="*")
    rest = b"".join(pieces)
    response.close()
    *dossiers, end = [json.loads(line) for line in (first + rest).splitlines()]
    assert end == {"end": {"dossiers": 150}}
    assert len(dossiers) == 150
    assert {dossier["article"]["title"] for dossier in dossiers} == {None}


GZIP = {
    "": False,
    "gzip": True,
    "deflate, gzip;q=0.5": True,
    "*": True,
    "gzip;q=0": False,
    "br": False,
    "identity, gzip;q=0.9": False,
}


@pytest.mark.parametrize("accepted", GZIP)
def test_it_is_packed_for_who_accepts_that(reader: Client, claim: str, accepted: str) -> None:
    plain = reader.get(f"{PROJECT}/export?format=html")
    given = {"Accept-Encoding": accepted, "Authorization": f"Bearer {reader.token}"}
    answer = reader.app.test_client().get(f"{PROJECT}/export?format=html", headers=given, buffered=True)
    assert answer.headers["Content-Type"] == plain.headers["Content-Type"]
    assert answer.headers.get("Content-Encoding") == ("gzip" if GZIP[accepted] else None)
    assert (gzip.decompress(answer.data) if GZIP[accepted] else answer.data) == plain.data
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert "Accept-Encoding" in plain.headers["Vary"]


def test_a_packed_export_can_be_read_as_it_comes_and_a_zip_is_not_packed_again(reader: Client, editor: Client) -> None:
    for n in range(60):
        editor.article(f"{n} " * 5_000)
    given = {"Accept-Encoding": "gzip", "Authorization": f"Bearer {reader.token}"}
    answer = reader.app.test_client().get(f"{PROJECT}/export?format=ndjson", headers=given)
    first = next(answer.iter_encoded())
    assert zlib.decompressobj(31).decompress(first).count(b"\n") > 1
    answer.close()
    archive = reader.app.test_client().get(f"{PROJECT}/export?format=brat", headers=given, buffered=True)
    assert "Content-Encoding" not in archive.headers
    assert is_zipfile(BytesIO(archive.data))


def test_what_an_export_by_lines_says_comes_back_with_its_end_or_without(
    editor: Client, admin: Client, claim: str
) -> None:
    lines = editor.get(f"{PROJECT}/export?format=ndjson").data
    admin.post("/v1/projects", {"slug": "copy", "name": "Copy", "scale": "six_point"})
    admin.put("/v1/projects/copy/members/ravi", {"role": "reviewer"})
    admin.put("/v1/projects/copy/members/rosa", {"role": "reviewer"})
    dossier, end = lines.splitlines()
    spaced = json.dumps(json.loads(end)).encode()
    for body, outcome in (
        (lines, "created"),
        (dossier, "unchanged"),
        (lines + lines[:-1], "unchanged"),
        (dossier + b"\n" + spaced, "unchanged"),
    ):
        report = admin.raw("/v1/projects/copy/imports", body, "application/x-ndjson").json
        assert (report[outcome], report["failed"] in (0, 1)) == (1, True), report
        assert report["failed"] == (1 if body.count(dossier) == 2 else 0)
