"""Records of delimited text, one block of lines at a time.

Most blocks are taken apart in one go by the csv module. Where that does not give exactly one record of the expected
width for each line, the block is read with care, record by record: a quotation mark that breaks the rules costs its own
record, never those behind it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Final

from pipeline.problems import RowProblem
from pipeline.reading.flaws import FlawedRecord
from pipeline.reading.text.blocks import KEPT, MAX_CELL, MAX_RECORD, Blocks, Oversized
from pipeline.reading.text.escapes import Escapes, ends_escaped
from pipeline.reading.text.lines import Lines
from pipeline.reading.text.marks import GAP, Marks
from pipeline.reading.text.quotes import HALF, Mended, Shape, mend, pieces_of

if TYPE_CHECKING:
    from _csv import Reader

# The csv module has one limit for the whole process, far below ours; canonical chunks are read under it too.
csv.field_size_limit(MAX_RECORD)

#: Lines over which a broken quoted cell may run and still be mended.
_MENDED_LINES: Final = 8

#: What may be read ahead for the end of quoted cells that have none, in characters: at first, for each character that
#: became a record, and for one record at least. It keeps the work linear when every line opens a quote; looking at a
#: line costs as much as so many characters.
_AHEAD: Final = 2 * MAX_RECORD
_AHEAD_EARNED: Final = 4
_AHEAD_LEAST: Final = 1 << 10
_AHEAD_LINE: Final = 64

#: Characters of a broken record over several lines at most; trying to mend one costs as much as reading so many ahead.
_MENDED: Final = 1 << 12

_FIRST_LINE: Final = re.compile(r"[^\r\n]*")
_TRAILING_SPACES: Final = re.compile(r" +(?=[\r\n]|\Z)")
_GAPS: Final = re.compile(r" {2,}")


class Delimited:
    """The records of a text, once."""

    def __init__(self, blocks: Blocks, marks: Marks, shape: Shape) -> None:
        self._blocks = blocks
        self._has_gaps = marks.delimiter == GAP
        self._delimiter = "\t" if self._has_gaps else marks.delimiter
        self._quote = marks.quotechar
        self._escapes = Escapes(marks.escapechar, self._delimiter, self._quote) if marks.escapechar else None
        self._shape = shape
        self._plain_widths = {0, shape.widest} if shape.widths else frozenset[int]()
        self._ahead = _AHEAD
        quote, delimiter = re.escape(self._quote), re.escape(self._delimiter)
        self._closing = re.compile(f"[^{quote}]*[^{quote}{delimiter}]{quote}(?:{delimiter}|[\r\n]|\\Z)")

    def __iter__(self) -> Iterator[list[str]]:
        return self._hidden() if self._escapes is None else self._shown(self._escapes)

    def _shown(self, escapes: Escapes) -> Iterator[list[str]]:
        for cells in self._hidden():
            cells[:] = map(escapes.show, cells)
            yield cells

    def _hidden(self) -> Iterator[list[str]]:
        while block := self._take():
            if isinstance(block, Oversized):
                yield self._clipped([cell.strip(self._quote) for cell in pieces_of(block, self._delimiter)])
            elif (plain := self._plain(block)) is not None and not self._is_cut():
                yield from plain
            else:
                lines = Lines(block, self._take, self._blocks.put_back)
                while lines:
                    yield self._record(lines)
                lines.put_back()

    def _is_cut(self) -> bool:
        """Say whether the last record of what was taken goes on behind it, by `_goes_on`."""
        block = self._take()
        self._blocks.put_back(block)
        first = _FIRST_LINE.match(block)
        if first is None or not self._is_short(first[0]):
            return False
        lines = Lines("", self._take, self._blocks.put_back)
        goes_on = self._goes_on(lines)
        lines.put_back()
        return goes_on

    def _take(self) -> str:
        block = self._blocks.take()
        if isinstance(block, Oversized):
            return block
        if self._has_gaps or self._delimiter == " ":
            block = _TRAILING_SPACES.sub("", block)
        if self._has_gaps:
            block = _GAPS.sub(self._delimiter, block)
        if self._escapes is not None:
            while ends_escaped(block) and (more := self._blocks.take()):
                block += more
            block = self._escapes.hide(block)
        return block

    def _strictly(self, lines: Iterable[str]) -> Reader:
        return csv.reader(
            lines,
            strict=True,
            delimiter=self._delimiter,
            quotechar=self._quote,
            skipinitialspace=self._delimiter == " ",
        )

    def _plain(self, block: str) -> list[list[str]] | None:
        """Return the records of a block in which every line is one, of the expected width; None: it needs care."""
        if len(block) > MAX_CELL:
            return None
        reader = self._strictly(io.StringIO(block, newline=""))
        try:
            found = list(reader)
        except csv.Error:
            return None
        if self._quote not in block:  # then there is one way to read it
            return found
        if len(found) != reader.line_num or not self._plain_widths.issuperset(map(len, found)):
            return None
        # A mark inside of a cell may be a lost one.
        return None if self._quote in "".join(chain.from_iterable(found)) else found

    def _record(self, lines: Lines) -> list[str]:
        cells, count = self._next(lines)
        size = lines.consume(count)
        if count == 1 and len(cells) in self._shape.widths and self._goes_on(lines):
            cells = FlawedRecord(cells, RowProblem.MALFORMED_QUOTES)
        self._ahead = min(_AHEAD, self._ahead + _AHEAD_EARNED * size)
        if size > MAX_CELL and (size > MAX_RECORD or max(map(len, cells)) > MAX_CELL):
            return self._clipped(cells)
        return cells

    def _clipped(self, cells: Sequence[str]) -> FlawedRecord:
        """Return a record that is too large with what its cells begin with: whoever wants out in one of them is to be out."""
        return FlawedRecord([cell[:KEPT] for cell in cells[: self._shape.widest or 1]], RowProblem.CELL_TOO_LARGE)

    def _next(self, lines: Lines) -> tuple[list[str], int]:
        """Return the cells of the next record, and how many lines it has."""
        line = lines.ahead(0) or ""
        if self._quote not in line:
            return pieces_of(line, self._delimiter), 1
        try:
            cells = next(self._strictly([line]))
        except csv.Error:
            return self._broken(line, lines)
        return self._checked(line, cells), 1

    def _goes_on(self, lines: Lines) -> bool:
        """Say whether the next lines are the rest of a quoted cell whose opening mark is missing.

        They are too short for records, and the first mark in them closes a cell that they do not open.
        """
        for offset in range(_MENDED_LINES):
            line = lines.ahead(offset)
            if line is None or not self._is_short(line):
                return False
            if self._quote in line:
                return self._closing.match(line) is not None
        return False

    def _is_short(self, line: str) -> bool:
        return len(pieces_of(line, self._delimiter)) < min(self._shape.widths, default=0)

    def _checked(self, text: str, cells: list[str]) -> list[str]:
        """Return the cells of a record that breaks no rule, unless they are the wrong ones all the same."""
        if len(cells) == 1 < self._shape.widest and self._delimiter in cells[0]:
            return self._unwrapped(cells)
        if not any(self._quote in cell for cell in cells):
            return cells
        if len(cells) in self._shape.widths:
            mended = mend(text, self._delimiter, self._quote, [len(cells)])
            # Several marks without counterpart: the width is right by chance.
            return FlawedRecord(cells, RowProblem.MALFORMED_QUOTES) if mended is None else _flawed(mended)
        mended = self._mend(text)
        return cells if mended is None else _flawed(mended)

    def _unwrapped(self, cells: list[str]) -> list[str]:
        """Take a whole line out of the quotation marks that a spreadsheet put around it."""
        try:
            inner = next(self._strictly(cells))
        except csv.Error:
            return cells
        return FlawedRecord(inner, RowProblem.QUOTE_REPAIRED) if len(inner) == self._shape.widest else cells

    def _broken(self, line: str, lines: Lines) -> tuple[list[str], int]:
        """Read a record that no rule ends on its first line: it goes on, or it is broken."""
        spanning = self._spanning(lines)
        if spanning and (not self._shape.widths or len(spanning[0]) in self._shape.widths):
            cells, count = spanning
            return self._checked("".join(lines.ahead(at) or "" for at in range(count)), cells), count
        if spanning and self._ends_in_quotes(line):
            return spanning
        mended = self._mend(line)
        if mended is None or mended.price >= HALF:
            over_lines = self._mend_lines(lines)
            if over_lines is not None:
                return over_lines
        if mended is not None:
            return _flawed(mended), 1
        if spanning:
            return spanning
        return FlawedRecord(pieces_of(line, self._delimiter), RowProblem.MALFORMED_QUOTES), 1

    def _ends_in_quotes(self, line: str) -> bool:
        """Say whether the last piece of a line opens a quoted cell: to end the cell there would free no other piece."""
        last = pieces_of(line, self._delimiter)[-1]
        return last.startswith(self._quote) and last.count(self._quote) % 2 == 1

    def _spanning(self, lines: Lines) -> tuple[list[str], int] | None:
        """Read a record over several lines by the rules; None: there is none, or it would swallow other records."""
        taken: list[str] = []
        reader = self._strictly(self._until_whole(lines, taken))
        try:
            cells = next(reader)
        except (csv.Error, StopIteration):
            self._ahead -= sum(map(len, taken)) + _AHEAD_LINE * len(taken)
            return None
        if self._shape.widest > 1 and self._is_whole(taken[-1]) and self._is_whole(taken[0]):
            return None
        return cells, reader.line_num

    def _until_whole(self, lines: Lines, taken: list[str]) -> Iterator[str]:
        """Yield lines into ``taken`` until one behind the first is a whole record: quoted text hardly contains one."""
        size, limit = 0, max(_AHEAD_LEAST, self._ahead)
        while (line := lines.ahead(len(taken))) is not None and size < limit:
            if len(taken) > 1 and self._is_whole(taken[-1]):
                return
            size += len(line) + _AHEAD_LINE
            taken.append(line)
            yield line

    def _is_whole(self, line: str) -> bool:
        """Say whether a line is surely a record, with its quotation marks or without them."""
        if "@" not in line:
            return False
        if self._quote not in line:
            return self._shape.is_whole(pieces_of(line, self._delimiter))
        try:
            is_whole = self._shape.is_whole(next(self._strictly([line])))
        except csv.Error:
            is_whole = False
        return is_whole or self._mend(line) is not None

    def _mend(self, text: str) -> Mended | None:
        # Without an address where one belongs, what fits may fit by chance.
        mended = mend(text, self._delimiter, self._quote, self._shape.widths) if "@" in text else None
        return mended if mended is not None and self._shape.has_address(mended.cells) else None

    def _mend_lines(self, lines: Lines) -> tuple[list[str], int] | None:
        if not self._shape.emails or self._shape.widest == 1:  # nothing would tell where a record ends
            return None
        text = lines.ahead(0) or ""
        for count in range(2, _MENDED_LINES + 1):
            line = lines.ahead(count - 1)
            if line is None or self._is_whole(line) or len(text) > _MENDED or self._ahead < 0:
                return None
            text += line
            if self._quote not in line:
                continue
            self._ahead -= _MENDED
            mended = self._mend(text)
            if mended is not None and mended.price < HALF:
                return _flawed(mended), count
        return None


def _flawed(mended: Mended) -> list[str]:
    return FlawedRecord(mended.cells, RowProblem.QUOTE_REPAIRED) if mended.price else mended.cells
