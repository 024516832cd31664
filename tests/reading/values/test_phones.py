"""Phones in E.164: what is certain, and what is not."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.reading.values.phones import e164
from tests.support.examples import examples


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("11987654321", "+5511987654321"),
        ("(11) 98765-4321", "+5511987654321"),
        ("11 9 8765-4321", "+5511987654321"),
        ("(11)9.8765.4321", "+5511987654321"),
        ("11\u201398765\u20134321", "+5511987654321"),
        ("(11)\xa098765-4321", "+5511987654321"),
        ("011 98765-4321", "+5511987654321"),
        ("0xx11 98765-4321", "+5511987654321"),
        ("(0XX11) 98765-4321", "+5511987654321"),
        ("015 11 98765-4321", "+5511987654321"),
        ("+55 (0xx47) 3333-4444", "+554733334444"),
        ("+55 (47) 3333-4444", "+554733334444"),
        ("00 55 47 3333-4444", "+554733334444"),
        ("55 11 98765-4321", "+5511987654321"),
        ("5511987654321", "+5511987654321"),
        ("5533334444", "+555533334444"),  # area code 55, not the country
        ("55987654321", "+5555987654321"),
        ("(11) 3333-4444 / 98765-4321", "+551133334444"),
        ("3333-4444 / (11) 98765-4321", "+5511987654321"),
        ("11 3333-4444 ::: 11 98765-4321", "+551133334444"),
        ("11 3333-4444 ou 11 98765-4321", "+551133334444"),
        ("(11) 3333-4444 ramal 12", "+551133334444"),
        ("Cel.: 11 98765-4321 (Ana)", "+5511987654321"),
        ("5511987654321@c.us", "+5511987654321"),
        ("0800 123 4567", "+558001234567"),
        ("+1 (415) 555-2671", "+14155552671"),
        ("+351 912 345 678", "+351912345678"),
    ],
)
def test_a_certain_number_is_given_in_e164(text: str, number: str) -> None:
    assert e164(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "+",
        "0",
        "00000000000",
        "não tem",
        "3333-4444",  # no area code
        "98765-4321",
        "1198765432",  # a mobile of eight digits
        "(20) 3333-4444",  # no such area code
        "(11) 3333-CASA",
        "713-555-9267",  # digits of a number in Salvador, written as in Houston
        "(713) 555-9267",
        "14155552671",
        "11 98765-4321 12",
        "1,19877E+10",
        "9" * 200,
    ],
)
def test_an_uncertain_number_is_given_in_no_other_form(text: str) -> None:
    assert e164(text) is None


@examples(1_500)
@given(
    st.one_of(
        st.from_regex(r"(\+?55|0)?[1-9][0-9]{9,10}", fullmatch=True),
        st.from_regex(r"(\+?55 ?|0)?\(?[1-9][1-9]\)? ?9?[0-9]{4}[- .]?[0-9]{4}", fullmatch=True),
        st.text("0123456789 +-().", max_size=20),
        st.text(max_size=30),
    )
)
def test_whatever_is_given_is_a_valid_number_and_stays_the_same(text: str) -> None:
    number = e164(text)
    if number is not None:
        assert phonenumbers.is_valid_number(phonenumbers.parse(number, None))
        assert e164(number) == number
