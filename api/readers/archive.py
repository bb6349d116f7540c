"""Zip archives as others send them: read from a file on disk, nothing extracted, nothing believed.

The directory of a zip stands at its end, so that the whole has to be there first. Sizes that it names are not relied
upon: what is inflated is counted.
"""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from struct import Struct
from tempfile import TemporaryFile
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from api.errors import Fault, Invalid, Malformed
from api.text.pieces import BOMB_FLOOR, BOMB_RATIO, Pieces

ENCRYPTED = 1
END, END_64 = Struct("<4s4H2LH"), Struct("<4sQ2H2L4Q")
LOCATOR_64 = 20
TAIL = END.size + 0xFFFF + LOCATOR_64 + END_64.size
"""Where the end of the directory stands: before a comment of any length."""
LARGEST_DIRECTORY = 16 * 1024**2
"""Of 90,000 texts with their annotations, if their names are ids."""


class Archive:
    """The files of an archive by name, in its order, each with its number there, from 1."""

    def __init__(self, zip: ZipFile, size: int, longest: int):
        self._zip, self._size, self._longest = zip, size, longest
        self._inflated = 0
        self.files: dict[str, tuple[int, ZipInfo]] = {}
        self.repeated: list[tuple[int, ZipInfo]] = []
        for number, info in enumerate(zip.infolist(), 1):
            if not info.filename.endswith("/") and not _of_the_system(info.filename):
                if info.filename in self.files:
                    self.repeated.append((number, info))
                else:
                    self.files[info.filename] = number, info

    def text(self, name: str) -> str:
        """The file, which has to be UTF-8.

        Raises:
            Invalid: it can't be read, or is too long.
            Malformed: the archive swells beyond all measure.
        """
        _, info = self.files[name]
        content = self._content(info)
        self._inflated += len(content)
        if self._inflated > BOMB_FLOOR and self._inflated > BOMB_RATIO * self._size:
            raise Malformed(f"Expected at most {BOMB_RATIO} bytes from one of the archive, found more.")
        if len(content) > self._longest:
            raise _refused("line_too_long", f"Expected {name} to have at most {self._longest} bytes, found more.")
        try:
            return content.decode()
        except UnicodeDecodeError as error:
            raise _refused("malformed", f"Expected UTF-8 in {name}, found something else at {error.start}.") from None

    def _content(self, info: ZipInfo) -> bytes:
        if info.flag_bits & ENCRYPTED:
            raise _refused("encrypted", f"{info.filename} is encrypted.")
        if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise _refused("unsupported", f"{info.filename} is compressed in a way other than deflate.")
        try:
            with self._zip.open(info) as file:
                return file.read(self._longest + 1)
        except (BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError) as error:
            raise _refused("malformed", f"{info.filename} can't be read: {error}.") from None


@contextmanager
def opened(pieces: Pieces, longest: int) -> Iterator[Archive]:
    """The archive that the pieces make, put by on disk. `longest`: most bytes of one of its files.

    Raises:
        Malformed: it is none.
    """
    with TemporaryFile() as file:
        file.writelines(pieces)
        size = file.tell()
        _check_directory(file, size)
        try:
            zip = ZipFile(file)
        except (BadZipFile, NotImplementedError, OSError, ValueError) as error:
            raise Malformed(f"Expected a zip archive, found something else: {error}.") from None
        with zip:
            yield Archive(zip, size, longest)


def _check_directory(file: IO[bytes], size: int) -> None:
    """Raises: Malformed: the directory is none, or is larger than should be held in memory."""
    file.seek(max(0, size - TAIL))
    tail = file.read()
    at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) - at < END.size:
        raise Malformed("Expected a zip archive, found none, or one that is cut off.")
    sizes = [END.unpack_from(tail, at)[5]]
    before = at - LOCATOR_64 - END_64.size
    if before >= 0 and tail.startswith(b"PK\6\6", before):
        sizes.append(END_64.unpack_from(tail, before)[8])
    elif sizes == [0xFFFFFFFF]:  # it may stand elsewhere, where zipfile would find it
        raise Malformed("Expected a zip archive, found one whose directory is not told in the usual place.")
    if any(LARGEST_DIRECTORY < found < 0xFFFFFFFF or found > 0xFFFFFFFF for found in sizes):
        raise Malformed(f"Expected a zip archive with a directory of at most {LARGEST_DIRECTORY} bytes.")


def _of_the_system(name: str) -> bool:
    """Whether it is what desktops put in unasked."""
    return name.startswith("__MACOSX/") or name.rpartition("/")[2].startswith(".")


def _refused(code: str, detail: str) -> Invalid:
    return Invalid(Fault("", code, detail))
