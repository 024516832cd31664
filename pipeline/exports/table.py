"""What is exported, and what became of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final

_UNWRITABLE: Final = re.compile(r"[\x00\ud800-\udfff\ufffe\uffff]")


@unique
class ExportFormat(StrEnum):
    """In what form a table leaves."""

    CSV = "csv"
    XLSX = "xlsx"


@dataclass(frozen=True)
class Table:
    """Columns and rows of text; every row has as many cells as there are columns. The rows are read once."""

    columns: Sequence[str]
    rows: Iterable[Sequence[str]]


@dataclass(frozen=True)
class Written:
    """How many rows were written below the header, and how many cells had to be shortened."""

    rows: int
    shortened: int = 0


class TooLargeForWorkbookError(Exception):
    """The table has more columns or more bytes than a workbook can hold."""


def writable(cell: str) -> str:
    """Return the cell with U+FFFD for what no file of text can hold: NUL, noncharacters, and bytes that were no text."""
    return _UNWRITABLE.sub("\ufffd", cell)
