"""Formats out: dossiers in, text out. A format is one module here that defines `FORMAT`.

Modules are found by looking into this package; nothing is registered by hand.
"""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from api.exports.dossier import Format


@cache
def formats() -> dict[str, Format]:
    """Every format by its name."""
    modules = (import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__))
    found = (module.FORMAT for module in modules if hasattr(module, "FORMAT"))
    return {format.name: format for format in sorted(found, key=lambda format: format.name)}
