"""Where the header of a table is, in how many rows, and what is understood where there is none."""

from __future__ import annotations

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from pipeline.problems import FileNotice, FileProblem, FileProblemCode
from pipeline.reading.reading import Field, ReadingOptions, SavedMapping
from pipeline.reading.table.header import is_header
from pipeline.reading.table.understand import Table
from pipeline.reading.table.words import header_fingerprint
from tests.reading.table.people import HEADER, PEOPLE, table
from tests.support.examples import examples


def codes(understood: Table) -> list[str]:
    return [notice.code for notice in understood.notices]


def problem(sample: list[list[str]], options: ReadingOptions | None = None) -> FileProblem:
    with pytest.raises(FileProblem) as raised:
        table(sample, options=options)
    return raised.value


def test_a_header_in_the_first_row_is_sure_and_needs_no_word() -> None:
    understood = table([HEADER, *PEOPLE])
    assert (understood.columns, understood.header_row) == (tuple(HEADER), 1)
    assert understood.confidences == {"header": 1.0, "mapping": 1.0}
    assert understood.notices == ()


@pytest.mark.parametrize(
    "preamble",
    [
        [["Relatório de clientes"]],
        [["Relatório de clientes", "", "", ""], ["Gerado em: 12/03/2026", "", "", ""], []],
        [[], [""], ["# comment"]],
        [["Empresa:", "Padaria Sol"], ["Filtro:", "E-mail preenchido"], ["Total:", "3"]],
        [["Gerado por", "rui@fornecedor.com.br"]],
        [["Campo de busca", "E-mail", "", ""]],
        [["Cadastro de clientes", "", "", "Página 1"]],
        [["Notes:"], ["You may notice that some of the email addresses are missing. See https://exemplo.com/a"], []],
        [["Dados pessoais", "", "Contato", ""]],
    ],
)
def test_rows_before_the_header_are_skipped_and_counted(preamble: list[list[str]]) -> None:
    understood = table([*preamble, HEADER, *PEOPLE])
    assert understood.columns == tuple(HEADER)
    assert understood.header_row == len(preamble) + 1
    notice = next(notice for notice in understood.notices if notice.code == FileNotice.PREAMBLE_SKIPPED)
    assert notice.params["rows"] == sum(any(row) for row in preamble)
    assert understood.widths == ()


@pytest.mark.parametrize(
    ("rows", "columns"),
    [
        (
            [["Nome", "E-mail", "Endereço", "", ""], ["", "", "Rua", "Cidade", "UF"]],
            ("Nome", "E-mail", "Endereço Rua", "Endereço Cidade", "Endereço UF"),
        ),
        (
            [["Nome", "E-mail", "", "Telefone", ""], ["", "Principal", "Alternativo", "Celular", "Comercial"]],
            ("Nome", "E-mail Principal", "E-mail Alternativo", "Telefone Celular", "Telefone Comercial"),
        ),
        (
            [["Pessoa", "", "Residencial", "", "Comercial"], ["Nome", "E-mail", "Telefone", "Cidade", "Telefone"]],
            ("Nome", "E-mail", "Residencial Telefone", "Cidade", "Comercial Telefone"),
        ),
        (
            [["Nome", "Endereço de", "Data de", "Cidade", "UF"], ["", "e-mail", "nascimento", "", ""]],
            ("Nome", "Endereço de e-mail", "Data de nascimento", "Cidade", "UF"),
        ),
        (
            [["Nome", "E-mail", "Data de", "Cidade", "UF"], ["", "", "nascimento", "", ""]],
            ("Nome", "E-mail", "Data de nascimento", "Cidade", "UF"),
        ),
    ],
)
def test_a_header_in_two_rows_gives_one_name_a_column(rows: list[list[str]], columns: tuple[str, ...]) -> None:
    understood = table([*rows, ["Ana", "ana@x.com", "", "", ""], ["Bia", "bia@x.com", "", "1", ""]])
    assert understood.columns == columns
    assert understood.header_row == 2
    assert FileNotice.HEADER_ROWS_JOINED in codes(understood)


