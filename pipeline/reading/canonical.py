"""Canonical chunks: records in one fixed form, whatever the file's own encoding and dialect were.

UTF-8, comma, doubled quotes, CRLF; the row number first, with the record's flaw behind a colon if it has one, then every
cell. What is decoded equals what was encoded, character by character, lone surrogates included: those stand for bytes of the
file that were no text.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from pipeline.problems import RowProblem
from pipeline.reading.flaws import FlawedRecord

# Not "surrogateescape": two neighbouring escaped bytes would come back as one character.
_SURROGATES = "surrogatepass"


def encode(rows: Iterable[tuple[int, list[str]]]) -> bytes:
    """Return the bytes of a chunk of ``(row_number, cells)``."""
    lines = io.StringIO(newline="")
    csv.writer(lines, lineterminator="\r\n").writerows(
        [row_number if type(cells) is list else f"{row_number}:{_flaw(cells)}", *cells] for row_number, cells in rows
    )
    return lines.getvalue().encode("utf-8", _SURROGATES)


def decode(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """Yield the ``(row_number, cells)`` of a chunk that `encode` made."""
    for number, *cells in csv.reader(io.StringIO(data.decode("utf-8", _SURROGATES), newline="")):
        row_number, _, flaw = number.partition(":")
        yield int(row_number), FlawedRecord(cells, RowProblem(flaw)) if flaw else cells


def _flaw(cells: list[str]) -> str:
    return cells.flaw if isinstance(cells, FlawedRecord) else ""
