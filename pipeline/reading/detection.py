"""The decision how a file is read, part by part, from samples: the same bytes always give the same decision."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Sequence
from typing import BinaryIO, Final, NamedTuple

from pipeline.addresses import BLANKS
from pipeline.problems import FileNotice, FileProblem, FileProblemCode
from pipeline.reading.formats import recognise, sampled
from pipeline.reading.formats.sample import Sample
from pipeline.reading.formats.workbook import sheets
from pipeline.reading.reading import (
    ColumnKind,
    DateOrder,
    Field,
    FileReading,
    Format,
    Notice,
    Reading,
    ReadingOptions,
    Surroundings,
)
from pipeline.reading.table.understand import Table, understand
from pipeline.reading.text import dialect, encoding, records
from pipeline.reading.text.decoding import decode
from pipeline.reading.text.windows import windows
from pipeline.reading.unpacking import Kind, Package, Part
from pipeline.reading.values.kinds import date_order, kind_of

#: How much of a part decides how it is read: bytes, and records of them.
SAMPLE_BYTES: Final = 1 << 18
SAMPLE_RECORDS: Final = 1_000
#: Bytes in which the first record must end.
LARGEST_SAMPLE: Final = 1 << 22


def detect(
    package: Package, *, file_name: str, options: ReadingOptions | None = None, surroundings: Surroundings | None = None
) -> FileReading:
    """Decide how every part of a file is read. Raises FileProblem for what is no list of contacts, or not as ``options`` say.

    Of an archive, members that are no list of contacts are left out and named, as long as there is one that is. Of a
    workbook, the first sheet that is a list of contacts is read, or those that were asked for.
    """
    options, surroundings = options or ReadingOptions(), surroundings or Surroundings()
    readings: list[Reading] = []
    missing: list[FileProblem] = []
    left_out: list[tuple[str, FileProblem]] = []
    notices = list(package.notices)
    for part in package.parts:
        try:
            found, said = _decide(
                part, _Decider(file_name, options, surroundings), missing if len(package.parts) > 1 else None
            )
        except FileProblem as problem:
            if len(package.parts) == 1:
                raise
            left_out.append((part.name or file_name, problem))
            continue
        readings += found
        notices += said
    if not readings:
        raise left_out[0][1]
    for lacking in missing:
        if [other.params["column"] for other in missing].count(lacking.params["column"]) == len(package.parts):
            raise lacking
    if left_out:
        notices.append(Notice(FileNotice.MEMBERS_NOT_READ, {"members": ", ".join(name for name, _ in left_out)}))
    numbered = tuple(dataclasses.replace(reading, part_no=number) for number, reading in enumerate(readings))
    return FileReading(numbered, package.packing, tuple(notices))


def _decide(part: Part, decider: _Decider, missing: list[FileProblem] | None) -> tuple[list[Reading], list[Notice]]:
    """Decide about a part; a column that was spoken of and that it lacks is noted in ``missing``: another part may have it."""
    while True:
        try:
            return decider.part(part)
        except FileProblem as problem:
            if missing is None or problem.code is not FileProblemCode.UNKNOWN_COLUMN:
                raise
            missing.append(problem)
            decider = decider.without(str(problem.params["column"]))


class _Start(NamedTuple):
    """What is known of a part before its table is understood: a reading without columns, and its first records."""

    reading: Reading
    sample: Sample


@dataclasses.dataclass(frozen=True)
class _Decider:
    """The decision about one part at a time, under the same options and surroundings."""

    file_name: str
    options: ReadingOptions
    surroundings: Surroundings

    def without(self, column: str) -> _Decider:
        """Return one that was told nothing about a column."""
        mapping = {name: field for name, field in self.options.mapping.items() if name != column}
        keep = tuple(name for name in self.options.keep if name != column)
        return dataclasses.replace(self, options=dataclasses.replace(self.options, mapping=mapping, keep=keep))

    def part(self, part: Part) -> tuple[list[Reading], list[Notice]]:
        if part.kind is Kind.TEXT:
            with part.open() as stream:
                return [self._reading(part, self._text(part, stream))], []
        return self._workbook(part)

    def _workbook(self, part: Part) -> tuple[list[Reading], list[Notice]]:
        with part.open() as stream:
            there = [sheet for sheet in sheets(stream, file_name=self.file_name) if not sheet.is_empty]
        if not there:
            raise FileProblem(FileProblemCode.FILE_EMPTY, file=self.file_name)
        wanted = {name.casefold() for name in self.options.sheets}
        chosen = [sheet.name for sheet in there if sheet.name.casefold() in wanted]
        if wanted and len(chosen) < len(wanted):
            raise FileProblem(
                FileProblemCode.PART_MISSING,
                file=self.file_name,
                part=", ".join(self.options.sheets),
                parts=", ".join(sheet.name for sheet in there),
            )
        if chosen:
            return [self._sheet(part, name) for name in chosen], []
        # What is seen comes before what is hidden.
        names = [sheet.name for sheet in sorted(there, key=lambda sheet: not sheet.visible)]
        reading = self._first_sheet(part, names)
        others = [sheet.name for sheet in there if sheet.name != reading.part_name]
        said = [Notice(FileNotice.SHEETS_NOT_READ, {"sheets": ", ".join(others)})] if others else []
        return [reading], said

    def _first_sheet(self, part: Part, names: Sequence[str]) -> Reading:
        first: FileProblem | None = None
        for name in names:
            try:
                return self._sheet(part, name)
            except FileProblem as problem:
                first = first or problem
        raise first or FileProblem(FileProblemCode.FILE_EMPTY, file=self.file_name)

    def _sheet(self, part: Part, sheet: str) -> Reading:
        reading = Reading((), {}, None, part_name=sheet, format=Format.WORKBOOK, delimiter="", quotechar="")
        with part.open() as stream:
            sample = sampled(stream, reading, file_name=self.file_name, limit=SAMPLE_RECORDS)
        return self._reading(part, _Start(reading, sample))

    def _text(self, part: Part, stream: BinaryIO) -> _Start:
        decided = encoding.decide(_spread(stream), file_name=self.file_name, wanted=self.options.encoding)
        reading = Reading(
            (), {}, None,
            part_name=part.name,
            encoding=decided.encoding,
            has_bom=decided.has_bom,
            double_encoded=decided.double_encoded,
            notices=decided.notices,
            confidences={"encoding": decided.confidence},
        )  # fmt: skip
        text, complete = _text_of(part, reading, SAMPLE_BYTES)
        if not text.strip(BLANKS + "".join((*dialect.DELIMITERS, *dialect.QUOTECHARS))):
            raise FileProblem(FileProblemCode.FILE_EMPTY, file=self.file_name)
        format_ = Format.DELIMITED if self.options.delimiter else recognise(text)
        if format_ is not Format.DELIMITED:
            reading = dataclasses.replace(reading, format=format_, delimiter="", quotechar="")
            with part.open() as again:
                return _Start(reading, sampled(again, reading, file_name=self.file_name, limit=SAMPLE_RECORDS))
        spoken, cells = self._delimited(text, complete=complete)
        if not cells:  # the first record is larger than the sample
            text, complete = _text_of(part, reading, LARGEST_SAMPLE)
            spoken, cells = self._delimited(text, complete=complete)
        if not cells and complete:
            raise FileProblem(FileProblemCode.FILE_EMPTY, file=self.file_name)
        if not cells:
            raise FileProblem(FileProblemCode.RECORD_TOO_LARGE, file=self.file_name, row=1, limit=LARGEST_SAMPLE)
        reading = dataclasses.replace(
            reading,
            delimiter=spoken.delimiter,
            quotechar=spoken.quotechar,
            escapechar=spoken.escapechar,
            notices=(*reading.notices, *spoken.notices),
            confidences={**reading.confidences, "dialect": spoken.confidence},
        )
        return _Start(reading, Sample(cells, None))

    def _delimited(self, text: str, *, complete: bool) -> tuple[dialect.Dialect, list[list[str]]]:
        spoken = dialect.decide(
            text,
            file_name=self.file_name,
            complete=complete,
            delimiter=self.options.delimiter,
            quotechar=self.options.quotechar,
        )
        return spoken, records.sample(text, spoken, limit=SAMPLE_RECORDS, complete=complete)

    def _reading(self, part: Part, start: _Start) -> Reading:
        reading, sample = start
        if not any(cell.strip() for record in sample.records for cell in record):
            raise FileProblem(FileProblemCode.FILE_EMPTY, file=self.file_name)
        table = understand(
            sample.records,
            columns=sample.columns,
            options=self.options,
            surroundings=self.surroundings,
            file_name=self.file_name,
            part_name=reading.part_name,
        )
        kinds, orders, said = self._kinds(table, sample)
        return dataclasses.replace(
            reading,
            columns=table.columns,
            mapping=table.mapping,
            header_row=table.header_row,
            member=part.part_no,
            widths=table.widths,
            kinds=kinds,
            date_orders=orders,
            timezone=self.surroundings.timezone,
            opt_outs=table.opt_outs,
            preset=table.preset,
            saved_mapping=table.saved_mapping,
            several=self.options.several,
            confidences={**reading.confidences, **table.confidences},
            notices=(*reading.notices, *sample.notices, *table.notices, *said),
        )

    def _kinds(self, table: Table, sample: Sample) -> tuple[dict[str, ColumnKind], dict[str, DateOrder], list[Notice]]:
        """Decide what kind of values the columns hold, and how their dates are written."""
        kinds: dict[str, ColumnKind] = {}
        orders: dict[str, DateOrder] = {}
        ambiguous: list[str] = []
        data = [record for record in sample.records[table.header_row or 0 :] if record]
        locale = self.surroundings.locale
        for at, column in enumerate(table.columns):
            field = table.mapping[column]
            is_time = field in (Field.OPT_IN_TIME, Field.OPT_OUT_TIME)
            if field != Field.ATTRIBUTE and not is_time:
                continue
            cells = [record[at] for record in data if at < len(record)]
            kind = ColumnKind.DATE if is_time else kind_of(column, cells, locale=locale)
            if kind is None:
                continue
            kinds[column] = kind
            if kind is ColumnKind.DATE:
                order, unsure = date_order(column, cells, locale=locale)
                told = self.options.date_order or table.date_orders.get(column)
                if told is not None and (order is not None or unsure):  # else: numbers of days, which have no order
                    order, unsure = told, False
                if unsure:
                    ambiguous.append(column)
                if order is not None:
                    orders[column] = order
        said = [
            Notice(FileNotice.DATES_AMBIGUOUS, {"column": column, "order": orders.get(column, "as text")})
            for column in ambiguous
        ]
        return kinds, orders, said


def _text_of(part: Part, reading: Reading, size: int) -> tuple[str, bool]:
    """Return the text of a part's beginning, and whether that is all of it."""
    with part.open() as stream:
        raw = _beginning(stream, size)
    complete = len(raw) < size
    marks = {"has_bom": reading.has_bom, "double_encoded": reading.double_encoded}
    return decode(raw, reading.encoding, **marks, complete=complete), complete


def _spread(stream: BinaryIO) -> bytes:
    """Return bytes from all over a part, where it lets one go back and forth; else its beginning."""
    if not stream.seekable():
        return _beginning(stream, SAMPLE_BYTES)
    return windows(stream, stream.seek(0, io.SEEK_END))


def _beginning(stream: BinaryIO, size: int) -> bytes:
    data = b""
    while len(data) < size and (more := stream.read(size - len(data))):
        data += more
    return data
