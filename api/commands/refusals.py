"""What the service refuses, told to the operator."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from api.errors import ClaimspanError, NotFound


@contextmanager
def refused(missing: str = "there is nothing like that") -> Iterator[None]:
    """Raises: ClickException: something was not there, which `missing` says; or the service's own words."""
    try:
        yield
    except NotFound:
        raise click.ClickException(missing) from None
    except ClaimspanError as error:
        raise click.ClickException(error.detail) from None
