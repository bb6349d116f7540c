"""Files of other tools, as they come in: the words they mark are the words that are marked here."""

import json
from typing import Any

import pytest

from api.db import Database
from api.readers import readers
from tests.client import TEXT, Client, code
from tests.readers import files
from tests.readers.files import CSV, JSON, LD, NDJSON, PLAIN, URL, ZIP
from tests.resources.test_imports import IMPORTS, counts, exported, failures, number_of_events, send

TABLE = f'''\ufefftext,External_ID,url,desk,published_at
"{TEXT}",a-1,{URL},city,2026-03-02
"Two ""quoted"" lines
🌳",,,,
'''.encode()
WRAPPED = {"total": 1, "rows": [files.row()]}
PAGE = {"type": "AnnotationPage", "label": "items: [", "items": [files.annotation()]}
GOOD = {
    "doccano": (files.jsonl(files.doccano()), NDJSON),
    "doccano-array": (json.dumps([files.doccano()]).encode(), JSON),
    "label-studio": (json.dumps([files.task()]).encode(), JSON),
    "brat": (files.brat(), ZIP),
    "hypothesis": (json.dumps(WRAPPED).encode(), JSON),
    "hypothesis-array": (json.dumps([files.row()]).encode(), JSON),
    "web-annotation": (json.dumps(files.annotation()).encode(), LD),
    "web-annotation-page": (json.dumps(PAGE, indent=1).encode(), LD),
    "web-annotation-lines": (files.jsonl(files.annotation()), NDJSON),
    "csv": (TABLE, CSV),
    "text": (TEXT.encode(), PLAIN),
    "text-zip": (files.archive({"a/one.txt": TEXT, "two.txt": "Two.\r\n"}), ZIP),
}


def bring(client: Client, case: str, query: str = "") -> dict[str, Any]:
    body, kind = GOOD[case]
    return send(client, body, f"?format={name_of(case)}{query}", kind)


def name_of(case: str) -> str:
    return next(name for name in readers() if case == name or case.startswith(f"{name}-"))


def marks(found: dict[str, Any]) -> list[tuple[str, ...]]:
    return [tuple(span["exact"] for span in claim["spans"]) for claim in found["claims"]]


def omissions(client: Client, report: dict[str, Any]) -> list[tuple[int, str, str]]:
    found = client.all(f"/v1/imports/{report['id']}/omissions")
    return [(each["line"], each["pointer"], each["code"]) for each in found]


@pytest.mark.parametrize("case", GOOD)
@pytest.mark.parametrize("mode", ["partial", "atomic"])
def test_a_file_sent_twice_is_there_once(editor: Client, database: Database, case: str, mode: str) -> None:
    if name_of(case) in ("hypothesis", "web-annotation"):
        editor.article(url=URL)
    first = bring(editor, case, f"&mode={mode}")
    assert (first["failed"], first["unchanged"]) == (0, 0), failures(editor, first)
    before = exported(editor), number_of_events(database)
    again = bring(editor, case, f"&mode={mode}")
    assert (again["unchanged"], again["omitted"]) == (first["lines"], first["omitted"])
    assert (exported(editor), number_of_events(database)) == before


def test_doccano(editor: Client) -> None:
    report = bring(editor, "doccano")
    (found,) = exported(editor)
    assert (found["article"]["external_id"], found["article"]["text"]) == ("doccano:7", TEXT)
    assert found["article"]["metadata"] == {"desk": "city", "year": 2026}
    assert marks(found) == [("The parks office",), ("2,950",)]
    assert [(claim["external_id"], claim["tags"]) for claim in found["claims"]] == [
        ("doccano:12", ["Who"]),
        ("doccano:11", ["Number"]),
    ]
    assert omissions(editor, report) == [(1, "/relations/0", "relation"), (1, "/Comments/0", "comment")]


