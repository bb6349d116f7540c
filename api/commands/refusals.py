"""What the service refuses, told to the operator."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from api.errors import ClaimspanError, NotFound, Unavailable


@contextmanager
def refused(missing: str = "there is nothing like that") -> Iterator[None]:
    """Raises: ClickException: something was not there, which `missing` says; or the service's own words."""
    try:
        yield
    except NotFound:
        raise click.ClickException(missing) from None
    except Unavailable as error:
        raise click.ClickException(" ".join([error.detail, *_cause(error)])) from None
    except ClaimspanError as error:
        raise click.ClickException(error.detail) from None
    except OSError as error:
        if error.filename is None:
            raise
        raise click.ClickException(f"{error.strerror}: {error.filename}") from None


def worded(command: click.Command) -> click.Command:
    """The command, and those below it, with words for what goes wrong in place of a traceback."""
    for below in getattr(command, "commands", {}).values():
        worded(below)
    if command.callback:
        command.callback = refused()(command.callback)
    return command


def _cause(error: BaseException) -> list[str]:
    """What the database said at first, if it said anything."""
    if error.__cause__ is None:
        return []
    return _cause(error.__cause__) or [f"({str(error.__cause__).partition(chr(10))[0]})"]
