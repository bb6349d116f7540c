"""Files sent to the real server, over connections that break."""

import gzip
import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from api.commands import remote
from api.settings import Settings
from benchmarks.memory import service
from benchmarks.server import free_port, running
from tests.asking import TOKEN, ask
from tests.commands.flaky import Trouble, flaky
from tests.commands.test_imports import dossier, written
from tests.test_docs import ROOT

HERE = "http://127.0.0.1"
SLOW = pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="needs /proc to find the server's processes")
MANY = [{"article": {"external_id": f"a-{n}", "text": f"Text {n}"}} for n in range(1000)]
LINES = MANY[:250]


def upload(
    client: Flask, port: int, project: str, *words: str, sent: bytes | None = None, token: str = TOKEN
) -> Result:
    environ = {"CLAIMSPAN_SERVER": f"{HERE}:{port}", "CLAIMSPAN_TOKEN": token}
    words = ("upload", *words, "--project", project, "--part-lines", "100")
    result: Result = client.test_cli_runner(env=environ).invoke(args=words, input=sent)
    assert TOKEN not in result.output
    return result


def articles(port: int, project: str) -> list[str]:
    """The external ids of all articles; asked for until an export has its place."""
    for _ in range(100):
        status, export = ask(port, "GET", f"/v1/projects/{project}/export")
        if status == 200:
            return [each["article"]["external_id"] for each in export["dossiers"]]
        time.sleep(0.1)
    raise AssertionError("exports stayed unavailable")


def test_a_long_file_goes_in_parts_and_its_faults_have_their_lines(client: Flask, port: int, tmp_path: Path) -> None:
    lines = [json.dumps(line) for line in LINES]
    lines[1] = "nonsense"
    lines[150:150] = ["", "  "]
    lines[170] = json.dumps(dossier(1, "4,100 trees"))
    lines[240] = json.dumps(LINES[7])
    file = tmp_path / "a.ndjson.gz"
    file.write_bytes(gzip.compress("\n".join(lines).encode()))
    result = upload(client, port, "default", str(file))
    assert result.exit_code == 1
    assert result.stdout == f"{file}: 250 lines: 247 created, 0 updated, 0 unchanged, 3 failed\n"
    places = [line.removeprefix(f"{file}:").split(": ")[:3] for line in result.stderr.splitlines()]
    assert sorted(places) == [
        ["171", "/claims/0/spans/0/exact", "quote_not_found"],
        ["2", "malformed", "Expected JSON, found none at line 1, column 1"],
        ["241", "/article/external_id", "external_id_repeated"],
    ]
    assert "Line 8 has the same article already." in result.stderr
    assert len(ask(port, "GET", "/v1/projects/default/imports")[1]["items"]) == 3


def test_an_array_from_standard_input_goes_in_parts_too(client: Flask, server: int, project: str) -> None:
    array = json.dumps([*LINES[:101], {"article": {"text": "x", "colour": "red"}}], indent=1).encode()
    result = upload(client, server, project, "-", sent=array)
    assert (result.exit_code, result.stdout) == (
        1,
        "-: 102 lines: 101 created, 0 updated, 0 unchanged, 1 failed\n",
    )
    assert result.stderr.startswith("-:102: /article/colour: unknown_field: ")


def test_a_file_that_is_cut_off_keeps_what_was_read_and_fails(
    client: Flask, server: int, project: str, tmp_path: Path
) -> None:
    packed = gzip.compress("\n".join(map(json.dumps, LINES)).encode())
    file = tmp_path / "a.ndjson.gz"
    file.write_bytes(packed[:-5])
    result = upload(client, server, project, str(file))
    assert result.exit_code == 1
    assert "It can't be read to its end: The gzip stream is cut off" in result.stdout
    assert len(articles(server, project)) == 249  # the last line may be a part of one


@pytest.mark.parametrize(
    ("mode", "troubles"),
    [
        (
            "partial",
            [
                "hang up",
                (502, {"Retry-After": "soon"}),
                "none",
                "lose",
                (429, {"Retry-After": "1"}),
                "none",
                "cut",
                (503, {}),
            ],
        ),
        ("atomic", ["hang up", "lose", "cut"]),
    ],
)
def test_what_goes_wrong_on_the_way_is_sent_again(
    client: Flask, server: int, project: str, tmp_path: Path, mode: str, troubles: list[Trouble]
) -> None:
    file = written(tmp_path / "a.ndjson", LINES[:210])
    with flaky(server, "none", *troubles) as way:
        result = upload(client, way.port, project, file, "--mode", mode)
    assert result.exit_code == 0, result.output
    assert "210 lines" in result.stdout
    assert way.troubles == []
    waits = result.stderr.splitlines()
    assert len(waits) == len(troubles) - troubles.count("none")
    assert waits[0].startswith("No answer from the server: Remote end closed connection without response; trying again")
    assert ("The server answered 502 Bad Gateway; trying again in" in result.stderr) == (mode == "partial")
    assert sorted(articles(server, project)) == sorted(line["article"]["external_id"] for line in LINES[:210])


