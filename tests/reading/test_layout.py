"""What is picked out of a record: address, name, attributes, opt-out, consent, and what is wrong with it."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.problems import RowProblem
from pipeline.reading import Layout, OptOut, Picked, Reading, RowWarning, contact_name, printable
from pipeline.reading.cells import MAX_NAME
from pipeline.reading.contact import MAX_ATTRIBUTE, MAX_ATTRIBUTES
from pipeline.reading.flaws import FlawedRecord
from pipeline.reading.picked import CLEARED_NAME
from pipeline.reading.reading import ColumnKind, OptOutRule
from tests.support.examples import examples


def layout(*, how: dict[str, Any] | None = None, **fields: str) -> Layout:
    return layout_of(fields, how=how)


def layout_of(fields: dict[str, str], clear_token: str | None = None, how: dict[str, Any] | None = None) -> Layout:
    return Layout.of(Reading(tuple(fields), fields, 1, **(how or {})), clear_token=clear_token)


LAYOUT = layout(nome="name", email="email", cidade="attribute", obs="attribute")


def test_a_record_is_taken_apart_by_the_mapping() -> None:
    picked = LAYOUT.pick([" Ana ", " ana@x.com", " Recife\xa0", " "])
    assert picked == Picked(" ana@x.com", " Ana ", "ana@x.com", "Ana", {"cidade": "Recife"}, None, None)
    assert LAYOUT.has_name


@pytest.mark.parametrize("cells", [["Ana"], ["Ana", "ana@x.com", "Recife"]])
def test_a_row_that_is_too_short_is_refused_where_such_rows_are_not_ordinary(cells: list[str]) -> None:
    assert LAYOUT.pick(cells).problem is RowProblem.TOO_FEW_CELLS


def test_short_rows_that_are_ordinary_in_the_file_are_taken_with_a_warning() -> None:
    short = layout(how={"widths": (2,)}, nome="name", email="email", cidade="attribute")
    picked = short.pick(["Ana", "ana@x.com"])
    assert (picked.problem, picked.warnings) == (None, (RowWarning(RowProblem.SHORT_ROW),))


def test_cells_beyond_the_header_are_refused_unless_they_are_blank_and_ordinary() -> None:
    cells = ["Ana", "ana@x.com", "", ""]
    long = layout(how={"widths": (6,)}, nome="name", email="email", cidade="attribute", obs="attribute")
    assert long.pick([*cells, "", " \u200b"]).problem is None
    for picked in (LAYOUT.pick([*cells, ""]), long.pick([*cells, "", "x"]), long.pick([*cells, "", "", ""])):
        assert picked.problem is RowProblem.TOO_MANY_CELLS


def test_bytes_that_are_no_text_are_a_problem_wherever_they_stand() -> None:
    for at in range(4):
        cells = ["Ana", "ana@x.com", "Recife", "x"]
        cells[at] = "Jo\udce3o"
        assert LAYOUT.pick(cells).problem is RowProblem.UNDECODABLE


def test_a_letter_that_another_program_lost_is_said() -> None:
    picked = LAYOUT.pick(["Jo\ufffdo", "joao@x.com", "", ""])
    assert (picked.problem, picked.warnings) == (None, (RowWarning(RowProblem.CHARACTER_LOST, "nome"),))


def test_a_flaw_of_the_record_is_its_problem_or_its_warning() -> None:
    cells = ["Ana", "ana@x.com", "", ""]
    assert LAYOUT.pick(FlawedRecord(cells, RowProblem.MALFORMED_QUOTES)).problem is RowProblem.MALFORMED_QUOTES
    repaired = LAYOUT.pick(FlawedRecord(cells, RowProblem.QUOTE_REPAIRED))
    assert (repaired.problem, repaired.warnings) == (None, (RowWarning(RowProblem.QUOTE_REPAIRED),))


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        (["# Ana", "ana@x.com", "", ""], RowProblem.COMMENT_LINE),
        (["#fim", "", "", ""], RowProblem.COMMENT_LINE),
        (["#1 Fã", "ana@x.com", "", ""], None),
        (["Ana", "sem e-mail", "Recife", ""], RowProblem.SYNTAX_NO_AT),
        (["nome", "EMAIL", "Cidade", "Obs."], RowProblem.REPEATED_HEADER),
    ],
)
def test_remarks_and_repeated_headers_are_told_from_contacts(cells: list[str], problem: RowProblem | None) -> None:
    assert LAYOUT.pick(cells).problem == problem


def test_a_file_without_names_has_none() -> None:
    nameless = layout(email="email")
    assert not nameless.has_name
    assert nameless.pick(["ana@x.com"]) == Picked("ana@x.com", "", "ana@x.com", "", {}, None, None)


def test_a_record_in_apostrophes_of_its_own_is_taken_out_of_them() -> None:
    picked = LAYOUT.pick(["'Zé d''Ávila'", "'ze@x.com'", "'Natal'", ""])
    assert (picked.email, picked.name, picked.attributes) == ("ze@x.com", "Zé d'Ávila", {"cidade": "Natal"})
    assert picked.warnings == (RowWarning(RowProblem.QUOTE_REPAIRED),)


def test_what_programs_write_for_nothing_is_nothing() -> None:
    picked = LAYOUT.pick(["None", "ana@x.com", "NaN", "None"])
    assert (picked.name, picked.attributes) == ("", {"obs": "None"})
    assert set(picked.warnings) == {
        RowWarning(RowProblem.PLACEHOLDER, "nome"),
        RowWarning(RowProblem.PLACEHOLDER, "cidade"),
    }
    assert LAYOUT.pick(["Ana Null", "ana@x.com", "Null", r"\N"])[3:5] == ("Ana Null", {"cidade": "Null"})


def test_parts_of_a_name_are_joined_where_there_is_no_whole_one() -> None:
    parts = layout(sobrenome="last_name", nome="first_name", completo="name", email="email")
    assert parts.pick([" Souza ", "Ana", "", "ana@x.com"])[1:4] == ("Ana  Souza ", "ana@x.com", "Ana Souza")
    assert parts.pick(["Souza", "Ana", "Ana S.", "ana@x.com"]).name == "Ana S."
    assert parts.pick(["", "Ana", "", "ana@x.com"]).name == "Ana"


def test_the_first_valid_address_wins_and_the_others_are_kept() -> None:
    two = layout(email="email", outro="other_email")
    for cells in (["ana@x.com", "bia@y.com"], ["nada", "ana@x.com; BIA@y.com"], ["", "ana@x.com bia@y.com"]):
        picked = two.pick(cells)
        assert (picked.email, picked.problem) == ("ana@x.com", None)
        assert picked.attributes == {"other_emails": "bia@y.com"}
        assert picked.warnings == (RowWarning(RowProblem.SEVERAL_ADDRESSES),)
    assert two.pick(["nada", ""]).problem is RowProblem.SYNTAX_NO_AT
    assert two.pick(["", "nada"]).raw_email == "nada"
    strict = layout(how={"several": "reject"}, email="email", outro="other_email")
    assert strict.pick(["ana@x.com", "bia@y.com"]).problem is RowProblem.SYNTAX_MULTIPLE_ADDRESSES


def test_the_name_beside_an_address_is_used_where_the_row_has_none() -> None:
    assert LAYOUT.pick(["", "Ana Souza <ana@x.com>", "", ""]).name == "Ana Souza"
    assert LAYOUT.pick(["Bia", "Ana Souza <ana@x.com>", "", ""]).name == "Bia"


def test_the_clear_token_empties_fields() -> None:
    clears = layout_of({"nome": "name", "email": "email", "cidade": "attribute"}, "NULL")
    picked = clears.pick(["NULL", "ana@x.com", " NULL "])
    assert (picked.name, picked.attributes) == (CLEARED_NAME, {"cidade": None})
    assert LAYOUT.pick(["CLEAR", "ana@x.com", "CLEAR", ""]).attributes == {"cidade": "CLEAR"}


def test_values_are_cleaned_by_their_kind_and_a_damaged_number_is_said() -> None:
    kinds = {"fone": ColumnKind.PHONE}
    phone = layout(how={"kinds": kinds}, email="email", fone="attribute")
    assert phone.pick(["ana@x.com", "(11) 98765-4321"]).attributes == {
        "fone": "(11) 98765-4321",
        "fone_e164": "+5511987654321",
    }
    assert phone.pick(["ana@x.com", "1,19877E+10"]).warnings == (RowWarning(RowProblem.NUMBER_DAMAGED, "fone"),)


def test_attributes_have_limits() -> None:
    too_long = LAYOUT.pick(["", "ana@x.com", "x" * (MAX_ATTRIBUTE + 1), ""])
    assert too_long.problem is RowProblem.ATTRIBUTE_TOO_LONG
    assert LAYOUT.pick(["", "ana@x.com", "x" * MAX_ATTRIBUTE, ""]).problem is None
    assert LAYOUT.pick(["x" * (MAX_NAME + 1), "ana@x.com", "", ""]).problem is RowProblem.ATTRIBUTE_TOO_LONG
    assert LAYOUT.pick(["x" * MAX_NAME, "ana@x.com", "", ""]).problem is None
    many = layout_of({"email": "email"} | {f"c{n}": "attribute" for n in range(MAX_ATTRIBUTES + 1)})
    assert many.pick(["ana@x.com", *["x"] * (MAX_ATTRIBUTES + 1)]).problem is RowProblem.TOO_MANY_ATTRIBUTES
    assert many.pick(["ana@x.com", "", *["x"] * MAX_ATTRIBUTES]).problem is None


def out(*columns: str) -> Layout:
    rules = tuple(
        OptOutRule(column, {"sim": OptOut.UNSUBSCRIBE, "spam": OptOut.COMPLAINT, "nao": OptOut.NONE})
        for column in columns
    )
    return layout_of({"email": "email", "nome": "name"} | dict.fromkeys(columns, "opt_out"), how={"opt_outs": rules})


def test_the_strongest_opt_out_of_a_row_counts() -> None:
    assert out("a", "b").pick(["ana@x.com", "", "SIM", "Não"]).opt_out is OptOut.UNSUBSCRIBE
    assert out("a", "b").pick(["ana@x.com", "", "sim", "spam"]).opt_out is OptOut.COMPLAINT
    assert out("a").pick(["ana@x.com", "", " "]).opt_out is OptOut.NONE


def test_an_opt_out_that_cannot_be_read_costs_the_row() -> None:
    picked = out("a").pick(["ana@x.com", "", "talvez"])
    assert (picked.problem, picked.opt_out) == (RowProblem.OPT_OUT_UNREADABLE, OptOut.NONE)
    assert "talvez" in (picked.detail or "")
    assert out("a", "b").pick(["ana@x.com", "", "talvez", "sim"]).opt_out is OptOut.UNSUBSCRIBE


def test_consent_is_read_with_the_tenants_zone_and_what_cannot_be_read_is_kept_as_it_is() -> None:
    consenting = layout(
        email="email", quando="opt_in_time", ip="opt_in_ip", base="legal_basis", origem="consent_source"
    )
    picked = consenting.pick(["ana@x.com", "2026-09-02 16:30:10", "192.0.2.1", "Consentimento", "Feira"])
    assert picked.consent == {
        "consented_at": "2026-09-02T16:30:10-03:00", "ip": "192.0.2.1", "legal_basis": "consentimento", "source": "event",
        "legal_basis_said": "Consentimento", "source_said": "Feira",
    }  # fmt: skip
    assert consenting.pick(["ana@x.com", "ontem", "casa", "", ""]).consent == {
        "consented_at_unread": "ontem",
        "ip_unread": "casa",
    }
    assert consenting.pick(["ana@x.com", "", "", "", ""]).consent is None


@examples(500)
@given(
    st.lists(
        st.text(max_size=12) | st.sampled_from(["ana@x.com", "a@b.c, d@e.f", "#", "sim", "NULL", "\udce3"]), max_size=7
    )
)
def test_every_record_comes_to_something(cells: list[str]) -> None:
    for each in (LAYOUT, out("a", "b"), layout(email="email", b="other_email", c="first_name", d="last_name")):
        picked = each.pick(cells or [""])
        assert (picked.problem is None) <= (picked.email is not None)
        assert (picked.problem is None) == (picked.detail is None)


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


@examples(1_000)
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


@examples(500)
@given(st.text(st.characters() | st.sampled_from("\x00\ud800\udcff")))
def test_the_database_can_store_what_is_printable(text: str) -> None:
    stored = printable(text)
    assert "\x00" not in stored
    assert stored.encode().decode() == stored
    assert len(stored) == len(text)
    assert all(new == old for new, old in zip(stored, text, strict=True) if new != "\ufffd")
