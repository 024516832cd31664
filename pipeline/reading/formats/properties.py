"""The properties of a vCard: its folded and encoded lines become names, parameters and plain values.

Source: vCard 2.1 (versit), RFC 2426 (3.0), RFC 6350 (4.0); files follow them loosely, and often two of them at once.
"""

from __future__ import annotations

import quopri
import re
from typing import Final, NamedTuple

from vobject import base

#: Properties whose values are bytes, not text; they may be of any length.
BINARY: Final = frozenset({"PHOTO", "LOGO", "SOUND", "KEY"})

_UNORDERED: Final = 101  # behind every PREF of vCard 4.0, which goes from 1 to 100
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_LINE_BREAKS: Final = {"n": "\n", "N": "\n"}
#: A separator that no backslash escapes.
_UNESCAPED: Final = {";": re.compile(r"(?<!\\)(?:\\\\)*;"), ",": re.compile(r"(?<!\\)(?:\\\\)*,")}


class Property(NamedTuple):
    """One line of a card: its name in capitals, how much it is preferred (less is more), and its value, still escaped."""

    name: str
    order: int
    types: frozenset[str]
    raw: str

    @property
    def text(self) -> str:
        """Return the value as text."""
        return unescaped(self.raw).strip()

    def parts(self, separator: str) -> list[str]:
        """Return the parts of a value with several, as text."""
        return [unescaped(part).strip() for part in split(self.raw, separator)]


def property_of(line: str) -> Property:
    """Read an unfolded line. Raises ValueError for what is no line of a card."""
    try:
        name, params, value, _ = base.parseLine(line)
    except base.ParseError as error:
        raise ValueError(line) from error
    words = {param[0].upper(): [word for part in param[1:] for word in part.split(",")] for param in params}
    for param in params:  # a parameter may come more than once: TYPE=home;TYPE=pref
        if len(param) > 1 and param[0].upper() == "TYPE":
            words["TYPE"] = [*words["TYPE"], *param[1].split(",")]
    bare = {param[0].upper() for param in params if len(param) == 1}  # vCard 2.1: TEL;CELL;PREF
    types = frozenset(bare | {word.upper() for word in words.get("TYPE", [])})
    encodings = bare | {word.upper() for word in words.get("ENCODING", [])}
    if "QUOTED-PRINTABLE" in encodings:
        value = _unquoted(value, (words.get("CHARSET") or ["utf-8"])[0])
    preference = "".join(words.get("PREF", []))
    order = int(preference) if preference.isascii() and preference.isdigit() else 1 if "PREF" in types else _UNORDERED
    return Property(name.upper(), order, types, value)


def is_quoted_printable(line: str) -> bool:
    """Say whether a line's value is quoted-printable, where "=" at the end of a line joins it to the next."""
    return "QUOTED-PRINTABLE" in line.partition(":")[0].upper()


def unescaped(value: str) -> str:
    r"""Take the backslashes out of a value: ``\,`` is a comma, ``\n`` a line break."""
    return _ESCAPED.sub(lambda match: _LINE_BREAKS.get(match[1], match[1]), value) if "\\" in value else value


def split(value: str, separator: str) -> list[str]:
    """Split a value where no backslash stands before the separator."""
    parts, start = [], 0
    for match in _UNESCAPED[separator].finditer(value):
        parts.append(value[start : match.end() - 1])
        start = match.end()
    return [*parts, value[start:]]


def _unquoted(value: str, charset: str) -> str:
    raw = quopri.decodestring(value.encode("utf-8", "surrogateescape"))
    try:
        return raw.decode(charset, "surrogateescape")
    except (LookupError, UnicodeError):
        return raw.decode("utf-8", "surrogateescape")
