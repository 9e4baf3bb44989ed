"""Topicast: a folder of front-matter records becomes RSS, Atom and JSON feeds, one set per topic.

The API is two functions, ``build`` and ``lint``; the commands are thin over them. See their
docstrings: ``help(topicast.build)``.
"""

from __future__ import annotations

TYPE_CHECKING = False  # as typing has it, which takes longer to import than a version to print
if TYPE_CHECKING:
    from topicast.recipe import build as build
    from topicast.survey import lint as lint

__version__ = "0.1.0"
__all__ = ["__version__", "build", "lint"]

_HOMES = {"build": "topicast.recipe", "lint": "topicast.survey"}


def __getattr__(name: str) -> object:
    # Late, so that ``topicast --version`` does not load what builds feeds.
    if name in _HOMES:
        import importlib

        function = getattr(importlib.import_module(_HOMES[name]), name)
        globals()[name] = function
        return function
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