@pytest.mark.parametrize(
    "first",
    [
        ["Ana Souza", "", "", ""],
        ["ana", "sem email", "", "são paulo"],
        ["Ana", "ana(at)x.com", "", "Rio"],
        ["", "", "", "rio"],
    ],
)
def test_a_first_contact_without_an_address_is_not_taken_for_a_second_row_of_the_header(first: list[str]) -> None:
    understood = table([HEADER, first, *PEOPLE])
    assert (understood.columns, understood.header_row) == (tuple(HEADER), 1)


def test_without_a_header_address_and_name_are_found_by_what_stands_in_the_cells() -> None:
    understood = table([[row[3], row[0], row[1]] for row in PEOPLE])
    assert understood.header_row is None
    assert understood.columns == ("column_1", "column_2", "column_3")
    assert understood.mapping == {"column_1": "attribute", "column_2": "name", "column_3": "email"}
    assert codes(understood) == [
        FileNotice.NO_HEADER,
        FileNotice.COLUMNS_BY_CONTENT,
        FileNotice.COLUMNS_BY_CONTENT,
    ]
    assert max(understood.confidences.values()) < 0.8


def test_without_a_header_first_and_last_names_are_told_from_cities_by_the_addresses_beside_them() -> None:
    rows = [["Recife", "Ana", "Souza", "ana.souza@x.com"], ["Belém", "João", "Lima", "joao.lima@x.com"]]
    mapping = table(rows).mapping
    assert mapping == {
        "column_1": "attribute",
        "column_2": "first_name",
        "column_3": "last_name",
        "column_4": "email",
    }


@pytest.mark.parametrize(
    "first", [["Caio Melo", "não tem", "", "Recife"], ["Caio Melo", "caio.exemplo.com", "", "Recife"]]
)
def test_a_contact_with_a_bad_address_is_no_header(first: list[str]) -> None:
    understood = table([first, *PEOPLE])
    assert understood.header_row is None


@pytest.mark.parametrize("header", [["Jméno", "Pošta", "Telefón", "Město"], ["Cliente", "Contato", "Fone", "Praça"]])
def test_a_header_that_names_no_address_is_found_by_the_cells_below_it_and_said_aloud(header: list[str]) -> None:
    understood = table([header, *PEOPLE])
    assert (understood.header_row, understood.columns) == (1, tuple(header))
    assert understood.mapping[header[1]] == Field.EMAIL
    assert codes(understood) == [FileNotice.COLUMNS_BY_CONTENT]
    assert understood.confidences["mapping"] < 0.8


def test_one_column_of_addresses_needs_no_header() -> None:
    assert table([["a@x.com"], ["b@x.com"]]).header_row is None
    assert table([["Lista"], ["a@x.com"], ["b@x.com"]]).header_row == 1


def test_a_header_in_the_middle_of_contacts_does_not_make_them_a_preamble() -> None:
    understood = table([*PEOPLE, HEADER, *PEOPLE])
    assert understood.header_row is None
    assert understood.mapping["column_2"] == Field.EMAIL


def test_a_file_without_any_address_and_name_of_one_is_refused() -> None:
    refused = problem([["Nome", "Cidade"], ["Ana", "Recife"]])
    assert refused.code is FileProblemCode.NO_EMAIL_COLUMN
    assert "Nome, Cidade" in str(refused)


def test_a_header_alone_is_a_header() -> None:
    assert table([HEADER]).header_row == 1


@pytest.mark.parametrize(
    ("names", "email"),
    [
        (["\ufeffE-mail", "Nome"], "E-mail"),
        (["Nome", '"E-mail"'], "E-mail"),
        (["Nome", "email*"], "email*"),
        (["Nome", "E-mail (obrigatório)"], "E-mail (obrigatório)"),
        (["Nome", "Endereço\u00a0de\ne-mail"], "Endereço de e-mail"),
        (["Nome", "E\u200b-mail"], "E-mail"),
    ],
)
def test_what_nobody_sees_in_a_header_changes_nothing(names: list[str], email: str) -> None:
    rows = [["ana@x.com", "Ana"] if "mail" in names[0] else ["Ana", "ana@x.com"]]
    understood = table([names, *rows])
    assert understood.mapping[email] == Field.EMAIL
    assert understood.notices == ()


