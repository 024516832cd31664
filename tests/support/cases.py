"""The tables of `tests/cases`: addresses, and what is to be said of them."""

from __future__ import annotations

import re
from pathlib import Path

_FOLDER = Path(__file__).parents[1] / "cases"
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.?))")
_LETTERS = {"\\": "\\", "t": "\t", "n": "\n", "r": "\r"}


def read(name: str) -> list[dict[str, str]]:
    """Return the rows of a table by their columns, the escapes of ``address`` decoded."""
    header, *lines = (_FOLDER / f"{name}.tsv").read_bytes().decode("utf-8").removesuffix("\n").split("\n")
    columns = header.split("\t")
    rows = [dict(zip(columns, line.split("\t"), strict=True)) for line in lines]
    return [{**row, "address": decode(row["address"])} for row in rows]


def decode(text: str) -> str:
    """Return the text that is meant, in one pass from the left: what an escape stands for begins no other."""
    return _ESCAPE.sub(
        lambda found: _LETTERS[found[3]] if found[3] is not None else chr(int(found[1] or found[2], 16)), text
    )
