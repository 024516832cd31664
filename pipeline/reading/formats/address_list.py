"""Lists of addresses, pasted from a mail program: each entry is a record, wherever the lines end."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import BinaryIO, Final, TextIO

from pipeline.problems import RowProblem
from pipeline.reading.flaws import FlawedRecord
from pipeline.reading.formats.address_items import Item, items
from pipeline.reading.formats.sample import Sample
from pipeline.reading.reading import Reading
from pipeline.reading.text.decoding import text_of

COLUMNS: Final = ("name", "email")

#: Characters read at once, and those of one entry; a line of many entries may be of any length.
_BLOCK: Final = 1 << 16
_MAX_ENTRY: Final = 1 << 16
_KEPT: Final = 1000
_ENTRY_END: Final = re.compile(r"@[^\s,;<>\"]+>?\s*[,;]")
_BLANKS: Final = " \t\r\n\f\v\ufeff"


def sample(stream: BinaryIO, reading: Reading, *, file_name: str, limit: int) -> Sample:
    """Return the first ``limit`` entries as name and address."""
    return Sample(list(itertools.islice(records(stream, reading, file_name=file_name), limit)), COLUMNS)


def records(stream: BinaryIO, reading: Reading, *, file_name: str) -> Iterator[list[str]]:  # noqa: ARG001 (as all formats)
    """Yield every entry as name and address, in the order of the file; blank ones are none.

    An entry without an address has an empty one. One with several, where none can be told to be meant, has all of them.
    """
    with text_of(stream, reading) as text:
        for line in _lines(text):
            yield from map(_record, items(line))


def _record(item: Item) -> list[str]:
    if len(item.name) + len(item.email) > _MAX_ENTRY:
        return FlawedRecord([(item.name or item.email)[:_KEPT], ""], RowProblem.CELL_TOO_LARGE)
    return [item.name, item.email]


def _lines(text: TextIO) -> Iterator[str]:
    """Yield the lines that have content; one that is very long in pieces that end between two addresses."""
    rest = ""
    while block := text.readline(_BLOCK):
        line, rest = rest + block, ""
        if len(block) == _BLOCK and not block.endswith(("\n", "\r")):
            cut = max((match.end() for match in _ENTRY_END.finditer(line)), default=0)
            if cut or len(line) < 2 * _MAX_ENTRY:  # or an entry is so long that it may be cut anywhere
                line, rest = line[:cut], line[cut:]
        if line.strip(_BLANKS):
            yield line
    if rest.strip(_BLANKS):
        yield rest
