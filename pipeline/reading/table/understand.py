"""A table with meaning, from its first records: where it begins, what its columns are called, what they mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pipeline.addresses import BLANKS
from pipeline.problems import FileNotice, FileProblem, FileProblemCode
from pipeline.reading.reading import DateOrder, Field, Notice, OptOutRule, ReadingOptions, Surroundings
from pipeline.reading.table.content import cells_of, is_blank
from pipeline.reading.table.header import Header, find_header, is_header, no_email_column, usual_width
from pipeline.reading.table.mapping import Mapped, map_columns
from pipeline.reading.table.optouts import speaks_of_opt_outs
from pipeline.reading.table.widths import ordinary_widths
from pipeline.reading.table.words import comparable, header_fingerprint, listed, unique_names

#: Columns of a table.
MAX_COLUMNS: Final = 1_000

#: A column at the end without a name is kept if this part of the records has something in it.
_NAMELESS: Final = 0.1


@dataclass(frozen=True)
class Table:
    """The part of a `Reading` that is decided from records; the fields are those of `Reading`.

    ``confidences`` has "header" and "mapping".
    """

    columns: tuple[str, ...]
    mapping: Mapping[str, str]
    header_row: int | None
    widths: tuple[int, ...] = ()
    opt_outs: tuple[OptOutRule, ...] = ()
    preset: str | None = None
    saved_mapping: str | None = None
    date_orders: Mapping[str, DateOrder] = field(default_factory=dict)
    confidences: Mapping[str, float] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()


def understand(
    sample: Sequence[Sequence[str]],
    *,
    columns: tuple[str, ...] | None,
    options: ReadingOptions,
    surroundings: Surroundings,
    file_name: str,
    part_name: str | None,
) -> Table:
    """Understand a table from its first records, blank ones included.

    ``columns`` are the names that the format itself gives (JSON, vCard): then no record is a header. Raises FileProblem:
    no_email_column, too_many_columns, and those of wrong options.
    """
    shown = file_name if part_name is None else f"{file_name}: {part_name}"
    _refuse_width(sample, shown)
    clipped = [record[: MAX_COLUMNS + 1] for record in sample]
    if columns is None:
        header = find_header(
            clipped,
            header_row=options.header_row,
            file_name=shown,
            is_told=lambda record: _is_told(record, options, surroundings),
        )
    else:
        header = Header(columns)
    records = [record for record in clipped[header.row or 0 :] if not is_blank(record)]
    cells = header.names if columns is not None else _trimmed(header.names, records)
    if len(cells) > MAX_COLUMNS:
        raise _too_many(shown, len(cells), header.row or 1)
    names = columns if columns is not None else unique_names(cells)
    records = [record for record in records if not is_header(record, names)]
    mapped = map_columns(
        names,
        records,
        named=columns is not None or header.row is not None,
        options=options,
        surroundings=surroundings,
        file_name=shown,
    )
    if mapped.email is None:
        raise no_email_column(shown, clipped, header.row)
    widths = ordinary_widths(records, columns=len(names), header=len(header.names), email_at=names.index(mapped.email))
    return Table(
        names,
        {column: str(is_field) for column, is_field in mapped.mapping.items()},
        header.row,
        widths,
        mapped.opt_outs,
        mapped.preset,
        mapped.saved_mapping,
        mapped.date_orders,
        {"header": header.confidence, "mapping": mapped.confidence},
        (*_notices(header, given=columns is not None), *mapped.notices, *_unheard(names, records, mapped)),
    )


def _unheard(names: Sequence[str], records: Sequence[Sequence[str]], mapped: Mapped) -> list[Notice]:
    """Name the columns that read like opt-outs and are none, because nobody has said so."""
    speaking = [
        name
        for at, name in enumerate(names)
        if mapped.mapping[name] == Field.ATTRIBUTE and speaks_of_opt_outs(name, cells_of(records, at))
    ]
    return [Notice(FileNotice.OPT_OUTS_NOT_OBEYED, {"columns": listed(speaking)})] if speaking else []


def _is_told(record: Sequence[str], options: ReadingOptions, surroundings: Surroundings) -> bool:
    """Say whether a record has every column that the uploader names, or is the header of a saved mapping."""
    cells = set(map(comparable, record))
    if options.mapping and all(comparable(asked) in cells for asked in options.mapping):
        return True
    saved = [mapping for mapping in surroundings.mappings if options.saved_mapping in (None, mapping.name)]
    return bool(saved) and header_fingerprint(unique_names(_trimmed(record, ()))) in {each.header for each in saved}


def _refuse_width(sample: Sequence[Sequence[str]], file_name: str) -> None:
    """Refuse a file most records of which are too wide: one such record may be a quotation mark that is not closed."""
    usual = usual_width(sample)
    if usual > MAX_COLUMNS:
        row = next(at for at, record in enumerate(sample, 1) if len(record) == usual)
        raise _too_many(file_name, usual, row)


def _too_many(file_name: str, count: int, row: int) -> FileProblem:
    return FileProblem(FileProblemCode.TOO_MANY_COLUMNS, file=file_name, count=count, limit=MAX_COLUMNS, row=row)


def _trimmed(names: Sequence[str], records: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Drop the columns at the end that have neither a name nor, in more than a few records, content."""
    end = len(names)
    while end > 1 and not names[end - 1].strip(BLANKS):
        if len(cells_of(records, end - 1)) > _NAMELESS * len(records):
            break
        end -= 1
    return tuple(names[:end])


def _notices(header: Header, *, given: bool) -> tuple[Notice, ...]:
    notices = []
    if header.row is None and not given:
        notices.append(Notice(FileNotice.NO_HEADER))
    if header.row is not None and header.first is not None:
        if header.skipped:
            notices.append(Notice(FileNotice.PREAMBLE_SKIPPED, {"rows": header.skipped, "row": header.first}))
        if header.first != header.row:
            notices.append(Notice(FileNotice.HEADER_ROWS_JOINED, {"first": header.first, "row": header.row}))
    return tuple(notices)
