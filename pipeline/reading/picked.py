"""What a record comes to: the parts of a contact, or the problem that costs the row; and what must be said about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from pipeline.problems import RowProblem
from pipeline.reading.cells import printable
from pipeline.reading.reading import OptOut

#: What the name of a contact is where the cell has the job's clear token.
CLEARED_NAME: Final = " "


class RowWarning(NamedTuple):
    """What was made of a row's cells, where that needs saying; of one column, or of the whole row (None)."""

    code: RowProblem
    column: str | None = None


class Picked(NamedTuple):
    """What a record comes to. ``raw_email`` and ``raw_name`` are as in the file; attributes are trimmed and not empty.

    ``email`` is there also with a problem, if the address itself could be read: opt-outs count all the same. An attribute
    of None, or a name of `CLEARED_NAME`, is a cell with the job's clear token.
    """

    raw_email: str
    raw_name: str
    email: str | None
    name: str
    attributes: Mapping[str, str | None]
    problem: RowProblem | None
    detail: str | None
    warnings: tuple[RowWarning, ...] = ()
    opt_out: OptOut = OptOut.NONE
    consent: dict[str, str] | None = None
    mends: tuple[int, int] | None = None


def stored(warnings: Sequence[RowWarning]) -> list[dict[str, str]]:
    """Return warnings as they are stored."""
    return [
        {"code": str(warning.code)} | ({"column": printable(warning.column)} if warning.column is not None else {})
        for warning in warnings
    ]