def test_whoever_gives_up_says_how_to_go_on(client: Flask, server: int, project: str, tmp_path: Path) -> None:
    first, second = written(tmp_path / "a.ndjson", LINES[:150]), written(tmp_path / "b.ndjson", LINES[150:160])
    with flaky(server, "none", "none", "close") as way:
        result = upload(client, way.port, project, first, second, "--retries", "1")
    assert result.exit_code == 3
    assert result.stdout == f"{first}: 100 lines: 100 created, 0 updated, 0 unchanged, 0 failed\n"
    waits, gave_up, to_go_on = result.stderr.splitlines()
    assert "trying again in 1 s (0 more after that)" in waits
    assert gave_up.startswith("Gave up: no answer from the server: ")
    command = (
        f"flask --app app upload {first} {second} --project {project} --part-lines 100 --retries 1 --from-line 101"
    )
    assert to_go_on == f"To go on: {command}"
    environ = {"CLAIMSPAN_SERVER": f"{HERE}:{server}", "CLAIMSPAN_TOKEN": TOKEN}
    result = client.test_cli_runner(env=environ).invoke(args=command.split()[3:])
    assert result.exit_code == 0
    assert result.stdout.startswith(f"{first}: 50 lines: 50 created")
    assert len(articles(server, project)) == 160


def test_all_or_nothing_is_one_import(client: Flask, server: int, project: str, tmp_path: Path) -> None:
    file = written(tmp_path / "a.ndjson", [*LINES[:120], {"article": {}}])
    result = upload(client, server, project, file, "--mode", "atomic")
    assert result.exit_code == 1
    assert "121 lines: 0 created, 0 updated, 0 unchanged, 1 failed. Some lines failed" in result.stdout
    assert result.stderr.startswith(f"{file}:121: /article/text: ")
    assert articles(server, project) == []
    result = upload(client, server, project, written(tmp_path / "b.ndjson", LINES[:3]), "--dry-run")
    assert (result.exit_code, articles(server, project)) == (0, [])
    assert result.stdout.endswith("3 created, 0 updated, 0 unchanged, 0 failed (dry run: nothing is kept)\n")


def test_claims_of_lines_in_different_parts_are_related_if_the_file_goes_whole(
    client: Flask, server: int, project: str, tmp_path: Path
) -> None:
    relation = {"id": "r", "type": "repeats", "claim": "c", "other": "d"}
    first, *between, last = LINES[:150]
    for line, id in ((first, "c"), (last, "d")):
        claim = {"id": id, "spans": [{"start": 0, "end": 4}], "relations": [relation]}
        between.insert(0 if id == "c" else 149, {**line, "claims": [claim]})
    file = written(tmp_path / "a.ndjson", between)
    torn = upload(client, server, project, file)
    assert (torn.exit_code, [line.split(": ")[1] for line in torn.stderr.splitlines()]) == (0, ["left out"] * 2)
    whole = upload(client, server, project, file, "--whole")
    assert (whole.exit_code, whole.stderr) == (0, "")
    claims = ask(server, "GET", f"/v1/projects/{project}/claims")[1]["items"]
    assert [claim["relation_count"] for claim in claims] == [1, 1]


def test_files_of_other_tools_go_whole(client: Flask, server: int, project: str, tmp_path: Path) -> None:
    table = tmp_path / "a.csv.gz"
    table.write_bytes(gzip.compress(b"external_id,text\n" + b"".join(b"a-%d,Text\n" % n for n in range(150)) + b"b,\n"))
    with flaky(server, "none", "lose") as way:
        result = upload(client, way.port, project, str(table), "--format", "csv")
    assert result.exit_code == 1
    assert result.stdout == f"{table}: 151 lines: 0 created, 0 updated, 150 unchanged, 1 failed\n"
    assert f"{table}:152: " in result.stderr
    assert len(articles(server, project)) == 150


@pytest.mark.parametrize(
    ("words", "token", "status", "says"),
    [
        ((), TOKEN[:-1] + "x", 3, "Gave up: the server answered 401 Unauthorized, invalid_token: The token is unkn"),
        ((), "", 2, "Expected a token in CLAIMSPAN_TOKEN or in --token-file."),
        ((), "cs_two\nlines", 2, "Expected a token in CLAIMSPAN_TOKEN or in --token-file."),
        (("--server", "ftp://127.0.0.1"), TOKEN, 2, "expected http:// or https:// and a host"),
        (("--server", "http://me:secret@127.0.0.1"), TOKEN, 2, "expected http:// or https:// and a host"),
        (("--mode", "atomic", "--from-line", "2"), TOKEN, 2, "--from-line is for files that go in parts"),
        (("--server", "http://127.0.0.1:1", "--retries", "0"), TOKEN, 3, "no answer from the server: Connection ref"),
        (("--project", "nowhere"), TOKEN, 3, "404 Not Found, not_found: It does not exist, or you have no access"),
    ],
)
def test_mistakes_are_named(
    client: Flask, server: int, tmp_path: Path, words: tuple[str, ...], token: str, status: int, says: str
) -> None:
    environ = {"CLAIMSPAN_SERVER": f"{HERE}:{server}", "CLAIMSPAN_TOKEN": token}
    file = written(tmp_path / "a.ndjson", LINES[:1])
    result = client.test_cli_runner(env=environ).invoke(args=("upload", file, "--project", "default", *words))
    assert (result.exit_code, token in result.output if token else False) == (status, False)
    assert says in result.stderr


