"""Records of uneven width: cells too many, too few, left out at the end as Excel does; blank columns; totals below."""

from __future__ import annotations

from collections.abc import Iterator

from tests.corpus.case import Case, Row, bad, lines, ok, utf8

NAMES = ("ana", "bia", "caio", "davi", "elis", "fabio", "gabi", "hugo", "iris", "joana", "kleber", "lia")


def person(name: str, delimiter: str = ";") -> str:
    """Write one record of four cells."""
    return delimiter.join((f"{name}@example.com", name.capitalize(), "Recife", "PE"))


def expected(number: int, name: str, **cells: str) -> Row:
    """Expect it."""
    return ok(number, f"{name}@example.com", name.capitalize(), cells or {"cidade": "Recife", "uf": "PE"})


HEADER = "email;nome;cidade;uf"


def cases() -> Iterator[Case]:
    """Yield the cases."""
    yield from _one_odd_record()
    yield from _columns_without_name()
    yield from _left_out_by_excel()
    yield from _around()


def _one_odd_record() -> Iterator[Case]:
    odd = {
        "delimiter-missing-in-the-middle": ("caio@example.com;Caio Recife;PE", bad(4)),
        "delimiter-missing-at-the-front": ("caio@example.com Caio;Recife;PE", bad(4)),
        "delimiter-missing-at-the-end": ("caio@example.com;Caio;Recife PE", bad(4)),
        "delimiter-too-many-in-the-middle": ("caio@example.com;Caio;;Recife;PE", bad(4, "too_many_cells")),
        "delimiter-too-many-at-the-front": (";caio@example.com;Caio;Recife;PE", bad(4)),
        "delimiter-too-many-at-the-end": (
            "caio@example.com;Caio;Recife;PE;",
            ok(4, "caio@example.com", "Caio", {"cidade": "Recife", "uf": "PE"}, or_refused=True),
        ),
        "cell-too-many": ("caio@example.com;Caio;Recife;PE;Brasil", bad(4, "too_many_cells")),
        "comma-for-semicolon": ("caio@example.com,Caio,Recife,PE", bad(4)),
        "only-an-address": ("caio@example.com", bad(4)),
        "a-note": ("falta conferir os próximos", bad(4)),
    }
    for name, (line, row) in odd.items():
        texts = [person(each) for each in NAMES]
        texts[2] = line
        rows = [expected(number, each) for number, each in enumerate(NAMES, 2)]
        rows[2] = row
        yield Case(name, "lista.csv", utf8(HEADER, *texts), rows, delimiter=";")
    comma = [person(each, ",") for each in NAMES]
    comma[5] = "fabio@example.com,Silva, Fabio,Recife,PE"
    rows = [expected(number, each) for number, each in enumerate(NAMES, 2)]
    rows[5] = bad(7, "too_many_cells")
    yield Case("comma-in-a-name-not-quoted", "lista.csv", utf8("email,nome,cidade,uf", *comma), rows, delimiter=",")
    comma[5] = "fabio@example.com,Fabio,Rua A, 10,PE"
    yield Case("comma-in-an-address-not-quoted", "lista.csv", utf8("email,nome,cidade,uf", *comma), rows, delimiter=",")
    broken = [person(each) for each in NAMES]
    broken[4] = "elis@example.com;Elis\r\nRegina;Recife;PE"
    rows = [expected(number, each) for number, each in enumerate(NAMES[:4], 2)]
    rows += [bad(6), bad(7)]
    rows += [expected(number, each) for number, each in enumerate(NAMES[5:], 8)]
    yield Case("line-break-in-a-name-not-quoted", "lista.csv", utf8(HEADER, *broken), rows)


