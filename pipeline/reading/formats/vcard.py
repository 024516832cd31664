"""Files of vCards (.vcf), versions 2.1, 3.0 and 4.0: each card is a record; memory holds one at a time."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import BinaryIO, Final, TextIO

from pipeline.problems import FileNotice
from pipeline.reading.formats.cards import COLUMNS, Card, Line
from pipeline.reading.formats.properties import is_quoted_printable
from pipeline.reading.formats.sample import Sample
from pipeline.reading.reading import Notice, Reading
from pipeline.reading.text.decoding import text_of
from pipeline.reading.unpacking.members import listed

#: Characters of a line, folds included, and lines of a card, that are kept; photos are longer, and not read.
_MAX_LINE: Final = 1 << 18
_MAX_LINES: Final = 1000
_BLANKS: Final = " \t\r\n\f\v\ufeff"


def sample(stream: BinaryIO, reading: Reading, *, file_name: str, limit: int) -> Sample:  # noqa: ARG001 (as all formats)
    """Return the first ``limit`` cards, and a notice of the properties among them that are not read."""
    found = list(itertools.islice(_cards(stream, reading), limit))
    left_out = dict.fromkeys(name for card in found for name in card.left_out)
    notice = Notice(FileNotice.PROPERTIES_NOT_READ, {"properties": listed(left_out)})
    return Sample([card.record() for card in found], COLUMNS, (notice,) if left_out else ())


def records(stream: BinaryIO, reading: Reading, *, file_name: str) -> Iterator[list[str]]:  # noqa: ARG001 (as all formats)
    """Yield every card, with the cells of `COLUMNS`: addresses and numbers in their order of preference.

    A card that breaks the rules is a FlawedRecord, and so is text between cards.
    """
    for card in _cards(stream, reading):
        yield card.record()


def _cards(stream: BinaryIO, reading: Reading) -> Iterator[Card]:
    """Yield the cards of a file; a beginning without an end, an end without a beginning, and text between are no whole ones."""
    lines: list[Line] = []
    is_inside = False
    with text_of(stream, reading) as text:
        for line in _unfolded(text, reading):
            mark = line.text.strip(_BLANKS).upper()
            if mark == "BEGIN:VCARD":
                if lines or is_inside:
                    yield Card(lines, is_whole=False)
                lines, is_inside = [], True
            elif mark == "END:VCARD":
                yield Card(lines, is_whole=is_inside)
                lines, is_inside = [], False
            elif mark and len(lines) < _MAX_LINES:
                lines.append(line)
    if lines or is_inside:
        yield Card(lines, is_whole=False)


def _unfolded(text: TextIO, reading: Reading) -> Iterator[Line]:
    """Join what belongs to one line: lines that begin with a blank, and quoted-printable ones that end with "="."""
    parts: list[str] = []
    size = 0
    joins = False
    for line in _lines(text):
        if parts and (joins or line.text.startswith((" ", "\t"))):
            part = line.text if joins else line.text[1:]
        else:
            if parts:
                yield _joined(parts, size, reading)
            parts, size, part = [], 0, line.text
        joins = part.endswith("=") and is_quoted_printable(parts[0] if parts else part)
        size += _MAX_LINE if line.is_cut else len(part)
        if not parts or size < _MAX_LINE:
            parts.append(part.removesuffix("=") if joins else part)
    if parts:
        yield _joined(parts, size, reading)


def _joined(parts: list[str], size: int, reading: Reading) -> Line:
    text = "".join(parts)
    if len(parts) > 1 and reading.encoding == "utf-8":  # the 75 bytes of a folded line may end inside of a character
        text = text.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")
    return Line(text, is_cut=size >= _MAX_LINE)


def _lines(text: TextIO) -> Iterator[Line]:
    """Yield the lines of a file without their ends, and of one that is too long its beginning."""
    while line := text.readline(_MAX_LINE):
        is_cut = len(line) == _MAX_LINE and not line.endswith(("\n", "\r"))
        rest = line
        while is_cut and rest and not rest.endswith(("\n", "\r")):
            rest = text.readline(_MAX_LINE)
        yield Line(line.rstrip("\r\n"), is_cut)
