import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.reading.table.words import MAX_NAME, column_name, comparable, header_fingerprint, unique_names


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("E-mail", "e mail"),
        ("\ufeffE-MAIL ", "e mail"),
        ("e\u200bmail", "email"),
        ("email*", "email"),
        ("E-mail (obrigatório)", "e mail"),
        ("E-mail [required]", "e mail"),
        ("Endereço\u00a0de\ne-mail", "endereco de e mail"),
        ("NOME_COMPLETO", "nome completo"),
        ("N\u00ba do pedido", "no do pedido"),
        ("---", ""),
    ],
)
def test_names_are_compared_without_case_accents_punctuation_and_marks_of_duty(text: str, same: str) -> None:
    assert comparable(text) == same


@given(st.text())
def test_comparing_a_name_again_changes_nothing(text: str) -> None:
    once = comparable(text)
    assert comparable(once)[:MAX_NAME] == once[:MAX_NAME]


def test_a_long_run_of_accents_is_compared_in_bounded_time() -> None:
    assert len(comparable("\u0301" * 5_000_000)) == 0


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        (' ""E-mail"" ', "E-mail"),
        ("Data de\r\nnascimento", "Data de nascimento"),
        ("Nome\u00a0 completo\u200b", "Nome completo"),
        ("# Nome", "Nome"),
        ("#", "#"),
        ("a\x00b\ud800", "a\ufffdb\ufffd"),
        ("x" * 900, "x" * MAX_NAME),
    ],
)
def test_a_columns_name_is_one_line_without_what_nobody_sees(cell: str, name: str) -> None:
    assert column_name(cell) == name


@pytest.mark.parametrize(
    ("headers", "names"),
    [
        (("city", "city", ""), ("city", "city_2", "column_3")),
        (("city", "city_2", "city"), ("city", "city_2", "city_3")),
        (("", "column_1"), ("column_1_2", "column_1")),
        (("a", "a", "a_2", "a"), ("a", "a_3", "a_2", "a_4")),
    ],
)
def test_names_are_unique_and_a_number_never_takes_another_columns_name(
    headers: tuple[str, ...], names: tuple[str, ...]
) -> None:
    assert unique_names(headers) == names


@given(st.lists(st.text(max_size=3)))
def test_every_column_gets_a_name_of_its_own(headers: list[str]) -> None:
    names = unique_names(headers)
    assert len(set(names)) == len(headers)
    assert all(names)


def test_fifty_thousand_columns_of_one_name_are_numbered_at_once() -> None:
    assert len(set(unique_names(["x"] * 50_000))) == 50_000


def test_a_fingerprint_is_that_of_the_comparable_names_in_their_order() -> None:
    assert header_fingerprint(["E-mail", "Nome"]) == header_fingerprint(["e mail", "NOME "])
    assert header_fingerprint(["E-mail", "Nome"]) != header_fingerprint(["Nome", "E-mail"])
    assert header_fingerprint(["a b"]) != header_fingerprint(["a", "b"])
