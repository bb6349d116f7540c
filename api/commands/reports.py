"""What came of an import, in words for a terminal or a log."""

import sys
from collections.abc import Mapping
from typing import Any

import click

from api.rules.imports import OUTCOMES

PAGE = 200
"""Failures to ask for at once."""


def tell(name: str, report: Mapping[str, Any]) -> None:
    """One line about a file: what was counted, and why that is not all."""
    counts = ", ".join(f"{report[outcome]:,} {outcome}" for outcome in OUTCOMES)
    line = f"{name}: {report['lines']:,} {'line' if report['lines'] == 1 else 'lines'}: {counts}"
    if report["omitted"]:
        line += f", {report['omitted']:,} came in without all that they say"
    if report["detail"]:
        line += f". {report['detail']}"
    if report["dry_run"]:
        line += " (dry run: nothing is kept)"
    click.echo(line)


def tell_failure(name: str, line: int, failure: Mapping[str, Any]) -> None:
    """One fault of a line, where compilers put theirs."""
    _tell_place(f"{name}:{line}", failure)


def tell_omission(name: str, line: int, omission: Mapping[str, Any]) -> None:
    """What a line that came in said in vain."""
    _tell_place(f"{name}:{line}: left out", omission)


def _tell_place(place: str, found: Mapping[str, Any]) -> None:
    say(": ".join(word for word in (place, found["pointer"], found["code"], found["detail"]) if word))


def say(words: str) -> None:
    """A line on standard error, in place of the bar that may stand there."""
    click.echo(("\r\033[K" if sys.stderr.isatty() else "") + words, err=True)
