"""The physical lines of a block, with those behind it as far as they are looked at."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Final

from pipeline.reading.text.blocks import Oversized

#: Lines of a block that is given back.
_RETURNED: Final = 500


class Lines:
    """The physical lines of one block, with those behind it as far as they are looked at."""

    def __init__(self, block: str, take: Callable[[], str], put_back: Callable[[str], None]) -> None:
        self._take = take
        self._put_back = put_back
        self._lines = _lines_of(block)
        self._count = len(self._lines)
        self._at = 0

    def __bool__(self) -> bool:
        return self._at < self._count

    def ahead(self, offset: int) -> str | None:
        """Return the line that comes ``offset`` lines behind the next; None: the end, or a line that is too long."""
        while self._at + offset >= len(self._lines):
            block = self._take()
            if not block or isinstance(block, Oversized):
                self._put_back(block)
                return None
            self._lines += _lines_of(block)
        return self._lines[self._at + offset]

    def consume(self, count: int) -> int:
        """Go ``count`` lines on, and return how many characters they have."""
        size = sum(map(len, self._lines[self._at : self._at + count]))
        self._at += count
        return size

    def put_back(self) -> None:
        """Return the lines that are left to where they came from."""
        for end in range(len(self._lines), self._at, -_RETURNED):
            self._put_back("".join(self._lines[max(self._at, end - _RETURNED) : end]))


def _lines_of(block: str) -> list[str]:
    return io.StringIO(block, newline="").readlines()
