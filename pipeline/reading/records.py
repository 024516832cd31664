"""From text to records: a stream of bytes becomes numbered lists of cells, in memory one record at a time."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import BinaryIO, Final

from pipeline.addresses import BLANKS
from pipeline.problems import FileProblem, FileProblemCode
from pipeline.reading.encoding import Encoding
from pipeline.reading.reading import Reading

#: Characters of one cell and of one record. As a rule a quotation mark that is never closed is what reaches them.
MAX_CELL: Final = 1 << 20
MAX_RECORD: Final = 1 << 22

# The csv module has one limit for the whole process, far below ours; canonical chunks are read under it too.
csv.field_size_limit(MAX_CELL)


def is_blank(cells: list[str]) -> bool:
    """Say whether nothing can be seen in any of a record's cells."""
    return not "".join(cells).strip(BLANKS)


class RecordReader:
    """The records of a file below its header, once: iterate to get ``(row_number, cells)`` of each that is not blank.

    ``row_number`` is what a spreadsheet shows: every record counts, the header and blank ones too, and a record with
    line breaks inside quotes is one. Bytes that are no text in the file's encoding survive as lone surrogates (PEP 383).
    Iterating raises FileProblem, naming the row, for a cell or a record that is too large; ``stream`` stays open.
    """

    def __init__(self, stream: BinaryIO, reading: Reading, *, file_name: str = "the file") -> None:
        self.blank_rows = 0  # below the header so far
        self._stream = stream
        self._reading = reading
        self._file_name = file_name
        self._first_row = (reading.header_row or 0) + 1
        self._row_number = 0
        self._record_size = self._record_lines = 0

    @property
    def records_seen(self) -> int:
        """Return how many records below the header there were so far, blank ones included."""
        return max(0, self._row_number - self._first_row + 1)

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        codec = Encoding(self._reading.encoding, self._reading.has_bom).codec
        text = io.TextIOWrapper(self._stream, codec, errors="surrogateescape", newline="")
        try:
            for row_number, cells in enumerate(self._records(text), 1):
                self._row_number = row_number
                self._record_size = self._record_lines = 0
                if row_number < self._first_row:
                    continue
                if is_blank(cells):
                    self.blank_rows += 1
                else:
                    yield row_number, cells
        except csv.Error:  # of what it checks, only the size of a cell can be wrong in text that comes line by line
            raise self._problem(FileProblemCode.CELL_TOO_LARGE, MAX_CELL) from None
        finally:
            if not self._stream.closed:  # or an abandoned iterator would complain when it is collected
                text.detach()

    def _records(self, text: io.TextIOWrapper) -> Iterator[list[str]]:
        return csv.reader(self._lines(text), delimiter=self._reading.delimiter, quotechar=self._reading.quotechar)

    def _lines(self, text: io.TextIOWrapper) -> Iterator[str]:
        while line := text.readline(MAX_RECORD):
            self._record_size += len(line)
            self._record_lines += 1
            if self._record_size >= MAX_RECORD:  # a line of that length may have been cut
                raise self._problem(FileProblemCode.RECORD_TOO_LARGE, MAX_RECORD)
            yield line
        # The end came inside a record: a quotation mark was never closed, and has swallowed the lines behind it.
        if self._record_lines > 1:
            raise self._problem(FileProblemCode.UNCLOSED_QUOTE, MAX_RECORD)

    def _problem(self, code: FileProblemCode, limit: int) -> FileProblem:
        return FileProblem(code, file=self._file_name, row=self._row_number + 1, limit=limit)
