"""What is picked out of a record: address, name, attributes, and problems of the record as a whole."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.problems import RowProblem
from pipeline.reading import Layout, Picked, Reading, contact_name, printable
from pipeline.reading.layout import MAX_NAME


def layout(**fields: str) -> Layout:
    return Layout.of(
        Reading(
            encoding="utf-8",
            has_bom=False,
            delimiter=",",
            quotechar='"',
            header_row=1,
            columns=tuple(fields),
            mapping=fields,
            confidence=1.0,
        )
    )


LAYOUT = layout(nome="name", email="email", cidade="attribute", obs="attribute")


def test_a_record_is_taken_apart_by_the_mapping() -> None:
    picked = LAYOUT.pick([" Ana ", " ana@x.com", " Recife\xa0", " "])
    assert picked == Picked(raw_email=" ana@x.com", raw_name=" Ana ", attributes={"cidade": "Recife"}, problem=None)
    assert LAYOUT.has_name


def test_cells_that_are_missing_at_the_end_are_empty() -> None:
    assert LAYOUT.pick(["Ana"]) == Picked("", "Ana", {}, None)
    assert LAYOUT.pick([]) == Picked("", "", {}, None)


def test_cells_beyond_the_header_are_a_problem_only_if_something_stands_in_them() -> None:
    cells = ["Ana", "ana@x.com", "", ""]
    assert LAYOUT.pick([*cells, "", " \u200b"]).problem is None
    assert LAYOUT.pick([*cells, "", "x"]).problem is RowProblem.TOO_MANY_CELLS


def test_bytes_that_are_no_text_are_a_problem_wherever_they_stand() -> None:
    for at in range(4):
        cells = ["Ana", "ana@x.com", "Recife", "x"]
        cells[at] = "Jo\udce3o"
        assert LAYOUT.pick(cells).problem is RowProblem.UNDECODABLE


def test_a_file_without_names_has_none() -> None:
    nameless = layout(email="email")
    assert not nameless.has_name
    assert nameless.pick(["ana@x.com"]) == Picked("ana@x.com", "", {}, None)


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("", ""),
        (" Ana \t Maria\r\nSouza ", "Ana Maria Souza"),
        ("Joa\u0303o\xa0da\u3000Silva", "João da Silva"),
        ("Ana\x00\x07 Maria", "Ana Maria"),
        ("\ufeff\u200bAna\u200b", "Ana"),
        ("a \x00 b", "a b"),
    ],
)
def test_a_name_is_cleaned_for_the_contact(raw: str, name: str) -> None:
    assert contact_name(raw) == name


@settings(max_examples=1_000, deadline=None)
@given(
    st.text(max_size=20)
    | st.text("a \u0301\u0958\x00\ufeff\ud800\t", max_size=20)
    | st.integers(290, 310).map(lambda count: "\u0958 " * count)
)
@example("a" * 299 + " b")
def test_a_clean_name_stays_as_it_is(raw: str) -> None:
    name = contact_name(raw)
    assert contact_name(name) == name == unicodedata.normalize("NFC", name) == printable(name)
    assert len(name) <= MAX_NAME


def test_a_megabyte_of_accents_is_no_work() -> None:
    assert len(contact_name("a" + "\u0301\u0316" * (1 << 19))) <= MAX_NAME


@settings(max_examples=500, deadline=None)
@given(st.text(st.characters() | st.sampled_from("\x00\ud800\udcff")))
def test_the_database_can_store_what_is_printable(text: str) -> None:
    stored = printable(text)
    assert "\x00" not in stored
    assert stored.encode().decode() == stored
    assert len(stored) == len(text)
    assert all(new == old for new, old in zip(stored, text, strict=True) if new != "\ufffd")
