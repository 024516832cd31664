"""The geometry of charts: shares into lengths. Every chart stands beside a table that has its figures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

#: Columns of a chart over time.
MOST_COLUMNS: Final = 36
#: The room between two columns, as a part of a column's place.
_GAP: Final = 0.25
#: Tops of scales, in tenths of a power of ten.
_TOPS: Final = (10, 12, 16, 20, 24, 30, 40, 50, 60, 80, 100, 200)


@dataclass(frozen=True)
class Part:
    """A part of a whole: its key (which names a colour), its label and its size."""

    key: str
    label: str
    size: int


@dataclass(frozen=True)
class Stretch:
    """A part of a bar or of a ring that is 100 long."""

    key: str
    start: float
    length: float


@dataclass(frozen=True)
class Column:
    """A column in a chart of 100 by 100, with its top-left corner."""

    x: float
    y: float
    width: float
    height: float


def stretches(parts: Sequence[Part]) -> list[Stretch]:
    """Lay parts end to end over a length of 100; what is empty is left out."""
    whole = sum(part.size for part in parts)
    laid: list[Stretch] = []
    start = 0.0
    for part in parts:
        if part.size:
            length = 100 * part.size / whole
            laid.append(Stretch(part.key, round(start, 3), round(length, 3)))
            start += length
    return laid


def ceiling(value: int) -> int:
    """Return the top of a scale: a round number that is no less, and whose half is whole."""
    if value <= 2:  # noqa: PLR2004 (the smallest scale)
        return 2
    power: int = 10 ** math.floor(math.log10(value))
    return next(top for tenths in _TOPS if (top := tenths * power // 10) >= value and top % 2 == 0)


def columns(values: Sequence[int], top: int) -> list[Column]:
    """Draw values as columns of a scale from 0 to ``top``."""
    place = 100 / max(len(values), 1)
    drawn = []
    for number, value in enumerate(values):
        height = 100 * value / top
        drawn.append(
            Column(
                round((number + _GAP / 2) * place, 3),
                round(100 - height, 3),
                round((1 - _GAP) * place, 3),
                round(height, 3),
            )
        )
    return drawn
