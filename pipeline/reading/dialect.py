"""From text to records: which delimiter a file uses, decided by how well its first records fit together."""

from __future__ import annotations

import csv
import io
from typing import Final, NamedTuple

from pipeline.reading.header import is_address, names_email
from pipeline.reading.records import is_blank

#: Delimiters in order of preference where nothing tells them apart (a file of one column).
DELIMITERS: Final = (",", ";", "\t")
QUOTECHAR: Final = '"'

#: Records that are compared, and those in which addresses are looked for.
_COMPARED: Final = 100
_SEARCHED: Final = 10


class Dialect(NamedTuple):
    """A delimiter, and the sample's records under it that are not blank, each with its row number from 1."""

    delimiter: str
    records: list[tuple[int, list[str]]]

    @property
    def consistency(self) -> float:
        """Return the share (0 to 1) of the records that are as wide as the first."""
        widths = [_width(cells) for _, cells in self.records]
        return sum(width == widths[0] for width in widths) / len(widths)


def dialect_of(text: str) -> Dialect:
    """Choose the delimiter of a sample, in which something must stand besides delimiters and quotes.

    A header that names an e-mail address tells most, then cells that are addresses, then that the records are as wide
    as the first.
    """
    return max((Dialect(delimiter, _records(text, delimiter)) for delimiter in DELIMITERS), key=_fitness)


def _records(text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    records: list[tuple[int, list[str]]] = []
    for row_number, cells in enumerate(
        csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quotechar=QUOTECHAR), 1
    ):
        if len(records) == _COMPARED:
            return records
        if not is_blank(cells):
            records.append((row_number, cells))
    if len(records) > 1 and not text.endswith(("\r", "\n")):
        records.pop()  # the sample may end in the middle of it
    return records


def _width(cells: list[str]) -> int:
    """Return the number of cells without the empty ones at the end, which programs add and leave out as they like."""
    return max((at for at, cell in enumerate(cells, 1) if cell.strip()), default=0)


def _fitness(dialect: Dialect) -> tuple[bool, bool, bool, float, int]:
    first = dialect.records[0][1]
    return (
        any(map(names_email, first)),
        any(is_address(cell) for _, cells in dialect.records[:_SEARCHED] for cell in cells),
        len(first) > 1 and 2 * dialect.consistency > 1,
        dialect.consistency,
        len(first),
    )
