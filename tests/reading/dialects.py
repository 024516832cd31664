"""Files of contacts in every dialect, and how often each way to tell dialects reads them: ``python -m tests.reading.dialects``."""

from __future__ import annotations

import csv
import io
import itertools
import sys
import time
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from pipeline.reading.text.dialect import UNCERTAIN, decide
from pipeline.reading.text.records import sample


class Case(NamedTuple):
    """A file, and what a person reads in it; ``delimiter`` None: one column."""

    name: str
    text: str
    delimiter: str | None
    records: list[list[str]]


_NAMES: Final = (
    "Ana Souza",
    "João d'Ávila",
    "Souza, Bia",
    "Caio O'Brien",
    "Conceição",
    'Luís "Lula" Sá',
    "Zé & Cia; Ltda",
)
_VALUES: Final[dict[str, tuple[str, ...]]] = {
    "telefone": ("(11) 98765-4321", "+55 21 3333-4444", "", "11987654321"),
    "valor": ("1,50", "1.234,56", "0,00", "-3,10"),
    "hora": ("10:30:00", "12/03/2026 18:05", "2026-03-12T10:30:00-03:00", ""),
    "endereço": ("Rua X, 10", "Av. Brasil, 500, ap. 3", "Praça da Sé", "Rua Y, s/n; fundos"),
    "tags": ("a;b;c", "vip", "novo;2026", ""),
    "listas": ("a|b", "", "a|b|c", "x"),
    "site": ("https://exemplo.com.br/?a=1&b=2", "http://x.com:8080", "", "www.exemplo.com"),
    "dados": ('{"a": 1, "b": [2, 3]}', "{}", '{"x": "y; z"}', ""),
    "obs": ("ligar às 10:30,\nou depois", "", 'cano de 5"', "nada consta"),
}
#: The columns of a file, in their order.
_COLUMNS: Final = (
    ("email",),
    ("email", "nome"),
    ("nome", "email"),
    ("nome", "email", "valor"),
    ("nome", "sobrenome", "email", "telefone"),
    ("id", "nome", "endereço", "email", "tags"),
    ("hora", "email", "nome", "valor", "listas"),
    ("nome", "telefone", "site", "obs", "email"),
    ("email", "tags", "dados", "hora"),
)
_PREAMBLE: Final = (
    "Relatório de clientes; filial São Paulo",
    "Gerado em 12/03/2026, 10:30:00",
    "",
)


def _cell(column: str, row: int, delimiter: str) -> str:
    if column == "id":
        return str(1000 + row)
    if column == "email":
        return f"contato{row}@exemplo.com.br"
    if column in ("nome", "sobrenome"):
        name = _NAMES[row % len(_NAMES)]
        return name.split()[0].strip(",") if delimiter == " " else name
    values = _VALUES[column]
    return values[row % len(values)]


def _written(
    rows: list[list[str]], delimiter: str, quoting: int, quotechar: str, escapechar: str | None, end: str
) -> str:
    out = io.StringIO(newline="")
    csv.writer(
        out,
        delimiter=delimiter,
        quoting=quoting,  # type: ignore[arg-type]
        quotechar=quotechar,
        escapechar=escapechar,
        doublequote=escapechar is None,
        lineterminator=end,
    ).writerows(rows)
    return out.getvalue()


def corpus() -> Iterator[Case]:
    """Yield every case, the same ones in the same order each time."""
    ways = (
        (csv.QUOTE_MINIMAL, '"', None, "\r\n"),
        (csv.QUOTE_ALL, '"', None, "\n"),
        (csv.QUOTE_ALL, "'", None, "\n"),
        (csv.QUOTE_MINIMAL, '"', "\\", "\r\n"),
    )
    for columns, delimiter, way, count, has_header, has_preamble in itertools.product(
        _COLUMNS, (",", ";", "\t", "|", ":"), ways, (1, 3, 60), (True, False), (False, True)
    ):
        if has_preamble and not has_header:
            continue
        if len(columns) == 1 and delimiter != ",":
            continue
        rows = [[_cell(column, row, delimiter) for column in columns] for row in range(count)]
        if has_header:
            rows.insert(0, list(columns))
        above = "".join(line + way[3] for line in _PREAMBLE) if has_preamble else ""
        yield Case(
            f"{'+'.join(columns)} {delimiter!r} {way} rows={count} header={has_header} preamble={has_preamble}",
            above + _written(rows, delimiter, *way),
            delimiter if len(columns) > 1 else None,
            rows,
        )
    for columns, count in itertools.product((("email", "nome"), ("nome", "email", "id")), (3, 60)):
        rows = [list(columns), *([_cell(column, row, " ") for column in columns] for row in range(count))]
        text = "".join("   ".join(row) + "\n" for row in rows)
        yield Case(f"{'+'.join(columns)} spaces rows={count}", text, " ", rows)


def ours(text: str) -> tuple[str, list[list[str]], float]:
    """Return delimiter, records and confidence of our decision."""
    dialect = decide(text, file_name="contatos.csv", complete=True)
    return dialect.delimiter, sample(text, dialect, limit=1000, complete=True), dialect.confidence


def sniffed(text: str) -> tuple[str, list[list[str]], float]:
    """Return what csv.Sniffer makes of it; it knows no confidence."""
    try:
        dialect = csv.Sniffer().sniff(text, delimiters=",;\t|: ")
        return dialect.delimiter, list(csv.reader(io.StringIO(text, newline=""), dialect)), 1.0
    except csv.Error:
        return "", [], 0.0


class Score(NamedTuple):
    """How often a way to tell dialects was right, and how often it was wrong and sure."""

    cases: int
    delimiter: int
    records: int
    silently_wrong: list[str]
    seconds: float


def score(way: Callable[[str], tuple[str, list[list[str]], float]], *, step: int = 1) -> Score:
    """Try a way on every ``step``-th file of the corpus."""
    delimiters = records = count = 0
    silent: list[str] = []
    started = time.perf_counter()
    for case in itertools.islice(corpus(), 0, None, step):
        count += 1
        delimiter, found, confidence = way(case.text)
        delimiters += case.delimiter in {None, delimiter}
        is_right = found[len(found) - len(case.records) :] == case.records
        records += is_right
        if not is_right and confidence >= UNCERTAIN:
            silent.append(case.name)
    return Score(count, delimiters, records, silent, time.perf_counter() - started)


if __name__ == "__main__":
    sys.stdout.write(
        "| way | files | delimiter right | every cell right | wrong and sure | ms a file |\n|---|---:|---:|---:|---:|---:|\n"
    )
    for name, way in (("ours", ours), ("csv.Sniffer", sniffed)):
        result = score(way)
        sys.stdout.write(
            f"| {name} | {result.cases} | {result.delimiter / result.cases:.1%} | {result.records / result.cases:.1%} "
            f"| {len(result.silently_wrong)} | {1000 * result.seconds / result.cases:.1f} |\n"
        )
        if "-v" in sys.argv and name == "ours":
            sys.stdout.write("".join(f"{said}\n" for said in result.silently_wrong))
