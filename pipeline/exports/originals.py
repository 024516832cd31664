"""Records of a file in its own columns again, with what is known of them behind.

The columns are those of all parts, by name, in the order of their first appearance; then those that are added; then as
many as a record has cells beyond its own (`SURPLUS`), so that nothing of a record is lost and nothing shifts the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from pipeline.reading import OWN, REJECTS_COLUMNS, SURPLUS, Field, Reading

#: As many of them at most; what is beyond stands in the last one, with the delimiter in between.
MAX_SURPLUS: Final = 100


@dataclass(frozen=True)
class Originals:
    """The columns of a job's file as an export has them: ``columns`` of the parts, ``added`` ones, and ``surplus`` ones."""

    columns: tuple[str, ...]
    added: tuple[str, ...]
    places: dict[int, tuple[int | None, ...]]  # by part_no: where each cell of its records goes; None: nowhere
    delimiter: str
    surplus: int = 0

    @classmethod
    def of(cls, parts: Iterable[Reading], added: Sequence[str], *, surplus: int = 0) -> Originals:
        """Make the columns of these parts, behind which the columns ``added`` stand.

        ``surplus`` is how many cells a record has `beyond` its columns, at most. In a file of mended rows, what the export
        before it had added is left out: it is added anew.
        """
        columns: dict[str, int] = {}
        places: dict[int, tuple[int | None, ...]] = {}
        delimiter = ""
        for part in parts:
            delimiter = delimiter or part.delimiter
            gone = {*added, *REJECTS_COLUMNS} if part.column_of(Field.REJECTED_ROW) is not None else set()
            places[part.part_no] = tuple(
                None if column in gone
                else columns.setdefault(f"{column}{OWN}" if column in {*added, *REJECTS_COLUMNS} else column, len(columns))
                for column in part.columns
            )  # fmt: skip
        return cls(tuple(columns), tuple(added), places, delimiter, min(surplus, MAX_SURPLUS))

    @property
    def header(self) -> tuple[str, ...]:
        """The names of all columns."""
        return (*self.columns, *self.added, *(f"{SURPLUS}{number}" for number in range(1, self.surplus + 1)))

    def row(self, part_no: int, cells: Sequence[str], added: Sequence[str]) -> list[str]:
        """Return a record of a part with the cells of the added columns, as many cells as `header` has.

        Raises LookupError for a part that is none of these.
        """
        places = self.places[part_no]
        row = [""] * len(self.columns)
        for place, cell in zip(places, cells, strict=False):
            if place is not None:
                row[place] = cell
        more = beyond(cells, len(places))
        if len(more) > self.surplus:
            more[self.surplus - 1 :] = [self.delimiter.join(more[self.surplus - 1 :])]
        return [*row, *added, *more, *[""] * (self.surplus - len(more))]


def beyond(cells: Sequence[str], width: int) -> list[str]:
    """Return the cells of a record beyond so many columns, without blank ones at its end."""
    more = list(cells[width:])
    while more and not more[-1].strip():
        more.pop()
    return more
