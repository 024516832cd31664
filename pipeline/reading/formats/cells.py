"""Values of workbooks and of JSON become the text of cells, as a person would have typed it."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import Final

CellValue = float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta

_EXACT: Final = 2**53  # whole floats up to here are exact
_KEPT: Final = 10**15
_DIGITS: Final = 15  # that spreadsheets keep and show


def cell_text(value: CellValue) -> str:  # noqa: PLR0911 (one for each type)
    """Return the text of a workbook's cell.

    Whole numbers are written in full, without exponent or decimals; others with the 15 digits that spreadsheets show.
    Days and moments are in ISO 8601 form with a blank between the two (``2026-09-02 16:30:10``); a moment at midnight is
    a day. Durations are hours, minutes and seconds.
    """
    if type(value) is float:
        return number_text(value)
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return number_text(float(value))
        case dt.datetime():
            moment = _to_milliseconds(value)
            return moment.date().isoformat() if moment.time() == dt.time.min else _shortest(moment.isoformat(" "))
        case dt.date():
            return value.isoformat()
        case dt.time():
            day = dt.datetime.combine(dt.date.min, value)
            return _shortest(_to_milliseconds(day).time().isoformat())
        case dt.timedelta():
            return _duration(value)


def number_text(value: float) -> str:
    """Return a number in full: never in the form 1e+21."""
    if value.is_integer() and abs(value) <= _EXACT:
        return str(int(value))
    if not math.isfinite(value):
        return str(value)
    return f"{Decimal(repr(value) if value.is_integer() else f'{value:.{_DIGITS}g}'):f}"


def has_lost_digits(value: float) -> bool:
    """Say whether a number is longer than the 15 digits that spreadsheets keep: what stands behind them may be lost."""
    if -_KEPT < value < _KEPT or not value.is_integer():
        return False
    return abs(value) > _EXACT or int(value) % 10 == 0


def _to_milliseconds(moment: dt.datetime) -> dt.datetime:
    """Spreadsheets count in fractions of a day, which hit a second only nearly: 16:30:09.999999."""
    try:
        rounded = moment + dt.timedelta(microseconds=500)
    except OverflowError:  # the last millisecond of the year 9999
        rounded = moment
    return rounded.replace(microsecond=rounded.microsecond // 1000 * 1000)


def _shortest(text: str) -> str:
    return text.removesuffix("000") if "." in text else text


def _duration(value: dt.timedelta) -> str:
    seconds = round(value.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
