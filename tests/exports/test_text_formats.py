"""Formats for spreadsheets, for corpora, and for readers."""

import csv
import random
import re
from html.parser import HTMLParser
from io import BytesIO, StringIO
from itertools import pairwise
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from api.exports import archive
from api.exports.csv import COLUMNS
from api.exports.highlights import Highlight, highlighted
from tests.exports.dossiers import HOSTILE, NOON, PLACES, claim, dossier, evidence, hostile, span, written

TEXT = "Mr A said: the city planted trees. B denied it."


def rows(*dossiers: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(written("csv", *dossiers).decode(), newline=""), strict=True))


def test_a_row_is_a_claim_and_hostile_cells_come_back() -> None:
    found = rows(hostile())
    assert len(found) == len(PLACES)
    for row, place in zip(found, PLACES, strict=True):
        assert row.keys() == COLUMNS.keys()
        assert row["wording"] == row["rationale"] == row["article_title"] == HOSTILE
        assert row["words"].removeprefix("'") == HOSTILE[slice(*place)]
        assert row["spans"] == f"{place[0]}:{place[1]}"
    assert written("csv", hostile()).count(b"\r\n") > len(PLACES)


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", " =1", "\ufeff=1", "\u200b=1", "\x01=1", "＝1", "'=1", "'"],
)
def test_no_cell_is_a_formula_and_each_can_be_read_back(text: str) -> None:
    (row,) = rows(dossier(TEXT, claim(1, TEXT, (0, 4), text=text, tags=[text])))
    assert row["wording"] == row["tags"] == f"'{text}"


def test_a_table_without_claims_has_its_head() -> None:
    assert written("csv", dossier(TEXT)) == (",".join(f'"{name}"' for name in COLUMNS) + "\r\n").encode()


def standoff(*dossiers: Any) -> dict[str, str]:
    with ZipFile(BytesIO(written("brat", *dossiers))) as found:
        assert found.testzip() is None
        return {name: found.read(name).decode() for name in found.namelist()}


def test_brat_offsets_lead_to_the_words_in_the_text_as_it_is() -> None:
    given = hostile()
    files = standoff(given)
    text, lines = files[f"{given['article']['id']}.txt"], files[f"{given['article']['id']}.ann"].splitlines()
    assert text == HOSTILE
    marks = [line.split("\t", 2) for line in lines if line.startswith("T")]
    assert len(marks) == len(PLACES) - 1  # one claim is a tab alone
    for _, places, words in marks:
        kind, _, stretches = places.partition(" ")
        ends = [tuple(map(int, stretch.split())) for stretch in stretches.split(";")]
        assert kind == "Claim"
        assert " ".join(text[start:end] for start, end in ends) == words
        assert all(before[1] < after[0] for before, after in pairwise(ends))
    assert {line[0] for line in lines} == {"T", "A", "#"}


def test_brat_says_status_verdict_and_relations_as_its_configuration_allows() -> None:
    both = [{"id": "r", "type": "contradicts", "claim": claim(1, TEXT)["id"], "other": claim(2, TEXT)["id"]}]
    away = [{"id": "s", "type": "repeats", "claim": claim(1, TEXT)["id"], "other": claim(9, TEXT)["id"]}]
    one = claim(1, TEXT, (0, 4), relations=both + away)
    other = claim(2, TEXT, (5, 9), relations=both, verdict=None)
    files = standoff(dossier(TEXT, one, other))
    configuration, _, annotations = files.values()
    assert annotations.splitlines()[:2] == ["T1\tClaim 0 4\tMr A", "A1\tStatus T1 resolved"]
    assert "A2\tVerdict T1 false\n" in annotations
    assert "A3\tStatus T2 unverified\n" in annotations
    assert annotations.count("\nR") == 1
    assert annotations.endswith("R1\tcontradicts Arg1:T1 Arg2:T2\n")
    assert "Verdict\tArg:Claim, Value:true|mostly_true|" in configuration
    assert "contradicts\tArg1:Claim, Arg2:Claim\n" in configuration


def test_the_same_dossiers_make_the_same_archive() -> None:
    assert written("brat", hostile()) == written("brat", hostile())


def test_an_archive_of_more_files_than_16_bits_count_can_be_read() -> None:
    files = [(f"{n}.txt", b"x") for n in range(70_000)]
    with ZipFile(BytesIO(b"".join(archive.zipped([files])))) as found:
        assert len(found.namelist()) == 70_000
        assert found.read("69999.txt") == b"x"


def test_a_file_beyond_4_gib_of_an_archive_can_be_read(tmp_path: Path) -> None:
    """The file before it is a hole, which takes no room on the disk."""
    (alone,) = list(archive.zipped([[("far", b"here")]]))[:1]
    facts, _ = archive._packed("far", b"here")
    directory, far = archive._entry("far", facts, 5 * 2**30), 5 * 2**30
    with open(tmp_path / "big.zip", "wb") as file:
        file.seek(far)
        file.write(alone + directory + archive._end(1, len(directory), far + len(alone)))
    with ZipFile(tmp_path / "big.zip") as found:
        assert found.read("far") == b"here"


