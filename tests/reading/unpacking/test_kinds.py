"""What a file is, told by its bytes."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.problems import FileProblem, FileProblemCode
from pipeline.reading.unpacking.kinds import Kind, kind_of

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def refusal(head: bytes) -> FileProblem:
    with pytest.raises(FileProblem) as raised:
        kind_of(head, file_name="contatos.csv")
    return raised.value


@pytest.mark.parametrize(
    "text",
    [
        "email;nome\r\na@x.com;João\r\n",
        "",
        "PK;nome\n1;Ana\n",
        "BZhora,email\n",
        "<ana@x.com>, <bia@y.com>\n",
        "From: a@x.com\nSubject: x\n\nMIME-Version",
        "tabela,email\n<b>,a@x.com\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252"])
def test_text_is_text_in_any_encoding(text: str, encoding: str) -> None:
    assert kind_of(text.encode(encoding), file_name="contatos.csv") is Kind.TEXT


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (gzip.compress(b"email\n", mtime=0), Kind.GZIP),
        (bz2.compress(b"email\n"), Kind.BZIP2),
        (bz2.compress(b""), Kind.BZIP2),
        (lzma.compress(b"email\n"), Kind.XZ),
        (b"\x28\xb5\x2f\xfd\x04\x00", Kind.ZSTD),
        (b"\x50\x2a\x4d\x18\x00\x00\x00\x00", Kind.ZSTD),
        (b"PK\x03\x04\x14\x00", Kind.ZIP),
        (b"PK\x05\x06" + bytes(18), Kind.ZIP),
        (OLE, Kind.XLS),
    ],
)
def test_what_can_be_unpacked_is_told_by_its_first_bytes(head: bytes, kind: Kind) -> None:
    assert kind_of(head, file_name="contatos.csv") is kind


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
        (b"\x89PNG\r\n\x1a\n\x00", "PNG"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "JPEG"),
        (b"Rar!\x1a\x07\x01\x00", "RAR"),
        (b"7z\xbc\xaf\x27\x1c\x00\x04", "7-Zip"),
        (b"{\\rtf1\\ansi", "RTF"),
        (b"SQLite format 3\x00", "SQLite"),
        (b"\x09\x08\x10\x00\x00\x06\x05\x00", "XLS (Excel 5)"),
        (b"PAR1\x15\x04", "Parquet"),
        (b"a.csv".ljust(100, b"\x00") + bytes(157) + b"ustar\x0000", "TAR"),
        (b'<?xml version="1.0"?><feed/>', "XML"),
        (
            b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">',
            "XML Spreadsheet 2003",
        ),
    ],
)
def test_a_format_that_is_no_list_of_contacts_is_refused_by_name(head: bytes, name: str) -> None:
    problem = refusal(head)
    assert (problem.code, problem.params["kind"]) == (FileProblemCode.FILE_BINARY, name)


@pytest.mark.parametrize(
    "page",
    [
        "<html><body><table><tr><td>email</td></tr></table></body></html>",
        "\r\n  <!DOCTYPE HTML>\n<html>",
        "<!-- saved from url -->\n<html xmlns:x='urn:schemas-microsoft-com:office:excel'>",
        "<table border=1><tr><th>email</th></tr></table>",
        "<META http-equiv=Content-Type content='text/html'><table>",
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html><html>',
        "MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n",
        "From: <Saved by Blink>\r\nSubject: a\r\n b\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n x=y",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_a_web_page_is_refused_whatever_its_name(page: str, encoding: str) -> None:
    problem = refusal(page.encode(encoding))
    assert problem.code is FileProblemCode.FILE_HTML
    assert "HTML" in str(problem)


@given(st.binary(max_size=400))
def test_any_bytes_have_a_kind_or_are_refused(head: bytes) -> None:
    for start in (b"", OLE, b"<", b"\xff\xfe<\x00"):
        try:
            kind_of(start + head, file_name="contatos.csv")
        except FileProblem as problem:
            assert str(problem)  # noqa: PT017 (either is right)


def test_looking_at_hostile_markup_takes_no_time_that_grows_with_its_square() -> None:
    for head in (b"<!--" * 16_000, b" " * 65_536, b"a:\n " * 16_000, zlib.compress(b"<" * 10**6)):
        assert kind_of(head, file_name="contatos.csv") is Kind.TEXT
