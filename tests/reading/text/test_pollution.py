"""A clean file of contacts, damaged in every way at every place: what is not touched comes out right, cell by cell.

The method is that of the Pollock benchmark (Vitagliano and others, VLDB 2023). A row that was touched may come out right,
carry a flaw, or have another width, which is reported later; it may not be wrong in silence.
"""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

import pytest

from pipeline.reading.flaws import FlawedRecord
from pipeline.reading.reading import Reading
from pipeline.reading.text.dialect import Dialect, decide
from pipeline.reading.text.records import records
from tests.support.examples import few

COLUMNS: Final = ("nome", "email", "telefone", "cidade", "observação")
_FIRST: Final = ("Ana", "João", "Conceição", "D'Ávila", "Luís", "Márcia", "Zoë", "Antônio")
_LAST: Final = ("Souza", "Araújo", "Gonçalves", "O'Brien", "Müller")
_CITIES: Final = ("São Paulo", "Brasília", "Niterói", "Ribeirão Preto", "Sant'Ana")
_REMARKS: Final = (
    "Rua X, 10",
    'quer a de 5" ou a "grande"; ligar',
    "",
    "cliente desde 12/03/2026",
    "ligar às 10:30, ou depois\ndas 18:00",
    "a;b;c",
    "VIP | novo",
    'disse "sim", talvez',
)
CONTACTS: Final = tuple(
    (
        f"{_FIRST[at % len(_FIRST)]} {_LAST[at % len(_LAST)]}",
        f"contato{at}@exemplo.com.br",
        f"(11) 98765-{4000 + at}",
        _CITIES[at % len(_CITIES)],
        _REMARKS[at % len(_REMARKS)],
    )
    for at in range(40)
)


class Style(NamedTuple):
    """How a program writes the file."""

    delimiter: str = ","
    quoting: int = csv.QUOTE_MINIMAL
    end: str = "\r\n"
    quotechar: str = '"'
    escapechar: str | None = None

    def line(self, cells: tuple[str, ...]) -> str:
        out = io.StringIO(newline="")
        csv.writer(
            out,
            delimiter=self.delimiter,
            quoting=self.quoting,  # type: ignore[arg-type]
            quotechar=self.quotechar,
            escapechar=self.escapechar,
            doublequote=self.escapechar is None,
            lineterminator="\r\n",
        ).writerow(cells)
        return out.getvalue()[:-2]

    def cells(self, row: int) -> list[str]:
        """Return the cells of a row as they are written, each with its quotation marks."""
        return [self.line((cell, "x"))[: -1 - len(self.line(("x",)))] for cell in CONTACTS[row]]

    def lines(self) -> list[str]:
        return [self.line(COLUMNS), *map(self.line, CONTACTS)]

    def text(self, lines: list[str]) -> str:
        return "".join(line + self.end for line in lines)


STYLES: Final = tuple(
    Style(delimiter, quoting, end)
    for delimiter, quoting, end in itertools.product(
        (",", ";", "\t", "|"), (csv.QUOTE_MINIMAL, csv.QUOTE_ALL), ("\n", "\r\n", "\r")
    )
)
OTHERS: Final = (
    Style(quotechar="'", quoting=csv.QUOTE_ALL),
    Style(quotechar="'", delimiter=";", quoting=csv.QUOTE_ALL),
    Style(escapechar="\\"),
    Style(escapechar="\\", delimiter=";", quoting=csv.QUOTE_ALL, end="\n"),
)
#: The styles in which every place of the file is damaged in every way; of the others it is done in the slow tests.
THOROUGH: Final = (Style(), Style(";", csv.QUOTE_ALL, "\n"))


class Damage(NamedTuple):
    """A damaged file: the lines of the touched row, and in what ways it may be read as right."""

    row: int
    written: str
    right: tuple[tuple[str, ...], ...] = ()


def read(data: bytes) -> tuple[Dialect, list[list[str]]]:
    text = data.decode("utf-8", "surrogateescape")
    dialect = decide(text, file_name="contatos.csv", complete=True)
    reading = Reading(
        columns=COLUMNS,
        mapping={column: "email" if column == "email" else "attribute" for column in COLUMNS},
        header_row=1,
        delimiter=dialect.delimiter,
        quotechar=dialect.quotechar,
        escapechar=dialect.escapechar,
    )
    return dialect, list(records(io.BytesIO(data), reading, file_name="contatos.csv"))


