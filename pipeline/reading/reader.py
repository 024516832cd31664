"""The records of one part, numbered: below its header, without the blank ones, in memory one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.addresses import BLANKS
from pipeline.reading.formats import records_of
from pipeline.reading.reading import Reading
from pipeline.reading.unpacking import Package


class RecordReader:
    """The records of a part below its header: ``(row_number, cells)`` of each that is not blank.

    ``row_number`` is what a spreadsheet shows: every record counts, the header and blank ones too, and a record with
    line breaks inside quotes is one. Reading raises FileProblem where the file turns out to be damaged.
    """

    def __init__(self, package: Package, reading: Reading, *, file_name: str) -> None:
        self.part_no = reading.part_no
        self.blank_rows = 0  # below the header so far
        self._package = package
        self._reading = reading
        self._file_name = file_name
        self._first_row = (reading.header_row or 0) + 1
        self._row_number = 0

    @property
    def records_seen(self) -> int:
        """Return how many records below the header there were so far, blank ones included."""
        return max(0, self._row_number - self._first_row + 1)

    @contextmanager
    def opened(self) -> Iterator[Iterator[tuple[int, list[str]]]]:
        """Open the part and give its records, once."""
        with self._package.parts[self._reading.member].open() as stream:
            yield self._numbered(records_of(stream, self._reading, file_name=self._file_name))

    def _numbered(self, records: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
        first_row = self._first_row
        for row_number, cells in enumerate(records, 1):
            self._row_number = row_number
            if row_number < first_row:
                continue
            if "".join(cells).strip(BLANKS):
                yield row_number, cells
            else:
                self.blank_rows += 1
