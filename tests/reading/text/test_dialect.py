"""Dialects: delimiters, quotation marks and escapes of files as people have them, decided without being told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.problems import FileNotice
from pipeline.reading.text.dialect import UNCERTAIN, Dialect, decide
from pipeline.reading.text.quotes import holds_address
from pipeline.reading.text.records import sample
from tests.reading import dialects


def decided(text: str, *, complete: bool = True, delimiter: str | None = None, quotechar: str | None = None) -> Dialect:
    return decide(text, file_name="contatos.csv", complete=complete, delimiter=delimiter, quotechar=quotechar)


def records(text: str) -> list[list[str]]:
    return sample(text, decided(text), limit=1000, complete=True)


@pytest.mark.parametrize("step", [7, pytest.param(1, marks=pytest.mark.slow)])
def test_files_of_every_kind_come_out_right_and_none_is_wrong_and_sure(step: int) -> None:
    result = dialects.score(dialects.ours, step=step)
    assert result.silently_wrong == []
    assert result.delimiter >= 0.995 * result.cases
    assert result.records >= 0.995 * result.cases


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nome;email;rua\nAna;a@x.com;Rua X, 10\nBia;b@x.com;Rua Y, 12\n", ";"),
        ("nome;valor;email\nAna;1,5;a@x.com\nBia;2,5;b@x.com\n", ";"),
        ("nome|email|hora\nAna|a@x.com|10:30:00\nBia|b@x.com|11:30:00\n", "|"),
        ("a@x.com:senha\nb@x.com:outra\n", ":"),
        ("email nome\na@x.com Ana\nb@x.com   Bia\n", " "),
        ('email\tdados\na@x.com\t{"a": 1, "b": [2, 3]}\nb@x.com\t{}\n', "\t"),
        ("nome,email,site\nAna,a@x.com,https://x.com:80/a;b|c\nBia,b@x.com,http://y.com\n", ","),
        ("a@x.com\nb@x.com\n", ","),
        ("email\na@x.com\n", ","),
        ("email;nome\n", ";"),
        ("Ana;a@x.com", ";"),
        ("a@x.com, Ana\n", ","),
        ("nome;email;;;\nAna;a@x.com\nBia;b@x.com;;\n", ";"),
        ("nome,email\nSouza; Ana,a@x.com\nSá; Bia,b@x.com\n", ","),
        ('email\tdias\na@x.com\t"seg, qua; sex"\nb@x.com\t"ter, qui; sáb"\n', "\t"),
        ("Clientes: todos; ativos\n\n\nnome,email\nAna,a@x.com\n", ","),
        ("# a;b;c\n# d;e;f\nnome,email\nAna,a@x.com\nBia,b@x.com\n", ","),
    ],
)
def test_the_delimiter_is_the_one_under_which_the_lines_are_contacts(text: str, expected: str) -> None:
    dialect = decided(text)
    assert dialect.delimiter == expected
    assert dialect.confidence >= UNCERTAIN
    assert dialect.notices == ()


def test_names_of_several_words_are_not_taken_for_columns() -> None:
    assert records("a@x.com Ana Souza\nb@x.com Bia\nc@x.com Caio de Sá\n") == [
        ["a@x.com Ana Souza"], ["b@x.com Bia"], ["c@x.com Caio de Sá"],
    ]  # fmt: skip


def test_most_addresses_may_be_missing() -> None:
    rows = [f"Ana {row};{f'a{row}@x.com' if row % 10 == 0 else ''};Rua {row}, 10, São Paulo" for row in range(100)]
    assert decided("\n".join(rows)).delimiter == ";"


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|", "^", "~"])
def test_the_line_for_excel_is_obeyed_whatever_it_names(delimiter: str) -> None:
    text = f"sep={delimiter}\r\nnome{delimiter}email\r\nAna, a outra{delimiter}a@x.com\r\n"
    assert decided(text).delimiter == delimiter
    if delimiter != ",":
        assert records(text) == [["nome", "email"], ["Ana, a outra", "a@x.com"]]


def test_the_line_for_excel_is_doubted_aloud_where_it_makes_no_table() -> None:
    dialect = decided("sep=,\nnome;email\nAna;a@x.com\nBia;b@x.com\n")
    assert dialect.delimiter == ","
    assert dialect.confidence < UNCERTAIN
    assert [notice.code for notice in dialect.notices] == [FileNotice.DIALECT_UNCERTAIN]
    assert dialect.notices[0].params == {"delimiter": ",", "alternative": ";"}


def test_apostrophes_quote_where_they_stand_around_cells() -> None:
    text = "'nome','email'\n'd''Ávila, Ana','a@x.com'\n'Bia','b@x.com'\n"
    assert decided(text).quotechar == "'"
    assert records(text)[1] == ["d'Ávila, Ana", "a@x.com"]


@pytest.mark.parametrize(
    "text",
    [
        "nome,email\nAna O'Brien,a@x.com\nBia d'Ávila,b@x.com\n",
        "nome,email\n'Ana,a@x.com\n'Bia,b@x.com\n",
        "nome,email\n'tis,a@x.com\nSant'Ana',b@x.com\n",
        "nome,email,obs\n\"Ana, a\",a@x.com,'n/a'\n\"Bia, b\",b@x.com,'n/a'\n",
    ],
)
def test_apostrophes_of_names_do_not_quote(text: str) -> None:
    assert decided(text).quotechar == '"'


def test_a_backslash_escapes_where_nothing_else_fits() -> None:
    assert decided('nome,email\n"Ana \\"Nina\\", Souza",a@x.com\n').escapechar == "\\"
    assert decided('nome,email\nAna \\"Nina\\" Souza,a@x.com\n').escapechar == "\\"
    assert decided("nome,email\nSouza\\, Ana,a@x.com\nBia,b@x.com\nCaio,c@x.com\n").escapechar == "\\"


def test_a_backslash_of_a_path_does_not_escape() -> None:
    assert decided('nome,email\n"C:\\listas\\",a@x.com\n"D:\\",b@x.com\n').escapechar is None
    assert decided("nome,email\nC:\\listas,a@x.com\n\\N,b@x.com\n").escapechar is None


def test_lines_that_were_quoted_as_a_whole_are_taken_out_and_said_to_be() -> None:
    text = 'nome,email,cidade\n"Ana,a@x.com,""São Paulo, SP"""\n"Bia,""b@x.com"",RJ"\n'
    assert records(text) == [
        ["nome", "email", "cidade"], ["Ana", "a@x.com", "São Paulo, SP"], ["Bia", "b@x.com", "RJ"],
    ]  # fmt: skip


