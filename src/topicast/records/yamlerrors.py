"""What PyYAML says of a text that it cannot read, as our words, a line, and what to do."""

from __future__ import annotations

import re

from yaml.error import MarkedYAMLError
from yaml.reader import ReaderError

from topicast.records.tree import TreeError, too_deep

_UNREADABLE = re.compile(r"[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_QUOTED = re.compile(r"""(character|found|handle) (?:'.*'|".*")""")  # the pure parser does
_REMEDIES = {
    "mapping values are not allowed in this context": 'put quotes around a value that holds ": "',
    "found a tab character that violates indentation": "indent with spaces, not tabs",
    "found character that cannot start any token": "indent with spaces, not tabs, and put quotes"
    " around a value that starts with one of @ ` %",
    "found unexpected end of stream": "close the quote or the bracket that was opened here",
    "could not find expected ':'": "write `key: value`, and indent what goes on with a value",
    "found unknown escape character": "write a backslash between double quotes as two",
}
_TOO_DEEP = "exceeded maximum nesting depth"  # libyaml has a limit of its own since PyYAML 6.0.4
_KNOWN_LATE = {"found unexpected end of stream", "could not find expected ':'"}
_LOOK_AROUND = "check quotes and indentation here and on the line above"


def syntax_error(text: str, above: int, error: Exception) -> TreeError:
    """``above`` is how many lines of the file are before ``text``."""
    bad = _UNREADABLE.search(text)
    if isinstance(error, ReaderError) and bad:
        line = text.count("\n", 0, bad.start()) + 1 + above
        return TreeError(line, "a control character", "take the character out")
    if not isinstance(error, MarkedYAMLError) or not error.problem:
        return TreeError(above + 1, "not readable as YAML", _LOOK_AROUND)
    problem = _QUOTED.sub(r"\1", error.problem)
    mark = error.problem_mark or error.context_mark
    if mark and error.context_mark and (problem in _KNOWN_LATE or not text[mark.index :].strip()):
        mark = error.context_mark  # where the quote was opened, not the end of the file
    last = text.rstrip().count("\n")
    line = above + 1 + (min(mark.line, last) if mark else 0)
    if problem == _TOO_DEEP:
        return too_deep(line)
    return TreeError(line, f"not readable as YAML: {problem}", _REMEDIES.get(problem, _LOOK_AROUND))
