"""What spreadsheets did to values: whole numbers with a point, lost zeros and digits, dates, times, phones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pipeline.reading.reading import DateOrder, ReadingOptions, Surroundings
from tests.corpus.case import Case, codes, ok, utf8


def cases() -> Iterator[Case]:
    """Yield the cases."""
    yield from _phones()
    yield from _numbers()
    yield from _documents()
    yield from _dates()
    yield from _times()


def column(
    name: str,
    header: str,
    cells: Sequence[tuple[str, Mapping[str, str] | str]],
    *,
    warns: Mapping[int, str] | None = None,
    notices: frozenset[str] = frozenset(),
    options: ReadingOptions | None = None,
    surroundings: Surroundings | None = None,
) -> Case:
    """Make a case of one column: each cell as it stands in the file, and what it must become (a text: under the same name)."""
    data = utf8(f"email;{header}", *(f"p{number}@example.com;{cell}" for number, (cell, _) in enumerate(cells, 2)))
    rows = []
    for number, (_, wanted) in enumerate(cells, 2):
        attributes = {header: wanted} if isinstance(wanted, str) else wanted
        attributes = {key: text for key, text in attributes.items() if text}
        warning = (warns or {}).get(number)
        rows.append(ok(number, f"p{number}@example.com", "", attributes, warns=[warning] if warning else []))
    return Case(
        name, "planilha.csv", data, rows, notices=notices, options=options or ReadingOptions(),
        surroundings=surroundings or Surroundings(),
    )  # fmt: skip


def phone(header: str, text: str, e164: str | None) -> dict[str, str]:
    """Expect a phone as it is written, and in E.164 where that can be told."""
    return {header: text, **({f"{header}_e164": e164} if e164 else {})}


def _phones() -> Iterator[Case]:
    for header in ("Telefone", "celular", "WhatsApp", "Phone", "Fone", "Telefone Celular", "Móvil"):
        yield column(
            f"phones-{header.lower().replace(' ', '-')}", header,
            [
                ("(11) 98765-4321", phone(header, "(11) 98765-4321", "+5511987654321")),
                ("11987654321", phone(header, "11987654321", "+5511987654321")),
                ("+55 (47) 3333-4444", phone(header, "+55 (47) 3333-4444", "+554733334444")),
                ("", ""),
            ],
        )  # fmt: skip
    yield column(
        "phones-as-people-write-them", "Telefone",
        [
            ("55 11 98765-4321", phone("Telefone", "55 11 98765-4321", "+5511987654321")),
            ("0xx11 98765-4321", phone("Telefone", "0xx11 98765-4321", "+5511987654321")),
            ("011 3333-4444", phone("Telefone", "011 3333-4444", "+551133334444")),
            ("11 9 8765 4321", phone("Telefone", "11 9 8765 4321", "+5511987654321")),
            ("+5511987654321", phone("Telefone", "+5511987654321", "+5511987654321")),
            ("(11)98765.4321", phone("Telefone", "(11)98765.4321", "+5511987654321")),
            ("+351 912 345 678", phone("Telefone", "+351 912 345 678", "+351912345678")),
            ("+1 212 555 2368", phone("Telefone", "+1 212 555 2368", "+12125552368")),
        ],
    )  # fmt: skip
    yield column(
        "phones-without-ddd-or-nonsense", "Telefone",
        [
            ("98765-4321", phone("Telefone", "98765-4321", None)),
            ("3333-4444", phone("Telefone", "3333-4444", None)),
            ("não tem", phone("Telefone", "não tem", None)),
            ("-", phone("Telefone", "-", None)),
            ("(11) 98765-4321", phone("Telefone", "(11) 98765-4321", "+5511987654321")),
        ],
    )  # fmt: skip
    yield column(
        "phones-as-floats", "Telefone",
        [("11987654321.0", phone("Telefone", "11987654321", "+5511987654321")), ("4733334444.0", phone("Telefone", "4733334444", "+554733334444")), ("", "")],
    )  # fmt: skip
    for name, cells in (("comma", "1,19877E+10"), ("point", "1.19877E+10")):
        yield column(
            f"phones-damaged-{name}", "Celular",
            [(cells, phone("Celular", cells, None)), ("11987654321", phone("Celular", "11987654321", "+5511987654321"))], warns={2: "number_damaged"},
        )  # fmt: skip
    yield column(
        "phones-scientific-but-whole",
        "Celular",
        [("1,1987654321E+10", phone("Celular", "11987654321", "+5511987654321"))],
    )


def _numbers() -> Iterator[Case]:
    yield column("whole-floats", "idade", [("34.0", "34"), ("51.0", "51"), ("27.0", "27"), ("0.0", "0"), ("", "")])
    yield column("decimals-stay", "nota", [("9.5", "9.5"), ("10.0", "10.0"), ("8.25", "8.25"), ("7.0", "7.0")])
    yield column("versions-stay", "versao", [("1.0", "1.0"), ("1.1", "1.1"), ("2.0", "2.0")])
    yield column("money-stays", "valor", [("1.234,50", "1.234,50"), ("99,90", "99,90"), ("0,00", "0,00")])
    yield column("leading-zeros-of-codes-stay", "código", [("000123", "000123"), ("007", "007"), ("42", "42")])
    yield column("formulas-that-keep-zeros", "código", [('="00123"', "00123"), ('="00042"', "00042")])


def _documents() -> Iterator[Case]:
    kept = ReadingOptions(keep=("CPF",))
    yield column(
        "cpf-lost-zeros", "CPF", [("191", "00000000191"), ("52998224725", "52998224725"), ("529.982.247-25", "529.982.247-25"), ("12345678909", "12345678909"), ("1234567890", "01234567890")],
        options=kept,
    )  # fmt: skip
    yield column("cpf-as-float", "CPF", [("52998224725.0", "52998224725"), ("191.0", "00000000191")], options=kept)
    yield column(
        "cpf-damaged",
        "CPF",
        [("5,29982E+10", "5,29982E+10"), ("52998224725", "52998224725")],
        options=kept,
        warns={2: "number_damaged"},
    )
    cnpj = ReadingOptions(keep=("CNPJ",))
    yield column(
        "cnpj-lost-zeros",
        "CNPJ",
        [("191", "00000000000191"), ("11222333000181", "11222333000181"), ("11.222.333/0001-81", "11.222.333/0001-81")],
        options=cnpj,
    )
    yield column(
        "cnpj-damaged",
        "CNPJ",
        [("1,12223E+13", "1,12223E+13"), ("11222333000181", "11222333000181")],
        options=cnpj,
        warns={2: "number_damaged"},
    )
    yield column(
        "cep-lost-zeros",
        "CEP",
        [("1310100", "01310100"), ("01310-100", "01310-100"), ("20040020", "20040020"), ("4038001.0", "04038001")],
    )
    yield column("zip-codes-elsewhere-stay", "Zip", [("10001", "10001"), ("SW1A 1AA", "SW1A 1AA"), ("90210", "90210")])


def _dates() -> Iterator[Case]:
    yield column(
        "dates-day-first", "Data de nascimento",
        [("05/03/1990", "1990-03-05"), ("25/12/1985", "1985-12-25"), ("1/2/2001", "2001-02-01"), ("", "")],
    )  # fmt: skip
    yield column(
        "dates-other-separators", "Nascimento", [("05-03-1990", "1990-03-05"), ("25.12.1985", "1985-12-25"), ("1990-03-05", "1990-03-05")],
    )  # fmt: skip
    yield column(
        "dates-two-digit-years",
        "Data de nascimento",
        [("05/03/90", "1990-03-05"), ("25/12/85", "1985-12-25"), ("31/01/03", "2003-01-31")],
    )
    yield column(
        "dates-in-words", "Data de nascimento", [("5 de março de 1990", "1990-03-05"), ("25 de dezembro de 1985", "1985-12-25"), ("05/mar/1990", "1990-03-05")],
    )  # fmt: skip
    yield column(
        "dates-month-first-by-evidence",
        "Birthday",
        [("03/05/1990", "1990-03-05"), ("12/25/1985", "1985-12-25"), ("01/31/2001", "2001-01-31")],
    )
    yield column(
        "dates-ambiguous-portuguese",
        "Data de nascimento",
        [("05/03/1990", "1990-03-05"), ("01/02/1985", "1985-02-01")],
        notices=codes("dates_ambiguous"),
    )
    yield column(
        "dates-ambiguous-english",
        "Birthday",
        [("05/03/1990", "1990-03-05"), ("01/02/1985", "1985-02-01")],
        notices=codes("dates_ambiguous"),
    )
    yield column(
        "dates-that-contradict", "Data de nascimento",
        [("13/02/1990", "13/02/1990"), ("02/13/1985", "02/13/1985"), ("05/06/1985", "05/06/1985")], notices=codes("dates_ambiguous"),
    )  # fmt: skip
    yield column(
        "dates-month-first-on-request",
        "Data",
        [("05/03/1990", "1990-05-03"), ("01/02/1985", "1985-01-02")],
        options=ReadingOptions(date_order=DateOrder.MONTH_FIRST),
    )
    yield column(
        "dates-of-excel",
        "Data de nascimento",
        [("32937", "1990-03-05"), ("31406", "1985-12-25"), ("36923", "2001-02-01")],
    )
    yield column(
        "dates-one-impossible",
        "Data de nascimento",
        [
            ("05/03/1990", "1990-03-05"),
            ("25/12/1985", "1985-12-25"),
            ("31/02/2001", "31/02/2001"),
            *[("13/01/2000", "2000-01-13")] * 20,
        ],
    )
    yield column("numbers-under-no-date-header-stay", "matrícula", [("32937", "32937"), ("31406", "31406")])
    yield column("a-day-and-a-month-only", "Aniversário", [("05/03", "05/03"), ("25/12", "25/12")])


def _times() -> Iterator[Case]:
    yield column(
        "times-without-zone", "Data de cadastro",
        [("12/03/2026 10:30:05", "2026-03-12 10:30:05-03:00"), ("25/12/2025 23:59:59", "2025-12-25 23:59:59-03:00"), ("13/03/2026 16:05:00", "2026-03-13 16:05:00-03:00")],
    )  # fmt: skip
    yield column(
        "times-in-the-tenants-zone", "Created at", [("2026-03-12 10:30:05", "2026-03-12 10:30:05+00:00"), ("2026-07-12 10:30:05", "2026-07-12 10:30:05+01:00")],
        surroundings=Surroundings(locale="pt-PT", timezone="Europe/Lisbon"),
    )  # fmt: skip
    yield column(
        "times-of-rd-station", "Data da primeira conversão", [("2026-09-02 16:30:10 -0300", "2026-09-02 16:30:10-03:00"), ("2026-10-02 09:00:00 -0300", "2026-10-02 09:00:00-03:00")],
    )  # fmt: skip
    yield column(
        "times-brazilian",
        "Data de cadastro",
        [("02/09/2026 às 16h30", "2026-09-02 16:30:00-03:00"), ("25/09/2026 às 9h05", "2026-09-25 09:05:00-03:00")],
    )
