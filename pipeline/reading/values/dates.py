"""Days and moments as people and programs write them, read without guessing what the text does not say."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import Final, NamedTuple

from pipeline.reading.reading import DateOrder

#: Longest text that can be a moment: ``Wed Sep 02 2026 16:30:10 GMT-0300 (Horário Padrão de Brasília)`` and the like.
LONGEST: Final = 80

#: Days from 1927 to 2064, counted as spreadsheets do; 60 is their 29 February 1900, which never was.
_SERIAL: Final = re.compile(r"([1-5][0-9]{4})(?:[.,]([0-9]{1,12}))?")
_SERIAL_EPOCH: Final = dt.datetime(1899, 12, 30)  # noqa: DTZ001 (a wall clock's day; its zone is the tenant's)
_SECONDS_A_DAY: Final = 86_400

_DIGITS: Final = re.compile(r"([0-9]{1,4})\s?([-/.])\s?([0-9]{1,2})\s?\2\s?([0-9]{4}|[0-9]{1,2})(?![0-9])")
_COMPACT: Final = re.compile(r"(?:([0-9]{8})|([0-9]{7}))(?=$|T[0-9])")
_YEAR_DIGITS: Final = 4
_MAX_DAY: Final = 31
#: Years in which people and their programs live; only so does 05031990 say that it begins with a day.
_YEARS: Final = range(1900, 2100)
_WEEKDAY: Final = re.compile(
    r"(?:seg|ter|qua|qui|sex|s[aá]b|dom|lun|mar|mi[eé]|jue|vie|mon|tue|wed|thu|fri|sat|sun)[a-zç]*(?:-feira)?\.?,?\s+(?=\S)"
)
_DAY_THEN_MONTH: Final = re.compile(
    r"([0-9]{1,2})(?:º|°|ª|\.|o\b|st|nd|rd|th)?[\s/.-]*(?:(?:de|of)\s+)?([a-zç]{3,10})\.?,?[\s/.-]*(?:(?:de|del)\s+)?([0-9]{4}|[0-9]{2})(?![0-9])"
)
_MONTH_THEN_DAY: Final = re.compile(
    r"([a-zç]{3,10})\.?[\s/.-]+([0-9]{1,2})(?:st|nd|rd|th)?,?[\s/.-]+([0-9]{4})(?![0-9])"
)

_TIME: Final = re.compile(
    r"(?:t|[\s,]*(?:-|\u2013|às|as|at|a las)?\s*)"
    r"(?:(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,9}))?)?"
    r"(?:\s?h(?:rs?|s)?\.?)?"
    r"|(?P<h>[0-9]{1,2})\s?h(?:rs?|s|oras?)?\.?(?:\s?(?:e\s)?(?P<m>[0-9]{2})(?:\s?m(?:in)?\.?)?(?:\s?(?P<s>[0-9]{2})\s?s)?)?"
    r"|(?P<only>[0-9]{1,2})(?=\s?[ap]\.?\s?m))"
    r"(?:\s?(?P<half>[ap])\.?\s?m\.?)?"
    r"(?:\s?(?:(?P<zone>z|utc|gmt|brt|brst)|(?:utc|gmt)?\s?(?P<sign>[+-])(?P<hours>[0-9]{1,2})(?::?(?P<minutes>[0-9]{2}))?))?"
    r"(?:\s*\([^()]*\))?"
)
_ZONES: Final = {"z": 0, "utc": 0, "gmt": 0, "brt": -3, "brst": -2}
_FARTHEST: Final = dt.timedelta(hours=14)  # from UTC that any zone is
_NOON: Final = 12

_MONTHS: Final = {
    word: number
    for number, words in enumerate(
        (
            "janeiro enero january jan ene",
            "fevereiro febrero february fev feb",
            "marco marzo march mar",
            "abril april abr apr",
            "maio mayo may mai",
            "junho junio june jun",
            "julho julio july jul",
            "agosto august ago aug",
            "setembro septiembre setiembre september set sep sept",
            "outubro octubre october out oct",
            "novembro noviembre november nov",
            "dezembro diciembre december dez dic dec",
        ),
        1,
    )
    for word in words.split()
}


class Written(NamedTuple):
    """What a text says of a moment: a day, and perhaps a time of it, and perhaps how far that is from UTC."""

    day: dt.date
    time: dt.time | None = None
    offset: dt.timedelta | None = None


def read(text: str, order: DateOrder | None, today: dt.date) -> Written | None:
    """Return what a text says of a moment; None: it is none, or it is written in digits whose order is not ``order``.

    Two digits of a year mean the last such year up to ``today``. Without an ``order``, a number may be a day as spreadsheets
    count them, and of dates in digits only those are read that begin with a year of four digits.
    """
    text = text.strip()
    if not text or len(text) > LONGEST:
        return None
    if order is None and (found := _SERIAL.fullmatch(text)):
        return _of_serial(found)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text.replace("\xa0", " ").replace("\u202f", " "))
    lower = text.lower()
    dated = _date(lower, order, today)
    if dated is None and (weekday := _WEEKDAY.match(lower)):
        lower = lower[weekday.end() :]
        dated = _date(lower, order, today)
    if dated is None:
        return None
    day, end = dated
    rest = lower[end:].strip(" .,")
    return _with_time(day, rest) if rest else Written(day)


def _date(text: str, order: DateOrder | None, today: dt.date) -> tuple[dt.date, int] | None:
    """Return the day that a text begins with, and where it ends."""
    if found := _DIGITS.match(text):
        day = _of_digits(found, order, today)
    elif found := _COMPACT.match(text):
        day = _of_compact(found[0], order)
    elif found := _DAY_THEN_MONTH.match(text):
        day = _of_month(found[1], found[2], found[3], today)
    elif found := _MONTH_THEN_DAY.match(text):
        day = _of_month(found[2], found[1], found[3], today)
    else:
        return None
    return None if day is None else (day, found.end())


def _of_digits(found: re.Match[str], order: DateOrder | None, today: dt.date) -> dt.date | None:
    first, second, third = found[1], found[3], found[4]
    if len(first) == _YEAR_DIGITS:
        return _day(int(first), second, third) if len(third) <= 2 else None  # noqa: PLR2004 (a day has two digits)
    if len(first) > 2 or order is None:  # noqa: PLR2004
        return None
    if order is DateOrder.YEAR_FIRST:
        # 05-03-10 may be read in any order, whatever its neighbours are.
        return _day_of_century(first, second, third, today) if int(first) > _MAX_DAY and len(third) <= 2 else None  # noqa: PLR2004
    if order is DateOrder.DAY_FIRST:
        return _day_of_century(third, second, first, today)
    return _day_of_century(third, first, second, today)


def _of_compact(digits: str, order: DateOrder | None) -> dt.date | None:
    year_first = int(digits[:4]) in _YEARS and len(digits) == 8  # noqa: PLR2004 (YYYYMMDD)
    if year_first and (day := _day(int(digits[:4]), digits[4:6], digits[6:])) is not None:
        return day
    digits = digits.zfill(8)
    if order in (DateOrder.DAY_FIRST, DateOrder.MONTH_FIRST) and int(digits[4:]) in _YEARS:
        first, second = digits[:2], digits[2:4]
        return _day(int(digits[4:]), *((second, first) if order is DateOrder.DAY_FIRST else (first, second)))
    return None


def _of_month(day: str, month: str, year: str, today: dt.date) -> dt.date | None:
    number = _MONTHS.get(month.replace("ç", "c"))
    return None if number is None else _day_of_century(year, str(number), day, today)


def _day_of_century(year: str, month: str, day: str, today: dt.date) -> dt.date | None:
    if len(year) == _YEAR_DIGITS:
        return _day(int(year), month, day)
    if len(year) != 2:  # noqa: PLR2004 (two digits of a year, not one)
        return None
    century = today.year // 100 * 100
    found = _day(century + int(year), month, day)
    if found is None or found > today:
        return _day(century - 100 + int(year), month, day)
    return found


def _day(year: int, month: str, day: str) -> dt.date | None:
    try:
        return dt.date(year, int(month), int(day))
    except ValueError:
        return None


def _of_serial(found: re.Match[str]) -> Written:
    seconds = round(float(f"0.{found[2] or 0}") * _SECONDS_A_DAY)
    moment = _SERIAL_EPOCH + dt.timedelta(days=int(found[1]), seconds=seconds)
    return Written(moment.date(), moment.time() if moment.time() != dt.time() else None)


def _with_time(day: dt.date, text: str) -> Written | None:
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    hour = int(found["hour"] or found["h"] or found["only"])
    if found["half"]:
        if not 1 <= hour <= _NOON:
            return None
        hour = hour % _NOON + (_NOON if found["half"] == "p" else 0)
    microsecond = int((found["fraction"] or "")[:6].ljust(6, "0"))
    try:
        time = dt.time(
            hour, int(found["minute"] or found["m"] or 0), int(found["second"] or found["s"] or 0), microsecond
        )
    except ValueError:
        return None
    offset = _offset(found)
    if offset is None:
        # Programs write a day with this time when they know no other.
        return Written(day, time) if time != dt.time() else Written(day)
    return Written(day, time, offset) if abs(offset) <= _FARTHEST else None


def _offset(found: re.Match[str]) -> dt.timedelta | None:
    if found["zone"]:
        return dt.timedelta(hours=_ZONES[found["zone"]])
    if not found["sign"]:
        return None
    offset = dt.timedelta(hours=int(found["hours"]), minutes=int(found["minutes"] or 0))
    return -offset if found["sign"] == "-" else offset
