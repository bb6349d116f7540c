"""`flask --app app upload FILE… --project P`: dossiers from files to a server, over any connection."""

import shlex
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from gzip import compress
from typing import IO, Any
from urllib.parse import quote, urlencode

import click
from click.core import ParameterSource
from flask import current_app
from flask.cli import with_appcontext

from api.commands.files import PACKING, opened, packed, progress, unpacked
from api.commands.kinds import kind_of
from api.commands.options import DRY_RUN, FILE_FORMAT, FILES, INTO, MODE
from api.commands.parts import MOST_LINES, parts, sendable
from api.commands.remote import GIVEN_UP, GaveUp, Remote, reaching
from api.commands.reports import PAGE, say, tell, tell_failure, tell_omission
from api.errors import Fault, Malformed
from api.rules.imports import OUTCOMES
from api.schemas.imports import NATIVE
from api.schemas.records import CUTS

COUNTS = ("lines", *OUTCOMES, "omitted")


@dataclass(slots=True)
class Upload:
    """A file on its way. `address` takes its imports; `line` is the first one of which nothing is known yet;
    `report` says what came of those before."""

    remote: Remote
    address: str
    format: str
    name: str
    line: int
    dry_run: bool
    report: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.report = {**dict.fromkeys(COUNTS, 0), "detail": None, "dry_run": self.dry_run}

    @property
    def is_in(self) -> bool:
        """Whether all that the file holds is in."""
        return not self.report["failed"] and not self.report["detail"]

    def run(self, most: int | None) -> None:
        """Sends the file, at most so many lines at once if there is a limit, and says what came of it, however far it
        comes.

        Raises:
            GaveUp: the server can't be reached, or refuses for good.
        """
        try:
            if most is None:
                self._at_once()
            else:
                self._in_parts(most)
        except Malformed as error:
            self.report["detail"] = f"It can't be read to its end: {error.detail}"
        finally:
            tell(self.name, self.report)

    def _in_parts(self, most: int) -> None:
        longest = current_app.config["SETTINGS"].max_import_line_bytes
        with opened(self.name) as (pieces, size), progress(self.name, size) as counted:
            kind, stream = kind_of(self.format, self.name, unpacked(self.name, counted(pieces)))
            numbered = CUTS[kind](stream, longest)
            for part in parts(sendable(numbered, longest, self.line, self._refuse), most):
                body = compress(part.body(kind), PACKING, mtime=0)
                self._send(body, len(body), kind, part.numbers)
                self.line = part.numbers[-1] + 1

    def _at_once(self) -> None:
        """Only within one import can the server keep all or nothing, understand what other tools write, or relate the
        claims of any two lines. The file is packed before, so that its length is known and it can be sent again."""
        with tempfile.TemporaryFile() as whole:
            with opened(self.name) as (pieces, size), progress(self.name, size) as counted, packed(whole) as file:
                kind, stream = kind_of(self.format, self.name, unpacked(self.name, counted(pieces)))
                file.writelines(stream)
            length = whole.tell()
            whole.seek(0)
            self._send(whole, length, kind)

    def _refuse(self, number: int, fault: Fault) -> None:
        tell_failure(self.name, number, asdict(fault))
        self.report["lines"] += 1
        self.report["failed"] += 1

    def _send(self, body: bytes | IO[bytes], length: int, kind: str, numbers: Sequence[int] | None = None) -> None:
        """Sends an import and tells its failures. `numbers`: those that its lines have in the file, if others."""
        headers = {"Content-Type": kind, "Content-Encoding": "gzip", "Content-Length": str(length)}
        report = self.remote.told("POST", self.address, 201, body=body, headers=headers)
        for told, tell_it, count in (("failures", tell_failure, "failed"), ("omissions", tell_omission, "omitted")):
            for found in self._told(report, told) if report[count] else ():
                tell_it(self.name, numbers[found["line"] - 1] if numbers else found["line"], found)
        for count in COUNTS:
            self.report[count] += report[count]
        self.report["detail"] = report["detail"]

    def _told(self, report: dict[str, Any], what: str) -> Iterator[dict[str, Any]]:
        """What the report tells of single lines."""
        following = f"/v1/imports/{report['id']}/{what}?limit={PAGE}"
        while following:
            page = self.remote.told("GET", following)
            yield from page["items"]
            following = page["next"]


@click.command("upload")
@FILES
@INTO
@FILE_FORMAT
@MODE
@DRY_RUN
@click.option(
    "--from-line",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="The line, or element of the array, of the first FILE to begin with, if those before are in.",
)
@click.option(
    "--part-lines",
    type=click.IntRange(1),
    default=MOST_LINES,
    show_default=True,
    help="Most lines of a part: fewer for connections that break often.",
)
@click.option(
    "--whole",
    is_flag=True,
    help="Send each FILE as one import: relations between claims of different lines are found within one only.",
)
@reaching
@with_appcontext
def command(
    files: tuple[str, ...],
    project: str,
    format: str,
    mode: str,
    dry_run: bool,
    from_line: int,
    part_lines: int,
    whole: bool,
    remote: Remote,
) -> None:
    """Upload FILE… to a server.

    A FILE holds one dossier a line (NDJSON) or a JSON array of them, packed with gzip or not; `-` is standard input.
    It is sent in parts of some lines, at most 8 MiB, each an import of its own, packed on the way; with --whole or
    --mode atomic, and if another tool wrote it (--format), as one import. What fails for reasons of the moment is sent
    again; that does no harm, as what is in is found again.

    Each FILE gets a line that says what came of it, on standard output; each fault one on standard error, as
    FILE:LINE: /pointer: code: detail. The exit status is 0 if all lines are in, 1 if one failed or a FILE can't be
    read to its end, 2 if the command can't be understood, and 3 if it was interrupted or gave up; then it says how
    to go on.
    """
    most = None if whole or mode == "atomic" or format != NATIVE else part_lines
    if from_line > 1 and most is None:
        raise click.UsageError("--from-line is for files that go in parts; this one goes whole.")
    box = f"/v1/projects/{quote(project, safe='')}"
    address = f"{box}/imports?" + urlencode({"format": format, "mode": mode, "dry_run": str(dry_run).lower()})
    uploads = [Upload(remote, address, format, name, 1, dry_run) for name in files]
    uploads[0].line = from_line
    context, done = click.get_current_context(), 0
    try:
        remote.told("GET", box)
        for upload in uploads:
            upload.run(most)
            done += 1
    except (GaveUp, KeyboardInterrupt) as stop:
        say(f"Gave up: {stop}." if isinstance(stop, GaveUp) else "Interrupted.")
        say(f"To go on: {_going_on(context, files[done:], uploads[done].line)}")
        context.exit(GIVEN_UP)
    context.exit(0 if all(upload.is_in for upload in uploads) else 1)


def _going_on(context: click.Context, files: Sequence[str], line: int) -> str:
    """The command that does the rest."""
    words = ["flask", "--app", "app", "upload", *files]
    for option in context.command.params:
        name = str(option.name)
        given = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if given and isinstance(option, click.Option) and name != "from_line":
            words += option.opts[:1] if option.is_flag else [option.opts[0], str(context.params[name])]
    return shlex.join([*words, *(["--from-line", str(line)] if line > 1 else [])])
