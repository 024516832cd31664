"""The rows of a job beside the records that they were read from, in file order, in memory one chunk at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from db import outcomes
from db.outcomes import Outcome, RowOutcome, RowsChunk, RowsWanted
from db.unit import Unit
from pipeline.exports import beyond
from pipeline.reading import FileReading, canonical
from pipeline.store import FileStore


class OriginalRow(NamedTuple):
    """A row, and the cells of its record as they stood in the file."""

    part_no: int
    row: RowOutcome
    cells: list[str]


def original_rows(
    unit: Unit, store: FileStore, chunks: Iterable[RowsChunk], wanted: RowsWanted
) -> Iterator[OriginalRow]:
    """Yield the wanted rows of these chunks. Raises FileNotFoundError where the store has a chunk's records no more."""
    for chunk in _with_errors(chunks) if wanted.outcome is Outcome.ERROR else chunks:
        found = {row.row_number: row for row in outcomes.rows(unit, chunk, wanted)}
        if not found:
            continue
        for row_number, cells in canonical.decode(store.get(chunk.key)):
            if row_number in found:
                yield OriginalRow(chunk.rows.part_no, found[row_number], cells)


def surplus(store: FileStore, chunks: Iterable[RowsChunk], reading: FileReading) -> int:
    """Return how many cells a record has beyond the columns of its part, at most.

    Only rejected rows have such cells. Raises FileNotFoundError as `original_rows` does.
    """
    widest = 0
    for chunk in _with_errors(chunks):
        width = len(reading.part(chunk.rows.part_no).columns)
        for _, cells in canonical.decode(store.get(chunk.key)):
            if len(cells) > width + widest:
                widest = max(widest, len(beyond(cells, width)))
    return widest


def _with_errors(chunks: Iterable[RowsChunk]) -> Iterator[RowsChunk]:
    return (chunk for chunk in chunks if chunk.error_rows)
