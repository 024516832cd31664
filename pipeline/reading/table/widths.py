"""How many cells a record of a file may have besides the number of its columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from pipeline.reading.table.content import cells_of, holds_address, is_blank, is_figure

Records = Sequence[Sequence[str]]

#: A width is ordinary if so many of the sampled records have it, and this part of them.
_MIN_RECORDS: Final = 3
_PART: Final = 0.01
#: A column is one of figures, or of words, if so many of its cells are.
_CLEARLY: Final = 0.9


def ordinary_widths(records: Records, *, columns: int, header: int, email_at: int) -> tuple[int, ...]:
    """Return the other lengths that are ordinary among the sampled data records, ascending.

    Shorter ones omit empty cells at their end, as spreadsheets do; longer ones end in blank cells, for which a header of
    ``header`` cells has room. The address, at position ``email_at``, must stand in its place, and figures where the whole
    records have figures, or the cells are shifted.
    """
    by_width: dict[int, list[Sequence[str]]] = defaultdict(list)
    for record in records:
        if not is_blank(record):
            by_width[len(record)].append(record)
    total = sum(map(len, by_width.values()))
    ordinary = set(range(columns + 1, header + 1))
    for width, alike in list(by_width.items()):
        in_place = [record for record in alike if width > email_at and holds_address(record[email_at])]
        if len(in_place) < max(_MIN_RECORDS, _PART * total) or 2 * len(in_place) < len(alike):
            continue
        if width > columns and all(is_blank(record[columns:]) for record in alike):
            ordinary.add(width)
        if width < columns and not _is_shifted(in_place, by_width[columns], email_at + 1, width):
            ordinary.add(width)
    return tuple(sorted(ordinary - {columns}))


def _is_shifted(short: Records, whole: Records, start: int, end: int) -> bool:
    """Say whether short records have words where whole ones have figures, or figures where those have words."""
    for at in range(start, end):
        usual = _figures(whole, at)
        found = _figures(short, at)
        if usual is not None and found is not None:
            clear = max(usual, 1 - usual) >= _CLEARLY
            if clear and abs(usual - found) > 1 - _CLEARLY:
                return True
    return False


def _figures(records: Records, at: int) -> float | None:
    """Return what part of the filled cells of a column are figures, from 0 to 1; None: there is none."""
    cells = cells_of(records, at)
    return sum(map(is_figure, cells)) / len(cells) if cells else None
