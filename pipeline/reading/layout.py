"""What a record says about a contact: the cells of the address and of the name, and the others as attributes."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, NamedTuple

from pipeline.addresses import BLANKS
from pipeline.problems import RowProblem
from pipeline.reading.reading import Field, Reading

#: Characters of a contact's name. It bounds the time of normalising, which is quadratic in a run of accents.
MAX_NAME: Final = 300

_UNSTORABLE: Final = re.compile(r"[\x00\ud800-\udfff]")


class Picked(NamedTuple):
    """A record's parts. ``raw_email`` and ``raw_name`` are as in the file; attributes are trimmed and not empty."""

    raw_email: str
    raw_name: str
    attributes: dict[str, str]
    problem: RowProblem | None


@dataclass(frozen=True)
class Layout:
    """Where in a record the parts of a contact are; positions count from 0."""

    email_at: int
    name_at: int | None
    attributes_at: tuple[tuple[int, str], ...]
    width: int

    @classmethod
    def of(cls, reading: Reading) -> Layout:
        """Make the layout of a file. Raises ValueError for a reading without an e-mail column: `detect` makes none."""
        email_at = reading.column_of(Field.EMAIL)
        if email_at is None:
            msg = "a reading without an e-mail column"
            raise ValueError(msg)
        name_at = reading.column_of(Field.NAME)
        attributes_at = tuple(
            (at, column) for at, column in enumerate(reading.columns) if at not in (email_at, name_at)
        )
        return cls(email_at, name_at, attributes_at, len(reading.columns))

    @property
    def has_name(self) -> bool:
        """Whether the file has a column of names."""
        return self.name_at is not None

    def pick(self, cells: list[str]) -> Picked:
        """Pick a record's parts; cells that it lacks at its end are empty.

        The problem is one of the record as a whole, found before its address is looked at.
        """
        count = len(cells)
        attributes = {}
        for at, column in self.attributes_at:
            if at < count and (value := cells[at].strip(BLANKS)):
                attributes[column] = value
        return Picked(
            cells[self.email_at] if self.email_at < count else "",
            cells[self.name_at] if self.name_at is not None and self.name_at < count else "",
            attributes,
            self._problem(cells),
        )

    def _problem(self, cells: list[str]) -> RowProblem | None:
        joined = "".join(cells)
        if not joined.isascii() and not _is_encodable(joined):
            return RowProblem.UNDECODABLE
        if len(cells) > self.width and "".join(cells[self.width :]).strip(BLANKS):
            return RowProblem.TOO_MANY_CELLS
        return None


def contact_name(raw_name: str) -> str:
    """Return a name as contacts carry it: one space between words, no control characters, NFC, at most `MAX_NAME` long."""
    words = " ".join(raw_name.split())[:MAX_NAME]
    if not words.isprintable():
        words = "".join(character for character in words if unicodedata.category(character) not in ("Cc", "Cs"))
    return " ".join(unicodedata.normalize("NFC", words)[:MAX_NAME].strip(BLANKS).split())


def printable(text: str) -> str:
    """Return ``text`` with U+FFFD for what PostgreSQL cannot store: NUL and lone surrogates."""
    if "\x00" not in text and (text.isascii() or _is_encodable(text)):
        return text
    return _UNSTORABLE.sub("\ufffd", text)


def _is_encodable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
