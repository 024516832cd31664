"""What is no list of contacts: each ends with a code and a sentence that names the file and what to do."""

from __future__ import annotations

import random
from collections.abc import Iterator

from pipeline.reading.reading import ReadingOptions
from tests.corpus.binaries import encrypted_office, ods, xls, xlsx, zipped
from tests.corpus.case import ANY_CODE, Case, codes, utf8

PAGE = b"""<!DOCTYPE html><html><head><meta charset="utf-8"></head><body><table>
<tr><td>Nome</td><td>E-mail</td></tr><tr><td>Ana</td><td>ana@example.com</td></tr></table></body></html>"""


def cases() -> Iterator[Case]:
    """Yield the cases."""
    yield from _nothing()
    yield from _something_else()
    yield from _workbooks()
    yield from _no_address()


def _nothing() -> Iterator[Case]:
    empty = codes("file_empty")
    yield Case("no-byte", "vazio.csv", b"", fails=empty)
    yield Case("byte-order-mark-only", "vazio.csv", b"\xef\xbb\xbf", fails=empty)
    yield Case("blank-lines-only", "vazio.csv", b"\r\n\r\n  \r\n;;;\r\n", fails=empty)
    yield Case("header-only", "vazio.csv", utf8("nome;email;cidade"), fails=codes("header_only"))
    yield Case("header-and-blank-lines", "vazio.csv", utf8("nome;email", ";", "", ";"), fails=codes("header_only"))
    yield Case("sep-line-only", "vazio.csv", b"sep=;\r\n", fails=empty)


def _something_else() -> Iterator[Case]:
    binary = codes("file_binary")
    yield Case(
        "pdf-named-csv",
        "clientes.csv",
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n" + bytes(200),
        fails=binary,
    )
    yield Case("png", "foto.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(200), fails=binary)
    yield Case("jpeg", "foto.csv", b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(200), fails=binary)
    yield Case("rar", "lista.rar", b"Rar!\x1a\x07\x01\0" + bytes(200), fails=binary)
    yield Case("seven-zip", "lista.7z", b"7z\xbc\xaf\x27\x1c\0\4" + bytes(200), fails=binary)
    yield Case("sqlite", "base.csv", b"SQLite format 3\0" + bytes(400), fails=binary)
    yield Case("rtf", "lista.csv", b"{\\rtf1\\ansi\\deff0 Ana ana@example.com\\par}", fails=binary)
    docx = zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w:document/>"})
    yield Case("docx", "lista.docx", docx, fails=binary)
    noise = random.Random(7).randbytes(4_000)
    yield Case("noise", "lista.csv", noise, fails=codes("not_text", "file_binary"))
    html = codes("file_html")
    yield Case("html-named-xls", "relatorio.xls", PAGE, fails=html)
    yield Case("html-named-csv", "relatorio.csv", b"\xef\xbb\xbf\r\n  " + PAGE, fails=html)
    yield Case("html-table-only", "relatorio.xls", PAGE[PAGE.index(b"<table") : PAGE.index(b"</body")], fails=html)


def _workbooks() -> Iterator[Case]:
    table = (("nome", "email"), ("Ana", "ana@example.com"))
    yield Case("workbook-under-a-password", "contatos.xlsx", encrypted_office(), fails=codes("file_encrypted"))
    good = xlsx({"Plan1": table})
    damaged = codes("file_damaged")
    yield Case("workbook-cut-off", "contatos.xlsx", good[: len(good) // 2], fails=damaged)
    holes = zipped(
        {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook", "xl/worksheets/sheet1.xml": b""}
    )
    yield Case("workbook-with-broken-xml", "contatos.xlsx", holes, fails=damaged)
    old = xls("Plan1", table)
    yield Case("old-workbook-cut-off", "contatos.xls", old[:700], fails=damaged)
    yield Case("workbook-without-content", "contatos.xlsx", xlsx({"Plan1": ()}), fails=codes("file_empty"))
    yield Case("workbook-with-a-header-only", "contatos.xlsx", xlsx({"Plan1": table[:1]}), fails=codes("header_only"))
    yield Case(
        "workbook-of-products",
        "produtos.ods",
        ods({"Plan1": (("sku", "preço"), ("1", 10.0))}),
        fails=codes("no_email_column"),
    )


def _no_address() -> Iterator[Case]:
    missing = codes("no_email_column")
    yield Case("no-address-at-all", "produtos.csv", utf8("sku;preço", "1;10,00", "2;20,00"), fails=missing)
    yield Case(
        "phones-only",
        "telefones.csv",
        utf8("nome;telefone", "Ana;(11) 98765-4321", "Bia;(11) 98765-1234"),
        fails=missing,
    )
    yield Case(
        "prose",
        "carta.txt",
        utf8("Prezada Ana,", "segue em anexo a lista que você pediu.", "Abraço, Bia"),
        fails=missing,
    )
    yield Case(
        "asked-for-row-beyond-the-end",
        "lista.csv",
        utf8("nome;email", "Ana;ana@example.com"),
        options=ReadingOptions(header_row=9),
        fails=ANY_CODE,
    )
    wide = ";".join(["email", *(f"c{number}" for number in range(50_000))])
    yield Case(
        "fifty-thousand-columns",
        "largo.csv",
        utf8(wide, ";".join(["ana@example.com", *["x"] * 50_000])),
        fails=codes("too_many_columns"),
    )
