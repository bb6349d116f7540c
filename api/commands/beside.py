"""Files made beside the name that they get once they are whole, by one command at a time."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import click

try:
    import fcntl
except ImportError:
    fcntl = None  # type: ignore[assignment] # not on Windows

PART = ".part"
NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL
OLD = os.O_WRONLY | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)


@contextmanager
def part_of(file: Path, mode: int = 0o666) -> Iterator[tuple[Path, IO[bytes]]]:
    """`FILE.part`, new and empty, and its path. It is gone afterwards, unless it was given another name.

    Raises:
        ClickException: it can't be made, or another command is making it.
    """
    part = Path(f"{file}{PART}")
    try:
        made = _made(part, mode)
    except OSError as error:
        raise click.ClickException(f"can't write {part}: {error.strerror}") from None
    with made:
        try:
            yield part, made
        finally:
            if _stands(made, part):
                part.unlink()


def _made(part: Path, mode: int) -> IO[bytes]:
    while True:
        try:
            made, is_new = os.fdopen(os.open(part, NEW, mode), "wb"), True
        except FileExistsError:
            made, is_new = os.fdopen(os.open(part, OLD), "ab"), False
        _lock(made, part)
        if not _stands(made, part):  # somebody took it for one that was left behind, and away
            made.close()
        elif is_new:
            return made
        else:
            part.unlink()
            made.close()


def _lock(made: IO[bytes], part: Path) -> None:
    try:
        if fcntl:
            fcntl.flock(made, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        made.close()
        raise click.ClickException(f"another command is writing {part}") from None


def _stands(made: IO[bytes], part: Path) -> bool:
    """Whether the file stands under the name."""
    try:
        return os.path.samestat(os.fstat(made.fileno()), part.lstat())
    except FileNotFoundError:
        return False
