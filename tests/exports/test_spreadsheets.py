"""Formulas do not reach a spreadsheet as formulas, and what was done against that is undone without a trace."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.spreadsheets import escaped, unescaped

BEGINNINGS = ("=", "+", "-", "@", "\uff1d", "\u2212")
BLANK = '" \u00a0\ufeff\t\r\n'
PIECES = st.text("=+-@\uff1d\u2212'\",;|\t\r\n \u00a0\ufeffa1")


@given(st.one_of(PIECES, st.text()))
def test_what_was_escaped_comes_back_character_by_character(cell: str) -> None:
    assert unescaped(escaped(cell)) == cell


@given(st.one_of(PIECES, st.text()))
def test_no_escaped_cell_begins_a_formula_however_it_is_split(cell: str) -> None:
    safe = escaped(cell)
    assert not safe.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    for delimiter in ",;\t|\r\n":
        for piece in safe.split(delimiter):
            assert not piece.lstrip(BLANK).startswith(BEGINNINGS)


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+55 11 98765-4321",
        "-5",
        "@ana",
        "\t=1",
        "\r=1",
        "\uff1d1+1",
        " =1",
        "'=1",
        "a,=1",
        'a,"=cmd|x',
        "\u22122",
        "\ufeff=1",
    ],
)
def test_what_may_be_a_formula_gets_an_apostrophe(cell: str) -> None:
    assert escaped(cell).count("'") > cell.count("'")


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "Ana",
        "João d'Ávila",
        "ana@example.com",
        "1-2",
        "11 98765-4321",
        "'quoted'",
        "a, b",
        "x=1",
        "Rua A; 5 - fundos",
    ],
)
def test_ordinary_cells_stay_as_they_are(cell: str) -> None:
    assert escaped(cell) == unescaped(cell) == cell
