"""Where the header of a table is: after a preamble, in one row or two, or nowhere.

A header in two rows is recognised in two shapes. A row of groups stands above the names: a name that is there once is taken
alone, one that repeats gets its group before it ("Comercial Cidade"), an empty cell the group's own name (cells merged
downwards). Or the names are wrapped over two rows: then both are joined ("Endereço de" and "e-mail").
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pipeline.addresses import BLANKS
from pipeline.problems import FileProblem, FileProblemCode
from pipeline.reading.table.content import holds_address, is_blank, is_figure, mentions_address
from pipeline.reading.table.synonyms import is_known, names_email, names_other_email, resembles_email
from pipeline.reading.table.words import comparable, listed, unique_names

Records = Sequence[Sequence[str]]

#: How many of the first records with content may be preamble and header.
_LOOK: Final = 60
#: Of how many of its filled cells a record must repeat the names of the columns to be the header once more.
_REPEATED: Final = 2 / 3
#: A column's name that ends so goes on in the next row.
_GOES_ON: Final = re.compile(r"(?:\b(?:de|do|da|dos|das|del|of|the|para|e|y|and|no|na|em)|[-/(&,])\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class Header:
    """Where the header is; rows are counted from 1. ``row`` None: there is none, and ``names`` are empty cells.

    ``row`` is its last record, ``first`` its first one; ``skipped`` counts the records with content before it.
    """

    names: tuple[str, ...]
    row: int | None = None
    first: int | None = None
    skipped: int = 0
    confidence: float = 1.0


def find_header(
    sample: Records, *, header_row: int | None, file_name: str, is_told: Callable[[Sequence[str]], bool]
) -> Header:
    """Find the header among the first records of a table; ``header_row`` says where it is, 0 that there is none.

    ``is_told`` says of a record whether it has the names that somebody has given to the columns. Raises FileProblem where
    nothing in the sample is a header or an address.
    """
    if header_row:
        return _given(sample, header_row, file_name)
    if header_row == 0:
        return Header(("",) * usual_width(sample))
    told = next((at for at in _first_filled(sample) if is_told(sample[at])), None)
    if told is not None:
        return _header(sample, told, told, sample[told], 1.0)
    if (at := _named(sample)) is not None:
        return _joined(sample, at)
    column, first = _addressed(sample)
    if column is None or first is None:
        raise no_email_column(file_name, sample)
    if (at := _unnamed(sample, column, first)) is not None:
        return _header(sample, at, at, sample[at], 0.7)
    return Header(("",) * max(usual_width(sample), column + 1), confidence=0.6)


def usual_width(sample: Records) -> int:
    """Return how many cells the most records with content have; of two such numbers the greater."""
    widths = Counter(len(record) for record in sample if not is_blank(record))
    return max(widths, key=lambda width: (widths[width], width), default=0)


def no_email_column(file_name: str, sample: Records, row: int | None = None) -> FileProblem:
    """Return the problem of a table in which no address can be found; ``row`` is its header's, if it has one."""
    at = next((at for at, record in enumerate(sample) if not is_blank(record)), 0) if row is None else row - 1
    columns = unique_names(sample[at]) if at < len(sample) else ()
    return FileProblem(FileProblemCode.NO_EMAIL_COLUMN, file=file_name, row=at + 1, columns=listed(columns))


def is_header(cells: Sequence[str], columns: Sequence[str]) -> bool:
    """Say whether a record is the header once more, as where files were put one below the other."""
    named = [
        (comparable(name), comparable(column))
        for cell, name, column in zip(cells, unique_names(cells), columns, strict=False)
        if cell.strip(BLANKS)
    ]
    same = sum(name == column for name, column in named)
    return same > 0 and same >= _REPEATED * len(named) and 2 * same >= len(columns)


def _given(sample: Records, row: int, file_name: str) -> Header:
    if row > len(sample) or is_blank(sample[row - 1]):
        raise no_email_column(file_name, sample, row)
    return _header(sample, row - 1, row - 1, sample[row - 1], 1.0)


