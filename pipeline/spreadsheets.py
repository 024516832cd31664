"""Cells that a spreadsheet would take for formulas, made harmless for its eyes and restored from it.

A program that opens a delimited file treats a cell that begins with ``= + - @`` (or their full-width forms) as a formula,
which may call other programs; tab and line breaks at the beginning are trimmed first (OWASP, "CSV Injection"). It may also
split at another delimiter than the writer's, so the same holds behind every delimiter inside a cell. An apostrophe in front
makes text of it, and is data that every reader keeps; so `unescaped` takes exactly that apostrophe away again.
"""

from __future__ import annotations

import re
from typing import Final

#: What begins a formula: ASCII, full-width and small forms, and the minus sign.
_BEGINS: Final = "=+\\-@\\uff1d\\uff0b\\uff0d\\uff20\\ufe66\\ufe62\\ufe63\\ufe6b\\u2212"
#: What may stand before it without changing that; an apostrophe too, or what begins with one could not be told apart.
_BEFORE: Final = "['\" \\u00a0\\u1680\\u2000-\\u200f\\u2028-\\u202f\\u205f\\u2060\\u3000\\ufeff]*"
_DANGER: Final = re.compile(f"(?:^(?={_BEFORE}[{_BEGINS}\\t\\r\\n])|(?<=[,;|\\t\\r\\n])(?={_BEFORE}[{_BEGINS}]))")
_ESCAPED: Final = re.compile(f"(?:^'(?={_BEFORE}[{_BEGINS}\\t\\r\\n])|(?<=[,;|\\t\\r\\n])'(?={_BEFORE}[{_BEGINS}]))")


def escaped(cell: str) -> str:
    """Return the cell with an apostrophe in front of whatever a spreadsheet could take for a formula."""
    return _DANGER.sub("'", cell)


def unescaped(cell: str) -> str:
    """Return the cell that `escaped` made this one of; any other cell comes back as it is, unless it reads like one."""
    return _ESCAPED.sub("", cell)
