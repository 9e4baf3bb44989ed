"""Topicast: a folder of front-matter records becomes RSS, Atom and JSON feeds, one set per topic."""

__version__ = "0.1.0"