def _header(sample: Records, first: int, last: int, names: Sequence[str], confidence: float) -> Header:
    skipped = sum(not is_blank(record) for record in sample[:first])
    return Header(tuple(names), last + 1, first + 1, skipped, confidence)


def _filled(record: Sequence[str]) -> int:
    return sum(1 for cell in record if cell.strip(BLANKS))


def _first_filled(sample: Records) -> Iterator[int]:
    found = (at for at, record in enumerate(sample) if not is_blank(record))
    return (at for _, at in zip(range(_LOOK), found, strict=False))


def _named(sample: Records) -> int | None:
    """Return the position of the record that names an e-mail column and best fits the records below it."""
    first = _addressed(sample)[1]
    found: list[tuple[bool, int, int]] = []
    for at in _first_filled(sample):
        record = sample[at]
        named = [p for p, cell in enumerate(record) if _is_email_name(cell)]
        if not named or any(map(holds_address, record)) or _follows_data(sample, at, named):
            continue
        is_listed = any(names_email(record[p]) or names_other_email(record[p]) for p in named)
        if _filled(record) == 1 and _width(sample) > 1 and not is_listed:
            continue  # a title: "Lista de e-mails"
        supported = any(holds_address(_cell(below, p)) for below in sample[at + 1 :] for p in named)
        if supported or (is_listed and (first is None or (at < first and _is_well_known(record)))):
            found.append((supported, _filled(record), -at))
    return -max(found)[2] if found else None


def _is_well_known(record: Sequence[str]) -> bool:
    """Say whether half of the cells are ordinary names of columns: a contact may prefer to be asked by "E-mail"."""
    return 2 * sum(map(is_known, record)) >= _filled(record)


def _is_email_name(cell: str) -> bool:
    return bool(cell) and (names_email(cell) or names_other_email(cell) or resembles_email(cell))


def _follows_data(sample: Records, at: int, positions: Sequence[int]) -> bool:
    """Say whether contacts stand above a record already: then it is no header, or one that repeats.

    One address in a narrower record above is that of whoever made the report.
    """
    above = [record for record in sample[:at] if any(holds_address(_cell(record, p)) for p in positions)]
    return len(above) > 1 or (len(above) == 1 and _filled(above[0]) >= _filled(sample[at]))


def _cell(record: Sequence[str], at: int) -> str:
    return record[at] if at < len(record) else ""


def _width(sample: Records) -> int:
    return max(map(len, sample), default=0)