def test_doccano_of_projects_without_relations(editor: Client) -> None:
    number = files.NUMBER
    triples = {"text": TEXT, "label": [[number, number + 5, "Number"], [30, 62, "Claim"]], "cats": ["News"]}
    whole = {"id": 9, "text": "Other.", "label": ["positive"], "meta": {"a": 1}}
    body = files.jsonl(triples, whole)
    report = send(editor, body, "?format=doccano")
    assert counts(report) == (2, 2, 0, 0, 0)
    assert marks(exported(editor)[0]) == [("the city had planted 4,000 trees",), ("2,950",)]
    assert omissions(editor, report) == [
        (1, "/cats/0", "document_label"),
        (2, "/label/0", "document_label"),
        (2, "/meta", "metadata"),
    ]
    assert counts(send(editor, body, "?format=doccano")) == (2, 0, 0, 2, 0)


def test_label_studio(editor: Client) -> None:
    report = bring(editor, "label-studio")
    (found,) = exported(editor)
    assert (found["article"]["external_id"], found["article"]["metadata"]) == ("label-studio:7", {"desk": "city"})
    said = [(claim["external_id"], claim["tags"], claim["context"]) for claim in found["claims"]]
    assert marks(found) == [("The parks office",), ("2,950",), ("2,950",)]
    assert said == [
        ("label-studio:2/x1", ["Who"], None),
        ("label-studio:1/r1", ["Number", "Doubtful"], "Since 2020?"),
        ("label-studio:2/x2", [], None),
    ]
    assert omissions(editor, report) == [
        (1, "/data/authors", "metadata"),
        (1, "/annotations/0/result/3", "result"),
        (1, "/annotations/0/result/4", "relation"),
        (1, "/annotations/0/result/5", "document_label"),
        (1, "/annotations/2", "skipped"),
        (1, "/annotations", "annotators"),
        (1, "/predictions", "prediction"),
    ]


def test_what_several_annotators_mark_alike_is_one_claim(editor: Client) -> None:
    alike = [{"id": n, "result": [files.region("r", files.NUMBER, "2,950", labels=["N"])]} for n in (1, 2)]
    send(editor, json.dumps([files.task(annotations=alike, predictions=[])]).encode(), "?format=label-studio", JSON)
    assert marks(exported(editor)[0]) == [("2,950",)]


def test_brat(editor: Client) -> None:
    report = bring(editor, "brat")
    (found,) = exported(editor)
    assert (found["article"]["external_id"], found["article"]["text"]) == ("trees", TEXT)
    assert marks(found) == [("The parks office", "2,950"), ("2,950",)]
    said = [(claim["external_id"], claim["tags"], claim["context"]) for claim in found["claims"]]
    assert said == [("T2", [], None), ("T1", ["Number"], "Since 2020?")]
    told = ["attribute", "relation", "event", "normalization", "note", "relation"]
    assert omissions(editor, report) == [(2, "", each) for each in told]


def test_hypothesis(editor: Client) -> None:
    editor.article(url=URL)
    rows = [
        files.row(),
        files.row("page", target=[{"source": URL}]),
        files.row("reply", references=["kq3vYK"]),
        files.row("gone", hidden=True),
        files.row("lost", uri="https://news.example/other"),
    ]
    report = send(editor, json.dumps({"total": 5, "rows": rows}).encode(), "?format=hypothesis", JSON)
    assert failures(editor, report) == [(5, "/article/url", "unknown_article")]
    (claim,) = exported(editor)[0]["claims"]
    assert (claim["external_id"], claim["tags"], claim["context"]) == ("hypothesis:kq3vYK", ["numbers"], "Since 2020?")
    assert claim["spans"][0]["start"] == files.NUMBER
    assert omissions(editor, report) == [(2, "", "page_note"), (3, "", "reply"), (4, "", "hidden")]


