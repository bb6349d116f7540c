"""What is wrong with exports of a project that holds hostile strings, if they are not what their media types say."""

import csv
import io
import json
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from html.parser import HTMLParser

from api.exports import formats
from api.text.urls import web_address
from tests.campaigns.raw import Reply, strings

ELEMENTS = {
    "html",
    "head",
    "meta",
    "bdi",
    "title",
    "style",
    "body",
    "main",
    "header",
    "footer",
    "article",
    "section",
    "nav",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "p",
    "a",
    "mark",
    "pre",
    "code",
    "div",
    "span",
    "ul",
    "ol",
    "li",
    "dl",
    "dt",
    "dd",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "blockquote",
    "cite",
    "q",
    "em",
    "strong",
    "small",
    "br",
    "hr",
    "time",
    "details",
    "summary",
    "sup",
    "sub",
}
FORMULA = ("=", "+", "-", "@", "\t", "\r")
Read = Callable[[str], Reply]


def faults_of_exports(read: Read, project: str, imported: Mapping[str, str]) -> list[str]:
    """`imported`: strings that must stand in the native format, and where they were sent."""
    found = []
    for name, format in formats().items():
        reply = read(f"/v1/projects/{project}/export?format={name}")
        kind = format.media_type.partition(";")[0]
        if (reply.status, reply.kind) != (200, kind):
            found.append(f"export as {name}: {reply.status} {reply.kind} {reply.content[:200]!r}")
            continue
        if reply.headers.get("X-Content-Type-Options") != "nosniff":
            found.append(f"export as {name}: may be taken for what it is not")
        if not str(reply.headers.get("Content-Disposition", "")).startswith("attachment"):
            found.append(f"export as {name}: would be shown, not saved")
        found += [f"export as {name}: {fault}" for fault in LOOKS.get(name, _as_json)(reply.content)]
        if name == "json":
            there = strings(json.loads(reply.content))
            lost = [text for text in imported if not {text, _address(text)} & there]
            found += [f"imported, and not exported as it was: {text[:80]!r}, {imported[text]}" for text in lost]
    return found


def _as_json(content: bytes) -> Iterator[str]:
    try:
        json.loads(content.decode())
    except ValueError as error:
        yield str(error)


def _as_lines(content: bytes) -> Iterator[str]:
    for line in content.decode().split("\n"):
        if line:
            yield from _as_json(line.encode())


def _as_table(content: bytes) -> Iterator[str]:
    csv.field_size_limit(sys.maxsize)
    head, *rows = csv.reader(io.StringIO(content.decode().removeprefix("\ufeff"), newline=""), strict=True)
    for row in rows:
        if len(row) != len(head):
            yield f"a row of {len(row)} cells under a head of {len(head)}"
        for name, cell in zip(head, row, strict=False):
            if cell.startswith(FORMULA) and not _is_number(cell):
                yield f"{name} would be a formula: {cell[:60]!r}"


def _as_archive(content: bytes) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if broken := archive.testzip():
            yield f"{broken} is broken"
        for name in archive.namelist():
            if name.startswith(("/", "\\")) or ".." in name.split("/") or "\\" in name or not name.isprintable():
                yield f"a file would go to {name!r}"


def _as_page(content: bytes) -> Iterator[str]:
    page = _Page()
    page.feed(content.decode())
    page.close()
    yield from page.faults


def _as_text(content: bytes) -> Iterator[str]:
    content.decode()
    yield from ()


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ELEMENTS:
            self.faults.append(f"an element {tag}")
        if tag == "meta" and any(name == "http-equiv" for name, _ in attrs):
            policy = [value for name, value in attrs if name == "content"]
            if "default-src 'none'" not in str(policy):
                self.faults.append(f"a meta element of {attrs}")
        for name, value in attrs:
            if name.startswith("on") or name in ("style", "srcdoc", "src"):
                self.faults.append(f"an attribute {name} of {tag}")
            if name == "href" and not str(value).startswith(("http://", "https://", "#")):
                self.faults.append(f"a link to {value!r}")

    def handle_comment(self, data: str) -> None:
        self.faults.append(f"a comment {data[:60]!r}")

    def unknown_decl(self, data: str) -> None:
        self.faults.append(f"a declaration {data[:60]!r}")

    def handle_pi(self, data: str) -> None:
        self.faults.append(f"an instruction {data[:60]!r}")


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _address(text: str) -> str:
    try:
        return web_address(text)
    except ValueError:
        return text


LOOKS: dict[str, Callable[[bytes], Iterator[str]]] = {
    "ndjson": _as_lines,
    "csv": _as_table,
    "brat": _as_archive,
    "conll": _as_text,
    "html": _as_page,
}
