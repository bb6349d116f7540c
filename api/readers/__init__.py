"""Formats in: other tools' files in, dossiers out. A format is one module here that defines `READER`.

Modules are found by looking into this package; nothing is registered by hand.
"""

from functools import cache
from importlib import import_module
from pathlib import PurePath
from pkgutil import iter_modules

from api.readers.reader import Reader

ENDINGS = {
    ".json": "application/json",
    ".jsonl": "application/x-ndjson",
    ".ndjson": "application/x-ndjson",
    ".jsonld": "application/ld+json",
    ".zip": "application/zip",
    ".csv": "text/csv",
    ".tsv": "text/csv",
    ".txt": "text/plain",
}
"""Media types by the endings of files' names."""


@cache
def readers() -> dict[str, Reader]:
    """Every reader by the name of its format."""
    modules = (import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__))
    found = (module.READER for module in modules if hasattr(module, "READER"))
    return {reader.name: reader for reader in sorted(found, key=lambda reader: reader.name)}


def media_type(reader: Reader, name: str) -> str:
    """What a file of that name is to the reader; what it is most often, if the name does not say it.

    >>> media_type(readers()["doccano"], "all.JSON"), media_type(readers()["doccano"], "-")
    ('application/json', 'application/x-ndjson')
    """
    found = ENDINGS.get(PurePath(name.lower()).suffix)
    return found if found in reader.media_types else reader.media_types[0]
