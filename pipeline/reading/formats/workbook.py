"""The sheets of XLSX, XLS and ODS workbooks as records: row 1 of the sheet is record 1, column A the first cell."""

from __future__ import annotations

import functools
import itertools
import os
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import BinaryIO, Final, NamedTuple
from xml.parsers.expat import ExpatError

import python_calamine as calamine

from pipeline.problems import FileProblem, FileProblemCode, RowProblem
from pipeline.reading.flaws import FlawedRecord
from pipeline.reading.formats.cells import CellValue, cell_text, has_lost_digits
from pipeline.reading.formats.extents import Extent, check_size, xlsx_extent, xlsx_has_content, xlsx_members
from pipeline.reading.formats.ods_extents import ods_extents
from pipeline.reading.formats.probe import survives
from pipeline.reading.formats.sample import Sample
from pipeline.reading.reading import Reading
from pipeline.reading.unpacking.members import listed
from pipeline.reading.unpacking.streams import UNPACKING_ERRORS

_ODS_CONTENT: Final = "content.xml"
#: Rows taken from the loader at once.
_ROWS: Final = 100


class Sheet(NamedTuple):
    """A sheet of a workbook, whether people see it, and whether no cell of it has content."""

    name: str
    visible: bool
    is_empty: bool


def sheets(stream: BinaryIO, *, file_name: str) -> list[Sheet]:
    """Return the sheets of a workbook in its order, without charts and macros. Raises FileProblem for a damaged one."""
    with _problems(file_name):
        found = _Workbook(stream, file_name)
        return [
            Sheet(name, visible=visible, is_empty=not found.has_content(name)) for name, visible in found.names.items()
        ]


def sample(stream: BinaryIO, reading: Reading, *, file_name: str, limit: int) -> Sample:
    """Return the first ``limit`` rows of the sheet ``reading.part_name``, of the first one for None; blank ones are [].

    The others have the same number of cells. Raises FileProblem for a workbook that is damaged or too large, and for a
    sheet that it does not have.
    """
    rows = list(itertools.islice(_rows(stream, reading.part_name, file_name), limit))
    width = max(map(len, rows), default=0)
    return Sample([_padded(row, width) if row else row for row in rows], None)


def records(stream: BinaryIO, reading: Reading, *, file_name: str) -> Iterator[list[str]]:
    """Yield every row of the sheet ``reading.part_name`` up to the last with content, blank ones as [].

    The others have a cell for each column at least: a sheet has no short rows. A row with a number that has more digits than
    workbooks keep is a FlawedRecord. Raises FileProblem like `sample`.
    """
    for row in _rows(stream, reading.part_name, file_name):
        yield _padded(row, len(reading.columns)) if row else row


def _padded(row: list[str], width: int) -> list[str]:
    row.extend([""] * (width - len(row)))
    return row


def _rows(stream: BinaryIO, sheet: str | None, file_name: str) -> Iterator[list[str]]:
    """Yield the rows without the blank cells at their ends, and without the blank rows at the end."""
    with _problems(file_name):
        loaded, extent = _Workbook(stream, file_name).load(sheet)
        values = loaded.iter_rows()  # from row 1 on, but only from the first column with content on
    left = [""] * (loaded.start[1] if loaded.start else 0)
    blank = 0
    for row, cells in enumerate(_guarded(values, file_name)):
        record = _record(left + cells if left else cells, extent.errors.get(row))
        if record:
            yield from ([] for _ in range(blank))
            yield record
        blank = 0 if record else blank + 1


def _guarded(values: Iterator[list[CellValue]], file_name: str) -> Iterator[list[CellValue]]:
    while True:
        with _problems(file_name):  # not around the yield: what the caller raises is not ours
            some = list(itertools.islice(values, _ROWS))
        if not some:
            return
        yield from some


