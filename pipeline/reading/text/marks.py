"""The characters that take text apart."""

from __future__ import annotations

from typing import Final, Protocol

#: The delimiter of columns that are padded with spaces, while words have single ones between them.
GAP: Final = "  "


class Marks(Protocol):
    """The characters that take text apart: those of a Reading or of a Dialect.

    Delimiter " " means a run of spaces, `GAP` a run of two or more.
    """

    @property
    def delimiter(self) -> str:
        """Return the character between cells."""

    @property
    def quotechar(self) -> str:
        """Return the character around cells that hold delimiters or line ends."""

    @property
    def escapechar(self) -> str | None:
        """Return the character that takes another's meaning away; None: quotation marks are doubled instead."""
