"""Files into the database and out of it, by the operator."""

import gzip
import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click import ClickException
from click.testing import Result
from flask import Flask

from api.commands.files import written_whole
from api.settings import Settings
from tests.client import Client
from tests.test_docs import ROOT

TEXT = "The city planted 4,000 trees. The parks office counts 2,950."


def dossier(n: int, quote: str = "4,000 trees") -> dict[str, Any]:
    claim = {"external_id": "c", "spans": [{"exact": quote}], "evidence": [{"url": f"https://parks.example/{n}"}]}
    return {"article": {"external_id": f"n-{n}", "text": f"{n}. {TEXT}"}, "claims": [claim]}


def written(file: Path, dossiers: list[dict[str, Any]]) -> str:
    lines = "".join(json.dumps(each) + "\n" for each in dossiers).encode()
    file.write_bytes(gzip.compress(lines) if file.suffix == ".gz" else lines)
    return str(file)


def run(app: Flask, *words: str, sent: bytes | None = None) -> Result:
    result: Result = app.test_cli_runner().invoke(args=words, input=sent)
    return result


def imported(app: Flask, *words: str, sent: bytes | None = None) -> tuple[int, str, str]:
    """Exit status, standard output and standard error of an import into the default project."""
    result = run(app, "import", *words, "--project", "default", sent=sent)
    return result.exit_code, result.stdout, result.stderr


def test_files_come_in_once_and_go_out(app: Flask, editor: Client, tmp_path: Path) -> None:
    plain = written(tmp_path / "a.ndjson", [dossier(n) for n in range(30)])
    packed = written(tmp_path / "b.ndjson.gz", [dossier(n) for n in range(30, 40)])
    assert imported(app, plain, packed) == (
        0,
        f"{plain}: 30 lines: 30 created, 0 updated, 0 unchanged, 0 failed\n"
        f"{packed}: 10 lines: 10 created, 0 updated, 0 unchanged, 0 failed\n",
        "",
    )
    assert imported(app, packed)[1] == f"{packed}: 10 lines: 0 created, 0 updated, 10 unchanged, 0 failed\n"

    out = tmp_path / "out.ndjson.gz"
    assert run(app, "export", "--project", "default", "--format", "ndjson", "--output", str(out)).exit_code == 0
    lines = gzip.decompress(out.read_bytes())
    assert lines == editor.get("/v1/projects/default/export?format=ndjson").data
    again = run(app, "import", str(out), "--project", "elsewhere")
    assert again.stdout == f"{out}: 40 lines: 40 created, 0 updated, 0 unchanged, 0 failed\n"


@pytest.mark.parametrize("packed", [False, True])
def test_standard_input_is_read_packed_or_not_lines_or_an_array(app: Flask, packed: bool) -> None:
    array = json.dumps({"dossiers": [dossier(1), dossier(2)]}, indent=2).encode()
    status, output, _ = imported(app, "-", sent=gzip.compress(array) if packed else array)
    assert (status, output) == (0, "-: 2 lines: 2 created, 0 updated, 0 unchanged, 0 failed\n")


def test_each_fault_is_named_where_it_stands(app: Flask, tmp_path: Path) -> None:
    file = written(tmp_path / "a.ndjson", [dossier(1), dossier(2, "4,100 trees"), dossier(1), dossier(3)])
    status, output, faults = imported(app, file)
    assert status == 1
    assert output == f"{file}: 4 lines: 2 created, 0 updated, 0 unchanged, 2 failed\n"
    first, second = faults.splitlines()
    assert first.startswith(f"{file}:2: /claims/0/spans/0/exact: quote_not_found: “4,100 trees” does not stand")
    assert second == f"{file}:3: /article/external_id: external_id_repeated: Line 1 has the same article already."