def expected(row: int) -> list[str]:
    return list(CONTACTS[row])


def check(style: Style, damage: Damage) -> None:
    """Require of a file with one touched row what must come out of it."""
    lines = style.lines()
    lines[damage.row + 1] = damage.written
    _, found = read(style.text(lines).encode("utf-8", "surrogateescape"))
    before, after = damage.row + 1, len(CONTACTS) - damage.row - 1
    said = (style, damage, found[before : len(found) - after])
    assert found[:before] == [list(COLUMNS), *map(expected, range(damage.row))], said
    assert found[len(found) - after :] == list(map(expected, range(damage.row + 1, len(CONTACTS)))), said
    touched = found[before : len(found) - after]
    assert touched, said
    for cells in touched:
        is_said = isinstance(cells, FlawedRecord) or len(cells) != len(COLUMNS)
        assert is_said or tuple(cells) in {CONTACTS[damage.row], *damage.right}, said


def places(step: int) -> Iterator[tuple[int, int]]:
    """Yield rows and columns: all of them, or each row with every ``step``-th column in turn."""
    for row in range(len(CONTACTS)):
        for column in range(len(COLUMNS)):
            if (row + column) % step == 0:
                yield row, column


def changed(row: int, column: int, cell: str) -> tuple[str, ...]:
    return (*CONTACTS[row][:column], cell, *CONTACTS[row][column + 1 :])


