"""Printing: results on standard output, one JSON document or text for people; everything else on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.words import Words

#: Width of text that goes to no terminal: lines are for other programs to cut, not for us.
PIPE_WIDTH = 10_000


@dataclass(frozen=True)
class Screen:
    """Where a command's words go. With ``as_json``, standard output holds one JSON document and nothing else."""

    words: Words
    as_json: bool

    def document(self, value: object) -> None:
        """Print one JSON document; times in ISO 8601, UTC."""
        json.dump(value, sys.stdout, default=_plain, ensure_ascii=False, indent=2)
        sys.stdout.write("\n")

    def line(self, text: str = "") -> None:
        """Print one line of the result."""
        _out().print(Text(text), soft_wrap=True)

    def say(self, key: str, /, **params: object) -> None:
        """Print a sentence of the catalogue as part of the result."""
        self.line(self.words.say(key, **params))

    def tell(self, key: str, /, **params: object) -> None:
        """Say on the way what is being done: on standard error."""
        error_console().print(Text(self.words.say(key, **params)), soft_wrap=True)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Print rows under headings (keys below ``cli.column``); numbers to the right."""
        values = [list(row) for row in rows]
        table = Table(box=None, pad_edge=False, header_style="bold")
        for number, column in enumerate(columns):
            is_number = bool(values) and all(isinstance(row[number], int) or row[number] is None for row in values)
            table.add_column(
                self.words.say(f"column.{column}"), justify="right" if is_number else "left", overflow="fold"
            )
        for row in values:
            table.add_row(*(Text(_cell(self.words, value)) for value in row))
        _out().print(table)

    def facts(self, pairs: Iterable[tuple[str, object]]) -> None:
        """Print names (keys below ``cli.column``) and values, one pair a line; what is None or empty is left out."""
        table = Table(box=None, pad_edge=False, show_header=False)
        table.add_column(style="bold")
        table.add_column(overflow="fold")
        for column, value in pairs:
            if value not in (None, ""):
                table.add_row(self.words.say(f"column.{column}"), Text(_cell(self.words, value)))
        _out().print(table)


def error_console() -> Console:
    """Return the console of standard error."""
    return _console(stderr=True)


def _out() -> Console:
    return _console(stderr=False)


def _console(*, stderr: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, highlight=False, width=None if stream.isatty() else PIPE_WIDTH)


def _cell(words: Words, value: object) -> str:
    return "" if value is None else str(words.value(value))


def _plain(value: object) -> Any:  # noqa: ANN401 (what json can write)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (UUID, Path)):
        return str(value)
    raise TypeError(type(value).__name__)
