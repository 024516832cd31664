"""Addresses as people paste them from a mail program: ``Ana <ana@example.com>, bia@example.com; "Souza, Caio" <c@example.com>``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.errors import HeaderParseError
from email.header import decode_header, make_header
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
_LONGEST_NAME: Final = 80
#: The end of a sentence: two letters at least before the mark, which initials have not.
_SENTENCE: Final = re.compile(r"\w\w[.!?]\s|[!?]")
_BULLET: Final = re.compile(r"^(?:[-*\u2022\u25aa\u00b7]|\d{1,4}[.)\u00ba\u00aa])\s+")
_HOST: Final = re.compile(r"[^\s@]+(?:\.[^\s@.]+)+")
_LABEL: Final = re.compile(r"\s*(?:to|cc|bcc|from|para|cco|de)\s*:\s*", re.IGNORECASE)
#: What a group of addresses is called (RFC 5322 3.4): ``Amigos: ana@example.com, bia@example.com;``.
_GROUP: Final = re.compile(r"\s*[^@<>\",;:]{1,80}:\s+(?=[^,;]*@[^,;]*[,;])")
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
    end = _LABEL.match(line) or (_GROUP.match(line) if line.count("@") > 1 else None)
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
        name = _plain(named["name"])
        return Item("" if name == named["email"] else name, named["email"], is_named=True)
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
    is_name = any(map(str.isalpha, name)) and len(name) <= _LONGEST_NAME and not _SENTENCE.search(name)
    return Item(_plain(name), found[0], is_named=True) if is_name else None


def _plain(name: str) -> str:
    name = name.strip(_BLANKS)
    for mark in "\"'":
        if len(name) > 1 and name[0] == name[-1] == mark:
            name = _QUOTED.sub(r"\1", name[1:-1]).strip(_BLANKS)
    return _decoded(name) if "=?" in name else name


def _decoded(name: str) -> str:
    """Return a name of encoded words (RFC 2047) as it is meant."""
    try:
        return str(make_header(decode_header(name)))
    except (ValueError, LookupError, HeaderParseError):
        return name
