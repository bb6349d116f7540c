"""Where in what was sent something goes wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from api.errors import AlreadyExists, ClaimspanError, Conflict, Fault, Faulty, Invalid, NotFound, Stale, Unavailable

OF_THE_MOMENT = (AlreadyExists, Conflict, NotFound, Stale)
"""What somebody else did at the same time, for who looks first what is there: nothing that was sent is wrong."""


@contextmanager
def at(pointer: str) -> Iterator[None]:
    """Puts the pointer in front of those of the faults that are found inside.

    Raises:
        Invalid: for whatever was refused inside.
    """
    try:
        yield
    except (*OF_THE_MOMENT, Unavailable):
        raise
    except Faulty as error:
        faults = (replace(fault, pointer=pointer + fault.pointer) for fault in error.faults)
        raise Invalid(*faults, **error.facts) from error
    except ClaimspanError as error:
        raise Invalid(Fault(pointer, error.code, error.detail)) from error
