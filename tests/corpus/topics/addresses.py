"""What stands in the cell of the address: names around it, several of them, small and large mistakes."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.reading.reading import ReadingOptions
from tests.corpus.case import Case, Row, bad, ok, utf8


def cases() -> Iterator[Case]:
    """Yield the cases."""
    several = ["several_addresses"]
    yield _column(
        "around",
        ("Ana Souza <ana@example.com>", ok(2, "ana@example.com", "Ana Souza")),
        ("mailto:ana@example.com", ok(3, "ana@example.com")),
        ("<ana@example.com>", ok(4, "ana@example.com")),
        ("  ANA@Example.COM  ", ok(5, "ana@example.com")),
        ("'ana@example.com'", ok(6, "ana@example.com")),
        ("ana@example.com,", ok(7, "ana@example.com")),
    )
    yield _column(
        "several-in-a-cell",
        (
            "ana@example.com, bia@example.com",
            ok(2, "ana@example.com", "", {"other_emails": "bia@example.com"}, warns=several),
        ),
        (
            "ana@example.com / bia@example.com",
            ok(3, "ana@example.com", "", {"other_emails": "bia@example.com"}, warns=several),
        ),
        (
            "ana@example.com ::: bia@example.com",
            ok(4, "ana@example.com", "", {"other_emails": "bia@example.com"}, warns=several),
        ),
        (
            "ana@example.com bia@example.com",
            ok(5, "ana@example.com", "", {"other_emails": "bia@example.com"}, warns=several),
        ),
        (
            "ana@example.com e bia@example.com",
            ok(6, "ana@example.com", "", {"other_emails": "bia@example.com"}, warns=several),
        ),
        ("ana@example.com, ANA@example.com", ok(7, "ana@example.com")),
    )
    three = utf8(
        "nome,email",
        'Ana,"ana@example.com; bia@example.com; caio@example.com"',
        'Bia,"ana@@x; bia@example.com"',
        'Davi,"davi@example.com"',
    )
    yield Case(
        "three-in-a-cell-with-semicolons", "lista.csv", three,
        [
            ok(2, "ana@example.com", "Ana", {"other_emails": "bia@example.com, caio@example.com"}, warns=several),
            ok(3, "bia@example.com", "Bia"),
            ok(4, "davi@example.com", "Davi"),
        ],
    )  # fmt: skip
    rejecting = utf8("nome,email", 'Ana,"ana@example.com; bia@example.com"', "Bia,bia@example.com")
    yield Case(
        "several-refused-on-request", "lista.csv", rejecting, [bad(2, "syntax_multiple_addresses"), ok(3, "bia@example.com", "Bia")],
        options=ReadingOptions(several="reject"),
    )  # fmt: skip
    yield _column(
        "mistakes",
        ("ana.example.com", bad(2, "syntax_no_at")),
        ("ana@@example.com", bad(3, "syntax_multiple_at")),
        ("ana silva@example.com", bad(4)),
        ("ana@example", bad(5, "syntax_domain")),
        ("ana@", bad(6)),
        ("@example.com", bad(7)),
        ("não tem", bad(8, "syntax_no_at")),
        ("ana..silva@example.com", bad(9, "syntax_local_part")),
        ("ana@example..com", bad(10, "syntax_domain")),
        ("ana@localhost", bad(11)),
        ("ana@empresa.local", bad(12, "domain_special_use")),
        ("ana(arroba)example.com", bad(13)),
        ("ana@[192.0.2.1]", bad(14, "syntax_domain_literal")),
        ("-", bad(15)),
        ("a" * 300 + "@example.com", bad(16)),
    )
    yield _column(
        "good-ones-that-look-odd",
        ("o'brien@example.com", ok(2, "o'brien@example.com")),
        ("ana+promo@example.com", ok(3, "ana+promo@example.com")),
        ("a_b-c.d@sub.example.com.br", ok(4, "a_b-c.d@sub.example.com.br")),
        ("ana@café.com.br", ok(5, "ana@xn--caf-dma.com.br")),
        ("1234567890@example.com", ok(6, "1234567890@example.com")),
        ("ana@example.museum", ok(7, "ana@example.museum")),
    )
    hyper = utf8("nome;email", 'Ana;"=HYPERLINK(""mailto:ana@example.com"")"', "Bia;bia@example.com")
    yield Case("formula-around", "lista.csv", hyper, [bad(2), ok(3, "bia@example.com", "Bia")])


def _column(name: str, *cells: tuple[str, Row]) -> Case:
    """Make a file of two columns, comma between them where no cell has one."""
    texts = [f'"{cell}"\tRecife' if "," in cell else f"{cell}\tRecife" for cell, _ in cells]
    rows = []
    for number, (_, row) in enumerate(cells, 2):
        attributes = row.attributes if row.problems else {**row.attributes, "cidade": "Recife"}
        rows.append(Row(number, row.email, row.name, attributes, row.problems, row.warnings, row.opt_out))
    return Case(name, "lista.tsv", utf8("email\tcidade", *texts), rows)
