"""The text of a stream in blocks of whole lines, in bounded memory however long its lines are."""

from __future__ import annotations

import re
from typing import Final, Protocol

#: Characters of one cell and of one record. As a rule a quotation mark that is never closed is what reaches them.
MAX_CELL: Final = 1 << 20
MAX_RECORD: Final = 1 << 22

#: What is kept of the text of a line that is longer than a record can be.
KEPT: Final = 1000

#: Characters of an ordinary block: large enough for the work to be done in C, small enough that one flaw costs little.
_BLOCK: Final = 1 << 14

#: The first line that tells Excel the delimiter. Excel hides it: it is no record.
SEP_LINE: Final = re.compile(r'"?sep=([^\r\n"])"?\1*[ ]*(?:\r\n|\n|\r|\Z)', re.IGNORECASE)

#: The end of a text in old DOS files, with what may have filled up the last sector.
_CTRL_Z: Final = re.compile(r"\x1a[\x00\x1a\r\n]*\Z")


class Readable(Protocol):
    """What text is read from: an `io.TextIOWrapper` with ``newline=""``, or an `io.StringIO` with it."""

    def read(self, size: int, /) -> str:
        """Return up to ``size`` characters, and none at the end only."""


class Oversized(str):
    """The beginning of a line of more than `MAX_RECORD` characters; the rest of it was skipped."""

    __slots__ = ()


class Blocks:
    """A text in blocks of whole lines, each with its line end (LF, CRLF or CR; the last line may have none).

    The line that names the delimiter for Excel, at the beginning, and Ctrl-Z at the end are left out. A line over `MAX_RECORD`
    is a block of its own. A block has more than some 16,384 characters only where a line has.
    """

    def __init__(self, text: Readable) -> None:
        self._stream = text
        self._returned: list[str] = []
        self._text = ""
        self._at = 0
        self._ended = False
        self._more()
        if sep := SEP_LINE.match(self._text):
            self._at = sep.end()

    def take(self) -> str:
        """Return the next block; at the end "", and only there."""
        if self._returned:
            return self._returned.pop()
        if len(self._text) - self._at < _BLOCK:
            self._more()
        size = _BLOCK
        while (cut := self._line_end(size)) is None:
            if size > MAX_RECORD:
                return self._skip_line()
            size *= 2
            while len(self._text) - self._at < size and not self._ended:
                self._more()
        block = self._text[self._at : cut]
        self._at = cut
        return block

    def put_back(self, block: str) -> None:
        """Take back what was given out last, or its end: it comes again next."""
        if block:
            self._returned.append(block)

    def _more(self) -> None:
        if self._ended:
            return
        piece = self._stream.read(_BLOCK)
        self._text = self._text[self._at :] + piece
        self._at = 0
        if not piece:
            self._ended = True
            self._text = _CTRL_Z.sub("", self._text)

    def _line_end(self, size: int) -> int | None:
        """Return where the last line ends within the next ``size`` characters; None: no line does."""
        text, end = self._text, self._at + size
        if self._ended and end >= len(text):
            return len(text)
        # A carriage return that is the last character we have may be half of a line end.
        last = max(text.rfind("\n", self._at, end), text.rfind("\r", self._at, min(end, len(text) - 1)))
        if last < 0:
            return None
        return last + 2 if text.startswith("\r\n", last) else last + 1

    def _skip_line(self) -> Oversized:
        kept = Oversized(self._text[self._at : self._at + KEPT])
        found = None
        while (found := _FIRST_LINE_END.search(self._text, self._at)) is None and not self._ended:
            # The last character stays: it may be the first half of a line end.
            self._at = len(self._text) - 1
            self._more()
        self._at = found.end() if found else len(self._text)
        return kept


#: A carriage return at the very end is left until what follows it is known.
_FIRST_LINE_END: Final = re.compile(r"\r\n|\n|\r(?!\Z)")
