"""Files as the commands read and write them: `-` is a standard stream, `.gz` is packed."""

import gzip
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import IO, cast

import click

from api.commands.beside import part_of
from api.text.pieces import PIECE, inflated, plain

REDRAWN_AFTER = 2**18
"""Bytes between two pictures of a bar."""
BINARY = ("application/zip",)
PACKING = 6
"""How hard gzip tries: beyond this it takes long and gains little."""


@contextmanager
def opened(name: str) -> Iterator[tuple[Iterator[bytes], int | None]]:
    """What the file holds, piece by piece, and its size, if it has one."""
    with ExitStack() as held:
        file = sys.stdin.buffer if name == "-" else held.enter_context(open(name, "rb"))
        size = None if name == "-" else os.fstat(file.fileno()).st_size or None
        yield iter(partial(file.read, PIECE), b""), size


def unpacked(name: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """What the file of that name holds, inflated if its name or its beginning says that it is packed."""
    return inflated(pieces) if name.endswith(".gz") else plain(pieces)


@contextmanager
def progress(name: str, size: int | None) -> Iterator[Callable[[Iterable[bytes]], Iterator[bytes]]]:
    """A bar on the terminal, if there is one, of how much has come of so many bytes. It counts what passes
    through, from the beginning each time."""
    with click.progressbar(
        _nothing(),
        length=size,
        label=name,
        file=sys.stderr,
        update_min_steps=REDRAWN_AFTER,
        hidden=not sys.stderr.isatty(),
        item_show_func=lambda came: None if came is None else in_bytes(came),
    ) as bar:

        def counted(pieces: Iterable[bytes]) -> Iterator[bytes]:
            came = 0
            for piece in pieces:
                came += len(piece)
                bar.update(came - bar.pos, came)
                yield piece

        yield counted


def _nothing() -> Iterator[int]:
    """In contrast to an empty list, it does not say that it has no length."""
    yield from ()


def in_bytes(count: int) -> str:
    """
    >>> in_bytes(999), in_bytes(20_500), in_bytes(1_234_567_890)
    ('999 B', '20.5 kB', '1,234.6 MB')
    """
    if count < 1000:
        return f"{count} B"
    return f"{count / 10**3:.1f} kB" if count < 10**6 else f"{count / 10**6:,.1f} MB"


def refuse_existing(name: str, overwrite: bool) -> None:
    """Raises: UsageError: the file is there already, and is not to be replaced."""
    if name != "-" and not overwrite and Path(name).exists():
        raise click.UsageError(f"{name} exists already; --overwrite replaces it.")


def refuse_terminal(name: str, media_type: str) -> None:
    """Raises: UsageError: a terminal would get what is no text."""
    if name == "-" and media_type in BINARY and sys.stdout.isatty():
        raise click.UsageError("This is no text for a terminal: give --output.")


def packed(file: IO[bytes]) -> IO[bytes]:
    """A file to write into; what is written goes into the other one, packed, the same bytes for the same."""
    return cast(IO[bytes], gzip.GzipFile("", "wb", PACKING, file, mtime=0))


@contextmanager
def written_whole(name: str) -> Iterator[IO[bytes]]:
    """A file to write into, packed if its name says so. Once it is whole it stands under this name, or goes to
    standard output; before that, nothing of it does.

    Raises:
        ClickException: it can't be written.
    """
    if name == "-":
        with tempfile.TemporaryFile() as kept:
            yield kept
            kept.seek(0)
            shutil.copyfileobj(kept, sys.stdout.buffer, PIECE)
            sys.stdout.buffer.flush()
        return
    with part_of(Path(name)) as (part, raw):
        try:
            if name.endswith(".gz"):
                with packed(raw) as file:
                    yield file
            else:
                yield raw
            raw.flush()
            os.fsync(raw.fileno())
            part.replace(name)
        except OSError as error:
            raise click.ClickException(f"can't write {part}: {error.strerror}") from None
