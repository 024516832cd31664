"""Delimited files as spreadsheets open them: UTF-8 with a BOM, CRLF, and no cell that is taken for a formula.

There is no ``sep=`` line: Excel overlooks the BOM of a file that begins with one, and other readers take it for data.
"""

from __future__ import annotations

import csv
import io
from typing import BinaryIO

from pipeline.exports.table import Table, Written, writable
from pipeline.spreadsheets import escaped


def write_delimited(stream: BinaryIO, table: Table, *, delimiter: str) -> Written:
    """Write the table; leaves the stream open behind it."""
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="", write_through=False)
    write = csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerow
    rows = 0
    write([escaped(writable(column)) for column in table.columns])
    for row in table.rows:
        write([escaped(writable(cell)) for cell in row])
        rows += 1
    text.detach()
    return Written(rows)
