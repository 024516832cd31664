"""From text to records: a stream of bytes, or a sample of text, becomes lists of cells."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from pipeline.reading.flaws import FlawedRecord
from pipeline.reading.reading import Field, Reading
from pipeline.reading.text.blocks import Blocks
from pipeline.reading.text.decoding import text_of
from pipeline.reading.text.delimited import Delimited
from pipeline.reading.text.marks import Marks
from pipeline.reading.text.quotes import Shape, holds_address


def records(stream: BinaryIO, reading: Reading, *, file_name: str) -> Iterator[list[str]]:  # noqa: ARG001 (readers of all formats are called alike)
    """Yield every record of the file in order, header, preamble and blank ones (as ``[]``) included.

    A record that was repaired or cannot be read is a FlawedRecord. ``stream`` stays open.
    """
    shape = Shape(
        frozenset({len(reading.columns), *reading.widths} - {0}),
        reading.columns_of(Field.EMAIL) + reading.columns_of(Field.OTHER_EMAIL),
    )
    with text_of(stream, reading) as text:
        yield from Delimited(Blocks(text), reading, shape)


def sample(text: str, marks: Marks, *, limit: int, complete: bool) -> list[list[str]]:
    """Return up to ``limit`` records of a sample, by the same rules as those of the whole file.

    Unless the sample is ``complete``, its last record is left out: the cut may have damaged it. The width of the
    records and the column of addresses are taken from the sample itself.
    """
    first = _first(text, marks, Shape(), limit, complete=complete)
    shape = shape_of(first)
    if shape.widest == 1:  # perhaps every line stands in quotation marks as a whole
        inner = "\n".join(cells[0] for cells in first if len(cells) == 1)
        within = shape_of(_first(inner, marks, Shape(), limit, complete=True))
        shape = within if within.emails and not shape.emails else shape
    return _first(text, marks, shape, limit, complete=complete)


def shape_of(sampled: Iterable[list[str]]) -> Shape:
    """Return the width of the table and where its addresses stand; none where there are no records."""
    present = [cells for cells in sampled if cells]
    sound = [cells for cells in present if not isinstance(cells, FlawedRecord)] or present
    widths = Counter(map(len, sound))
    if not widths:
        return Shape()
    # Where no record has an address, there are titles and remarks; where one has, the header and the records with a
    # wrong address count too. Of equals the larger: records lose empty cells at their end, and hardly gain any.
    with_address = {len(cells) for cells in sound if any(map(holds_address, cells))}
    rows = Counter(len(cells) for cells in sound if len(cells) > 1 or "@" in cells[0])
    width = max(widths, key=lambda width: (rows[width] if width in with_address else 0, widths[width], width))
    columns = Counter(
        at for cells in sound if len(cells) == width for at, cell in enumerate(cells) if holds_address(cell)
    )
    return Shape(
        frozenset({width}), tuple(at for at, count in columns.items() if 2 * count > columns.most_common(1)[0][1])
    )


def _first(text: str, marks: Marks, shape: Shape, limit: int, *, complete: bool) -> list[list[str]]:
    found: list[list[str]] = []
    for cells in Delimited(Blocks(io.StringIO(text, newline="")), marks, shape):
        found.append(cells)
        if len(found) > limit:
            break
    else:
        if complete:
            return found
    return found[:-1]
