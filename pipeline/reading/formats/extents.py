"""How far a sheet reaches, before it is loaded: one cell in the last corner makes a workbook of 5 KB fill all memory.

A loaded sheet takes memory for every place between its first and its last cell with content, so their number is
bounded, as is the XML that it is made from. Cells with errors (``#N/A``), and formulas that no program has calculated, are
found on the way: the loader makes them blank.
"""

from __future__ import annotations

import dataclasses
import posixpath
import re
import zipfile
from collections.abc import Iterator
from typing import IO, Any, Final
from xml.parsers import expat

from pipeline.problems import FileProblem, FileProblemCode

#: Bytes of XML in one workbook; a sheet of 1,000,000 rows and 8 columns of contacts has 500 million at most, and takes
#: 0.8 GiB of memory while it is loaded.
MAX_XML_BYTES: Final = 768 << 20
#: Places between the first and the last cell of a sheet; an empty one takes 24 bytes.
MAX_PLACES: Final = 24_000_000

_MAX_ERROR_ROWS: Final = 200_000
_BLOCK: Final = 1 << 20
_COLUMN: Final = re.compile(rb' r="([A-Z]{1,3})[0-9]')
_ROW: Final = re.compile(rb'<row r="([0-9]+)"')
_REFERENCE: Final = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
#: Cells without names, with prefixes, and those with errors.
_UNUSUAL: Final = (b"<c>", b":c ", b":c>", b't="e"')
#: A formula without a value: one that no program has calculated, or whose value is a text without characters.
_NO_VALUE: Final = re.compile(rb"</(?:\w+:)?f>(?:</|<v ?/>|<v></v>)")
_CONTENT: Final = re.compile(rb"<(?:\w+:)?(?:v|is)[ >]")


@dataclasses.dataclass
class Extent:
    """How many rows and columns a sheet has up to its last content, and its cells with errors, by row and column from 0."""

    rows: int = 0
    columns: int = 0
    errors: dict[int, dict[int, str]] = dataclasses.field(default_factory=dict)

    def check(self, file_name: str) -> None:
        """Raise FileProblem for a sheet that takes too much memory."""
        if self.rows * self.columns > MAX_PLACES:
            raise _too_large(file_name, self.rows * self.columns, "cells", MAX_PLACES)

    def add_error(self, row: int, column: int, text: str) -> None:
        """Keep a cell with an error."""
        if len(self.errors) < _MAX_ERROR_ROWS:
            self.errors.setdefault(row, {})[column] = text


def check_size(archive: zipfile.ZipFile, file_name: str) -> None:
    """Raise FileProblem for a workbook with more XML than can be loaded, as its directory states the sizes."""
    size = sum(info.file_size for info in archive.infolist() if not info.filename.startswith("xl/media/"))
    if size > MAX_XML_BYTES:
        raise _too_large(file_name, size, "bytes", MAX_XML_BYTES)