def extra_delimiters(style: Style, row: int, column: int) -> Iterator[Damage]:
    cells = style.cells(row)
    yield Damage(row, style.delimiter.join([*cells[:column], "", *cells[column:]]))
    cell = cells[column]
    within = cell[: len(cell) // 2] + style.delimiter + cell[len(cell) // 2 :]
    raw = CONTACTS[row][column]
    # Within quotation marks it is text.
    right = tuple(changed(row, column, raw[:at] + style.delimiter + raw[at:]) for at in range(len(raw) + 1))
    yield Damage(row, style.delimiter.join([*cells[:column], within, *cells[column + 1 :]]), right)


def missing_delimiters(style: Style, row: int, column: int) -> Iterator[Damage]:
    cells = style.cells(row)
    if column + 1 < len(cells):
        yield Damage(
            row, style.delimiter.join([*cells[:column], cells[column] + cells[column + 1], *cells[column + 2 :]])
        )


def stray_quotes(style: Style, row: int, column: int) -> Iterator[Damage]:
    cells = style.cells(row)
    cell, raw = cells[column], CONTACTS[row][column]
    # In the middle or at the end of a cell without quotation marks it is text.
    right = tuple(changed(row, column, raw[:at] + style.quotechar + raw[at:]) for at in range(len(raw) + 1))
    for at in sorted({0, 1, len(cell) // 2, len(cell) - 1, len(cell)} - {-1}):
        written = cell[:at] + style.quotechar + cell[at:]
        yield Damage(row, style.delimiter.join([*cells[:column], written, *cells[column + 1 :]]), right)


def missing_quotes(style: Style, row: int, column: int) -> Iterator[Damage]:
    cells = style.cells(row)
    cell = cells[column]
    if cell.startswith(style.quotechar):
        for written in (cell[1:], cell[:-1]):
            yield Damage(row, style.delimiter.join([*cells[:column], written, *cells[column + 1 :]]))


def wrong_bytes(style: Style, row: int, column: int) -> Iterator[Damage]:
    cells = style.cells(row)
    raw = CONTACTS[row][column]
    right = tuple(changed(row, column, raw[:at] + "\udce3" + raw[at:]) for at in range(len(raw) + 1))
    cell = cells[column]
    written = cell[: len(cell) // 2] + "\udce3" + cell[len(cell) // 2 :]
    yield Damage(row, style.delimiter.join([*cells[:column], written, *cells[column + 1 :]]), right)


POLLUTIONS: Final[tuple[Callable[[Style, int, int], Iterator[Damage]], ...]] = (
    extra_delimiters,
    missing_delimiters,
    stray_quotes,
    missing_quotes,
    wrong_bytes,
)


def name_of(value: object) -> str:
    if isinstance(value, Style):
        return f"{value.delimiter!r}-{value.quoting}-{value.end!r}-{value.quotechar}-{value.escapechar}"
    return getattr(value, "__name__", repr(value))


@pytest.mark.parametrize("style", STYLES + OTHERS, ids=name_of)
def test_a_clean_file_comes_out_right_whatever_wrote_it(style: Style) -> None:
    dialect, found = read(style.text(style.lines()).encode())
    assert (dialect.delimiter, dialect.quotechar, dialect.escapechar) == (
        style.delimiter,
        style.quotechar,
        style.escapechar,
    )
    assert dialect.confidence >= 0.8
    assert found == [list(COLUMNS), *map(expected, range(len(CONTACTS)))]
    assert not [cells for cells in found if isinstance(cells, FlawedRecord)]


@pytest.mark.parametrize(
    "style", [THOROUGH[0], *(pytest.param(style, marks=pytest.mark.slow) for style in THOROUGH[1:])], ids=name_of
)
@pytest.mark.parametrize("pollute", POLLUTIONS, ids=name_of)
def test_damage_stays_within_its_row_and_is_never_silent(
    style: Style, pollute: Callable[[Style, int, int], Iterator[Damage]]
) -> None:
    for row, column in places(16):
        for damage in pollute(style, row, column):
            check(style, damage)


@pytest.mark.slow
@pytest.mark.parametrize("style", STYLES + OTHERS, ids=name_of)
@pytest.mark.parametrize("pollute", POLLUTIONS, ids=name_of)
def test_damage_stays_within_its_row_in_every_style(
    style: Style, pollute: Callable[[Style, int, int], Iterator[Damage]]
) -> None:
    for row, column in places(3):
        for damage in pollute(style, row, column):
            check(style, damage)


@pytest.mark.parametrize("style", few(STYLES, len(STYLES) // 2), ids=name_of)
def test_damage_of_one_row_stays_there_in_every_style(style: Style) -> None:
    for pollute in POLLUTIONS:
        for column in range(len(COLUMNS)):
            for damage in pollute(style, 17 + column, column):
                check(style, damage)


@pytest.mark.parametrize("style", STYLES, ids=name_of)
@pytest.mark.parametrize("kept", few(range(1, 60, 7), 3))
def test_a_file_that_was_cut_loses_its_last_row_only(style: Style, kept: int) -> None:
    lines = style.lines()
    cut = style.text(lines[:-1]) + lines[-1][:kept]
    _, found = read(cut.encode())
    assert found[: len(CONTACTS)] == [list(COLUMNS), *map(expected, range(len(CONTACTS) - 1))]
    for cells in found[len(CONTACTS) :]:
        is_said = isinstance(cells, FlawedRecord) or len(cells) != len(COLUMNS)
        assert is_said or cells[:-1] == expected(39)[:-1]


@pytest.mark.parametrize("style", STYLES, ids=name_of)
@pytest.mark.parametrize("at", few([0, 1, 2, 20, 40], 2))
def test_blank_lines_are_blank_records(style: Style, at: int) -> None:
    lines = style.lines()
    _, found = read(style.text([*lines[:at], "", "", *lines[at:]]).encode())
    rows = [list(COLUMNS), *map(expected, range(len(CONTACTS)))]
    assert found == [*rows[:at], [], [], *rows[at:]]


PREAMBLE: Final = (
    "Relatório de clientes",
    "Gerado em 12/03/2026, às 10:30:00; por: admin@empresa.com.br",
    "",
    "# exportado por Sistema, versão 2.1; filial: São Paulo",
    'Filtro: "ativos", desde 2020',
)


@pytest.mark.parametrize("style", STYLES, ids=name_of)
@pytest.mark.parametrize("count", few(range(1, 6), 2))
def test_what_stands_above_the_header_misleads_nobody(style: Style, count: int) -> None:
    dialect, found = read(style.text([*PREAMBLE[:count], *style.lines()]).encode())
    assert dialect.delimiter == style.delimiter
    assert len(found) == count + 1 + len(CONTACTS)
    assert found[count:] == [list(COLUMNS), *map(expected, range(len(CONTACTS)))]


@pytest.mark.parametrize("style", STYLES, ids=name_of)
def test_line_ends_may_be_mixed(style: Style) -> None:
    ends = itertools.cycle(("\n", "\r\n", "\r"))
    _, found = read("".join(line + next(ends) for line in style.lines()).encode())
    assert found == [list(COLUMNS), *map(expected, range(len(CONTACTS)))]
