"""What kind of values a column holds, by its header and by its cells: decided once for a file."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

from pipeline.addresses import BLANKS
from pipeline.reading.reading import ColumnKind, DateOrder
from pipeline.reading.table.words import comparable
from pipeline.reading.values.dates import read
from pipeline.reading.values.moments import today
from pipeline.reading.values.numbers import is_whole_float, restored

#: Words in names of columns, by what they say.
_WORDS: Final = {
    kind: frozenset(words)
    for kind, words in tomllib.loads(Path(__file__).with_name("headers.toml").read_text("utf-8")).items()
}
_DATE: Final = _WORDS["date"] | _WORDS["birth"]
_MOMENT: Final = _WORDS["moment"] | _WORDS["future"]
#: Languages in which the day comes first.
_LANGUAGES: Final = ("pt", "es")

#: Of the cells with a digit in a column of dates, how many must be some; the others are typing errors.
_DATES: Final = 0.8
#: And of all cells that are not blank: the others may be words such as "não informado".
_DATES_OF_ALL: Final = 0.2
#: Years ahead for which people make dates.
_AHEAD: Final = 15
#: Of the cells under a header for postal codes of any country, how many must be Brazilian.
_BRAZILIAN: Final = 0.9
#: Cells from which on a column is one of whole numbers that were written as floats.
_WHOLE: Final = 3
_PHONE_DIGITS: Final = 8
#: Characters of a cell that are looked at; what is longer is of no kind.
_SEEN: Final = 200
_MAX_DAY: Final = 31
_MAX_MONTH: Final = 12

_NUMBERED: Final = re.compile(r"(?<=[a-z])[0-9]+$")
_NO_DATE: Final = re.compile(r"[0\W]*|\D*")
_CEP_SHAPE: Final = re.compile(r"[0-9]{2}\.?[0-9]{3}-?[0-9]{3}", re.ASCII)
_SHORT_CEP: Final = re.compile(r"[1-9][0-9]{6}", re.ASCII)
_BARE: Final = re.compile(r"[0-9]+(?:[.,][0-9]+)?")
_IN_DIGITS: Final = re.compile(
    r"(?:[^\W\d][\w-]*[.,]*\s+)?([0-9]{1,4})\s?([-/.])\s?([0-9]{1,2})\s?\2\s?([0-9]{4}|[0-9]{1,2})(?![0-9])"
)
_COMPACT: Final = re.compile(r"([0-9]{1,2})([0-9]{2})(?:19|20)[0-9]{2}")
_HALF_OF_DAY: Final = re.compile(r"[0-9]\s?[ap]\.?\s?m\b", re.IGNORECASE)
_SHORT_YEAR: Final = re.compile(
    r"(?:^|\s)[0-9]{1,2}(?:([-/.])[0-9]{1,2}\1|[\s/.-]*[^\W\d]+[\s/.-]+(?:de\s)?)([0-9]{2})(?:$|[\s,])"
)
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


#: The share of the telling dates that must agree on the order; the others are left as text, with a warning.
_AGREEING: Final = 0.9


def kind_of(header: str, cells: Sequence[str], *, locale: str) -> ColumnKind | None:
    """Return what kind of values stands in a column with this header and these cells; None: any text.

    ``cells`` are a sample, blank ones included; ``locale`` is a language tag such as ``pt-BR``.
    """
    words, filled = _words(header), _filled(cells)
    if _holds_dates(words, filled, locale):
        return ColumnKind.DATE
    return next((kind for kind, holds in _RULES if holds(words, filled)), None)


def date_order(header: str, cells: Sequence[str], *, locale: str) -> tuple[DateOrder | None, bool]:
    """Return in what order the dates of a column name day, month and year, and whether that must be said aloud.

    Decided by the cells that leave no choice, nearly all of which must agree. Where there are none, the day comes first if
    the header or ``locale`` is Portuguese or Spanish. None: the column contradicts itself, or nothing speaks for either
    order, or its days are mere numbers.
    """
    orders: Counter[DateOrder] = Counter()
    unsure = False
    for cell in (filled := _filled(cells)):
        found = _IN_DIGITS.match(cell)
        triple = (found[1], found[3], found[4]) if found else _compact(cell)
        if triple is None:
            continue
        order = _order_of(*triple)
        if order is None:
            unsure = unsure or int(triple[0]) != int(triple[1])
        else:
            orders[order] += 1
    ordinary = Counter({order: count for order, count in orders.items() if order is not DateOrder.YEAR_FIRST})
    if ordinary:
        usual, count = ordinary.most_common(1)[0]
        return (usual, False) if count >= _AGREEING * ordinary.total() else (None, True)
    if filled and all(map(_BARE.fullmatch, filled)) and not any(map(_compact, filled)) and not orders:
        return None, False
    if not unsure:
        return (DateOrder.DAY_FIRST if not orders and _is_day_first(header, locale) else DateOrder.YEAR_FIRST), False
    if _is_day_first(header, locale) and not any(map(_HALF_OF_DAY.search, filled)):
        return DateOrder.DAY_FIRST, True
    return None, True


def _words(header: str) -> frozenset[str]:
    return frozenset(_NUMBERED.sub("", word) for word in comparable(_CAMEL.sub(" ", header)).split())


def _filled(cells: Iterable[str]) -> list[str]:
    return [text for cell in cells if (text := cell[:_SEEN].strip(BLANKS))]


def _holds_dates(words: frozenset[str], filled: Sequence[str], locale: str) -> bool:
    named = words & _DATE
    if not (named or words & _MOMENT):
        return False
    dates = [cell for cell in filled if not _NO_DATE.fullmatch(cell)]
    if not dates:
        return False
    if all(map(_BARE.fullmatch, dates)):
        if not named or words & _WORDS["counted"]:
            return False  # digits alone are so many other things
    elif not words & _WORDS["birth"] and _is_in_doubt_of_century(words, dates):
        return False
    reads = sum(map(_reader(dates, locale), dates))
    return reads >= (_DATES if named else 1) * len(dates) and reads >= _DATES_OF_ALL * len(filled)


def _is_in_doubt_of_century(words: frozenset[str], dates: Sequence[str]) -> bool:
    short = [int(found[2]) for cell in dates if (found := _SHORT_YEAR.search(cell))]
    if words & _WORDS["future"]:
        return bool(short)
    this = today().year % 100
    return any(this < year <= this + _AHEAD for year in short)


def _reader(dates: Sequence[str], locale: str) -> Callable[[str], bool]:
    until = today()
    order, _ = date_order("", dates, locale=locale)
    orders = (None, DateOrder.DAY_FIRST, DateOrder.MONTH_FIRST) if order is None else (order,)
    return lambda cell: any(read(cell, each, until) is not None for each in orders)


def _compact(cell: str) -> tuple[str, str, str] | None:
    """Return day, month and year, or month, day and year, of eight digits; seven, where a zero was lost."""
    found = _COMPACT.fullmatch(cell)
    return None if found is None else (found[1], found[2], cell[-4:])


def _order_of(first: str, second: str, third: str) -> DateOrder | None:
    """Return the one order in which three numbers can be a date; None: more than one, or none at all."""
    if len(first) > 2 or (int(first) > _MAX_DAY and len(third) <= 2):  # noqa: PLR2004 (two digits of a year)
        return DateOrder.YEAR_FIRST
    day_first = int(first) <= _MAX_DAY and int(second) <= _MAX_MONTH
    month_first = int(first) <= _MAX_MONTH and int(second) <= _MAX_DAY
    if day_first == month_first:
        return None
    return DateOrder.DAY_FIRST if day_first else DateOrder.MONTH_FIRST


def _is_day_first(header: str, locale: str) -> bool:
    return locale[:2].lower() in _LANGUAGES or not _WORDS["day_first"].isdisjoint(_words(header))


def _holds_ceps(words: frozenset[str], filled: Sequence[str]) -> bool:
    whole = short = 0
    for cell in filled:
        digits = restored(cell).text
        whole += _CEP_SHAPE.fullmatch(digits) is not None
        short += _SHORT_CEP.fullmatch(digits) is not None
    if words & _WORDS["cep"]:
        return whole + short > 0
    # Other countries have codes of seven digits; none that writes most of its codes with eight.
    return bool(words & _WORDS["postal"]) and whole > short and whole + short >= _BRAZILIAN * len(filled)


def _holds_phones(words: frozenset[str], filled: Sequence[str]) -> bool:
    return bool(words & _WORDS["phone"]) and any(sum(map(str.isdigit, cell)) >= _PHONE_DIGITS for cell in filled)


def _holds_whole_floats(words: frozenset[str], filled: Sequence[str]) -> bool:
    return len(filled) >= _WHOLE and not words & _WORDS["version"] and all(map(is_whole_float, filled))


#: Kinds but for dates, the first that fits; a column of CPF and CNPJ counts as one of CPF, which knows both.
_RULES: Final[tuple[tuple[ColumnKind, Callable[[frozenset[str], Sequence[str]], bool]], ...]] = (
    (ColumnKind.CPF, lambda words, _: bool(words & _WORDS["cpf"])),
    (ColumnKind.CNPJ, lambda words, _: bool(words & _WORDS["cnpj"])),
    (ColumnKind.PHONE, _holds_phones),
    (ColumnKind.CEP, _holds_ceps),
    (ColumnKind.WHOLE, _holds_whole_floats),
)