def test_what_the_caller_says_holds() -> None:
    text = "nome;email,x\nAna;a@x.com,1\n'Bia';b@x.com,2\n"
    assert decided(text, delimiter=",") == Dialect(",", '"')
    assert decided(text, delimiter="^").delimiter == "^"
    assert decided(text, quotechar="'").quotechar == "'"


def test_two_tables_in_one_text_are_said_to_be_uncertain() -> None:
    dialect = decided("a@x.com;b@x.com,c@x.com\nd@x.com;e@x.com,f@x.com\n")
    assert dialect.confidence < UNCERTAIN
    assert [notice.code for notice in dialect.notices] == [FileNotice.DIALECT_UNCERTAIN]


def test_a_text_without_any_address_is_never_certain() -> None:
    assert decided("nome;valor\nAna;1,5\nBia;2,5\n").confidence < UNCERTAIN


def test_a_sample_that_was_cut_decides_like_the_whole() -> None:
    text = "nome;email;obs\n" + "".join(f'Ana {row};a{row}@x.com;"um, dois;\ntrês"\n' for row in range(5000))
    for size in (400, 5000, 100_003):
        dialect = decided(text[:size], complete=False)
        assert (dialect.delimiter, dialect.quotechar, dialect.escapechar) == (";", '"', None)
        assert dialect.confidence >= UNCERTAIN


@given(st.text(st.sampled_from("aé@x. ,;|:\t\"'\\\n\r0=sep"), max_size=300))
def test_any_text_has_a_dialect_and_always_the_same(text: str) -> None:
    dialect = decided(text)
    assert dialect == decided(text)
    assert 0 <= dialect.confidence <= 1
    assert (dialect.confidence >= UNCERTAIN) == (not dialect.notices) or not dialect.notices
    sample(text, dialect, limit=100, complete=False)


def test_addresses_are_told_in_time_that_grows_with_the_cell() -> None:
    for cell in ("a@" + "b." * 400 + "@", "a@b.c/" * 150 + "@", "x@y." + "/a@b.c" * 150 + " ()"):
        assert not holds_address(cell)
    assert holds_address("Ana <ana@x.com>")
    assert holds_address("ana@x.com; bia@y.com.br / caio@z.org.")