def test_web_annotations_of_others(editor: Client) -> None:
    editor.article(url=URL)
    elsewhere = {"source": "https://news.example/other", "selector": {"type": "TextQuoteSelector", "exact": "x"}}
    inside = {"type": "FragmentSelector", "value": "p1", "refinedBy": {"type": "TextQuoteSelector", "exact": "parks"}}
    drawn = {"source": URL, "selector": {"type": "SvgSelector", "value": "<svg/>"}}
    rows = [
        files.annotation(),
        files.annotation(id="n:2", body="https://x.example/", target=[{"source": URL, "selector": inside}, elsewhere]),
        files.annotation(id="n:3", bodyValue="Hm.", body=None, target=[{"source": URL, "selector": inside}, drawn]),
        files.annotation(id="n:4", target=URL),
    ]
    report = send(editor, json.dumps({"@graph": rows}).encode(), "?format=web-annotation", LD)
    assert counts(report) == (4, 0, 3, 1, 0), failures(editor, report)
    (found,) = exported(editor)
    claims = {claim["external_id"]: claim for claim in found["claims"]}
    first = claims["https://notes.example/1"]
    assert (first["context"], first["tags"], first["spans"][0]["start"]) == ("Since 2020?", ["numbers"], files.NUMBER)
    assert [link["url"] for link in first["evidence"]] == ["https://parks.example/"]
    assert (claims["n:3"]["context"], claims["n:3"]["spans"][0]["exact"]) == ("Hm.", "parks")
    assert omissions(editor, report) == [
        (1, "/body/3", "body"),
        (1, "/body/4", "body"),
        (2, "/target/1", "target"),
        (2, "/body", "body"),
        (3, "/target/1/selector", "selector"),
        (4, "/target", "page_note"),
    ]


def test_our_own_web_annotations_come_back(admin: Client, editor: Client, reviewer: Client) -> None:
    article = editor.article(url=URL)
    claim = reviewer.claim(
        article,
        {"exact": "2,950"},
        {"exact": "The parks office"},
        text="There are 2,950 trees.",
        language="en",
        types=["numerical"],
        tags=["trees"],
        claimant={"name": "Parks", "kind": "organization", "same_as": ["https://parks.example/"]},
    )
    link = {"url": "https://parks.example/1", "stance": "refutes", "excerpt": "2,950", "title": "Register"}
    reviewer.post(f"{claim}/evidence", {**link, "archive_url": "https://archive.example/1"})
    reviewer.assess(claim, "false", rationale="Counted.")
    body = editor.get("/v1/projects/default/export?format=web-annotation").data
    again = send(editor, body, "?format=web-annotation", LD)
    assert counts(again) == (1, 0, 0, 1, 0), failures(editor, again)
    admin.post("/v1/projects", {"slug": "other", "name": "Other"})
    admin.post("/v1/projects/other/articles", {"text": TEXT, "url": URL})
    for expected in ((1, 0, 1, 0, 0), (1, 0, 0, 1, 0)):
        report = admin.raw("/v1/projects/other/imports?format=web-annotation", body, LD).json
        assert counts(report) == expected, failures(admin, report)
    (before,), (after,) = exported(editor)[0]["claims"], exported(admin, "other")[0]["claims"]
    for name in ("text", "language", "types", "tags"):
        assert after[name] == before[name]
    for name in ("name", "kind", "same_as"):
        assert after["claimant"][name] == before["claimant"][name]
    for name in ("url", "stance", "excerpt", "title", "archive_url"):
        assert after["evidence"][0][name] == before["evidence"][0][name]
    assert [span["start"] for span in after["spans"]] == [span["start"] for span in before["spans"]]
    assert {why for _, _, why in omissions(admin, report)} == {"verdict"}