def _record(values: list[CellValue], errors: Mapping[int, str] | None) -> list[str]:
    cells = [value if type(value) is str else cell_text(value) for value in values]
    for column, text in errors.items() if errors else ():
        cells += [""] * (column + 1 - len(cells))
        cells[column] = text
    while cells and not cells[-1]:
        cells.pop()
    numbers = [value for value in values if type(value) is float]
    return FlawedRecord(cells, RowProblem.NUMBER_DAMAGED) if any(map(has_lost_digits, numbers)) else cells


class _Workbook:
    """An open workbook: what is in it is told by its XML where it is an archive, and by the loader."""

    def __init__(self, stream: BinaryIO, file_name: str) -> None:
        self._file_name = file_name
        self._archive = zipfile.ZipFile(stream) if zipfile.is_zipfile(stream) else None
        if self._archive is not None:
            check_size(self._archive, file_name)
        elif not survives(stream):
            raise FileProblem(FileProblemCode.FILE_DAMAGED, file=file_name)
        stream.seek(0)
        with _hushed():
            self._loader = calamine.load_workbook(stream)
        worksheets = (sheet for sheet in self._loader.sheets_metadata if sheet.typ == calamine.SheetTypeEnum.WorkSheet)
        self.names = {sheet.name: sheet.visible == calamine.SheetVisibleEnum.Visible for sheet in worksheets}

    @functools.cached_property
    def _ods(self) -> dict[str, Extent] | None:
        if self._archive is None or _ODS_CONTENT not in self._archive.namelist():
            return None
        with self._archive.open(_ODS_CONTENT) as content:
            return ods_extents(content)

    @functools.cached_property
    def _members(self) -> dict[str, str]:
        return {} if self._archive is None else xlsx_members(self._archive)

    def has_content(self, name: str) -> bool:
        """Say whether any cell of a sheet has content."""
        if self._ods is not None:
            return bool(self._ods[name].rows)
        if self._archive is not None:
            with self._archive.open(self._members[name]) as sheet:
                return xlsx_has_content(sheet)
        with _hushed():
            return self._loader.get_sheet_by_name(name).start is not None

    def load(self, name: str | None) -> tuple[calamine.CalamineSheet, Extent]:
        """Load a sheet, after a look at how much memory it will take; the first one where none is named."""
        if name is None:
            name = next(iter(self.names), "")
        if name not in self.names:
            raise FileProblem(FileProblemCode.PART_MISSING, file=self._file_name, part=name, parts=listed(self.names))
        extent = self._extent(name)
        extent.check(self._file_name)
        with _hushed():
            return self._loader.get_sheet_by_name(name), extent

    def _extent(self, name: str) -> Extent:
        if self._ods is not None:
            return self._ods[name]
        if self._archive is not None:
            return xlsx_extent(self._archive, self._members[name])
        return Extent()  # an XLS sheet has 65,536 rows and 256 columns at most, 1 GiB while it is loaded


_ONE_AT_A_TIME: Final = threading.Lock()


@contextmanager
def _hushed() -> Iterator[None]:
    """Keep what the loader writes to standard error when it panics from whoever reads there: a FileProblem says it."""
    with _ONE_AT_A_TIME:
        try:
            kept = os.dup(2)
        except OSError:  # there is no standard error
            yield
            return
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, 2)
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            os.close(nowhere)


@contextmanager
def _problems(file_name: str) -> Iterator[None]:
    """Turn what the loaders raise for a workbook that is not as it should be into a FileProblem."""
    try:
        yield
    except FileProblem:
        raise
    except calamine.PasswordError as error:
        raise FileProblem(FileProblemCode.FILE_ENCRYPTED, file=file_name) from error
    except (calamine.CalamineError, *UNPACKING_ERRORS, ExpatError, KeyError) as error:
        raise FileProblem(FileProblemCode.FILE_DAMAGED, file=file_name) from error
    except BaseException as error:  # a panic of the loader, which is written in Rust, is no Exception
        if type(error).__name__ != "PanicException":
            raise
        raise FileProblem(FileProblemCode.FILE_DAMAGED, file=file_name) from error
