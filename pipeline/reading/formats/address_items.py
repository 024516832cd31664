"""Addresses as people paste them from a mail program: ``Ana <ana@example.com>, bia@example.com; "Souza, Caio" <c@example.com>``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

#: One piece between separators: quoted text, an address in angle brackets, and anything else; a quotation mark or a bracket that
#: is not closed on its line is a character like others.
_PIECE: Final = re.compile(r'(?:"(?:[^"\\\r\n]|\\.)*"|<[^<>\r\n]*>|[^,;\r\n])+')
_NAMED: Final = re.compile(r"(?P<name>.*?)\s*<\s*(?:mailto:)?(?P<email>[^<>]*?)\s*>", re.IGNORECASE | re.DOTALL)
#: As people write in messages: ``Ana Souza - ana@example.com``, ``ana@example.com (Ana Souza)``, with a bullet or a number before it.
_ALONE: Final = re.compile(r"[^\s@<>()]+@[^\s@<>()]+")
_SEPARATED: Final = re.compile(r"(?:\s[-\u2013\u2014\u2022|=]|:|\s[-=]>)\s+\Z")
_SEPARATING: Final = re.compile(r"\s+[-\u2013\u2014\u2022|=]\s+(?=\S)|\s*\((?=[^()]+\)\Z)")
_LONGEST: Final = 500
_BULLET: Final = re.compile(r"^(?:[-*\u2022\u25aa\u00b7]|\d{1,4}[.)\u00ba\u00aa])\s+")
_HOST: Final = re.compile(r"[^\s@]+(?:\.[^\s@.]+)+")
_LABEL: Final = re.compile(r"\s*(?:to|cc|bcc|from|para|cco|de)\s*:\s*", re.IGNORECASE)
_BLANKS: Final = " \t\r\n\f\v\u00a0\u200b\ufeff"
_QUOTED: Final = re.compile(r"\\(.)")


class Item(NamedTuple):
    """One entry of a list: the name and the address, "" where there is none. ``is_named``: it has the form ``Ana <a@x>``.

    ``joined``: a comma in its name was not in quotation marks: ``Souza, Ana <a@x>``.
    """

    name: str
    email: str
    is_named: bool = False
    joined: bool = False


def items(line: str) -> Iterator[Item]:
    """Yield the entries of a line; blank ones, between two separators, are none."""
    waiting: list[str] = []
    end = _LABEL.match(line)
    at = end.end() if end else 0
    while at < len(line):
        match = _PIECE.match(line, at)
        piece, at = (match[0], match.end()) if match else ("", at)
        separator = line[at : at + 1]
        at += 1
        if not piece.strip(_BLANKS):
            continue
        if "@" not in piece and separator == "," and not _HOST.fullmatch(piece.strip(_BLANKS)):
            # It may be the beginning of a name with a comma; what looks like half an address is not.
            waiting.append(piece.strip(_BLANKS))
            continue
        item = item_of(", ".join([*waiting, piece.strip(_BLANKS)])) if waiting else None
        if item is not None and item.is_named and "@" in piece:
            yield item._replace(joined=True)
        else:
            yield from map(item_of, waiting)
            yield item_of(piece)
        waiting = []
    yield from map(item_of, waiting)


def item_of(piece: str) -> Item:
    """Take name and address apart; what has no address is a name alone."""
    piece = piece.strip(_BLANKS)
    named = _NAMED.fullmatch(piece)
    if named:
        return Item(_plain(named["name"]), named["email"], is_named=True)
    if (beside := _beside(_BULLET.sub("", piece))) is not None:
        return beside
    words = piece.split()
    addresses = [word for word in words if "@" in word]
    if len(addresses) == 1:
        address = addresses[0]
        name = " ".join(word for word in words if word is not address)
        return Item(_plain(name), re.sub(r"(?i)^mailto:", "", address.strip("()[]'\"")))
    return Item("", piece) if addresses else Item(_plain(piece), "")


def _beside(piece: str) -> Item | None:
    """Take a name and an address apart that stand beside each other with a dash, a colon or parentheses; None: they do not."""
    found = _ALONE.search(piece) if len(piece) <= _LONGEST else None
    if found is None or "@" in piece[: found.start()] + piece[found.end() :]:
        return None
    before, after = piece[: found.start()], piece[found.end() :]
    if (mark := _SEPARATED.search(before)) is not None and not after:
        name = before[: mark.start()]
    elif (mark := _SEPARATING.match(after)) is not None and not before:
        name = after[mark.end() :].removesuffix(")")
    else:
        return None
    return Item(_plain(name), found[0], is_named=True) if any(map(str.isalpha, name)) else None


def _plain(name: str) -> str:
    name = name.strip(_BLANKS)
    for mark in "\"'":
        if len(name) > 1 and name[0] == name[-1] == mark:
            name = _QUOTED.sub(r"\1", name[1:-1]).strip(_BLANKS)
    return name
