"""What must not be kept unasked: documents, cards, health, religion."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.reading.reading import ReadingOptions
from tests.corpus.case import Case, codes, ok, utf8

CPFS = ("529.982.247-25", "123.456.789-09", "111.444.777-35", "012.345.678-90", "000.000.001-91")
CARDS = ("4111 1111 1111 1111", "5500-0000-0000-0004", "4012888888881881", "4222 2222 2222 2220", "5105105105105100")
SAID = codes("sensitive_columns")


def cases() -> Iterator[Case]:
    """Yield the cases."""
    for name, header, cells in (
        ("cpf-by-header", "CPF", CPFS),
        ("cpf-by-digits", "Código", CPFS),
        ("cpf-bare-digits", "Documento", tuple(cell.replace(".", "").replace("-", "") for cell in CPFS)),
        ("cpf-or-cnpj", "CPF/CNPJ", (*CPFS[:3], "11.222.333/0001-81", "")),
        ("cnpj-by-digits", "Identificador", ("11.222.333/0001-81", "00.000.000/0001-91", "11.444.777/0001-61", "", "")),
        ("card-by-header", "Número do cartão", CARDS),
        ("card-by-digits", "Pagamento", CARDS),
        ("rg", "RG", ("12.345.678-9", "MG-10.123.456", "", "98765432", "1234567")),
        ("passport", "Passaporte", ("FX123456", "", "AB987654", "", "")),
        ("religion", "Religião", ("católica", "", "evangélica", "nenhuma", "")),
        ("health", "Problemas de saúde", ("diabetes", "", "não", "asma", "")),
        ("blood", "Tipo sanguíneo", ("O+", "A-", "", "B+", "")),
        ("race", "Raça/Cor", ("parda", "preta", "branca", "", "indígena")),
        ("orientation", "Orientação sexual", ("hetero", "", "gay", "", "")),
        ("party", "Filiação partidária", ("PXX", "", "", "PYY", "")),
        ("union", "Sindicato", ("sim", "não", "", "", "sim")),
        ("disability", "Deficiência", ("não", "visual", "", "", "")),
        ("religion-en", "Religion", ("none", "catholic", "", "", "")),
        ("religion-es", "Religión", ("ninguna", "católica", "", "", "")),
    ):
        rows = [
            ok(number, f"p{number}@example.com", f"Ana {cell}", {"cidade": "Recife"})
            for number, cell in enumerate("ABCDE", 2)
        ]
        data = utf8(
            f"email;nome;{header};cidade",
            *(
                f"p{number}@example.com;Ana {letter};{cell};Recife"
                for number, (letter, cell) in enumerate(zip("ABCDE", cells, strict=True), 2)
            ),
        )
        yield Case(name, "cadastro.csv", data, rows, mapping={header: "sensitive"}, notices=SAID)
    kept = utf8("email;CPF;RG", "ana@example.com;529.982.247-25;12.345.678-9", "bia@example.com;123.456.789-09;1234567")
    yield Case(
        "kept-on-request", "cadastro.csv", kept,
        [ok(2, "ana@example.com", "", {"CPF": "529.982.247-25"}), ok(3, "bia@example.com", "", {"CPF": "123.456.789-09"})],
        options=ReadingOptions(keep=("CPF",)), notices=SAID,
    )  # fmt: skip
    for name, header, cells in (
        ("no-phones", "Telefone", ("11987654321", "47999887766", "11912345678")),
        ("no-order-numbers", "Pedido", ("100045", "100046", "100047")),
        ("no-letters-of-rg", "Energia", ("solar", "elétrica", "solar")),
        ("no-card-of-loyalty", "Cartão fidelidade", ("1001", "1002", "1003")),
    ):
        data = utf8(f"email;{header}", *(f"p{number}@example.com;{cell}" for number, cell in enumerate(cells, 2)))
        attributes = [
            {header: cell, **({f"{header}_e164": f"+55{cell}"} if header == "Telefone" else {})} for cell in cells
        ]
        yield Case(
            name,
            "lista.csv",
            data,
            [ok(number, f"p{number}@example.com", "", each) for number, each in enumerate(attributes, 2)],
        )
