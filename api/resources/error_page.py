"""The page that the `type` of every problem leads to."""

import re
from collections.abc import Iterable
from html import escape

from api.fault_kinds import FAULTS, OMISSIONS
from api.resources.problems import FAILED, FAILURE, STATUS

STYLE = """
body { max-width: 52rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; }
table { border-collapse: collapse; }
td { padding: .2rem 1rem .2rem 0; vertical-align: top; }
tr:target { background: #fff3c4; }
"""
Row = tuple[str, ...]
"""A code, and what is to be said of it."""


def error_page() -> str:
    """HTML with an anchor for each code."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" '
        f'content="width=device-width">\n<title>Errors</title>\n<style>{STYLE}</style>\n</head>\n<body>\n'
        "<h1>Errors</h1>\n<p>Every refusal is <code>application/problem+json</code> (RFC 9457). Its <code>code</code> "
        "is one of these, and <code>detail</code> says what was found and what was expected.</p>\n"
        f"{_table(_errors())}"
        "<h2>Faults</h2>\n<p>Each entry of <code>errors</code>, and each failure of an import, has a "
        "<code>pointer</code> (RFC 6901) and one of these codes, or one from above.</p>\n"
        f"{_table(FAULTS.items(), 'fault-')}"
        "<h2>Omissions</h2>\n<p>What an import leaves out of a line that comes in.</p>\n"
        f"{_table(OMISSIONS.items(), 'omission-')}"
        "</body>\n</html>\n"
    )


def _errors() -> list[Row]:
    rows = [(kind.code, str(status), kind.title) for kind, status in STATUS.items()]
    return sorted([*rows, (FAILURE, "500", FAILED)], key=lambda row: (row[1], row[0]))


def _table(rows: Iterable[Row], prefix: str = "") -> str:
    lines = (f'<tr id="{prefix}{code}"><td><code>{code}</code>{"".join(map(_cell, cells))}\n' for code, *cells in rows)
    return f"<table>\n{''.join(lines)}</table>\n"


def _cell(words: str) -> str:
    return "<td>" + re.sub("`(.+?)`", r"<code>\1</code>", escape(words))
