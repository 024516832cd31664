"""How much the records of a sample look like a table of contacts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

from pipeline.problems import RowProblem
from pipeline.reading.flaws import FlawedRecord
from pipeline.reading.text.quotes import holds_address
from pipeline.reading.text.records import shape_of

#: A cell that names the column of addresses.
_NAMES_EMAIL: Final = re.compile(
    r"""["'*\s]*(?:[^\s;,|]+ ){0,3}(?:e-?mails?|correos?)(?: [^\s;,|]+){0,3}["'*\s]*""", re.IGNORECASE
)
#: Longest cell that is looked at as a name of a column or a value.
_LONGEST: Final = 200

#: A value with structure: a number, a phone, a document, a day, a time, an address on the Web.
_VALUE: Final = re.compile(
    r"[-+(]?[\d(][\d\s().,/+-]*%?"  # 1.234,56  +55 (11) 98765-4321  123.456.789-09  12/03/2026
    r"|\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?[\d.,]*(?:Z|\s?[+-]\d\d:?\d\d)?"
    r"|\d\d?[/.-]\d\d?[/.-]\d{2,4} \d\d?:\d\d(?::\d\d)?"
    r"|\d\d?:\d\d(?::\d\d)?"
    r"|https?://\S+"
)
#: Delimiters of tables; in the text of a cell they are rare unless a space follows, as it does in sentences.
_INSIDE: Final = re.compile(r"[;\t|]|,(?! )|;(?= )")


#: A quotation mark that is part of a cell's text at one of its ends is rather one that was not understood.
_MARKS: Final = "\"'"
_ENDS: Final = ",;|:"


class Worth(NamedTuple):
    """What speaks for a dialect: all between 0 and 1 but the width."""

    width: int  # cells of most records
    regularity: float  # share of the records, from the first of that width on, that have it
    addresses: float  # share of these with an address in one and the same column, or half for a name of such a column
    values: float  # share of their cells that look like one value
    coverage: float = 0.0  # share of the sample that is the table, and not what stands above it

    @property
    def total(self) -> float:
        """Return all of it as one figure."""
        return self.coverage * self.regularity * (0.05 + self.values) * (0.1 + self.addresses)


def worth_of(records: Sequence[list[str]], delimiter: str) -> Worth:
    """Say what the records of a sample speak for."""
    present = [cells for cells in records if any(map(str.strip, cells))]
    if not present:
        return Worth(0, 0.0, 0.0, 0.0)
    width = shape_of(present).widest
    # Titles and remarks stand above the table; what holds an address is none.
    first = next((at for at, cells in enumerate(present) if len(cells) == width or any(map(holds_address, cells))), 0)
    table = present[first:]
    fitting = [cells for cells in table if len(cells) == width and not _is_malformed(cells)]
    columns = Counter(at for cells in fitting for at, cell in enumerate(cells) if _is_address(cell))
    has_header = len(table) > 1 and not any(map(holds_address, table[0]))
    addresses = max(columns.values(), default=0) / (len(table) - has_header)
    if any(len(cell) < _LONGEST and _NAMES_EMAIL.fullmatch(cell) for cells in table[:5] for cell in cells):
        addresses = max(addresses, 0.5)
    cells_seen = [cell for cells in fitting for cell in cells if cell.strip()]
    values = sum(_plausibility(cell, delimiter) for cell in cells_seen) / len(cells_seen) if cells_seen else 0.0
    return Worth(width, len(fitting) / len(table), addresses, values, len(table) / len(present))


def _is_address(cell: str) -> bool:
    return holds_address(cell) and cell.rstrip()[-1] not in _ENDS


def _is_malformed(cells: list[str]) -> bool:
    return isinstance(cells, FlawedRecord) and cells.flaw is RowProblem.MALFORMED_QUOTES


def _plausibility(cell: str, delimiter: str) -> float:
    text = cell.strip()
    if len(text) > _LONGEST:
        return 0.5
    if text in _ENDS:  # another delimiter, with blanks around it
        return 0.0
    if text[0] in _MARKS or text[-1] in _MARKS:
        return 0.3
    if holds_address(text) or _VALUE.fullmatch(text):
        return 1.0
    inside = _INSIDE.search(text.replace(delimiter, ""))
    return 0.3 if inside else 0.9