def tokens(*dossiers: Any) -> list[list[list[str]]]:
    head, _, body = written("conll", *dossiers).decode().partition("\n")
    assert head.startswith("# global.columns = ID FORM ")
    body, _, end = body.rpartition("# end = ")
    assert end == f"{len(dossiers)} articles\n"
    sentences = [sentence for sentence in body.split("\n\n") if sentence]
    return [[line.split("\t") for line in each.split("\n") if not line.startswith("# ")] for each in sentences]


def test_tokens_lead_back_to_the_text_and_leave_only_white_space() -> None:
    found = [token for sentence in tokens(hostile()) for token in sentence]
    for _, form, start, end, _, _ in found:
        assert HOSTILE[int(start) : int(end)] == form
    assert "".join(token[1] for token in found) == "".join(HOSTILE.split())


def test_tags_are_iob2_in_every_sentence() -> None:
    for sentence in tokens(hostile(), dossier(TEXT, claim(1, TEXT, (11, 40)))):
        assert [int(token[0]) for token in sentence] == list(range(1, len(sentence) + 1))
        before = "O\t_"
        for *_, tag, of in sentence:
            assert (tag == "O") == (of == "_")
            assert tag != "I-Claim" or before in (f"B-Claim\t{of}", f"I-Claim\t{of}")
            before = f"{tag}\t{of}"


def test_a_claim_has_every_token_it_touches_and_the_first_of_two_that_overlap_wins() -> None:
    given = dossier(TEXT, claim(1, TEXT, (0, 4)), claim(2, TEXT, (12, 27)), claim(3, TEXT, (15, 33)))
    first, second = tokens(given)[1:] if len(tokens(given)) == 3 else tokens(given)
    tagged = [(token[1], token[4], token[5][-1:]) for sentence in (first, second) for token in sentence]
    assert ("the", "B-Claim", "2") in tagged
    assert ("planted", "I-Claim", "2") in tagged
    assert ("trees", "B-Claim", "3") in tagged
    assert ("denied", "O", "_") in tagged


def test_a_text_of_white_space_alone_has_no_sentence() -> None:
    assert tokens(dossier(" \n ")) == []


class Page(HTMLParser):
    """What a browser makes of a page: tags, attributes, and the words in each claim's marks."""

    def __init__(self, page: str):
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.marks: list[str] = []
        self.words: dict[str, str] = {}
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)
        if tag == "mark":
            self.marks.append(str(dict(attrs)["data-claim"]))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        if tag == "mark":
            self.marks.pop()

    def handle_data(self, data: str) -> None:
        if "div" in self.open and "sup" not in self.open:
            self.text += data
            for mark in self.marks:
                self.words[mark] = self.words.get(mark, "") + data


def test_the_page_shows_the_text_and_marks_each_claims_words_however_they_overlap() -> None:
    page = Page(written("html", hostile()).decode())
    assert page.open == []
    assert page.text == HOSTILE
    assert page.words == {claim(n, HOSTILE)["id"]: HOSTILE[slice(*place)] for n, place in enumerate(PLACES, 1)}


def test_any_places_are_marked_right() -> None:
    draw = random.Random(5)
    for _ in range(100):
        places = [sorted(draw.sample(range(len(HOSTILE) + 1), 2)) for _ in range(draw.randint(1, 8))]
        claims = [claim(n, HOSTILE, (start, end)) for n, (start, end) in enumerate(places, 1)]
        page = Page(written("html", dossier(HOSTILE, *claims)).decode())
        assert page.text == HOSTILE
        assert page.words == {each["id"]: HOSTILE[slice(*place)] for each, place in zip(claims, places, strict=True)}


def test_the_page_runs_and_loads_nothing_and_links_only_to_the_web() -> None:
    odd = evidence(url="javascript:alert(1)", archive_url='https://a.example/"><script>')
    given = [hostile(), dossier(TEXT, claim(1, TEXT, (0, 4), evidence=[odd]))]
    page = Page(written("html", *given).decode())
    assert {tag for tag, _ in page.tags}.isdisjoint({"script", "img", "link", "iframe", "object", "form", "base"})
    policy = next(attributes for tag, attributes in page.tags if attributes.get("http-equiv"))
    assert str(policy["content"]).startswith("default-src 'none'; style-src 'sha256-")
    for tag, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        if tag == "a" and not str(attributes["href"]).startswith("#claim-"):
            assert re.match("https?://", str(attributes["href"]))
            assert attributes["rel"] == "noopener nofollow"


def test_marks_that_cross_by_the_hundred_make_no_page_of_their_square() -> None:
    text = "a" * 2000
    many = [Highlight(n, 1000 + n, '<mark title="a claim">', "") for n in range(1000)]
    page = "".join(highlighted(text, many))
    assert page.count("a</mark>") + page.count("<mark") < 40_000
    assert page.replace('<mark title="a claim">', "").replace("</mark>", "") == text


def test_the_page_tells_what_was_found() -> None:
    lost = {**claim(2, TEXT, verdict=None, needs_attention="orphaned"), "spans": [span(TEXT, 0, 4, "orphaned")]}
    page = written("html", dossier(TEXT, claim(1, TEXT, (0, 4)), lost)).decode()
    for said in (
        "False",
        "sole",
        "Jo Marlow, Mayor",
        "ada: False (90% sure)",
        "Register of street trees",
        "refutes: <a",
    ):
        assert said in page
    assert "no longer stands in the text" in page
    assert page.count("<mark") == 1
    assert NOON.isoformat().replace("+00:00", "Z") in page
