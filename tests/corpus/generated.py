"""Files too large, or too wicked, to lie in a repository: written when a test needs them."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import xlsxwriter
from backports import zstd

MIB: Final = 1 << 20
_BLOCK: Final = b"ana@example.com;Ana Souza;Rio de Janeiro\r\n" * (MIB // 40)


def cell_of_100_mib(path: Path, *, quoted: bool = True) -> None:
    """Write a list in which one cell has 100 MiB, and good rows around it."""
    quote = b'"' if quoted else b""
    with path.open("wb") as file:
        file.write(b"email;nome;obs\r\nana@example.com;Ana;ok\r\nbia@example.com;Bia;" + quote)
        for _ in range(100):
            file.write(b"x" * MIB)
        file.write(quote + b"\r\ncaio@example.com;Caio;ok\r\n")


def line_without_end(path: Path) -> None:
    """Write 100 MiB without a line end."""
    with path.open("wb") as file:
        for _ in range(100):
            file.write(b"Ana Souza, Recife; " * (MIB // 19))


def quote_never_closed(path: Path) -> None:
    """Write 100 MiB of good lines below a quotation mark that is never closed."""
    line = b"pessoa@example.com;Ana Souza;Recife\r\n"
    with path.open("wb") as file:
        file.write(b'email;nome;cidade\r\nana@example.com;"Ana;Recife\r\n')
        for _ in range(100):
            file.write(line * (MIB // len(line)))


def columns_of_50_000(path: Path) -> None:
    """Write a header of 50,000 columns, and a record as wide."""
    names = ";".join(f"coluna_{number}" for number in range(50_000))
    cells = ";".join(["x"] * 50_000)
    path.write_text(f"email;{names}\r\nana@example.com;{cells}\r\n", encoding="utf-8")


def record_of_50_000_cells(path: Path) -> None:
    """Write a list of two columns in which one record has 50,000 cells."""
    wide = ";".join(["x"] * 50_000)
    path.write_text(
        f"email;nome\r\nana@example.com;Ana\r\nbia@example.com;{wide}\r\ncaio@example.com;Caio\r\n", encoding="utf-8"
    )


def workbook_of_16_384_columns(path: Path) -> None:
    """Write an XLSX as wide as the format allows."""
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as workbook:
        sheet = workbook.add_worksheet("Plan1")
        for column in range(16_384):
            sheet.write_string(0, column, "email" if column == 0 else f"c{column}")
        sheet.write_string(1, 0, "ana@example.com")


def workbook_with_a_cell_far_away(path: Path) -> None:
    """Write a small XLSX with a stray cell in its last row and column."""
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as workbook:
        sheet = workbook.add_worksheet("Plan1")
        sheet.write_row(0, 0, ["email", "nome"])
        sheet.write_row(1, 0, ["ana@example.com", "Ana"])
        sheet.write_string(1_048_575, 16_383, "x")


def gzip_bomb(path: Path) -> None:
    """Write a gzip of a few MB from which 4 GiB come."""
    with gzip.GzipFile(path, "wb", mtime=0) as file:
        for _ in range(4096):
            file.write(_BLOCK)


def zstd_bomb(path: Path) -> None:
    """Write a zstd of a few hundred KB from which 4 GiB come."""
    with zstd.open(path, "wb") as file:
        for _ in range(4096):
            file.write(_BLOCK)


def zip_bomb(path: Path) -> None:
    """Write a ZIP of whose one member 2 GiB come."""
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("lista.csv", "w", force_zip64=True) as member,
    ):
        for _ in range(2048):
            member.write(_BLOCK)


def zip_of_100_000_members(path: Path) -> None:
    """Write a ZIP of 100,000 small lists."""
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(100_000):
            archive.writestr(f"lista{number}.csv", b"email\r\nana@example.com\r\n")


def workbook_bomb(path: Path) -> None:
    """Write an XLSX whose sheet is 2 GiB of blanks."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b"<Types/>")
        archive.writestr(
            "xl/workbook.xml", b'<workbook><sheets><sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>'
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            b'<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>',
        )
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as member:
            for _ in range(2048):
                member.write(b" " * MIB)


def json_of_one_string(path: Path) -> None:
    """Write a JSON array with a string of 100 MiB."""
    with path.open("wb") as file:
        file.write(b'[{"email": "ana@example.com"}, {"email": "')
        for _ in range(100):
            file.write(b"x" * MIB)
        file.write(b'"}, {"email": "bia@example.com"}]')


def nested_json(path: Path) -> None:
    """Write JSON that opens a million brackets."""
    path.write_bytes(b'{"email": "ana@example.com", "a": ' + b"[" * 1_000_000)


#: Each with the codes that may be its end; none: the good rows come, and what is wrong is said.
WICKED: Final[Mapping[Callable[[Path], None], frozenset[str]]] = {
    cell_of_100_mib: frozenset(),
    line_without_end: frozenset({"record_too_large", "cell_too_large", "too_many_columns", "no_email_column"}),
    quote_never_closed: frozenset(),
    columns_of_50_000: frozenset({"too_many_columns"}),
    record_of_50_000_cells: frozenset(),
    workbook_of_16_384_columns: frozenset({"too_many_columns"}),
    workbook_with_a_cell_far_away: frozenset({"too_many_columns", "workbook_too_large"}),
    gzip_bomb: frozenset({"archive_bomb"}),
    zstd_bomb: frozenset({"archive_bomb"}),
    zip_bomb: frozenset({"archive_bomb"}),
    zip_of_100_000_members: frozenset({"archive_bomb", "too_many_members"}),
    workbook_bomb: frozenset({"workbook_too_large", "archive_bomb", "file_damaged"}),
    json_of_one_string: frozenset({"record_too_large", "cell_too_large", "file_damaged"}),
    nested_json: frozenset({"file_damaged", "record_too_large", "no_email_column", "header_only", "file_empty"}),
}
