"""A cell with more in it than one address: the pieces that may be one, with the names that stand beside them.

Nothing is judged here. A piece is cut out only where what is left has no share in an address: of ``ana silva@example.com``
nobody can say that it is ``silva@example.com``.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

#: Longest cell that is taken apart, in characters.
_LONGEST: Final = 10_000

_ANGLED: Final = re.compile(r"<([^<>]*@[^<>]*)>")
#: What only stands between addresses; one typing error does not bring it about inside of one.
_BREAK: Final = re.compile(r"[;\uff1b]\s+|[\r\n]+|:::")
#: What stands between addresses, or got into one by mistake.
_GAP: Final = re.compile(r"[\s;,\uff1b\uff0c\u3001]+")
#: Likewise, but legal before an @ (RFC 5322 3.2.3).
_BAR: Final = re.compile(r"[/|]+")
_CONNECTORS: Final = frozenset(
    ["/", "|", "\\", "&", "+", "-", "\u2013", "\u2014", "•", "·", "e", "ou", "y", "o", "and", "or"]
)
_AROUND_NAME: Final = " \t\r\n;,|/&\uff1b\uff0c\u3001-\u2013\u2014•·"
_CONNECTOR_BEFORE_NAME: Final = re.compile(r"(?:e|ou|y|o|and|or)\s+", re.IGNORECASE)
_QUOTED_NAME: Final = re.compile(r'"((?:[^"\\]|\\.)*)"$')
_LAST_BREAK: Final = re.compile(r".*[;,|\n\uff1b\uff0c\u3001]", re.DOTALL)
_LABEL: Final = re.compile(r"(?:^|(?<=[\s;,]))(?:mailto|e-?mails?)\s*:\s*", re.IGNORECASE)
_QUERY: Final = re.compile(r"(mailto:[^\s?]*)\?\S*", re.IGNORECASE)
_PAIRS: Final = dict(zip("\"'\u201c\u2018\u00ab([{`", "\"'\u201d\u2019\u00bb)]}`", strict=True))


class Piece(NamedTuple):
    """A text that is an address or wants to be one, and the name beside it."""

    text: str
    name: str | None = None


def pieces(text: str) -> list[Piece]:
    """Return what of a trimmed cell may be addresses, in its order; empty: it cannot be taken apart."""
    if "@" not in text or len(text) > _LONGEST:
        return []
    text = _QUERY.sub(r"\1", text)
    return _angled(text) if "<" in text else _listed(text)


def _angled(text: str) -> list[Piece]:
    """Take mailboxes apart as message headers have them (RFC 5322 3.4), though names need no quotation marks."""
    outside = _ANGLED.sub("", text)
    if "<" in outside or ">" in outside:
        return []
    found: list[Piece] = []
    at = 0
    for mailbox in _ANGLED.finditer(text):
        before = text[at : mailbox.start()].strip(_AROUND_NAME)
        if at:
            before = _CONNECTOR_BEFORE_NAME.sub("", before, count=1) if _CONNECTOR_BEFORE_NAME.match(before) else before
        at = mailbox.end()
        head, name = _name_after(before)
        found += _listed_or_whole(head)
        inside = _listed_or_whole(mailbox[1])
        found.append(Piece(inside[0].text, None if "@" in name else name or None))
        found += inside[1:]
        found += _listed_or_whole(name)  # an address in place of a name; as a rule the same
    return found + _listed_or_whole(text[at:])


def _name_after(before: str) -> tuple[str, str]:
    """Split what stands before an angle bracket into a list of addresses, or nothing, and the name."""
    if quoted := _QUOTED_NAME.search(before):
        return before[: quoted.start()], re.sub(r"\\(.)", r"\1", quoted[1]).strip()
    if "@" in before and (last := _LAST_BREAK.match(before)):
        return before[: last.end()], before[last.end() :].strip()
    return "", _unwrapped(before)


def _listed_or_whole(text: str) -> list[Piece]:
    return _listed(text) or ([Piece(text)] if "@" in text else [])


def _listed(text: str) -> list[Piece]:
    """Take a list without angle brackets apart; empty: one of its parts has nothing of an address."""
    found: list[Piece] = []
    for part in _BREAK.split(_unwrapped(text.strip())):
        if not _GAP.sub("", part):
            continue
        if "@" not in part:
            return []
        found += map(Piece, _parted(_LABEL.sub("", part).strip()))
    return found


def _parted(part: str) -> list[str]:
    tokens = [_unwrapped(token) for token in _GAP.split(part) if token]
    kept: list[str] = []
    for at, token in enumerate(tokens):
        is_between = 0 < at < len(tokens) - 1 and "@" in tokens[at - 1] and "@" in tokens[at + 1]
        if not (is_between and token.lower() in _CONNECTORS):
            kept += _unbarred(token)
    return kept if all("@" in token for token in kept) else [part]


def _unbarred(token: str) -> list[str]:
    if token.count("@") < 2:  # noqa: PLR2004 (a bar may belong to the only address that there is)
        return [token]
    parts = _BAR.split(token)
    return parts if all("@" in part for part in parts) else [token]


def _unwrapped(text: str) -> str:
    while len(text) > 1 and _PAIRS.get(text[0]) == text[-1] and not {text[0], text[-1]} & set(text[1:-1]):
        text = text[1:-1].strip()
    return text