def test_our_own_brat_files_come_back(admin: Client, editor: Client, reviewer: Client) -> None:
    article = editor.article("🌳 One.\nTwo 🌳 three.\r\nFour.")
    claim = reviewer.claim(article, {"start": 2, "end": 10}, {"start": 11, "end": 12})
    other = reviewer.claim(article, {"exact": "three"}, text="Three.")
    reviewer.post(f"{claim}/relations", {"type": "repeats", "other": other.rpartition("/")[2]})
    reviewer.assess(other, "false")
    body = editor.get("/v1/projects/default/export?format=brat").data
    admin.post("/v1/projects", {"slug": "other", "name": "Other"})
    for expected in ((1, 1, 0, 0, 0), (1, 0, 0, 1, 0)):
        report = admin.raw("/v1/projects/other/imports?format=brat", body, ZIP).json
        assert counts(report) == expected
    (found,) = exported(admin, "other")
    assert marks(found) == [("One.", "Two", "🌳"), ("three",)]
    assert found["claims"][1]["context"] == f"{other.rpartition('/')[2]} | Three."
    assert [why for _, _, why in omissions(admin, report)] == ["attribute"] * 3 + ["relation"]


def test_a_table_of_articles(editor: Client) -> None:
    bring(editor, "csv")
    first, second = (found["article"] for found in exported(editor))
    assert (first["external_id"], first["url"], first["published_at"]) == ("a-1", URL, "2026-03-02")
    assert (first["text"], first["metadata"]) == (TEXT, {"desk": "city"})
    assert (second["text"], second["external_id"], second["metadata"]) == ('Two "quoted" lines\n🌳', None, {})


def test_texts(editor: Client) -> None:
    bring(editor, "text-zip")
    found = [(found["article"]["external_id"], found["article"]["text"]) for found in exported(editor)]
    assert found == [("a/one", TEXT), ("two", "Two.\r\n")]


def test_texts_that_come_first_are_found_by_the_annotations_that_follow(editor: Client) -> None:
    send(editor, files.archive({"trees.txt": TEXT}), "?format=text", ZIP)
    assert counts(bring(editor, "brat")) == (1, 0, 1, 0, 0)
    assert len(exported(editor)) == 1


START, OUTSIDE = "/claims/0/spans/0/start", "span_outside_text"
SHIFTED = {"annotations": [{"result": [files.region("r", files.NUMBER - 1, "2,950", labels=[])]}]}
LONG = "x" * 2_000_001


def region(start: str) -> dict[str, Any]:
    value = {"start": start, "end": 1, "labels": ["l"]}
    return {"type": "labels", "id": "r", "from_name": "l", "to_name": "t", "value": value}


