"""XLSX, XLS and ODS: which sheet, which rows, and what their numbers and dates become as text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from pipeline.reading.reading import ReadingOptions
from tests.corpus.binaries import Sheet, ods, xls, xlsx
from tests.corpus.case import Case, bad, codes, ok

PEOPLE: Sheet = (
    ("Nome", "E-mail", "Cidade"),
    ("João d'Ávila", "joao@example.com", "Belém"),
    ("Silva, Ana", "ana@example.com", "São Luís"),
    ("Íris 🌸 Muñoz", "iris@example.com", None),
)
ROWS = [
    ok(2, "joao@example.com", "João d'Ávila", {"Cidade": "Belém"}),
    ok(3, "ana@example.com", "Silva, Ana", {"Cidade": "São Luís"}),
    ok(4, "iris@example.com", "Íris 🌸 Muñoz"),
]
NOTES: Sheet = (("Anotações",), ("conferir com a Ana",))


def cases() -> Iterator[Case]:
    """Yield the cases."""
    yield from _formats()
    yield from _sheets()
    yield from _places()
    yield from _values()


def _formats() -> Iterator[Case]:
    yield Case("xlsx", "contatos.xlsx", xlsx({"Plan1": PEOPLE}), ROWS)
    yield Case("ods", "contatos.ods", ods({"Planilha1": PEOPLE}), ROWS)
    bmp = [[cell.replace("🌸 ", "") if isinstance(cell, str) else None for cell in row] for row in PEOPLE]
    plain = [*ROWS[:2], ok(4, "iris@example.com", "Íris Muñoz")]
    yield Case("xls", "contatos.xls", xls("Plan1", bmp), plain)
    yield Case("xlsx-named-csv", "contatos.csv", xlsx({"Plan1": PEOPLE}), ROWS)
    yield Case("xlsx-named-xls", "contatos.xls", xlsx({"Plan1": PEOPLE}), ROWS)
    yield Case(
        "csv-named-xls",
        "contatos.xls",
        "Nome;E-mail\r\nJoão;joao@example.com\r\n".encode("cp1252"),
        [ok(2, "joao@example.com", "João")],
    )
    yield Case(
        "tabs-named-xls",
        "relatorio.xls",
        "Nome\tE-mail\r\nJoão\tjoao@example.com\r\n".encode("cp1252"),
        [ok(2, "joao@example.com", "João")],
    )


def _sheets() -> Iterator[Case]:
    two = xlsx({"Contatos": PEOPLE, "Notas": NOTES})
    yield Case("first-sheet", "contatos.xlsx", two, ROWS, notices=codes("sheets_not_read"))
    yield Case(
        "notes-first",
        "contatos.xlsx",
        xlsx({"Notas": NOTES, "Contatos": PEOPLE}),
        ROWS,
        notices=codes("sheets_not_read"),
    )
    yield Case("empty-sheets-beside", "contatos.xlsx", xlsx({"Plan1": PEOPLE, "Plan2": (), "Plan3": ()}), ROWS)
    yield Case("empty-sheet-first", "contatos.xlsx", xlsx({"Plan1": (), "Plan2": PEOPLE}), ROWS)
    other: Sheet = (("email", "nome"), ("zoe@example.com", "Zoé"))
    both = xlsx({"Ativos": PEOPLE, "Outros": other})
    yield Case(
        "second-sheet-on-request",
        "contatos.xlsx",
        both,
        [ok(2, "zoe@example.com", "Zoé")],
        options=ReadingOptions(sheets=("Outros",)),
    )
    yield Case(
        "both-sheets-on-request", "contatos.xlsx", both, [*ROWS, ok(2, "zoe@example.com", "Zoé", part=1)],
        options=ReadingOptions(sheets=("Ativos", "Outros")), parts=2,
    )  # fmt: skip
    yield Case(
        "sheet-that-is-not-there",
        "contatos.xlsx",
        both,
        options=ReadingOptions(sheets=("Clientes",)),
        fails=codes("unknown_sheet", "part_missing"),
    )
    yield Case(
        "hidden-sheet-comes-last", "contatos.xlsx", xlsx({"Velhos": other, "Novos": PEOPLE}, hidden=("Velhos",)), ROWS
    )


def _places() -> Iterator[Case]:
    down = [ok(row.number + 3, row.email or "", row.name, row.attributes) for row in ROWS]
    yield Case("three-blank-rows-above", "contatos.xlsx", xlsx({"Plan1": PEOPLE}, top=3), down)
    yield Case("two-blank-columns-in-front", "contatos.xlsx", xlsx({"Plan1": PEOPLE}, left=2), ROWS)
    title: Sheet = (("Clientes da loja",), ("Atualizado em", dt.date(2026, 3, 12)), (), *PEOPLE)
    yield Case("title-above", "contatos.xlsx", xlsx({"Plan1": title}), down)
    gaps: Sheet = (PEOPLE[0], PEOPLE[1], (), (None, None, None), PEOPLE[2], PEOPLE[3], ("Total", None, 3.0))
    moved = [ROWS[0], *(ok(row.number + 2, row.email or "", row.name, row.attributes) for row in ROWS[1:]), bad(7)]
    yield Case("blank-rows-and-a-total", "contatos.xlsx", xlsx({"Plan1": gaps}), moved, blank_rows=2)
    bare: Sheet = PEOPLE[1:]
    without = [
        ok(1, "joao@example.com", "João d'Ávila", {"column_3": "Belém"}),
        ok(2, "ana@example.com", "Silva, Ana", {"column_3": "São Luís"}),
        ok(3, "iris@example.com", "Íris 🌸 Muñoz"),
    ]
    yield Case("without-header", "contatos.xlsx", xlsx({"Plan1": bare}), without)


def _values() -> Iterator[Case]:
    values: Sheet = (
        ("email", "Telefone", "Data de nascimento", "Cadastro em", "idade", "nota", "ativo", "código", "CEP"),
        ("a@example.com", 11987654321.0, dt.date(1990, 3, 5), dt.datetime(2026, 3, 12, 10, 30, 5), 34.0, 9.5, True, "007", 1310100.0),  # noqa: DTZ001 (a cell knows no zone)
        ("b@example.com", "(47) 3333-4444", dt.date(1985, 12, 25), dt.datetime(2025, 12, 25, 23, 59, 59), 51.0, 10.0, False, "0042", 20040020.0),  # noqa: DTZ001 (likewise)
    )  # fmt: skip
    yield Case(
        "numbers-dates-and-truth", "contatos.xlsx", xlsx({"Plan1": values}),
        [
            ok(2, "a@example.com", "", {
                "Telefone": "11987654321", "Telefone_e164": "+5511987654321", "Data de nascimento": "1990-03-05", "Cadastro em": "2026-03-12 10:30:05-03:00",
                "idade": "34", "nota": "9.5", "ativo": "true", "código": "007", "CEP": "01310100",
            }),
            ok(3, "b@example.com", "", {
                "Telefone": "(47) 3333-4444", "Telefone_e164": "+554733334444", "Data de nascimento": "1985-12-25", "Cadastro em": "2025-12-25 23:59:59-03:00",
                "idade": "51", "nota": "10", "ativo": "false", "código": "0042", "CEP": "20040020",
            }),
        ],
    )  # fmt: skip
    libre: Sheet = (
        ("email", "Telefone", "Nascimento"),
        ("a@example.com", 11987654321.0, dt.date(1990, 3, 5)),
        ("b@example.com", None, dt.date(1985, 12, 25)),
    )
    wanted = [
        ok(
            2,
            "a@example.com",
            "",
            {"Telefone": "11987654321", "Telefone_e164": "+5511987654321", "Nascimento": "1990-03-05"},
        ),
        ok(3, "b@example.com", "", {"Nascimento": "1985-12-25"}),
    ]
    yield Case("numbers-and-dates-in-ods", "contatos.ods", ods({"Planilha1": libre}), wanted)
    old = xls(
        "Plan1", [["email", "Telefone", "idade"], ["a@example.com", 11987654321.0, 34.0], ["b@example.com", None, 51.5]]
    )
    yield Case(
        "numbers-in-xls", "contatos.xls", old,
        [ok(2, "a@example.com", "", {"Telefone": "11987654321", "Telefone_e164": "+5511987654321", "idade": "34"}), ok(3, "b@example.com", "", {"idade": "51.5"})],
    )  # fmt: skip
    breaks: Sheet = (
        ("email", "nome", "obs"),
        ("a@example.com", "Ana", "linha 1\nlinha 2"),
        ("b@example.com", "  Bia  ", "=1+1"),
        (" c@example.com ", "Caio", "; , \t |"),
    )
    yield Case(
        "line-breaks-and-signs", "contatos.xlsx", xlsx({"Plan1": breaks}),
        [
            ok(2, "a@example.com", "Ana", {"obs": "linha 1\nlinha 2"}),
            ok(3, "b@example.com", "Bia", {"obs": "=1+1"}),
            ok(4, "c@example.com", "Caio", {"obs": "; , \t |"}),
        ],
    )  # fmt: skip
