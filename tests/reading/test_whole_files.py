"""Whole files: packing, parts, decisions that stand with the job, and numbers of rows as spreadsheets show them."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import zipfile
from collections.abc import Callable

import pytest
import xlsxwriter

from pipeline.problems import FileNotice, FileProblem, FileProblemCode
from pipeline.reading import (
    FileReading,
    Format,
    ReadingOptions,
    SavedMapping,
    Surroundings,
    WholeFile,
    read,
)
from pipeline.reading.reading import DateOrder
from pipeline.reading.table.words import header_fingerprint


def opened(data: bytes | str, options: ReadingOptions | None = None, *, name: str = "contatos.csv") -> WholeFile:
    return read(io.BytesIO(data.encode() if isinstance(data, str) else data), file_name=name, options=options)


def addresses(file: WholeFile) -> list[tuple[int, int, str | None]]:
    return [(part, row, picked.email) for part, row, picked in file.rows()]


def workbook(**sheets: list[list[object]]) -> bytes:
    data = io.BytesIO()
    with xlsxwriter.Workbook(data) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return data.getvalue()


def notices(file: WholeFile) -> set[str]:
    return {notice.code for notice in file.reading.notices} | {
        notice.code for part in file.reading.parts for notice in part.notices
    }


def test_rows_are_numbered_as_a_spreadsheet_shows_them() -> None:
    file = opened('email,nome\r\na@x.com,"Ana\r\nSouza"\r\n\r\n , \r\nb@x.com,Bia\r\n\xa0,\r\n')
    assert addresses(file) == [(0, 2, "a@x.com"), (0, 5, "b@x.com")]
    assert file.blank_rows == 3


def test_without_a_header_the_first_record_is_row_one() -> None:
    file = opened("a@x.com\nb@x.com\n")
    assert addresses(file) == [(0, 1, "a@x.com"), (0, 2, "b@x.com")]
    assert file.reading.parts[0].header_row is None


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress])
def test_a_compressed_file_is_read_as_what_is_in_it(pack: Callable[[bytes], bytes]) -> None:
    file = opened(pack(b"email\na@x.com\n"))
    assert addresses(file) == [(0, 2, "a@x.com")]
    assert file.reading.packing != ()


def test_the_first_sheet_with_contacts_is_read_and_the_others_are_named() -> None:
    data = workbook(
        Leiame=[["Planilha de clientes"], ["gerada ontem"]],
        Clientes=[["Nome", "E-mail"], ["Ana", "ana@x.com"]],
        Antigos=[["Nome", "E-mail"], ["Bia", "bia@x.com"]],
    )
    file = opened(data, name="clientes.xlsx")
    assert addresses(file) == [(0, 2, "ana@x.com")]
    assert file.reading.parts[0].part_name == "Clientes"
    said = next(notice for notice in file.reading.notices if notice.code == FileNotice.SHEETS_NOT_READ)
    assert said.params == {"sheets": "Leiame, Antigos"}


def test_sheets_can_be_chosen() -> None:
    data = workbook(A=[["E-mail"], ["ana@x.com"]], B=[["E-mail"], ["bia@x.com"]], C=[["Correo"], ["caio@x.com"]])
    assert addresses(opened(data, ReadingOptions(sheets=("c", "B")))) == [(0, 2, "bia@x.com"), (1, 2, "caio@x.com")]
    with pytest.raises(FileProblem) as refused:
        opened(data, ReadingOptions(sheets=("D",)))
    assert refused.value.code is FileProblemCode.PART_MISSING


def test_members_of_an_archive_are_parts() -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("a.csv", "email\na@x.com\n")
        archive.writestr("b.xlsx", workbook(S=[["E-mail"], ["b@x.com"]]))
        archive.writestr("leiame.txt", "nada aqui")
    file = opened(data.getvalue(), name="c.zip")
    assert addresses(file) == [(0, 2, "a@x.com"), (1, 2, "b@x.com")]
    assert FileNotice.MEMBERS_NOT_READ in notices(file)


def test_a_column_that_was_spoken_of_need_not_be_in_every_part() -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("a.csv", "email;Quem\na@x.com;Ana\n")
        archive.writestr("b.csv", "email;CPF\nb@x.com;529.982.247-25\n")
    file = opened(data.getvalue(), ReadingOptions(mapping={"Quem": "name"}, keep=("CPF",)))
    assert [(picked.name, picked.attributes) for _, _, picked in file.rows()] == [
        ("Ana", {}),
        ("", {"CPF": "529.982.247-25"}),
    ]
    with pytest.raises(FileProblem) as refused:
        opened(data.getvalue(), ReadingOptions(mapping={"Onde": "name"}))
    assert refused.value.code is FileProblemCode.UNKNOWN_COLUMN


def test_an_archive_without_a_list_of_contacts_is_refused_for_what_its_first_member_lacks() -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("a.csv", "nome;cidade\nAna;Recife\n")
        archive.writestr("b.csv", "x;y\n1;2\n")
    with pytest.raises(FileProblem) as refused:
        opened(data.getvalue())
    assert refused.value.code is FileProblemCode.NO_EMAIL_COLUMN


@pytest.mark.parametrize(
    "data",
    [
        "email;nome;Data de nascimento\nana@x.com;Ana;05/03/1990\n",
        '{"email": "ana@x.com", "nome": "Ana"}\n{"email": "bia@x.com"}\n',
        workbook(S=[["E-mail", "Nome"], ["ana@x.com", "Ana"]]),
        "Ana <ana@x.com>, bia@y.com",
    ],
)
def test_the_decision_is_plain_data_and_the_same_each_time(data: bytes | str) -> None:
    reading = opened(data).reading
    assert opened(data).reading == reading
    assert FileReading.from_json(json.loads(json.dumps(reading.to_json()))) == reading


def test_dates_that_can_be_read_in_two_ways_are_said_aloud() -> None:
    file = opened("email;Data de nascimento\nana@x.com;05/03/1990\nbia@x.com;01/02/1991\n")
    assert FileNotice.DATES_AMBIGUOUS in notices(file)
    assert [picked.attributes for _, _, picked in file.rows()] == [
        {"Data de nascimento": "1990-03-05"},
        {"Data de nascimento": "1991-02-01"},
    ]
    american = opened(
        "email;Data de nascimento\nana@x.com;05/03/1990\n", ReadingOptions(date_order=DateOrder.MONTH_FIRST)
    )
    assert [picked.attributes for _, _, picked in american.rows()] == [{"Data de nascimento": "1990-05-03"}]


def test_a_column_that_reads_like_opt_outs_and_is_none_is_said_aloud() -> None:
    data = "email;Situação do contato\nana@x.com;Descadastrado\nbia@x.com;Ativo\n"
    assert FileNotice.OPT_OUTS_NOT_OBEYED in notices(opened(data))
    obeyed = opened(data.replace("Ativo", "não"), ReadingOptions({"Situação do contato": "opt_out"}))
    assert FileNotice.OPT_OUTS_NOT_OBEYED not in notices(obeyed)
    assert FileNotice.OPT_OUTS_NOT_OBEYED not in notices(opened("email;Situação\nana@x.com;Inativo\n"))


@pytest.mark.parametrize(
    "column",
    ["unsubscribed", "HasOptedOutOfEmail", "Descadastrado?", "opt_out", "Hard bounce", "Aceita receber e-mails"],
)
def test_a_column_that_is_called_like_opt_outs_and_is_none_is_said_aloud(column: str) -> None:
    assert FileNotice.OPT_OUTS_NOT_OBEYED in notices(opened(f"email;{column}\nana@x.com;sim\nbia@x.com;não\n"))


def test_what_the_uploader_says_wins() -> None:
    data = "lixo\nCorreio|Quem\nana@x.com|Ana\n".encode("cp850")
    said = ReadingOptions({"Correio": "email", "Quem": "name"}, encoding="cp850", delimiter="|", header_row=2)
    file = opened(data, said)
    part = file.reading.parts[0]
    assert (part.delimiter, part.encoding, part.header_row) == ("|", "cp850", 2)
    assert [(row, picked.email, picked.name) for _, row, picked in file.rows()] == [(3, "ana@x.com", "Ana")]


def test_a_saved_mapping_is_proposed_again_for_the_same_header() -> None:
    saved = SavedMapping("erp", header_fingerprint(("Código", "Quem", "Onde")), {"Quem": "name", "Onde": "email"})
    file = read(
        io.BytesIO("código;QUEM;onde\n7;Ana;ana@x.com\n".encode()),
        file_name="erp.csv",
        surroundings=Surroundings(mappings=(saved,)),
    )
    assert file.reading.parts[0].saved_mapping == "erp"
    assert FileNotice.SAVED_MAPPING_USED in notices(file)
    assert [(picked.email, picked.name) for _, _, picked in file.rows()] == [("ana@x.com", "Ana")]


def test_a_saved_mapping_that_is_asked_for_must_fit() -> None:
    saved = SavedMapping("erp", "", {"Onde": "email", "Saiu": "opt_out", "Cidade": "attribute"})
    with pytest.raises(FileProblem) as refused:
        read(
            io.BytesIO(b"onde;quem\nana@x.com;Ana\n"),
            file_name="erp.csv",
            options=ReadingOptions(saved_mapping="erp"),
            surroundings=Surroundings(mappings=(saved,)),
        )
    assert refused.value.code is FileProblemCode.UNKNOWN_COLUMN


def test_a_name_with_an_accent_far_behind_the_beginning_is_read_right() -> None:
    lines = [f"p{number}@x.com;Pessoa {number}" for number in range(30_000)]
    lines[-1] = "joao@x.com;João"
    file = opened("\n".join(("email;nome", *lines, "")).encode("cp1252"))
    assert [picked.name for _, _, picked in file.rows()][-1] == "João"


def test_formats_are_told_by_their_content() -> None:
    assert opened("Ana <ana@x.com>, bia@y.com; caio@z.com").reading.parts[0].format is Format.ADDRESS_LIST
    assert opened('[{"email": "ana@x.com"}]').reading.parts[0].format is Format.JSON_ARRAY
    card = "BEGIN:VCARD\nVERSION:3.0\nFN:Ana\nEMAIL:ana@x.com\nEND:VCARD\n"
    assert opened(card).reading.parts[0].format is Format.VCARD