BROKEN = [
    ("doccano", NDJSON, files.jsonl({"id": 1}), [(1, "/text", "invalid")]),
    ("doccano", NDJSON, files.jsonl(files.doccano(entities=[[1, 2]])), [(1, "/entities/0", "invalid")]),
    ("doccano", NDJSON, files.jsonl({"text": "x", "label": [[0, 9, " "]]}), [(1, "/claims/0/tags/0", "invalid")]),
    ("doccano", NDJSON, files.jsonl({"text": "x", "label": [[0, 9, "x"]]}), [(1, "/claims/0/spans/0", OUTSIDE)]),
    ("doccano", NDJSON, files.jsonl({"text": "x", "label": [[True, 2, "x"]]}), [(1, START, "invalid")]),
    ("doccano", NDJSON, b"{\n" + files.jsonl(files.doccano()), [(1, "", "malformed")]),
    ("label-studio", JSON, b'[{"text": "x", "label": []}]', [(1, "/data", "required")]),
    ("label-studio", JSON, b'[{"data": {"image": 1}}]', [(1, "/data", "no_text")]),
    ("label-studio", JSON, json.dumps([files.task(**SHIFTED)]).encode(), [(1, "/claims/0/spans/0/unit", "wrong_unit")]),
    ("brat", ZIP, files.brat(f"T1\tX {files.OFFICE} {files.OFFICE + 5}\t2,950\n"), [(2, "", "exact_mismatch")]),
    ("brat", ZIP, files.brat("T1\tClaim 900 905\twords\n"), [(2, "/claims/0/spans/0", OUTSIDE)]),
    ("brat", ZIP, files.brat("T1 Claim 0 5\n"), [(2, "", "malformed")]),
    ("brat", ZIP, files.brat("what?\n"), [(2, "", "malformed")]),
    ("brat", ZIP, files.archive({"a.ann": "", "b.pdf": ""}), [(n, "", "unexpected_file") for n in (1, 2)]),
    ("hypothesis", JSON, b"[[]]", [(1, "", "invalid")]),
    ("hypothesis", JSON, json.dumps([files.row(tags="x")]).encode(), [(1, "/tags", "invalid")]),
    ("web-annotation", LD, json.dumps([files.annotation(target=[7])]).encode(), [(1, "/target/0", "invalid")]),
    ("web-annotation", LD, json.dumps(files.annotation(target={})).encode(), [(1, "/target/source", "invalid")]),
    ("csv", CSV, b"text,title\nx,y,z\n", [(2, "", "malformed")]),
    ("csv", CSV, b'text,title\n"a"b,c\nx,y\n,t\n', [(2, "", "malformed"), (4, "/article/text", "invalid")]),
    (
        "csv",
        CSV,
        b"text;url\na\x00b;\nx;ftp://x\n",
        [(2, "/article/text", "unstorable"), (3, "/article/url", "invalid")],
    ),
    (
        "label-studio",
        JSON,
        json.dumps([{"data": {"text": "x"}, "annotations": [{"result": [region("9" * 5000)]}]}]).encode(),
        [],
    ),
    ("text", PLAIN, b"\xff", [(1, "", "malformed")]),
    ("text", PLAIN, LONG.encode(), [(1, "", "line_too_long")]),
    ("text", ZIP, files.archive({"a.txt": b"\xff", "b.txt": LONG}), [(1, "", "malformed"), (2, "", "line_too_long")]),
    (
        "text",
        ZIP,
        files.archive({"a.txt": "", "b.md": "x"}),
        [(1, "/article/text", "invalid"), (2, "", "unexpected_file")],
    ),
]


@pytest.mark.parametrize(("name", "kind", "body", "expected"), BROKEN)
def test_what_is_wrong_in_a_file_is_named(
    editor: Client, name: str, kind: str, body: bytes, expected: list[tuple[int, str, str]]
) -> None:
    report = send(editor, body, f"?format={name}", kind)
    assert (report["state"], failures(editor, report)) == ("finished", expected)


UNREADABLE = [
    ("doccano", b"7", JSON, 400),
    ("label-studio", b'[{"data": {"text": "x"}}', JSON, 400),
    ("hypothesis", b'{"rows": [], "total": }', JSON, 400),
    ("hypothesis", b'{"rows": []}}', JSON, 400),
    ("web-annotation", b'{"items": [', LD, 400),
    ("web-annotation", b"", LD, 400),
    ("brat", b"no zip", ZIP, 400),
    ("brat", files.brat()[:-30], ZIP, 400),
    ("csv", b"title,url\nx,y\n", CSV, 400),
    ("csv", b"text,text\nx,y\n", CSV, 400),
    ("csv", b"text,\xff\nx,y\n", CSV, 400),
    ("csv", b'"claim","x"\n"1","2"\n', CSV, 400),
    ("csv", b'text\n"' + b"x\n" * 1_100_000, CSV, 400),
    ("csv", b"text\n" + b"x" * 2_100_000, CSV, 400),
    ("csv", b"", CSV, 400),
    ("text", b"", PLAIN, 400),
    ("doccano", b"{}", CSV, 415),
    ("csv", b"text", NDJSON, 415),
    ("native", b"text", PLAIN, 415),
    ("prodigy", b"{}", NDJSON, 422),
]


@pytest.mark.parametrize(("name", "body", "kind", "status"), UNREADABLE)
def test_a_file_that_cannot_be_read_is_refused(editor: Client, name: str, body: bytes, kind: str, status: int) -> None:
    refused = editor.raw(f"{IMPORTS}?format={name}", body, kind)
    assert (refused.status_code, exported(editor)) == (status, [])
    if status == 415:
        assert code(refused) == "unsupported_media_type"
        assert kind in refused.json["detail"]
