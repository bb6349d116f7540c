"""Plain texts: a file that is one, or a zip of them."""

from collections.abc import Iterator

from api.errors import Fault, Invalid
from api.readers.archive import opened
from api.readers.reader import Reader, Record, Terms, too_long
from api.text.pieces import Pieces

ZIP = "application/zip"


def read(pieces: Pieces, terms: Terms) -> Iterator[Record]:
    yield from _archived(pieces, terms) if terms.media_type == ZIP else _single(pieces, terms)


def _single(pieces: Pieces, terms: Terms) -> Iterator[Record]:
    held, whole = bytearray(), True
    for piece in pieces:
        whole = whole and len(held) + len(piece) <= terms.longest
        held += piece if whole else b""
    if not whole:
        yield too_long(1, terms)
        return
    try:
        yield Record(1, len(held), {"article": {"text": held.decode()}, "claims": []})
    except UnicodeDecodeError as error:
        fault = Fault("", "malformed", f"Expected UTF-8, found something else at byte {error.start}.")
        yield Record(1, len(held), faults=(fault,))


def _archived(pieces: Pieces, terms: Terms) -> Iterator[Record]:
    with opened(pieces, terms.longest) as archive:
        for name, (number, info) in archive.files.items():
            try:
                if not name.endswith(".txt"):
                    raise Invalid(Fault("", "unexpected_file", f"Expected texts (.txt), found {name}."))
                article = {"external_id": name.removesuffix(".txt"), "text": archive.text(name)}
                yield Record(number, info.file_size, {"article": article, "claims": []})
            except Invalid as error:
                yield Record(number, 0, faults=error.faults)
        for number, info in archive.repeated:
            fault = Fault("", "repeated", f"The archive has {info.filename} twice.")
            yield Record(number, 0, faults=(fault,))


READER = Reader(
    "text",
    ("text/plain", ZIP),
    "Plain text: one article, known again by its text; or a zip of texts, named by their files.",
    "Nothing.",
    read,
)
