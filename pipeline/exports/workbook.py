"""Workbooks (XLSX) in which every cell is text: nothing is a formula, a number or a date.

Cells have the format "text" and are marked as quoted, so that they stay text when they are edited. What is in memory does not
grow with the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO, Final

import xlsxwriter
from xlsxwriter.exceptions import FileSizeError
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from pipeline.exports.table import Table, TooLargeForWorkbookError, Written, writable
from pipeline.spreadsheets import escaped, unescaped

#: What Excel can hold: rows below the header of a sheet, columns, and UTF-16 units in a cell.
SHEET_ROWS: Final = 1_048_575
SHEET_COLUMNS: Final = 16_384
CELL_UNITS: Final = 32_767


def write_workbook(stream: BinaryIO, table: Table, *, sheet_rows: int = SHEET_ROWS) -> Written:
    """Write the table, on further sheets where one is full; leaves the stream open behind it.

    Raises TooLargeForWorkbookError.
    """
    if len(table.columns) > SHEET_COLUMNS:
        raise TooLargeForWorkbookError
    book = xlsxwriter.Workbook(stream, {"constant_memory": True})
    style = book.add_format({"num_format": "@", "quote_prefix": True})
    rows = shortened = 0
    sheet = book.add_worksheet()
    shortened += _write(sheet, 0, table.columns, style)
    for row in table.rows:
        if rows and rows % sheet_rows == 0:
            sheet = book.add_worksheet()
            _write(sheet, 0, table.columns, style)
        shortened += _write(sheet, rows % sheet_rows + 1, row, style)
        rows += 1
    try:
        book.close()
    except FileSizeError:
        raise TooLargeForWorkbookError from None
    return Written(rows, shortened)


def _write(sheet: Worksheet, number: int, cells: Sequence[str], style: Format) -> int:
    """Write one row; returns how many cells did not fit whole."""
    shortened = 0
    for at, cell in enumerate(cells):
        whole = _text(cell)
        text = _fitting(whole)
        shortened += text is not whole
        if text:
            sheet.write_string(number, at, text, style)
    return shortened


def _text(cell: str) -> str:
    """Return what the cell shows: itself, as text is no formula here; escaped only where `unescaped` would change it."""
    text = writable(cell)
    return text if unescaped(text) == text else escaped(text)


def _fitting(text: str) -> str:
    if len(text) * 2 <= CELL_UNITS:
        return text
    units = text.encode("utf-16-le")
    return text if len(units) <= CELL_UNITS * 2 else units[: CELL_UNITS * 2].decode("utf-16-le", "ignore")