def test_too_many_columns_are_refused_and_one_record_that_is_too_long_is_not() -> None:
    wide = [f"c{n}" for n in range(50_000)]
    refused = problem([wide, wide])
    assert refused.code is FileProblemCode.TOO_MANY_COLUMNS
    assert refused.params["count"] == 50_000
    assert table([HEADER, *PEOPLE, wide]).columns == tuple(HEADER)
    assert problem([["email", *wide], ["a@x.com"], ["b@x.com"]]).code is FileProblemCode.TOO_MANY_COLUMNS


def test_the_uploader_says_where_the_header_is() -> None:
    sample = [["E-mail", "Nome", "", ""], ["Principal", "Completo", "", ""], ["ana@x.com", "Ana", "", ""]]
    assert table(sample, options=ReadingOptions(header_row=2)).columns == ("Principal", "Completo")
    assert table([HEADER, *PEOPLE], options=ReadingOptions(header_row=0)).header_row is None
    assert problem(sample, ReadingOptions(header_row=9)).code is FileProblemCode.NO_EMAIL_COLUMN


def test_a_row_with_the_names_that_the_uploader_or_a_saved_mapping_uses_is_the_header() -> None:
    sample = [["Lista", ""], ["Kontakt", "Wer"], ["?", "Ana"]]
    assert table(sample, options=ReadingOptions(mapping={"kontakt": "email"})).header_row == 2
    saved = SavedMapping("crm", header_fingerprint(["Kontakt", "Wer"]), {"Kontakt": "email", "Wer": "name"})
    understood = table(sample, mappings=(saved,))
    assert understood.mapping == {"Kontakt": "email", "Wer": "name"}
    assert understood.header_row == 2


def test_the_names_that_a_format_gives_are_the_header() -> None:
    understood = table([["Ana", "ana@x.com"]], columns=("name", "email"))
    assert (understood.header_row, understood.notices) == (None, ())
    assert understood.mapping == {"name": "name", "email": "email"}


@pytest.mark.parametrize(
    ("cells", "again"),
    [
        (HEADER, True),
        (["NOME", " e-mail", "telefone", ""], True),
        (["Nome", "ana@x.com", "11", "Rio"], False),
        (["Nome", "E-mail", "11", "Rio"], False),
        (["", "", "", ""], False),
        ([], False),
    ],
)
def test_a_header_that_comes_again_is_known_as_one(cells: list[str], again: bool) -> None:  # noqa: FBT001 (a table's column)
    assert is_header(cells, HEADER) is again


CELLS = st.one_of(
    st.sampled_from(
        ["", "Nome", "E-mail", "email", "ana@x.com", "b@y.com.br", "11", "Telefone", "de", "\ufeff", "Total:", "\x00"]
    ),
    st.text(max_size=5),
)


@examples(1000)
@given(st.lists(st.lists(CELLS, max_size=6), max_size=12))
def test_whatever_the_records_the_table_fits_them_or_is_refused(sample: list[list[str]]) -> None:
    try:
        understood = table(sample)
    except FileProblem as refused:
        event(refused.code)
        return
    assert list(understood.mapping) == list(understood.columns)
    assert list(understood.mapping.values()).count(Field.EMAIL) == 1
    assert understood.header_row is None or 1 <= understood.header_row <= len(sample)
    assert len(understood.columns) not in understood.widths
    assert understood == table(sample)


def test_without_a_header_the_names_of_cities_are_not_taken_for_those_of_people() -> None:
    rows = [["São Paulo", "Ana Souza", "ana@x.com"], ["Belo Horizonte", "João Lima", "joao.lima@x.com"]]
    assert table(rows).mapping == {"column_1": "attribute", "column_2": "name", "column_3": "email"}


@pytest.mark.parametrize(
    "between",
    [
        [["E-mail", "sim", "ana.exemplo", "Rui Dias"]],
        [["", "", "", "Caio Melo"], ["Total", "", "", "3"]],
        [["E-mail", "não", "ana@", "Bia Rocha"], ["E-mail", "não", "", "Bia Rocha"]],
    ],
)
def test_contacts_without_an_address_stay_contacts_below_a_header_that_names_none(between: list[list[str]]) -> None:
    header = ["Contato preferencial", "Aceita?", "Contato", "Nome"]
    contacts = [["Telefone", "sim", f"p{n}@x.com", "Duda Reis"] for n in range(4)]
    understood = table([["Lista de e-mails", "", "", ""], header, *between, *contacts])
    assert understood.header_row == 2
    assert understood.mapping["Contato"] == Field.EMAIL
