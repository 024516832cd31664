"""Quotation marks that break the rules: the cheapest reading that gives a record the width of its file.

A line is split at every delimiter, and neighbouring pieces are joined to cells where a quotation mark opens. Every cell
has a price: nothing where the rules hold, little for a stray mark inside of quoted text, much for a mark without its
counterpart. Of all ways to join the pieces to as many cells as there are columns the cheapest is taken, provided that it
is the only one at its price and has at most one mark without counterpart.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

#: The prices of a cell.
INNER: Final = 1  # a stray mark inside of text that is quoted on both sides
HALF: Final = 10  # a mark at one side only

#: Bounds the work on one line: pieces times the square of how many of them must be joined.
_WORK: Final = 10_000

# Possessive throughout: what one part has taken, no other part could use, and hostile text costs no more than other text.
_ATOM: Final = r"""[^\s@<>"(),:;|]++@[^\s@<>"'(),:;|.]++(?:\.++[^\s@<>"'(),:;|.]++)++"""
#: A cell that holds an address, alone, behind a name (Ana <ana@example.com>), or with others.
_ADDRESSES: Final = re.compile(rf"(?:[^<>@]*+<)?(?:mailto:)?{_ATOM}>?+(?:[\s,;|/:]++{_ATOM})*+[\s.,;>]*+")
_LONGEST: Final = 1000


def holds_address(cell: str) -> bool:
    """Say whether a cell looks like one or several addresses and nothing else, quotation marks around it aside."""
    return "@" in cell and len(cell) <= _LONGEST and _ADDRESSES.fullmatch(cell.strip(" \t\xa0\ufeff\"'")) is not None


@dataclasses.dataclass(frozen=True)
class Shape:
    """What the records of a file have in common: how many cells, where addresses stand.

    ``widths`` are all that are ordinary, none if that is unknown; ``emails`` are positions from 0.
    """

    widths: frozenset[int] = frozenset()
    emails: tuple[int, ...] = ()

    @property
    def widest(self) -> int:
        """Return how many cells a record can have; 0: unknown."""
        return max(self.widths, default=0)

    def has_address(self, cells: Sequence[str]) -> bool:
        """Say whether an address stands where addresses belong; anywhere if that is unknown."""
        if not self.emails:
            return any(map(holds_address, cells))
        return any(at < len(cells) and holds_address(cells[at]) for at in self.emails)

    def is_whole(self, cells: Sequence[str]) -> bool:
        """Say whether these are surely the cells of a record."""
        return len(cells) in self.widths and self.has_address(cells)


class Mended(NamedTuple):
    """A reading of a record; price 0: it breaks no rule."""

    cells: list[str]
    price: int


class _Cell(NamedTuple):
    value: str
    price: int


class _Path(NamedTuple):
    """The cheapest way to read all pieces up to some place; ``unique``: no other has its price."""

    price: int
    unique: bool
    before: _Path | None
    value: str

    def cells(self) -> list[str]:
        values: list[str] = []
        path = self
        while path.before is not None:
            values.append(path.value)
            path = path.before
        return values[::-1]


def pieces_of(text: str, delimiter: str) -> list[str]:
    """Split a line at every delimiter, quoted or not; a blank one is no piece."""
    bare = text.rstrip("\r\n")
    if not bare:
        return []
    # Of a run of spaces each is part of one delimiter.
    return [piece for piece in bare.split(" ") if piece] if delimiter == " " else bare.split(delimiter)


def mend(text: str, delimiter: str, quotechar: str, widths: Iterable[int]) -> Mended | None:
    """Read the text of one record, of one line or several, in one of these widths; None: no reading is the one that fits.

    Of two widths at one price the larger one wins: it takes fewer delimiters for text.
    """
    pieces = pieces_of(text, delimiter)
    pricing = _Pricing(pieces, delimiter, quotechar)
    best: _Path | None = None
    for width in sorted(widths, reverse=True):
        surplus = len(pieces) - width
        if surplus < 0 or len(pieces) * surplus * surplus > _WORK:
            continue
        path = _cheapest(pricing, surplus)
        if path is not None and (best is None or path.price < best.price):
            best = path
    return Mended(best.cells(), best.price) if best and best.unique and best.price < 2 * HALF else None


def _cheapest(pricing: _Pricing, surplus: int) -> _Path | None:
    """Return the cheapest way to join the pieces to ``surplus`` cells fewer than there are pieces."""
    count = len(pricing.pieces)
    # By place, then by how many pieces more than cells there were up to it.
    paths: list[dict[int, _Path]] = [{} for _ in range(count + 1)]
    paths[0][0] = _Path(0, unique=True, before=None, value="")
    for at in range(count):
        longest = surplus + 1 if pricing.opens[at] else 1
        for length in range(1, min(longest, count - at) + 1):
            cell = pricing.cell(at, at + length)
            if cell is None:
                continue
            for joined, path in paths[at].items():
                merged = joined + length - 1
                if merged <= surplus:
                    _offer(paths[at + length], merged, path, cell)
    return paths[count].get(surplus)


def _offer(paths: dict[int, _Path], merged: int, before: _Path, cell: _Cell) -> None:
    price = before.price + cell.price
    known = paths.get(merged)
    if known is None or price < known.price:
        paths[merged] = _Path(price, before.unique, before, cell.value)
    elif price == known.price:
        paths[merged] = known._replace(unique=False)


class _Pricing:
    """The pieces of one record, and what it costs to take some of them for a cell."""

    def __init__(self, pieces: list[str], delimiter: str, quotechar: str) -> None:
        self.pieces = pieces
        self._delimiter = delimiter
        self._quote = quotechar
        self._inches = re.compile(rf"(?<=\d){re.escape(quotechar)}(?!{re.escape(quotechar)})")
        self._blanks = " \t".replace(delimiter, "")
        self._bare = [piece.strip(self._blanks) for piece in pieces]
        self.opens = [piece.startswith(quotechar) for piece in self._bare]

    def cell(self, start: int, end: int) -> _Cell | None:
        """Return the cell that the pieces ``start:end`` make; None: they cannot be one."""
        if not self.opens[start]:
            return self._unquoted(start)
        text = self._delimiter.join(self.pieces[start:end]).strip(self._blanks)
        inner = text[1:-1]
        if len(text) < 2 or not text.endswith(self._quote):  # noqa: PLR2004 (two marks are the least that quote)
            return self._unclosed(text, several=end - start > 1)
        if self._quote not in inner.replace(self._quote * 2, ""):
            return _Cell(inner.replace(self._quote * 2, self._quote), 0)
        if self._quote + self._delimiter + self._quote in inner:  # two cells, beyond doubt
            return None
        if self._delimiter + self._quote in inner and ("\n" in inner or "\r" in inner):  # two records
            return None
        return _Cell(inner.replace(self._quote * 2, self._quote), INNER)

    def _unquoted(self, at: int) -> _Cell | None:
        piece = self.pieces[at]
        if "\n" in piece or "\r" in piece:
            return None
        bare = self._bare[at]
        count = bare.count(self._quote)
        if count % 2 == 0:
            return _Cell(piece, 0)
        is_inches = len(self._inches.findall(bare)) == count
        if is_inches and not any(self.opens):
            return _Cell(piece, 0)
        others = (opens for other, opens in enumerate(self.opens) if other != at and self._bare[other])
        if is_inches and not all(others):
            return _Cell(piece, INNER)
        if not bare.endswith(self._quote) or not any(self.opens):
            return _Cell(piece, HALF)
        return _Cell(bare[:-1].replace(self._quote * 2, self._quote), HALF)

    def _unclosed(self, text: str, *, several: bool) -> _Cell | None:
        if "\n" in text or "\r" in text or (several and self._quote in text[1:]):
            return None
        if text.count(self._quote) % 2 == 0 and not several:  # "Ana" Silva
            return _Cell(text, HALF)
        return _Cell(text[1:], HALF)
