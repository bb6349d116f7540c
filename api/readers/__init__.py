"""Formats in: other tools' files in, dossiers out. A format is one module here that defines `READER`.

Modules are found by looking into this package; nothing is registered by hand.
"""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from api.readers.reader import Reader


@cache
def readers() -> dict[str, Reader]:
    """Every reader by the name of its format."""
    modules = (import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__))
    found = (module.READER for module in modules if hasattr(module, "READER"))
    return {reader.name: reader for reader in sorted(found, key=lambda reader: reader.name)}
