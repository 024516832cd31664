"""What a cell says once the marks are removed that spreadsheets and programs leave on values of its column's kind."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from pipeline.problems import RowProblem
from pipeline.reading.reading import ColumnKind, DateOrder
from pipeline.reading.values.dates import read
from pipeline.reading.values.documents import restored_cep, restored_cnpj, restored_cpf
from pipeline.reading.values.moments import iso, today
from pipeline.reading.values.numbers import Restored, restored, without_point
from pipeline.reading.values.phones import e164


class Cleaned(NamedTuple):
    """The text that is stored, of a phone also its E.164 form, and a warning where digits are lost."""

    text: str
    also: str | None = None
    problem: RowProblem | None = None


def cleaner(
    kind: ColumnKind, *, date_order: DateOrder | None, timezone: str, until: dt.date | None = None
) -> Callable[[str], Cleaned]:
    """Return what cleans the cells of a column. It raises nothing, and changes nothing of what it has cleaned.

    ``date_order`` None: days in digits stay as they are, and numbers may be days as spreadsheets count them. ``timezone``
    (IANA) is that of times without a zone; years of two digits reach up to ``until`` (None: today).
    Raises zoneinfo.ZoneInfoNotFoundError for no such zone.
    """
    if kind is ColumnKind.DATE:
        return _date_cleaner(date_order, ZoneInfo(timezone), until or today())
    return _CLEANERS[kind]


#: What was meant for a date: figures with a mark between them. Ages and words were not.
_IN_FIGURES: Final = re.compile(r"[0-9][/.-][0-9]")


def _date_cleaner(order: DateOrder | None, zone: ZoneInfo, until: dt.date) -> Callable[[str], Cleaned]:
    def clean(text: str) -> Cleaned:
        written = read(text, order, until)
        if written is not None:
            return Cleaned(iso(written, zone))
        return Cleaned(text, None, RowProblem.DATE_UNREAD if order and _IN_FIGURES.search(text) else None)

    return clean


def _phone(text: str) -> Cleaned:
    number = restored(text)
    return Cleaned(number.text, None if number.damaged else e164(number.text), _problem(number))


def _document(restore: Callable[[str], Restored]) -> Callable[[str], Cleaned]:
    def clean(text: str) -> Cleaned:
        number = restore(text)
        return Cleaned(number.text, None, _problem(number))

    return clean


def _whole(text: str) -> Cleaned:
    return Cleaned(without_point(text))


def _problem(number: Restored) -> RowProblem | None:
    return RowProblem.NUMBER_DAMAGED if number.damaged else None


_CLEANERS = {
    ColumnKind.PHONE: _phone,
    ColumnKind.CPF: _document(restored_cpf),
    ColumnKind.CNPJ: _document(restored_cnpj),
    ColumnKind.CEP: _document(restored_cep),
    ColumnKind.WHOLE: _whole,
}
