"""Rejected rows that come back mended: the file reads as that of the job that rejected them."""

from __future__ import annotations

import dataclasses
from typing import Final

from pipeline.problems import FileProblem, FileProblemCode
from pipeline.reading.detection import detect
from pipeline.reading.reading import Field, FileReading, Reading, ReadingOptions, Surroundings
from pipeline.reading.unpacking import Package
from pipeline.spreadsheets import unescaped

#: In a rejects file: how columns begin for cells beyond those of the file, and how a column of the file ends that is
#: called like one that the export adds.
SURPLUS: Final = "surplus_"
OWN: Final = " (file)"
#: Columns that a rejects file adds to those of the file.
REJECTS_COLUMNS: Final = {
    "part_no": Field.REJECTED_PART,
    "row_number": Field.REJECTED_ROW,
    "error_code": Field.IGNORED,
    "error_detail": Field.IGNORED,
    "suggestion": Field.IGNORED,
}


def detect_mended(
    package: Package,
    parent: FileReading,
    *,
    file_name: str,
    options: ReadingOptions,
    surroundings: Surroundings,
) -> FileReading:
    """Decide how a mended rejects file is read. Raises FileProblem as `detect` does, and where it has no row numbers."""
    emails = {each.columns[at]: str(Field.EMAIL) for each in parent.parts for at in each.columns_of(Field.EMAIL)[:1]}
    told = dataclasses.replace(options, mapping=dict(list(emails.items())[:1]))
    try:
        reading = detect(package, file_name=file_name, options=told, surroundings=surroundings)
    except FileProblem as problem:
        if problem.code is not FileProblemCode.UNKNOWN_COLUMN:
            raise
        reading = detect(package, file_name=file_name, options=options, surroundings=surroundings)
    return like_parent(reading, parent, file_name=file_name)


def like_parent(reading: FileReading, parent: FileReading, *, file_name: str) -> FileReading:
    """Return the reading of a mended rejects file: its columns mean what they meant in the job that rejected the rows.

    Raises FileProblem where it lacks the column that says which rows it mends.
    """
    return dataclasses.replace(
        reading, parts=tuple(_part_like_parent(part, parent, file_name=file_name) for part in reading.parts)
    )


def _part_like_parent(part: Reading, parent: FileReading, *, file_name: str) -> Reading:
    if "row_number" not in part.columns:
        raise FileProblem(FileProblemCode.NO_ROW_NUMBERS, file=file_name)
    named = tuple(unescaped(column) for column in part.columns)
    known = {name: field for each in reversed(parent.parts) for name, field in each.mapping.items()}
    # Cells that a row had beyond the columns of its file are beyond them again: no contact as long as they are there.
    own = next((at for at, name in enumerate(named) if name.startswith(SURPLUS) and name not in known), len(named))
    columns = named[:own]
    mapping = {
        name: str(REJECTS_COLUMNS.get(name) or known.get(name.removesuffix(OWN), Field.IGNORED)) for name in columns
    }
    there = set(columns)
    return dataclasses.replace(
        part,
        columns=columns,
        widths=(*part.widths, *range(len(columns) + 1, len(named) + 1)),
        mapping=mapping,
        kinds={name: kind for each in parent.parts for name, kind in each.kinds.items() if name in there},
        date_orders={name: order for each in parent.parts for name, order in each.date_orders.items() if name in there},
        opt_outs=tuple(
            {rule.column: rule for each in parent.parts for rule in each.opt_outs if rule.column in there}.values()
        ),
        several=parent.parts[0].several,
        preset=None,
        saved_mapping=None,
        notices=(),
    )