def test_all_faults_are_named_however_many(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "a.ndjson"
    file.write_text("{}\n" * 450)
    assert len(imported(app, str(file))[2].splitlines()) == 450


def test_files_of_other_tools_come_in_and_what_they_say_in_vain_is_told(
    app: Flask, editor: Client, tmp_path: Path
) -> None:
    table, lines = tmp_path / "a.csv", tmp_path / "b.json"
    table.write_text("external_id,text\na,One tree\nb,\n")
    lines.write_text("".join(json.dumps({"id": n, "text": "x" * n, "labels": [1]}) + "\n" for n in (1, 2)))
    status, output, faults = imported(app, str(table), "--format", "csv")
    assert (status, output) == (1, f"{table}: 2 lines: 1 created, 0 updated, 0 unchanged, 1 failed\n")
    assert faults.startswith(f"{table}:3: ")
    whole = lines.read_text().replace("[1]", "[]").replace('"text"', '"Comments": ["c"], "text"')
    lines.write_text(whole)
    status, output, told = imported(app, str(lines), "--format", "doccano")
    assert status == 0
    assert output == (
        f"{lines}: 2 lines: 2 created, 0 updated, 0 unchanged, 0 failed, 2 came in without all that they say\n"
    )
    assert [line.startswith(f"{lines}:{n}: left out: /") for n, line in enumerate(told.splitlines(), 1)] == [True] * 2


def test_a_file_comes_in_whole_or_not_at_all_if_asked_to(app: Flask, editor: Client, tmp_path: Path) -> None:
    file = written(tmp_path / "a.ndjson", [dossier(1), dossier(2, "4,100 trees")])
    status, output, _ = imported(app, file, "--mode", "atomic")
    assert (status, output.partition(". ")[2]) == (1, "Some lines failed, so none was brought in.\n")
    good = written(tmp_path / "b.ndjson", [dossier(1)])
    status, output, _ = imported(app, good, "--dry-run")
    assert (status, output) == (
        0,
        f"{good}: 1 line: 1 created, 0 updated, 0 unchanged, 0 failed (dry run: nothing is kept)\n",
    )
    assert editor.all("/v1/projects/default/articles") == []


def test_a_file_that_is_cut_off_keeps_what_was_read_and_fails(app: Flask, editor: Client, tmp_path: Path) -> None:
    whole = json.dumps([dossier(n) for n in range(20)]).encode()
    (tmp_path / "a.json").write_bytes(whole[: len(whole) // 2])
    status, output, _ = imported(app, str(tmp_path / "a.json"))
    assert status == 1
    assert "The JSON array is cut off" in output
    assert len(editor.all("/v1/projects/default/articles")) >= 9
    (tmp_path / "b.ndjson.gz").write_bytes(b"{}")
    assert "Expected gzip" in imported(app, str(tmp_path / "b.ndjson.gz"))[1]


def test_the_history_says_by_whose_hand(app: Flask, editor: Client, tmp_path: Path) -> None:
    assert imported(app, written(tmp_path / "a.ndjson", [dossier(1)]), "--as", "edith")[0] == 0
    (article,) = editor.all("/v1/projects/default/articles")
    assert article["created_by"] == "edith"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("import", "FILE", "--project", "nowhere"), "There is no 'nowhere', or admin has no access to it."),
        (("import", "FILE", "--project", "default", "--as", "nobody"), "there is no user 'nobody'"),
        (("import", "FILE", "--project", "default", "--as", "stan"), "There is no 'default', or stan has no access"),
        (("import", "FILE", "--project", "default", "--as", "ravi"), "this needs the role editor in default"),
        (("import", "FILE.nowhere", "--project", "default"), "does not exist"),
        (("import", "--project", "default"), "Missing argument 'FILE…'"),
        (("export",), "Expected either --project or --article."),
        (("import", "FILE", "--project", "default", "--format", "word"), "'word' is not one of"),
        (("export", "--project", "default", "--only", "since=then"), "since: Expected a moment with its offset"),
        (("export", "--project", "default", "--only", "colour=red"), "colour: There is no such member here."),
        (("export", "--project", "default", "--only", "status"), "expected NAME=VALUE"),
        (("export", "--project", "default", "--format", "word"), "'word' is not one of"),
        (("export", "--project", "default", "--output", "FILE"), "exists already; --overwrite replaces it."),
        (("export", "--project", "default", "--as", "stan"), "There is no 'default', or stan has no access to it."),
    ],
)
def test_mistakes_are_named_with_status_2(app: Flask, tmp_path: Path, words: tuple[str, ...], says: str) -> None:
    file = written(tmp_path / "a.ndjson", [dossier(1)])
    result = run(app, *(word.replace("FILE", file) if word != "FILE…" else word for word in words))
    assert result.exit_code == 2
    assert says in result.stderr
    assert Path(file).read_bytes() == Path(written(tmp_path / "b.ndjson", [dossier(1)])).read_bytes()