def _columns_without_name() -> Iterator[Case]:
    rows = [expected(number, each) for number, each in enumerate(NAMES, 2)]
    trailing = utf8(HEADER + ";;;", *(person(each) + ";;;" for each in NAMES))
    yield Case("blank-columns-at-the-end", "planilha.csv", trailing, rows)
    header_only = utf8(HEADER + ";;", *(person(each) for each in NAMES))
    yield Case("blank-columns-in-the-header-only", "planilha.csv", header_only, rows)
    rows_only = utf8(HEADER, *(person(each) + ";" for each in NAMES))
    yield Case("delimiter-after-every-record", "erp.csv", rows_only, rows)
    both = utf8(HEADER + ";", *(person(each) + ";" for each in NAMES))
    yield Case("delimiter-after-every-line", "erp.csv", both, rows)
    leading = utf8(";" + HEADER, *(";" + person(each) for each in NAMES))
    yield Case("blank-column-in-front", "planilha.csv", leading, rows)
    filled = utf8("email;nome;;uf", *(person(each) for each in NAMES))
    unnamed = [expected(number, each, column_3="Recife", uf="PE") for number, each in enumerate(NAMES, 2)]
    yield Case("column-without-name-in-the-middle", "planilha.csv", filled, unnamed)
    index = lines(
        "," + HEADER.replace(";", ","), *(f"{at}," + person(each, ",") for at, each in enumerate(NAMES)), end="\n"
    ).encode()
    numbered = [expected(at + 2, each, cidade="Recife", uf="PE", column_1=str(at)) for at, each in enumerate(NAMES)]
    yield Case("index-of-pandas", "pandas.csv", index, numbered)
    short_header = utf8("email;nome", *(person(each) for each in NAMES))
    yield Case("header-too-short", "lista.csv", short_header, [bad(number) for number, _ in enumerate(NAMES, 2)])


def _left_out_by_excel() -> Iterator[Case]:
    # Excel writes the trailing delimiters of a blank cell only where one of the sixteen rows of its block has content there.
    names = [f"{name}{number}" for number in range(4) for name in NAMES]
    texts = []
    rows = []
    for number, name in enumerate(names, 2):
        block = (number - 1) // 16
        if block % 2:
            texts.append(f"{name}@example.com;{name.capitalize()};Recife")
            rows.append(ok(number, f"{name}@example.com", name.capitalize(), {"cidade": "Recife"}, warns=["short_row"]))
        else:
            uf = "PE" if number % 3 == 0 else ""
            texts.append(f"{name}@example.com;{name.capitalize()};Recife;{uf}")
            cells = {"cidade": "Recife", "uf": uf} if uf else {"cidade": "Recife"}
            rows.append(ok(number, f"{name}@example.com", name.capitalize(), cells))
    yield Case("blocks-of-sixteen-rows", "excel.csv", utf8(HEADER, *texts), rows)
    texts = [
        f"{name}@example.com;{name.capitalize()}" + (";Recife;PE" if at % 2 else "") for at, name in enumerate(NAMES)
    ]
    rows = [
        expected(at + 2, name) if at % 2 else ok(at + 2, f"{name}@example.com", name.capitalize(), warns=["short_row"])
        for at, name in enumerate(NAMES)
    ]
    yield Case("every-other-record-short", "sistema.csv", utf8(HEADER, *texts), rows)


def _around() -> Iterator[Case]:
    rows = [expected(number, each) for number, each in enumerate(NAMES, 2)]
    footer = utf8(HEADER, *map(person, NAMES), "", "Total de registros: 12;;;")
    yield Case("total-below", "relatorio.csv", footer, [*rows, bad(15)], blank_rows=1)
    bare = utf8(HEADER, *map(person, NAMES), "Total;12")
    yield Case("total-below-in-two-cells", "relatorio.csv", bare, [*rows, bad(14)])
    again = utf8(HEADER, *map(person, NAMES[:6]), HEADER, *map(person, NAMES[6:]))
    twice = [
        *rows[:6],
        bad(8, "repeated_header"),
        *(expected(number, each) for number, each in enumerate(NAMES[6:], 9)),
    ]
    yield Case("header-once-more", "juntado.csv", again, twice)
    totals = utf8(HEADER, *map(person, NAMES[:6]), ";Subtotal;;6", *map(person, NAMES[6:]), ";Total;;12")
    between = [*rows[:6], bad(8), *(expected(number, each) for number, each in enumerate(NAMES[6:], 9)), bad(15)]
    yield Case("subtotals-between", "relatorio.csv", totals, between)
    no_address = utf8(HEADER, person("ana"), ";Bia;Recife;PE", person("caio"))
    yield Case(
        "cell-of-the-address-empty",
        "lista.csv",
        no_address,
        [expected(2, "ana"), bad(3, "syntax_empty"), expected(4, "caio")],
    )
