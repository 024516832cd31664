"""Pollutions of a clean file of sixty Brazilian contacts, applied systematically: to each row, each column, each delimiter.

Every row that a pollution does not touch must come out right; a touched one right, or said.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from tests.corpus.case import Row, ok

FIRST = ("Ana", "João", "Íris", "Antônio", "Beatriz", "Conceição", "Caio", "Inês", "José", "Zuleica")
LAST = ("Souza", "d'Ávila", "da Conceição", "Magalhães", "Muñoz", "Lima Brandão")
CITIES = ("São Paulo", "Belém", "Goiânia", "Recife", "", "Três Corações", "Santa Bárbara d'Oeste")
NOTES = ("", "cliente desde 2019", "prefere manhã; liga depois", 'disse "oi"', "Rua A, 10", "pagou 50% | resta 50%")
COLUMNS: Final = ("nome", "email", "telefone", "cidade", "obs")
COUNT: Final = 60

DELIMITERS: Final = (",", ";", "\t", "|", ":")
ENDS: Final = ("\r\n", "\n", "\r")
ENCODINGS: Final = (
    ("utf-8", b""), ("utf-8", codecs.BOM_UTF8), ("utf-16-le", codecs.BOM_UTF16_LE), ("utf-16-be", codecs.BOM_UTF16_BE),
    ("utf-16-le", b""), ("utf-16-be", b""), ("cp1252", b""), ("iso-8859-1", b""), ("iso-8859-15", b""), ("mac-roman", b""), ("cp850", b""),
)  # fmt: skip


def _cells(number: int) -> tuple[str, ...]:
    name = f"{FIRST[number % len(FIRST)]} {LAST[number % len(LAST)]}"
    if number % 9 == 4:
        name = f"{LAST[number % len(LAST)]}, {FIRST[number % len(FIRST)]}"
    phone = "" if number % 5 == 3 else f"(11) 98765-{4000 + number}"
    return (name, f"pessoa{number}@example.com", phone, CITIES[number % len(CITIES)], NOTES[number % len(NOTES)])


CONTACTS: Final = tuple(_cells(number) for number in range(COUNT))


@dataclass(frozen=True)
class Form:
    """How a clean file is written."""

    delimiter: str = ";"
    quote: str = '"'
    escape: str | None = None  # None: a quote inside is doubled
    quote_all: bool = False
    end: str = "\r\n"
    encoding: str = "utf-8"
    bom: bytes = b""

    def cell(self, text: str) -> str:
        """Write one cell."""
        if not self.quote_all and not any(sign in text for sign in (self.delimiter, self.quote, "\r", "\n")):
            return text
        escaped = (
            text.replace(self.quote, self.quote * 2)
            if self.escape is None
            else text.replace(self.quote, self.escape + self.quote)
        )
        return f"{self.quote}{escaped}{self.quote}"

    def record(self, cells: Sequence[str]) -> str:
        """Write one record, without its end."""
        return self.delimiter.join(map(self.cell, cells))

    def records(self) -> list[str]:
        """Write the clean file: the header and the contacts."""
        return [self.record(cells) for cells in (COLUMNS, *CONTACTS)]

    def bytes(self, records: Sequence[str], *, last: bool = True) -> bytes:
        """Encode records."""
        text = self.end.join(records) + (self.end if last else "")
        return self.bom + text.encode(self.encoding)


@dataclass(frozen=True)
class Polluted:
    """A polluted file, and the rows that must come; ``touched`` ones may also be said, or left out with a problem."""

    name: str
    data: bytes
    rows: tuple[Row, ...]
    touched: frozenset[int] = frozenset()
    literal: Row | None = None  # what the touched row says when it is taken at its word: right, too


def expected(shift: int = 0, contacts: Sequence[Sequence[str]] = CONTACTS) -> tuple[Row, ...]:
    """Expect the contacts, ``shift`` rows further down than below a header in row 1."""
    return tuple(_row(number, cells) for number, cells in enumerate(contacts, 2 + shift))


def _row(number: int, cells: Sequence[str]) -> Row:
    name, email, phone, city, note = cells
    attributes = {"telefone": phone, "cidade": city, "obs": note}
    if phone:
        attributes["telefone_e164"] = "+55" + "".join(filter(str.isdigit, phone))
    return ok(number, email, name, {column: text for column, text in attributes.items() if text})


def all_pollutions() -> Iterator[Polluted]:
    """Yield every polluted file."""
    for kind in (_forms, _encodings, _around, _delimiters, _stray_quotes, _unclosed, _bytes, _lines, _trailing):
        yield from kind()


def _forms() -> Iterator[Polluted]:
    """Sound files in every form: all cells come right."""
    for delimiter in DELIMITERS:
        for quote in ('"', "'"):
            for escape in (None, "\\"):
                for quote_all in (False, True):
                    for end in ENDS:
                        if quote == "'" and not quote_all:
                            continue  # nothing would tell the quotes from the apostrophes of the names
                        form = Form(delimiter, quote, escape, quote_all, end)
                        name = f"form {delimiter!r} {quote} {escape} all={quote_all} {end!r}"
                        yield Polluted(name, form.bytes(form.records()), expected())


def _encodings() -> Iterator[Polluted]:
    for encoding, bom in ENCODINGS:
        for delimiter in (",", ";", "\t"):
            for end in ENDS:
                form = Form(delimiter, end=end, encoding=encoding, bom=bom)
                yield Polluted(
                    f"encoding {encoding} bom={bool(bom)} {delimiter!r} {end!r}", form.bytes(form.records()), expected()
                )


def _around() -> Iterator[Polluted]:
    above = (
        "Relatório de contatos",
        "Emitido em 12/03/2026",
        "Empresa: Doces Mineiros Ltda",
        "",
        "Filial: 01",
        "Página 1",
    )
    for delimiter in DELIMITERS:
        form = Form(delimiter)
        records = form.records()
        for count in range(1, 7):
            yield Polluted(
                f"preamble of {count} {delimiter!r}", form.bytes([*above[:count], *records]), expected(count)
            )
            wide = [line + delimiter * 4 for line in above[:count]]
            yield Polluted(
                f"preamble of {count} with delimiters {delimiter!r}", form.bytes([*wide, *records]), expected(count)
            )
        groups = form.record(("Dados pessoais", "", "Contato", "", "Outros"))
        yield Polluted(f"groups above the header {delimiter!r}", form.bytes([groups, *records]), expected(1))
        bare = [form.record([cell.replace("\n", " ") for cell in cells]) for cells in CONTACTS]
        yield Polluted(f"no header {delimiter!r}", form.bytes(bare), _without_header())
        yield Polluted(f"sep line {delimiter!r}", form.bytes([f"sep={delimiter}", *records]), expected())
        yield Polluted(f"no last line end {delimiter!r}", form.bytes(records, last=False), expected())
        total = form.bytes([*records, "", f"Total: {COUNT}"])
        yield Polluted(f"total below {delimiter!r}", total, (*expected(), Row(COUNT + 3, problems=frozenset("*"))))


def _without_header() -> tuple[Row, ...]:
    named = {"telefone": "column_3", "telefone_e164": "column_3_e164", "cidade": "column_4", "obs": "column_5"}
    return tuple(
        replace(
            row,
            attributes={named[column]: text for column, text in row.attributes.items() if column != "telefone_e164"},
        )
        for row in expected(-1)
    )


def _polluted(name: str, form: Form, at: int, record: str, literal: Row | None = None) -> Polluted:
    """Replace the record of one contact."""
    records = form.records()
    records[at + 1] = record
    return Polluted(
        f"{name} row {at + 2} {form.delimiter!r}", form.bytes(records), expected(), frozenset({at + 2}), literal
    )


def _delimiters() -> Iterator[Polluted]:
    """A delimiter missing, or one too many, in each row and column."""
    for delimiter in DELIMITERS:
        form = Form(delimiter)
        for at, cells in enumerate(CONTACTS):
            written = [form.cell(cell) for cell in cells]
            for column in range(len(COLUMNS) - 1):
                joined = [*written[:column], written[column] + written[column + 1], *written[column + 2 :]]
                yield _polluted(f"missing delimiter {column}", form, at, delimiter.join(joined))
            for column in range(len(COLUMNS) + 1):
                extra = [*written[:column], "", *written[column:]]
                yield _polluted(f"extra delimiter {column}", form, at, delimiter.join(extra))


def _stray_quotes() -> Iterator[Polluted]:
    """A stray quotation mark in each row and column: at its start, in its middle, at its end."""
    places: tuple[tuple[str, Callable[[str], int]], ...] = (
        ("start", lambda _: 0),
        ("middle", lambda cell: len(cell) // 2),
        ("end", len),
    )
    for form in (Form(","), Form(";"), Form("\t"), Form(";", quote_all=True), Form(",", quote_all=True)):
        for at, cells in enumerate(CONTACTS):
            written = [form.cell(cell) for cell in cells]
            for column, cell in enumerate(written):
                for place, where in places:
                    split = where(cell)
                    stray = [*written[:column], cell[:split] + '"' + cell[split:], *written[column + 1 :]]
                    name = f"stray quote {column} {place} all={form.quote_all}"
                    yield _polluted(name, form, at, form.delimiter.join(stray), _at_its_word(at, column, stray[column]))


def _at_its_word(at: int, column: int, cell: str) -> Row | None:
    """Return the contact with the quotation mark in its cell, where only a mark in the middle or at the end of it is meant."""
    if cell.startswith('"') or column == COLUMNS.index("email"):
        return None
    row = _row(at + 2, [*CONTACTS[at][:column], cell, *CONTACTS[at][column + 1 :]])
    if column != COLUMNS.index("telefone") or cell.endswith('"'):
        return row
    return replace(row, attributes={key: text for key, text in row.attributes.items() if key != "telefone_e164"})


def _unclosed() -> Iterator[Polluted]:
    """A quoted cell whose closing quote is missing, in each row and column."""
    for form in (Form(","), Form(";"), Form(";", quote_all=True), Form("\t"), Form(";", end="\n")):
        for at, cells in enumerate(CONTACTS):
            for column, cell in enumerate(cells):
                written = [form.cell(each) for each in cells]
                written[column] = '"' + cell.replace('"', '""')
                yield _polluted(
                    f"unclosed quote {column} all={form.quote_all} {form.end!r}", form, at, form.delimiter.join(written)
                )


def _bytes() -> Iterator[Polluted]:
    """A wrong byte in each row of a UTF-8 file; a NUL, a form feed, a replacement character."""
    form = Form()
    for at in range(COUNT):
        for column in (0, 4):
            cells = list(CONTACTS[at])
            cells[column] += "\x01"
            records = form.records()
            records[at + 1] = form.record(cells)
            data = form.bytes(records)
            for name, wrong in (
                ("wrong byte", b"\xe3"),
                ("nul", b"\0"),
                ("cut character", b"\xc3"),
                ("lost character", "\ufffd".encode()),
            ):
                yield Polluted(
                    f"{name} {column} row {at + 2}", data.replace(b"\x01", wrong), expected(), frozenset({at + 2})
                )
        records = form.records()
        records[at + 1] = "\f" + records[at + 1]
        yield Polluted(f"form feed row {at + 2}", form.bytes(records), expected())


def _lines() -> Iterator[Polluted]:
    """A blank line, a comment, the header again, before each row: what follows only moves down."""
    for delimiter in (",", ";"):
        form = Form(delimiter)
        for at in range(COUNT):
            rows = expected()
            moved = (*rows[:at], *(replace(row, number=row.number + 1) for row in rows[at:]))
            for name, line in (
                ("blank line", ""),
                ("blank cells", delimiter * 4),
                ("comment", "# conferir"),
                ("header", form.record(COLUMNS)),
            ):
                records = form.records()
                records.insert(at + 1, line)
                if name == "header" and at == 0:
                    continue  # twice the header in a row: which one counts makes no difference to the rows
                yield Polluted(
                    f"{name} before row {at + 2} {delimiter!r}",
                    form.bytes(records),
                    moved,
                    frozenset({at + 2}) - {r.number for r in moved},
                )


def _trailing() -> Iterator[Polluted]:
    for delimiter in DELIMITERS:
        form = Form(delimiter)
        for count in (1, 3):
            records = [record + delimiter * count for record in form.records()]
            yield Polluted(f"{count} trailing delimiters everywhere {delimiter!r}", form.bytes(records), expected())
            records = [form.records()[0], *records[1:]]
            yield Polluted(
                f"{count} trailing delimiters below the header {delimiter!r}", form.bytes(records), expected()
            )