def test_an_article_is_exported_to_standard_output(app: Flask, editor: Client) -> None:
    article = editor.article()
    result = run(app, "export", "--article", article.rpartition("/")[2])
    assert (result.exit_code, result.stdout_bytes) == (0, editor.get(f"{article}/export").data)


def test_an_export_may_hold_only_some_claims(app: Flask, editor: Client) -> None:
    article = editor.article()
    editor.assess(editor.claim(article), "false")
    editor.claim(article, {"start": 0, "end": 9})
    query = "status=resolved&created_after=2020-01-01T00:00:00Z"
    only = [word for pair in query.split("&") for word in ("--only", pair)]
    given = run(app, "export", "--project", "default", "--format", "ndjson", *only).stdout_bytes
    assert given == editor.get(f"/v1/projects/default/export?format=ndjson&{query}").data
    assert len(json.loads(given.splitlines()[0])["claims"]) == 1


def test_what_blind_review_hides_from_a_user_is_not_exported_as_them(app: Flask, owner: Client) -> None:
    project = "/v1/projects/default"
    claim = owner.claim(owner.article())
    owner.assess(claim, "false")
    owner.patch(
        project,
        {"policy": {"required_assessments": 1, "consensus": "unanimous", "blind": True}},
        If_Match=owner.tag(project),
    )
    given = [
        json.loads(run(app, "export", "--project", "default", "--as", user).stdout)["dossiers"][0]["claims"][0][
            "assessments"
        ]
        for user in ("olga", "ravi")
    ]
    assert [len(each) for each in given] == [1, 0]


def test_a_file_that_is_not_written_to_its_end_is_not_there(tmp_path: Path) -> None:
    target = tmp_path / "out.json"

    def broken_off() -> None:
        with written_whole(str(target)) as file:
            file.write(b"half")
            raise KeyboardInterrupt

    target.write_bytes(b"before")
    with pytest.raises(KeyboardInterrupt):
        broken_off()
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("out.json", b"before")]


def test_a_file_that_can_not_be_written_is_named(app: Flask, tmp_path: Path) -> None:
    result = run(app, "export", "--project", "default", "--output", str(tmp_path / "nowhere" / "out.json"))
    assert result.exit_code == 1
    assert "out.json.part: No such file or directory" in result.stderr


def test_a_file_that_another_command_is_writing_is_left_to_it(tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    (tmp_path / "out.json.part").write_text("left behind by one that was killed")
    with written_whole(str(target)) as file:
        file.write(b"first")
        with pytest.raises(ClickException, match="another command is writing"), written_whole(str(target)):
            pass
    assert target.read_bytes() == b"first"
    assert [path.name for path in tmp_path.iterdir()] == ["out.json"]


def test_a_terminal_gets_a_bar_and_no_zip(app: Flask, settings: Settings, tmp_path: Path) -> None:
    file = written(tmp_path / "a.ndjson", [dossier(1)])
    environ = {**os.environ, "CLAIMSPAN_DATABASE_URL": settings.database_url}
    assert "[####" in on_terminal(["import", file, "--project", "default"], environ)
    assert "This is no text for a terminal" in on_terminal(
        ["export", "--project", "default", "--format", "brat"], environ
    )


def on_terminal(words: list[str], environ: dict[str, str]) -> str:
    """What a terminal shows of the command."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "flask", "--app", "app", *words]
    with subprocess.Popen(command, cwd=ROOT, env=environ, stdout=theirs, stderr=theirs, stdin=theirs):
        os.close(theirs)
        shown = b""
        try:
            while piece := os.read(ours, 10_000):
                shown += piece
        except OSError:
            pass  # so Linux tells the end
    os.close(ours)
    return shown.decode()
