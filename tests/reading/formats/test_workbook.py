"""Sheets of workbooks as records: numbers of rows and columns, texts of cells, damage, and what would fill the memory."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from pipeline.problems import FileProblem, FileProblemCode, RowProblem
from pipeline.reading.formats import extents, workbook
from pipeline.reading.formats.workbook import Sheet
from pipeline.reading.reading import Format, Reading
from pipeline.reading.unpacking import UnpackLimits, unpack

XLS = (Path(__file__).parent / "files" / "contatos.xls").read_bytes()


def reading(sheet: str | None = None, columns: tuple[str, ...] = ()) -> Reading:
    return Reading(columns, {}, None, part_name=sheet, format=Format.WORKBOOK)


def records(data: bytes, sheet: str | None = None, columns: tuple[str, ...] = ()) -> list[list[str]]:
    return list(workbook.records(io.BytesIO(data), reading(sheet, columns), file_name="contatos.xlsx"))


def refusal(data: bytes, sheet: str | None = None) -> FileProblem:
    with pytest.raises(FileProblem) as raised:
        records(data, sheet)
    assert str(raised.value)
    assert raised.value.sentence("pt-BR")
    return raised.value


def xlsx(fill: Callable[[Workbook, Worksheet], None]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        fill(book, book.add_worksheet("Clientes"))
    return buffer.getvalue()


def edited(data: bytes, member: str, edit: Callable[[bytes], bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, edit(old.read(name)) if name == member else old.read(name))
    return buffer.getvalue()


def handwritten(rows: str) -> bytes:
    """A workbook whose sheet has just this XML inside of its sheetData."""
    blank = xlsx(lambda _, sheet: sheet.write(0, 0, 1))
    return edited(
        blank,
        "xl/worksheets/sheet1.xml",
        lambda xml: re.sub(rb"<sheetData>.*</sheetData>", f"<sheetData>{rows}</sheetData>".encode(), xml),
    )


def ods(tables: str) -> bytes:
    spaces = " ".join(
        f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{prefix}:1.0"' for prefix in ("office", "table", "text")
    )
    calcext = 'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "content.xml",
            f"<office:document-content {spaces} {calcext}><office:body><office:spreadsheet>{tables}"
            "</office:spreadsheet></office:body></office:document-content>",
        )
        archive.writestr("META-INF/manifest.xml", "<x/>")
    return buffer.getvalue()


def ods_cell(text: str, attributes: str = 'office:value-type="string"') -> str:
    return f"<table:table-cell {attributes}><text:p>{text}</text:p></table:table-cell>"


def test_rows_and_columns_are_numbered_as_the_sheet_shows_them() -> None:
    def fill(_: Workbook, sheet: Worksheet) -> None:
        sheet.write_row(2, 1, ["email", "nome"])
        sheet.write_row(4, 1, ["a@x.com", "Ana"])
        sheet.write(5, 3, "só isto")

    expected = [[], [], ["", "email", "nome"], [], ["", "a@x.com", "Ana"], ["", "", "", "só isto"]]
    assert records(xlsx(fill)) == expected


def test_every_row_has_a_cell_for_each_column_because_a_sheet_has_no_short_rows() -> None:
    def fill(_: Workbook, sheet: Worksheet) -> None:
        sheet.write_row(0, 0, ["email", "nome", "cidade"])
        sheet.write(1, 0, "a@x.com")
        sheet.write(3, 0, "b@x.com")

    rows = [["email", "nome", "cidade"], ["a@x.com", "", ""], [], ["b@x.com", "", ""]]
    assert records(xlsx(fill), columns=("email", "nome", "cidade")) == rows
    sample = workbook.sample(io.BytesIO(xlsx(fill)), reading(), file_name="contatos.xlsx", limit=10)
    assert (sample.records, sample.columns) == (rows, None)
    assert workbook.sample(io.BytesIO(xlsx(fill)), reading(), file_name="a.xlsx", limit=2).records == rows[:2]


def test_cells_have_the_text_that_a_person_would_have_typed() -> None:
    def fill(book: Workbook, sheet: Worksheet) -> None:
        day, time = book.add_format({"num_format": "dd/mm/yyyy"}), book.add_format({"num_format": "hh:mm:ss"})
        long = book.add_format({"num_format": "[h]:mm:ss"})
        sheet.write_row(0, 0, [11987654321, 1234.5, 0.1 + 0.2, -3, 1e-7, True, False, "01234", "  Ana\nSouza "])
        sheet.write_datetime(1, 0, dt.datetime(2026, 9, 2), day)  # noqa: DTZ001 (sheets have no zones)
        sheet.write_datetime(1, 1, dt.datetime(2026, 9, 2, 16, 30, 10), day)  # noqa: DTZ001
        sheet.write(1, 2, 0.5, time)
        sheet.write(1, 3, 1.5, long)
        sheet.write_formula(1, 4, "=A1", value=11987654321)
        sheet.write_rich_string(1, 5, "An", book.add_format({"bold": True}), "a", " Sá")
        sheet.merge_range(2, 0, 2, 1, "junto")
        sheet.write_url(3, 0, "mailto:a@x.com", string="a@x.com")

    assert records(xlsx(fill)) == [
        ["11987654321", "1234.5", "0.3", "-3", "0.0000001", "true", "false", "01234", "  Ana\nSouza "],
        ["2026-09-02", "2026-09-02 16:30:10", "12:00:00", "36:00:00", "11987654321", "Ana Sá"],
        ["junto"],
        ["a@x.com"],
    ]


def test_a_number_with_more_digits_than_workbooks_keep_is_said_to_be_damaged() -> None:
    rows = records(handwritten('<row r="1"><c r="A1"><v>12345678901234567890</v></c></row><row r="2"><c r="A2"><v>4111111111111110</v></c></row>'
                               '<row r="3"><c r="A3"><v>411111111111111</v></c></row>'))  # fmt: skip
    assert rows == [["12345678901234567000"], ["4111111111111110"], ["411111111111111"]]
    assert [getattr(row, "flaw", None) for row in rows] == [RowProblem.NUMBER_DAMAGED, RowProblem.NUMBER_DAMAGED, None]


def test_errors_of_formulas_keep_their_text() -> None:
    def fill(_: Workbook, sheet: Worksheet) -> None:
        sheet.write_row(1, 1, ["email", "nome"])
        sheet.write(2, 1, "a@x.com")
        sheet.write_formula(2, 2, "=NA()", value="#N/A")
        sheet.write_formula(3, 0, "=1/0", value="#DIV/0!")

    assert records(xlsx(fill))[1:] == [["", "email", "nome"], ["", "a@x.com", "#N/A"], ["#DIV/0!"]]


def test_a_formula_that_no_program_has_calculated_keeps_its_text() -> None:
    rows = handwritten(
        '<row r="1"><c r="A1"><f>B1&amp;"x"</f><v></v></c><c r="B1"><v>2</v></c><c r="C1"><f>1+1</f></c>'
        '<c r="D1" t="str"><f>IF(B1,"","x")</f><v></v></c><c r="E1"><f>1+2</f><v>3</v></c></row>'
    )
    assert records(rows) == [['=B1&"x"', "2", "=1+1", "", "3"]]


def test_sheets_are_listed_with_what_is_seen_of_them() -> None:
    def fill(book: Workbook, sheet: Worksheet) -> None:
        book.add_worksheet("Vazia").write_blank(0, 0, None, book.add_format({"bold": True}))
        hidden = book.add_worksheet("Oculta")
        hidden.write(0, 0, "x")
        hidden.hide()
        book.add_chartsheet("Gráfico")
        sheet.write(0, 0, 1)

    assert workbook.sheets(io.BytesIO(xlsx(fill)), file_name="a.xlsx") == [
        Sheet("Clientes", visible=True, is_empty=False),
        Sheet("Vazia", visible=True, is_empty=True),
        Sheet("Oculta", visible=False, is_empty=False),
    ]
    assert records(xlsx(fill), "Oculta") == [["x"]]
    assert records(xlsx(fill), "Vazia") == []
    problem = refusal(xlsx(fill), "Outra")
    assert problem.code is FileProblemCode.PART_MISSING
    assert problem.params["parts"] == "Clientes, Vazia, Oculta"


def test_an_old_workbook_is_read_like_a_new_one() -> None:
    assert records(XLS, "Clientes") == [
        [],
        ["", "email", "nome", "telefone", "nascimento", "cadastro", "ativo", "valor"],
        ["", "joao@x.com", "João Conceição", "11987654321", "1985-04-12", "2026-09-02 16:30:10", "true", "1234.5"],
        [],
        ["", "bia@y.com"],
    ]
    assert [tuple(sheet) for sheet in workbook.sheets(io.BytesIO(XLS), file_name="a.xls")] == [
        ("Clientes", True, False), ("Vazia", True, True), ("Oculta", False, False)
    ]  # fmt: skip


def test_a_spreadsheet_of_libreoffice_is_read_with_repeated_cells_and_rows() -> None:
    number = 'office:value-type="float" office:value="11987654321"'
    date = 'office:value-type="date" office:date-value="2026-09-02"'
    error = 'office:value-type="string" office:string-value="" calcext:value-type="error"'
    data = ods(
        '<table:table table:name="Clientes">'
        '<table:table-row table:number-rows-repeated="2"><table:table-cell/></table:table-row>'
        f"<table:table-row><table:table-cell/>{ods_cell('João')}{ods_cell('1,2E10', number)}{ods_cell('2/9/26', date)}"
        f'{ods_cell("#N/D", error)}<table:table-cell table:number-columns-repeated="16379"/></table:table-row>'
        f'<table:table-row table:number-rows-repeated="2">{ods_cell("a")}</table:table-row>'
        '<table:table-row table:number-rows-repeated="1048570"><table:table-cell table:number-columns-repeated="16384"/>'
        '</table:table-row></table:table><table:table table:name="Vazia"><table:table-row/></table:table>'
    )
    assert records(data, "Clientes") == [[], [], ["", "João", "11987654321", "2026-09-02", "#N/D"], ["a"], ["a"]]
    assert [(sheet.name, sheet.is_empty) for sheet in workbook.sheets(io.BytesIO(data), file_name="a.ods")] == [
        ("Clientes", False), ("Vazia", True)
    ]  # fmt: skip


def test_formats_without_content_to_the_last_corner_are_no_content() -> None:
    def fill(book: Workbook, sheet: Worksheet) -> None:
        bold = book.add_format({"bold": True})
        sheet.write(0, 0, "email")
        for place in ((0, 16_383), (1_048_575, 0), (1_048_575, 16_383)):
            sheet.write_blank(*place, None, bold)

    assert records(xlsx(fill)) == [["email"]]


@pytest.mark.parametrize(
    "data",
    [
        handwritten('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
        handwritten('<row r="1048576"><c r="A1048576"><v>1</v></c></row><row r="1"><c s="0" r="XFD1"><v>1</v></c></row>'),
        handwritten(f"<row>{'<c><v>1</v></c>' * 500}</row>{'<row><c><v>1</v></c></row>' * 50_000}"),
        ods(f'<table:table table:name="A"><table:table-row table:number-rows-repeated="1048576">'
            f'{ods_cell("a", "table:number-columns-repeated=" + chr(34) + "16384" + chr(34))}</table:table-row></table:table>'),
    ],
    ids=["named", "attributes turned round", "without names", "repeated"],
)  # fmt: skip
def test_a_small_file_that_would_fill_the_memory_is_refused(data: bytes) -> None:
    problem = refusal(data)
    assert problem.code is FileProblemCode.WORKBOOK_TOO_LARGE
    assert "CSV" in str(problem)


def test_cells_without_names_are_read_in_their_order() -> None:
    data = handwritten("<row><c><v>1</v></c><c/><c><v>3</v></c></row><row r='3'><c r='B3' t='e'><v>#REF!</v></c></row>")
    assert records(data) == [["1", "", "3"], [], ["", "#REF!"]]


def test_a_workbook_with_too_much_xml_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    data = xlsx(lambda _, sheet: sheet.write(0, 0, "email"))
    monkeypatch.setattr(extents, "MAX_XML_BYTES", 1000)
    assert refusal(data).code is FileProblemCode.WORKBOOK_TOO_LARGE


def test_an_old_workbook_with_a_password_is_refused_as_such() -> None:
    at = XLS.index(b"\x09\x08\x10\x00\x00\x06\x05\x00")  # the beginning of its first stream, and its length
    data = bytearray(XLS)
    data[at + 20 : at + 22] = b"\x2f\x00"  # the record behind it becomes FILEPASS
    with pytest.raises(FileProblem) as raised:
        unpack(io.BytesIO(data), file_name="contatos.xls", limits=UnpackLimits())
    assert raised.value.code is FileProblemCode.FILE_ENCRYPTED


def test_a_workbook_cut_off_anywhere_is_damaged() -> None:
    data = xlsx(lambda _, sheet: sheet.write(0, 0, "email"))
    for size in range(0, len(data), 151):
        assert refusal(data[:size]).code is FileProblemCode.FILE_DAMAGED, size


WHOLE = {
    "xlsx": xlsx(lambda _, sheet: sheet.write_row(0, 0, ["email", "a@x.com", 12])),
    "xls": XLS,
    "ods": ods(f'<table:table table:name="A"><table:table-row>{ods_cell("a")}</table:table-row></table:table>'),
}


@pytest.mark.parametrize("kind", WHOLE)
@settings(max_examples=40, deadline=None)
@given(st.data())
def test_changed_bytes_never_raise_anything_but_a_file_problem(kind: str, data: st.DataObject) -> None:
    whole = WHOLE[kind]
    changed = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        changed[data.draw(st.integers(0, len(changed) - 1))] ^= data.draw(st.integers(1, 255))
    for read in (lambda: records(bytes(changed)), lambda: workbook.sheets(io.BytesIO(changed), file_name="a")):
        try:
            read()
        except FileProblem as problem:
            assert str(problem)  # noqa: PT017 (either is right)


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"<v>", b"<v"), (b"</sheetData>", b""), (b"<row", b"<w:row"), (b'r="1"', b'r="-9"'), (b'r="A1"', b'r="1A"')],
)
def test_broken_xml_in_a_sheet_is_a_file_problem_or_records(old: bytes, new: bytes) -> None:
    data = xlsx(lambda _, sheet: sheet.write(0, 0, 5))
    try:
        found = records(edited(data, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(old, new)))
    except FileProblem as problem:
        assert problem.code is FileProblemCode.FILE_DAMAGED  # noqa: PT017 (either is right)
    else:
        assert found in ([], [["5"]])