def test_the_token_may_come_from_a_file(client: Flask, server: int, project: str, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(TOKEN + "\n")
    file = written(tmp_path / "a.ndjson", LINES[:1])
    assert upload(client, server, project, file, "--token-file", str(tmp_path / "token"), token="").exit_code == 0


def test_the_token_goes_nowhere_else(client: Flask, server: int, project: str, tmp_path: Path) -> None:
    file = written(tmp_path / "a.ndjson", LINES[:1])
    with flaky(server) as elsewhere, flaky(server, (307, {"Location": f"{HERE}:{elsewhere.port}/"})) as way:
        result = upload(client, way.port, project, file)
    assert (result.exit_code, elsewhere.requests) == (3, [])
    assert f"the server sends us to {HERE}:{elsewhere.port}/" in result.stderr


@pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl to make a certificate")
def test_a_server_that_nobody_vouches_for_gets_nothing(client: Flask, tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, *subject]
    subprocess.run(made, check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    with flaky(1) as way:
        way.socket = context.wrap_socket(way.socket, server_side=True)
        words = ("--server", f"https://127.0.0.1:{way.port}")
        result = upload(client, way.port, "default", written(tmp_path / "a.ndjson", LINES[:1]), *words)
    assert (result.exit_code, way.requests) == (3, [])
    assert "certificate verify failed" in result.stderr
    assert "trying again" not in result.stderr


def test_whoever_interrupts_it_is_told_how_to_go_on(server: int, project: str, tmp_path: Path) -> None:
    file = written(tmp_path / "a.ndjson", LINES[:150])
    with (
        flaky(server, "none", "none", (503, {"Retry-After": "600"})) as way,
        interrupts_heeded(),
        command_of(way.port, project, tmp_path, file) as sending,
    ):
        assert sending.stderr is not None
        assert "trying again in 600 s" in sending.stderr.readline()
        sending.send_signal(signal.SIGINT)
        output, errors = sending.communicate(timeout=60)
    assert sending.returncode == 3
    assert output == f"{file}: 100 lines: 100 created, 0 updated, 0 unchanged, 0 failed\n"
    command = f"flask --app app upload {file} --project {project} --part-lines 100 --from-line 101"
    assert errors == f"Interrupted.\nTo go on: {command}\n"


def test_it_waits_in_sleeps_short_enough_for_an_interrupt_that_comes_just_before_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now, sleeps = [100.0], []

    def sleep(seconds: float) -> None:
        sleeps.append(seconds)
        now[0] += seconds

    monkeypatch.setattr("api.commands.remote.time.monotonic", lambda: now[0])
    monkeypatch.setattr("api.commands.remote.time.sleep", sleep)
    remote.pause(2.5)
    assert sleeps == [1, 1, 0.5]


@SLOW
def test_a_server_that_is_killed_and_started_again_has_every_line_once(
    empty_database: Settings, tmp_path: Path
) -> None:
    file = written(tmp_path / "a.ndjson", MANY)
    port = free_port()
    environ = {
        "CLAIMSPAN_DATABASE_URL": empty_database.database_url,
        "CLAIMSPAN_ADMIN_TOKEN": TOKEN,
        "CLAIMSPAN_PORT": str(port),
    }
    server = (["flask", "--app", "app", "serve"], port, "/readyz", environ)
    with running(*server), command_of(port, "default", tmp_path, file) as sending:
        while not reported(port):
            time.sleep(0.01)
        for pid in service(port):
            os.kill(pid, signal.SIGKILL)
        with running(*server):
            output, errors = sending.communicate(timeout=120)
            assert sending.returncode == 0, errors
            assert "trying again" in errors
            assert "1,000 lines" in output
            assert sorted(articles(port, "default")) == sorted(line["article"]["external_id"] for line in MANY)


@contextmanager
def interrupts_heeded() -> Iterator[None]:
    """By processes started here, though a shell that runs the tests in the background has them ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def command_of(port: int, project: str, tmp_path: Path, file: str) -> "subprocess.Popen[str]":
    """The command as a process of its own."""
    environ = {
        **os.environ,
        "CLAIMSPAN_DATABASE_URL": f"sqlite:///{tmp_path / 'none.db'}",
        "CLAIMSPAN_SERVER": f"{HERE}:{port}",
        "CLAIMSPAN_TOKEN": TOKEN,
    }
    command = [
        sys.executable,
        "-m",
        "flask",
        "--app",
        "app",
        "upload",
        file,
        "--project",
        project,
        "--part-lines",
        "100",
    ]
    return subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def reported(port: int) -> int:
    """How many lines are in."""
    items: list[dict[str, Any]] = ask(port, "GET", "/v1/projects/default/imports")[1]["items"]
    return sum(report["created"] for report in items)
