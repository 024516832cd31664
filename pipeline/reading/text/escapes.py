r"""Backslash escapes, as MySQL writes them: hidden while a text is taken apart, and put back into its cells.

A backslash counts only where it stands before a quotation mark, the delimiter, a line end or another backslash; any
other (``\N``, ``C:\lists``) is a character like all others.
"""

from __future__ import annotations

import re
from typing import Final

#: Lone surrogates below U+DC00 stand for what was escaped: no decoded text has them.
_FIRST: Final = 0xD800
_HIDDEN: Final = re.compile("[\ud800-\ud806]")
_OPEN_END: Final = re.compile(r"(?<!\\)(?:\\\\)*\\(?:\r\n|\n|\r)\Z")


class Escapes:
    """The escapes of one dialect."""

    def __init__(self, escapechar: str, delimiter: str, quotechar: str) -> None:
        self._meant = tuple(dict.fromkeys((escapechar, quotechar, delimiter, "\n", "\r", '"', "'")))
        self._stands = {text: chr(_FIRST + at) for at, text in enumerate(self._meant)}
        escape = re.escape(escapechar)
        self._escaped = re.compile(f"{escape}(\r\n|[{''.join(map(re.escape, self._meant))}])")

    def hide(self, text: str) -> str:
        """Return ``text`` with every escaped character replaced by one that means nothing to a dialect."""
        return self._escaped.sub(lambda found: "".join(map(self._stands.__getitem__, found[1])), text)

    def show(self, cell: str) -> str:
        """Return the cell of a hidden text as it was meant."""
        return _HIDDEN.sub(lambda found: self._meant[ord(found[0]) - _FIRST], cell)


def ends_escaped(text: str) -> bool:
    """Say whether the line end that ``text`` ends with is escaped, so that the record goes on."""
    return _OPEN_END.search(text[-64:]) is not None