def _addressed(sample: Records) -> tuple[int | None, int | None]:
    """Return the column with the most addresses, and the first record with one in it; positions from 0."""
    counts = Counter(at for record in sample for at, cell in enumerate(record) if holds_address(cell))
    if not counts:
        return None, None
    column = min(counts, key=lambda at: (-counts[at], at))
    rows = [at for at, record in enumerate(sample) if holds_address(_cell(record, column))]
    usual = sorted(_filled(sample[at]) for at in rows)[len(rows) // 2]
    return column, next(at for at in rows if 2 * _filled(sample[at]) >= usual)


def _unnamed(sample: Records, column: int, first: int) -> int | None:
    """Return the position of a header in which nothing is called e-mail: the best known, nearest above the first contact."""
    least = max(_filled(sample[first]) / 2, min(_width(sample), 2))
    found: list[tuple[int, int]] = []
    for at in range(first):
        cells = [cell for cell in sample[at] if cell.strip(BLANKS)]
        if len(cells) < least or any(mentions_address(cell) or is_figure(cell) for cell in cells):
            continue
        known = sum(map(is_known, cells))
        has_name = bool(_cell(sample[at], column).strip(BLANKS))
        if known > 1 or (has_name and (known or _differs(sample, at))):
            found.append((known, at))
    return max(found)[1] if found else None


def _differs(sample: Records, at: int) -> bool:
    """Say whether a record of words stands above a column of figures, or alone above a single column without a dot."""
    record, below = sample[at], [other for other in sample[at + 1 :] if not is_blank(other)]
    if _width(sample) == 1:
        return at == next(_first_filled(sample)) and "." not in record[0]
    for position in range(len(record)):
        cells = [cell for other in below if (cell := _cell(other, position).strip(BLANKS))]
        if cells and sum(map(is_figure, cells)) >= 0.9 * len(cells) and record[position].strip(BLANKS):
            return True
    return False


def _joined(sample: Records, at: int) -> Header:
    record = sample[at]
    if at + 1 < len(sample) and (names := _with_below(record, sample[at + 1])):
        return _header(sample, at, at + 1, names, 0.9)
    if at and (names := _with_above(sample[at - 1], record)):
        return _header(sample, at - 1, at, names, 0.9)
    return _header(sample, at, at, record, 1.0)


def _labels(record: Sequence[str]) -> bool:
    """Say whether a record can be part of a header: words, no address, no figures."""
    cells = [cell for cell in record if cell.strip(BLANKS)]
    return bool(cells) and not any(mentions_address(cell) or any(map(str.isdigit, cell)) for cell in cells)


def _with_below(upper: Sequence[str], lower: Sequence[str]) -> tuple[str, ...] | None:
    """Join a header with the record below it, if that is its second row and not the first contact."""
    filled = [at for at, cell in enumerate(lower) if cell.strip(BLANKS)]
    if not _labels(lower) or any(at >= len(upper) for at in filled):
        return None
    return _merged_cells(upper, lower, filled) or _wrapped(upper, lower, filled)


def _merged_cells(upper: Sequence[str], lower: Sequence[str], filled: Sequence[int]) -> tuple[str, ...] | None:
    """Join groups with the names below, if each name stands under a group of several columns and half of them are known."""
    empty = [not cell.strip(BLANKS) for cell in upper] + [False]
    under_group = all(empty[at] or empty[at + 1] for at in filled) and any(empty[at] for at in filled)
    if not under_group or 2 * sum(is_known(lower[at]) for at in filled) < len(filled):
        return None
    groups = _groups(upper)
    return tuple(
        f"{groups[at]} {_cell(lower, at)}".strip() if _cell(lower, at).strip(BLANKS) else cell
        for at, cell in enumerate(upper)
    )


def _wrapped(upper: Sequence[str], lower: Sequence[str], filled: Sequence[int]) -> tuple[str, ...] | None:
    """Join names that go on below: in small letters, each under its beginning, one of which is visibly no whole name."""
    if not all(lower[at].strip(BLANKS)[0].islower() and upper[at].strip(BLANKS) for at in filled):
        return None
    if not any(_GOES_ON.search(upper[at]) for at in filled):
        return None
    return tuple(f"{cell} {_cell(lower, at)}".strip() for at, cell in enumerate(upper))


def _with_above(upper: Sequence[str], lower: Sequence[str]) -> tuple[str, ...] | None:
    """Join a header with the record above it, if names begin there or groups tell apart names that repeat."""
    if _filled(upper) < 2 or not _labels(upper) or len(upper) > len(lower) + 1:  # noqa: PLR2004 (a title is one cell)
        return None
    upper = [*upper, *[""] * (len(lower) - len(upper))]
    begins = any(_GOES_ON.search(above) and below.strip(BLANKS) for above, below in zip(upper, lower, strict=False))
    if begins and _filled(lower) <= _filled(upper):
        return tuple(f"{above} {below}".strip() for above, below in zip(upper, lower, strict=False))
    counts = Counter(map(comparable, lower))
    missing = any(not below.strip(BLANKS) and above.strip(BLANKS) for above, below in zip(upper, lower, strict=False))
    if not missing and all(count == 1 for name, count in counts.items() if name):
        return None
    groups = _groups(upper)
    return tuple(_leaf(upper[at], groups[at], name, counts[comparable(name)]) for at, name in enumerate(lower))


def _leaf(above: str, group: str, name: str, count: int) -> str:
    if not name.strip(BLANKS):
        return above
    return f"{group} {name}".strip() if count > 1 else name


def _groups(upper: Sequence[str]) -> list[str]:
    """Return each column's group: that of the last filled cell at or left of it."""
    groups: list[str] = []
    for cell in upper:
        groups.append(cell if cell.strip(BLANKS) else (groups[-1] if groups else ""))
    return groups
