"""What the cells of a column look like, whatever the column is called: addresses, names, figures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from pipeline.addresses import BLANKS

#: The outline of an address. Whether it really is one is judged row by row; here it says only what a column is for.
_ADDRESS: Final = re.compile(r"[^\s@<>()\[\]\"',;:|/]+@[^\s@<>()\[\]\"',;:|/.]+(?:\.[^\s@<>()\[\]\"',;:|/.]+)+")
_NAMED: Final = re.compile(r"<\s*[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+\s*>\W*$")
_SEPARATORS: Final = re.compile(r"(?:[\s,;|/]|:::)+")
_MAX_CELL: Final = 1_000
_NAME: Final = re.compile(r"[^\W\d_][\w'\u2019.\- ]{0,98}[\w.]")


def is_blank(cells: Iterable[str]) -> bool:
    """Say whether nothing in a record can be seen."""
    return not "".join(cells).strip(BLANKS)


def holds_address(cell: str) -> bool:
    """Say whether a cell is an address, or several, or ``Ana <ana@example.com>``; not a text in which one occurs."""
    if "@" not in cell or len(cell) > _MAX_CELL:
        return False
    text = cell.strip(BLANKS).removeprefix("mailto:").strip(BLANKS + "\"'<>()[].;,")
    pieces = [piece for piece in _SEPARATORS.split(text) if piece]
    return all(map(_ADDRESS.fullmatch, pieces)) or _NAMED.search(cell) is not None


def mentions_address(cell: str) -> bool:
    """Say whether an address occurs in a cell."""
    return "@" in cell and _ADDRESS.search(cell[:_MAX_CELL]) is not None


def looks_like_name(cell: str) -> bool:
    """Say whether a cell could be a person's name: words of letters, no digit."""
    text = cell.strip(BLANKS)
    return _NAME.fullmatch(text) is not None and not any(map(str.isdigit, text))


def is_figure(cell: str) -> bool:
    """Say whether a cell is a number, a date, a phone: at least half of it are digits."""
    text = cell.strip(BLANKS)
    return bool(text) and 2 * sum(map(str.isdigit, text)) >= len(text)


@dataclass(frozen=True)
class Content:
    """What stands in a column of the sampled records: how many cells have content, addresses, likely names."""

    filled: int
    addresses: int
    names: int
    words: int  # of cells that look like names, in all
    distinct: int

    @property
    def share(self) -> float:
        """Return the part of the filled cells that are addresses, from 0 to 1."""
        return self.addresses / self.filled if self.filled else 0.0


def cells_of(records: Iterable[Sequence[str]], at: int) -> list[str]:
    """Return the cells with content of the column at a position, from 0; records may be too short."""
    return [cell for record in records if at < len(record) and (cell := record[at].strip(BLANKS))]


def content_of(records: Iterable[Sequence[str]], at: int) -> Content:
    """Look at the column at a position, from 0."""
    cells = cells_of(records, at)
    names = [cell for cell in cells if looks_like_name(cell)]
    return Content(
        len(cells), sum(map(holds_address, cells)), len(names), sum(len(n.split()) for n in names), len(set(cells))
    )
