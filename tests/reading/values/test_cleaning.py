"""The cleaning of cells by the kind of their column."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.problems import RowProblem
from pipeline.reading.reading import ColumnKind, DateOrder
from pipeline.reading.values.cleaning import Cleaned, cleaner
from tests.support.examples import examples

UNTIL = dt.date(2026, 11, 24)
DAMAGED = RowProblem.NUMBER_DAMAGED


def of(
    kind: ColumnKind, order: DateOrder | None = None, timezone: str = "America/Sao_Paulo"
) -> Callable[[str], Cleaned]:
    return cleaner(kind, date_order=order, timezone=timezone, until=UNTIL)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("11987654321.0", Cleaned("11987654321", "+5511987654321")),
        ("11987654321,00", Cleaned("11987654321", "+5511987654321")),
        ("1,1987654321E+10", Cleaned("11987654321", "+5511987654321")),
        ("1.1987654321e10", Cleaned("11987654321", "+5511987654321")),
        ("1,19877E+10", Cleaned("1,19877E+10", None, DAMAGED)),
        ("1.19877E+10", Cleaned("1.19877E+10", None, DAMAGED)),
        ("5,51E+12", Cleaned("5,51E+12", None, DAMAGED)),
        ("(11) 98765-4321", Cleaned("(11) 98765-4321", "+5511987654321")),
        ("3333.0000", Cleaned("3333.0000")),
        ("não tem", Cleaned("não tem")),
    ],
)
def test_a_phone_keeps_its_text_but_for_what_a_spreadsheet_added(text: str, cleaned: Cleaned) -> None:
    assert of(ColumnKind.PHONE)(text) == cleaned


@pytest.mark.parametrize(
    ("kind", "text", "cleaned"),
    [
        (ColumnKind.CPF, "1234567890.0", Cleaned("01234567890")),
        (ColumnKind.CPF, "191", Cleaned("00000000191")),
        (ColumnKind.CPF, "12345678909.0", Cleaned("12345678909")),
        (ColumnKind.CPF, "12345678900", Cleaned("12345678900")),  # complete, though its check digits do not hold
        (ColumnKind.CPF, "1234567891", Cleaned("1234567891", None, DAMAGED)),
        (ColumnKind.CPF, "1,23457E+10", Cleaned("1,23457E+10", None, DAMAGED)),
        (ColumnKind.CPF, "123.456.789-09", Cleaned("123.456.789-09")),
        (ColumnKind.CPF, "00000000000", Cleaned("00000000000")),
        (ColumnKind.CPF, "0", Cleaned("0")),
        (ColumnKind.CPF, "6990590000123", Cleaned("06990590000123")),  # a CNPJ in a column of both
        (ColumnKind.CNPJ, "6990590000123", Cleaned("06990590000123")),
        (ColumnKind.CNPJ, "191", Cleaned("00000000000191")),
        (ColumnKind.CNPJ, "12345678909", Cleaned("12345678909")),  # a CPF
        (ColumnKind.CNPJ, "6990590000124", Cleaned("6990590000124", None, DAMAGED)),
        (ColumnKind.CNPJ, "6,99E+12", Cleaned("6,99E+12", None, DAMAGED)),
        (ColumnKind.CNPJ, "12.ABC.345/01DE-35", Cleaned("12.ABC.345/01DE-35")),
        (ColumnKind.CEP, "1310100", Cleaned("01310100")),
        (ColumnKind.CEP, "1310100.0", Cleaned("01310100")),
        (ColumnKind.CEP, "01310-100", Cleaned("01310-100")),
        (ColumnKind.CEP, "20040002", Cleaned("20040002")),
        (ColumnKind.CEP, "310100", Cleaned("310100", None, DAMAGED)),
        (ColumnKind.CEP, "1,31E+06", Cleaned("1,31E+06", None, DAMAGED)),
        (ColumnKind.CEP, "01310", Cleaned("01310")),
        (ColumnKind.WHOLE, "34.0", Cleaned("34")),
        (ColumnKind.WHOLE, "-3.0", Cleaned("-3")),
        (ColumnKind.WHOLE, "34.5", Cleaned("34.5")),
        (ColumnKind.WHOLE, "1.0.0", Cleaned("1.0.0")),
    ],
)
def test_lost_zeros_are_restored_where_that_is_certain_and_flagged_where_not(
    kind: ColumnKind, text: str, cleaned: Cleaned
) -> None:
    assert of(kind)(text) == cleaned


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("05/03/1990", "1990-03-05"),
        ("5/3/1990", "1990-03-05"),
        ("05-03-1990", "1990-03-05"),
        ("05.03.1990", "1990-03-05"),
        ("1990-03-05", "1990-03-05"),
        ("1990/3/5", "1990-03-05"),
        ("1990-03-05 00:00:00", "1990-03-05"),  # how programs write a day
        ("05/03/90", "1990-03-05"),
        ("05/03/26", "2026-03-05"),
        ("05/12/26", "1926-12-05"),  # two digits reach up to today
        ("05/mar/90", "1990-03-05"),
        ("05-MAR-1990", "1990-03-05"),
        ("5 de março de 1990", "1990-03-05"),
        ("1º de março de 2020", "2020-03-01"),
        ("quarta-feira, 2 de setembro de 2026", "2026-09-02"),
        ("martes, 2 de septiembre de 2026", "2026-09-02"),
        ("September 2, 2026", "2026-09-02"),
        ("2nd September 2026", "2026-09-02"),
        ("05031990", "1990-03-05"),
        ("5031990", "1990-03-05"),
        ("20112003", "2003-11-20"),
        ("19900305", "1990-03-05"),
        ("02/09/2026 16:30", "2026-09-02 16:30:00-03:00"),
        ("02/09/2026 16:30:10", "2026-09-02 16:30:10-03:00"),
        ("02/09/2026, 16:30", "2026-09-02 16:30:00-03:00"),
        ("02/09/2026 - 16:30h", "2026-09-02 16:30:00-03:00"),
        ("02/09/2026 às 16h30", "2026-09-02 16:30:00-03:00"),
        ("02/09/2026 16h30min10s", "2026-09-02 16:30:10-03:00"),
        ("02/09/2026 4:30 PM", "2026-09-02 16:30:00-03:00"),
        ("02/09/2026 12:30 a.m.", "2026-09-02 00:30:00-03:00"),
        ("2026-09-02 16:30:10 -0300", "2026-09-02 16:30:10-03:00"),
        ("2026-09-02T16:30:10Z", "2026-09-02 16:30:10+00:00"),
        ("2026-09-02T16:30:10.123+05:30", "2026-09-02 16:30:10.123000+05:30"),
        ("2026-09-02 16:30:10 UTC", "2026-09-02 16:30:10+00:00"),
        ("2026/09/02 4:30:10 PM GMT-3", "2026-09-02 16:30:10-03:00"),
        ("Wed Sep 02 2026 16:30:10 GMT-0300 (Brasilia Standard Time)", "2026-09-02 16:30:10-03:00"),
        ("Wed, 02 Sep 2026 16:30:10 -0300", "2026-09-02 16:30:10-03:00"),
        ("01/01/1900 08:00", "1900-01-01 08:00:00"),  # there were no zones
        ("17/02/2018 23:30:00", "2018-02-17 23:30:00-02:00"),  # shown twice: the first
        ("04/11/2018 00:30:00", "2018-11-04 00:30:00-03:00"),  # skipped: from before the change
    ],
)
def test_a_date_is_stored_in_iso_form(text: str, iso: str) -> None:
    assert of(ColumnKind.DATE, DateOrder.DAY_FIRST)(text) == Cleaned(iso)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "31/02/2020",
        "02/13/2020",
        "13/13/2020",
        "00/00/0000",
        "05/03",
        "mar/90",
        "2026",
        "33302",
        "10.0.0.1",
        "05/03/1990 depois",
        "05/03/1990 25:00",
        "05/03/1990 13:00 PM",
        "99/99/99",
        "05/03/199",
        "16:30",
        "amanhã",
        "1" * 100,
    ],
)
def test_what_is_no_date_in_the_order_of_its_column_stays(text: str) -> None:
    assert of(ColumnKind.DATE, DateOrder.DAY_FIRST)(text).text == text


@pytest.mark.parametrize(
    ("text", "problem"),
    [("12/25/1990", RowProblem.DATE_UNREAD), ("31-02-2020", RowProblem.DATE_UNREAD), ("amanhã", None), ("16:30", None)],
)
def test_figures_that_are_no_date_in_the_order_of_the_others_are_said(text: str, problem: RowProblem | None) -> None:
    assert of(ColumnKind.DATE, DateOrder.DAY_FIRST)(text) == Cleaned(text, None, problem)
    assert of(ColumnKind.DATE, None)(text) == Cleaned(text)


@pytest.mark.parametrize(
    ("order", "text", "iso"),
    [
        (DateOrder.MONTH_FIRST, "03/05/1990", "1990-03-05"),
        (DateOrder.MONTH_FIRST, "9/2/2026 4:30:10 PM", "2026-09-02 16:30:10-03:00"),
        (DateOrder.YEAR_FIRST, "98-03-05", "1998-03-05"),
        (DateOrder.YEAR_FIRST, "05-03-10", "05-03-10"),  # in any order whatever
        (DateOrder.YEAR_FIRST, "05/03/1990", "05/03/1990"),
        (None, "05/03/1990", "05/03/1990"),
        (None, "1990-03-05", "1990-03-05"),
        (None, "33302", "1991-03-05"),
        (None, "33302.0", "1991-03-05"),
        (None, "45000,6875", "2023-03-15 16:30:00-03:00"),
    ],
)
def test_the_order_of_the_column_decides(order: DateOrder | None, text: str, iso: str) -> None:
    assert of(ColumnKind.DATE, order)(text).text == iso


def test_a_time_without_a_zone_is_one_of_the_tenants_zone() -> None:
    clean = of(ColumnKind.DATE, DateOrder.DAY_FIRST, timezone="America/Manaus")
    assert clean("02/09/2026 16:30").text == "2026-09-02 16:30:00-04:00"


CELLS = st.one_of(
    st.from_regex(r"[0-9]{1,14}([.,]0{1,2}|[.,][0-9]{1,12}[eE]\+?[0-9]{1,2})?", fullmatch=True),
    st.from_regex(
        r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}( [0-9]{1,2}:[0-9]{2}( ?[ap]m)?( ?[+-][0-9]{4})?)?", fullmatch=True
    ),
    st.from_regex(r"[0-9]{1,2} (de )?(mar|sept|ago)[a-z]{0,6} (de )?[0-9]{2,4}", fullmatch=True),
    st.datetimes().map(str),
    st.text("0123456789.,-/+eE:hT ()", max_size=30),
    st.text(max_size=40),
)


@examples(3_000)
@given(st.sampled_from(ColumnKind), st.sampled_from([None, *DateOrder]), CELLS)
def test_cleaning_raises_nothing_and_changes_nothing_the_second_time(
    kind: ColumnKind, order: DateOrder | None, text: str
) -> None:
    clean = of(kind, order)
    once = clean(text)
    assert clean(once.text) == once
    assert len(once.text) <= max(len(text), 32)
