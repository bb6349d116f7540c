"""`flask --app app openapi …`: the contract as a file."""

from pathlib import Path

import click
import yaml
from flask import current_app
from flask.cli import AppGroup

FILE = Path(__file__).parents[2] / "openapi.yaml"


@click.group("openapi", cls=AppGroup)
def command() -> None:
    """Write `openapi.yaml`, or check that it is what the code says."""


@command.command("write")
def write() -> None:
    """Write openapi.yaml from the code."""
    FILE.write_text(rendered(), encoding="utf-8")
    click.echo(f"Wrote {FILE.name}.")


@command.command("check")
def check() -> None:
    """Fail if openapi.yaml is not what the code says."""
    if not FILE.exists() or FILE.read_text(encoding="utf-8") != rendered():
        raise click.ClickException("openapi.yaml is not what the code says; run `flask --app app openapi write`")
    click.echo("openapi.yaml is what the code says.")


def rendered() -> str:
    """The document as YAML, the same bytes for the same code."""
    text: str = yaml.safe_dump(
        current_app.extensions["api"].spec.to_dict(), sort_keys=False, allow_unicode=True, width=120
    )
    return text
