"""Tables as they leave: read back with other programs' eyes, they are what was written."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from pipeline.exports import Table, TooLargeForWorkbookError, write_delimited, write_workbook
from pipeline.exports.workbook import CELL_UNITS, SHEET_COLUMNS
from pipeline.spreadsheets import unescaped

#: What workbooks write in a manner of their own.
HARD = st.lists(st.characters(min_codepoint=32) | st.sampled_from(["_x0041_", "\r\n", "\x0b", "'="]), min_size=1).map(
    "".join
)
ROWS = st.lists(st.tuples(st.text(), st.text(), st.text()), max_size=8)


def clean(cell: str) -> str:
    return "".join(
        "\ufffd"
        if character == "\x00" or "\ud800" <= character <= "\udfff" or character in "\ufffe\uffff"
        else character
        for character in cell
    )


def sheets(data: bytes) -> list[list[list[Any]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return [book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names]


def workbook(columns: Sequence[str], rows: Sequence[Sequence[str]], **options: int) -> bytes:
    stream = io.BytesIO()
    write_workbook(stream, Table(columns, rows), **options)
    return stream.getvalue()


@given(ROWS, st.sampled_from([",", ";", "\t", "|", ":"]))
def test_a_delimited_file_read_and_unescaped_is_what_was_written(rows: list[tuple[str, ...]], delimiter: str) -> None:
    stream = io.BytesIO()
    written = write_delimited(stream, Table(("a", "=b", "c"), rows), delimiter=delimiter)
    text = stream.getvalue().decode("utf-8-sig")
    header, *read = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    assert stream.getvalue().startswith(b"\xef\xbb\xbf")
    assert text.endswith("\r\n")
    assert header == ["a", "'=b", "c"]
    assert written.rows == len(rows)
    assert [[unescaped(cell) for cell in row] for row in read] == [[clean(cell) for cell in row] for row in rows]


@given(st.lists(st.tuples(HARD), min_size=1, max_size=4))
def test_a_workbook_read_and_unescaped_is_what_was_written(rows: list[tuple[str, ...]]) -> None:
    read = sheets(workbook(["a"], rows))[0][1:]
    assert [[unescaped(str(cell)) for cell in row] for row in read] == [[clean(cell) for cell in row] for row in rows]


def test_a_workbook_holds_text_only() -> None:
    data = workbook(["a", "b"], [("=1+1", "007"), ("'=x", "2026-01-02"), ("{=SUM(A1)}", "https://example.com")])
    sheet = zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml").decode()
    assert "<f" not in sheet
    assert "<v" not in sheet
    assert sheets(data)[0][1:] == [["=1+1", "007"], ["''=x", "2026-01-02"], ["{=SUM(A1)}", "https://example.com"]]


def test_a_full_sheet_is_followed_by_another_with_the_header() -> None:
    assert sheets(workbook(["n"], [("1",), ("2",), ("3",)], sheet_rows=2)) == [[["n"], ["1"], ["2"]], [["n"], ["3"]]]


def test_a_cell_beyond_what_a_workbook_takes_is_shortened_and_counted() -> None:
    stream = io.BytesIO()
    written = write_workbook(stream, Table(["a"], [("😀" * CELL_UNITS,), ("x" * CELL_UNITS,)]))
    assert (written.rows, written.shortened) == (2, 1)
    assert sheets(stream.getvalue())[0][1:] == [["😀" * (CELL_UNITS // 2)], ["x" * CELL_UNITS]]


def test_more_columns_than_a_workbook_takes_are_refused() -> None:
    with pytest.raises(TooLargeForWorkbookError):
        workbook(["a"] * (SHEET_COLUMNS + 1), [])
