"""How far the sheets of an OpenDocument spreadsheet reach; see `extents` on why that is asked first."""

from __future__ import annotations

from typing import IO, Final
from xml.parsers import expat

from pipeline.reading.formats.extents import Extent

_TABLE: Final = "urn:oasis:names:tc:opendocument:xmlns:table:1.0 "
_TEXT: Final = "urn:oasis:names:tc:opendocument:xmlns:text:1.0 "
_OFFICE: Final = "urn:oasis:names:tc:opendocument:xmlns:office:1.0 "
_ERROR_TYPE: Final = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 value-type"
_REPEATED_COLUMNS: Final = f"{_TABLE}number-columns-repeated"
_REPEATED_ROWS: Final = f"{_TABLE}number-rows-repeated"
_CELLS: Final = frozenset({f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"})


def ods_extents(content: IO[bytes]) -> dict[str, Extent]:
    """Return how far each sheet reaches, by their names, in order. Raises ExpatError and ValueError for what is no such XML.

    Source: OpenDocument 1.3 part 3, 9.1 (tables), 19.677 and 19.679 (repeated cells and rows). Of a repeated cell with an error
    only the first is told.
    """
    return _Scan().extents_of(content)


class _Scan:
    def __init__(self) -> None:
        self._extents: dict[str, Extent] = {}
        self._extent = Extent()
        self._row = self._column = 0  # behind what has been seen
        self._row_repeats = self._cell_repeats = 1
        self._row_columns = 0  # up to the last content in the row
        self._error: str | None = None  # the text of a cell with an error, while inside of it

    def extents_of(self, content: IO[bytes]) -> dict[str, Extent]:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.ParseFile(content)
        return self._extents

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == f"{_TABLE}table":
            self._extent = self._extents.setdefault(attributes.get(f"{_TABLE}name", ""), Extent())
            self._row = 0
        elif name == f"{_TABLE}table-row":
            self._row_repeats = int(attributes.get(_REPEATED_ROWS, "1"))
            self._column = self._row_columns = 0
        elif name in _CELLS:
            self._cell_repeats = int(attributes.get(_REPEATED_COLUMNS, "1"))
            self._error = "" if attributes.get(_ERROR_TYPE) == "error" else None
            if f"{_OFFICE}value-type" in attributes:
                self._row_columns = self._column + self._cell_repeats
        elif name == f"{_TEXT}p":
            self._row_columns = self._column + self._cell_repeats

    def _characters(self, text: str) -> None:
        if self._error is not None:
            self._error += text

    def _end(self, name: str) -> None:
        if name in _CELLS:
            if self._error:
                self._extent.add_error(self._row, self._column, self._error.strip())
            self._error = None
            self._column += self._cell_repeats
        elif name == f"{_TABLE}table-row":
            self._row += self._row_repeats
            if self._row_columns:
                self._extent.rows = self._row
                self._extent.columns = max(self._extent.columns, self._row_columns)
