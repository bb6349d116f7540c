"""Exports fetched from the real server, over connections that break."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from api.commands.download import ended
from api.errors import Malformed
from tests.asking import TOKEN, ask
from tests.commands.flaky import Way, flaky


@pytest.fixture
def way(server: int, project: str) -> Iterator[Way]:
    """The way to a server with 20 articles in the project."""
    for n in range(20):
        draft = {"text": f"Text {n}", "external_id": f"a-{n}"}
        assert ask(server, "POST", f"/v1/projects/{project}/articles", draft)[0] == 201
    with flaky(server) as way:
        yield way


def download(client: Flask, way: Way, *words: str) -> Result:
    environ = {"CLAIMSPAN_SERVER": f"http://127.0.0.1:{way.port}", "CLAIMSPAN_TOKEN": TOKEN}
    result: Result = client.test_cli_runner(env=environ).invoke(args=["download", *words])
    assert TOKEN not in result.output
    return result


def names(content: bytes) -> list[str]:
    return [dossier["article"]["external_id"] for dossier in json.loads(content)["dossiers"]]


ALL = [f"a-{n}" for n in range(20)]


def test_what_breaks_off_is_fetched_again_from_the_beginning(
    client: Flask, way: Way, project: str, tmp_path: Path
) -> None:
    out = tmp_path / "out.json"
    way.troubles = ["cut inside", "cut", (503, {"Retry-After": "1"})]
    result = download(client, way, "--project", project, "--output", str(out))
    assert (result.exit_code, result.stdout) == (0, "")
    assert ["trying again" in line for line in result.stderr.splitlines()] == [True] * 3
    assert names(out.read_bytes()) == ALL
    assert {path.name for path in tmp_path.iterdir()} & {"out.json", "out.json.part"} == {"out.json"}


def test_it_goes_to_standard_output_once_it_is_whole(client: Flask, way: Way, project: str) -> None:
    way.troubles = ["cut"]
    result = download(client, way, "--project", project)
    assert (result.exit_code, names(result.stdout_bytes)) == (0, ALL)


def test_a_file_is_packed_if_its_name_says_so(client: Flask, way: Way, project: str, tmp_path: Path) -> None:
    out = tmp_path / "out.json.gz"
    assert download(client, way, "--project", project, "--output", str(out)).exit_code == 0
    assert names(gzip.decompress(out.read_bytes())) == ALL


def test_an_article_is_fetched_alone(client: Flask, way: Way, project: str) -> None:
    article = ask(way.to, "GET", f"/v1/projects/{project}/articles")[1]["items"][0]
    (dossier,) = json.loads(download(client, way, "--article", article["id"]).stdout)["dossiers"]
    assert dossier["article"]["external_id"] == article["external_id"]


def test_a_file_that_is_there_stays_unless_it_is_to_be_replaced(
    client: Flask, way: Way, project: str, tmp_path: Path
) -> None:
    out = tmp_path / "out.json"
    out.write_bytes(b"mine")
    result = download(client, way, "--project", project, "--output", str(out))
    assert (result.exit_code, out.read_bytes(), way.requests) == (2, b"mine", [])
    way.troubles = ["cut", "close"]
    assert (
        download(client, way, "--project", project, "--output", str(out), "--overwrite", "--retries", "1").exit_code
        == 3
    )
    assert out.read_bytes() == b"mine"
    way.troubles = []
    assert download(client, way, "--project", project, "--output", str(out), "--overwrite").exit_code == 0
    assert names(out.read_bytes()) == ALL


def test_what_only_some_exports_need_goes_to_the_server(client: Flask, way: Way, project: str) -> None:
    download(client, way, "--project", project, "--only", "status=in review", "--only", "type=a&b")
    assert way.requests[0][0] == f"GET /v1/projects/{project}/export?format=json&status=in+review&type=a%26b HTTP/1.1"


def test_a_zip_without_its_end_is_not_whole() -> None:
    whole = b"PK\x03\x04" + bytes(100) + b"PK\x05\x06" + bytes(18)
    assert b"".join(ended([whole[:50], whole[50:]], "application/zip")) == whole
    with pytest.raises(Malformed):
        list(ended([whole[:50], whole[50:-1]], "application/zip"))


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "Expected either --project or --article."),
        (("--project", "p", "--only", "status"), "expected NAME=VALUE"),
        (("--article", "7"), "'7' is not a valid UUID"),
    ],
)
def test_mistakes_are_named(client: Flask, words: tuple[str, ...], says: str) -> None:
    result = client.test_cli_runner(env={"CLAIMSPAN_TOKEN": TOKEN}).invoke(args=["download", *words])
    assert result.exit_code == 2
    assert says in result.stderr


def test_what_is_packed_in_a_way_that_nobody_asked_for_is_refused(client: Flask, way: Way, project: str) -> None:
    way.troubles = [(200, {"Content-Encoding": "br"})]
    result = download(client, way, "--project", project)
    assert (result.exit_code, result.stdout) == (3, "")
    assert "the server packs with br, expected gzip" in result.stderr


def test_a_refusal_leaves_no_file(client: Flask, way: Way, project: str, tmp_path: Path) -> None:
    out = ("--output", str(tmp_path / "out"))
    result = download(client, way, "--project", "nowhere", *out)
    assert (result.exit_code, (tmp_path / "out").exists()) == (3, False)
    assert "Gave up: the server answered 404 Not Found, not_found: It does not exist" in result.stderr
    result = download(client, way, "--project", project, "--format", "word", *out)
    assert (result.exit_code, (tmp_path / "out").exists()) == (3, False)
    assert "422 Unprocessable Entity, invalid: /format: Expected one of" in result.stderr
