"""Canonical chunks: records in one fixed form, whatever the file's own encoding and dialect were.

UTF-8, comma, doubled quotes, CRLF; the row number first, then every cell. What is decoded equals what was encoded,
character by character, lone surrogates included: those stand for bytes of the file that were no text.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

# Not "surrogateescape": two neighbouring escaped bytes would come back as one character.
_SURROGATES = "surrogatepass"


def encode(rows: Iterable[tuple[int, list[str]]]) -> bytes:
    """Return the bytes of a chunk of ``(row_number, cells)``."""
    lines = io.StringIO(newline="")
    csv.writer(lines, lineterminator="\r\n").writerows([row_number, *cells] for row_number, cells in rows)
    return lines.getvalue().encode("utf-8", _SURROGATES)


def decode(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """Yield the ``(row_number, cells)`` of a chunk that `encode` made."""
    for row_number, *cells in csv.reader(io.StringIO(data.decode("utf-8", _SURROGATES), newline="")):
        yield int(row_number), cells