def xlsx_members(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the member of an XLSX archive that holds each sheet, by the names of the sheets.

    Source: ECMA-376 part 1, 18.2.19 (sheet), and part 2, 9.3 (relationships). Raises KeyError, ExpatError.
    """
    members = {name.replace("\\", "/").casefold(): name for name in archive.namelist()}  # as some programs write them
    targets = {
        attributes.get("Id"): posixpath.normpath(posixpath.join("/xl", attributes.get("Target", ""))).lstrip("/")
        for name, attributes in _elements(archive.read(members["xl/_rels/workbook.xml.rels"]))
        if name == "Relationship"
    }
    sheets = (attributes for name, attributes in _elements(archive.read(members["xl/workbook.xml"])) if name == "sheet")
    return {
        sheet.get("name", ""): members[targets[relation].casefold()]
        for sheet in sheets
        for attribute, relation in sheet.items()
        if attribute.endswith(" id") and targets.get(relation, "").casefold() in members
    }


def xlsx_has_content(sheet: IO[bytes]) -> bool:
    """Say whether any cell of a sheet has a value."""
    return any(_CONTENT.search(block) for block in _blocks(sheet))


def xlsx_extent(archive: zipfile.ZipFile, member: str) -> Extent:
    """Return how far a sheet of an XLSX archive reaches, at most; exactly where a quick look leaves doubts."""
    with archive.open(member) as sheet:
        extent = _quick_extent(sheet)
    if extent is not None:
        return extent
    with archive.open(member) as sheet:
        return _SheetScan().extent_of(sheet)


def _quick_extent(sheet: IO[bytes]) -> Extent | None:
    """Look at the names of cells as practically all programs write them; None where that is not enough."""
    rows, columns = 0, set[bytes]()
    for block in _blocks(sheet):
        has_names = block.count(b"<c ") == block.count(b'<c r="')
        if not has_names or any(mark in block for mark in _UNUSUAL) or _NO_VALUE.search(block):
            return None
        columns.update(_COLUMN.findall(block))
        numbers = _ROW.findall(block)
        if len(numbers) != block.count(b"<row ") + block.count(b"<row>"):
            return None
        rows = max(rows, *map(int, numbers), 0)
    extent = Extent(rows, max((_column(name.decode()) for name in columns), default=0))
    return extent if extent.rows * extent.columns <= MAX_PLACES else None


def _blocks(sheet: IO[bytes]) -> Iterator[bytes]:
    """Yield the XML in blocks that end between two cells, or at least between two tags."""
    rest = b""
    while block := sheet.read(_BLOCK):
        block = rest + block
        cut = max(block.rfind(b"<c "), 0) or max(block.rfind(b"<"), 0)
        rest = block[cut:] if len(block) - cut < _BLOCK else b""
        yield block[: len(block) - len(rest)]
    yield rest


class _SheetScan:
    """The cells with content of one sheet of an XLSX workbook, with or without names."""

    def __init__(self) -> None:
        self._extent = Extent()
        self._row = self._column = -1
        self._type = ""  # of the cell, while inside of it
        self._formula = self._value = ""
        self._element = ""

    def extent_of(self, sheet: IO[bytes]) -> Extent:
        """Read the sheet. Raises ExpatError for what is no XML."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.ParseFile(sheet)
        return self._extent

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        match name.rpartition(" ")[2]:
            case "row":
                self._row = int(attributes["r"]) - 1 if "r" in attributes else self._row + 1
                self._column = -1
            case "c":
                reference = _REFERENCE.fullmatch(attributes.get("r", ""))
                self._column = _column(reference[1]) - 1 if reference else self._column + 1
                self._row = int(reference[2]) - 1 if reference else self._row
                self._type = attributes.get("t", "")
                self._formula = self._value = ""
            case "v" | "is" | "f" as element:
                self._extent.rows = max(self._extent.rows, self._row + 1)
                self._extent.columns = max(self._extent.columns, self._column + 1)
                self._element = element

    def _characters(self, text: str) -> None:
        if self._element == "v":
            self._value += text
        elif self._element == "f":
            self._formula += text

    def _end(self, name: str) -> None:
        match name.rpartition(" ")[2]:
            case "v" | "f" | "is":
                self._element = ""
            case "c" if self._type == "e":
                self._extent.add_error(self._row, self._column, self._value)
            case "c" if self._formula and not self._value and self._type != "str":
                self._extent.add_error(self._row, self._column, f"={self._formula}")


def _elements(xml: bytes) -> list[tuple[str, dict[str, str]]]:
    """Return the names of the elements of a small document, without namespaces, and their attributes, with them."""
    elements: list[tuple[str, dict[str, Any]]] = []
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda name, attributes: elements.append((name.rpartition(" ")[2], attributes))
    parser.Parse(xml, True)  # noqa: FBT003 (expat takes no keyword)
    return elements


def _column(name: str) -> int:
    """Return the number of a column, from 1: A, B, ... Z, AA."""
    number = 0
    for letter in name:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _too_large(file_name: str, size: int, unit: str, limit: int) -> FileProblem:
    return FileProblem(FileProblemCode.WORKBOOK_TOO_LARGE, file=file_name, size=size, unit=unit, limit=limit)
