"""Where the header is and what is around it: preambles, several lines, none at all, damage to its names."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.reading.reading import ReadingOptions, SavedMapping, Surroundings
from pipeline.reading.table.words import header_fingerprint
from tests.corpus.case import Case, Row, bad, codes, ok, utf8

BODY = (
    "Ana Souza;ana@example.com;Recife",
    "Bruno d'Ávila;bruno@example.com;Belém",
    "Carla Dias;carla@example.com;Natal",
)
HEADER = "Nome;E-mail;Cidade"


def people(first: int = 2) -> list[Row]:
    """Expect the three people from this row on."""
    cells = [line.split(";") for line in BODY]
    return [ok(number, email, name, {"Cidade": city}) for number, (name, email, city) in enumerate(cells, first)]


def cases() -> Iterator[Case]:
    """Yield the cases."""
    yield from _preambles()
    yield from _several_lines()
    yield from _without()
    yield from _damaged_names()
    yield from _asked_for()
    yield from _saved()


def _preambles() -> Iterator[Case]:
    above = {
        "title": ["Relatório de clientes"],
        "title-and-blank-line": ["Relatório de clientes", ""],
        "title-date-and-blank-line": ["Relatório de clientes", "Gerado em: 12/03/2026 10:30", ""],
        "cells-in-the-preamble": [
            "Empresa;Padaria São João Ltda;",
            "CNPJ;11.222.333/0001-81;",
            "Emitido em;12/03/2026;",
            ";;",
        ],
        "comments": ["# exportado pelo sistema", "# não edite"],
        "six-lines": ["Totvs Protheus", "Filial: 01", "Usuário: ADMIN", "Relatório: CADCLI", "Página 1 de 1", "-" * 30],
        "title-with-delimiters": ["Relatório de clientes;;", "Período: 01/01/2026 a 31/01/2026;;"],
        "with-a-comma": ["Clientes, fornecedores e parceiros", "São Paulo, 12 de março de 2026"],
        "with-an-address": ["Dúvidas: suporte@sistema.example.com", ""],
        "blank-lines-only": ["", "", ""],
        "quoted": ['"Relatório ""Clientes"""', '""'],
    }
    for name, texts in above.items():
        data = utf8(*texts, HEADER, *BODY)
        yield Case(f"preamble-{name}", "relatorio.csv", data, people(len(texts) + 2), mapping={"E-mail": "email"})


def _several_lines() -> Iterator[Case]:
    groups = utf8(
        "Dados pessoais;;Contato;;Endereço",
        "Nome;Sobrenome;E-mail;Obs;Município",
        "Ana;Souza;ana@example.com;ok;Recife",
        "Bia;Lima;bia@example.com;ok;Natal",
    )
    yield Case(
        "groups-above", "cadastro.csv", groups,
        [ok(3, "ana@example.com", "Ana Souza", _ANY_NAMES_1), ok(4, "bia@example.com", "Bia Lima", _ANY_NAMES_2)],
    )  # fmt: skip
    units = utf8("Nome;E-mail;Cidade", "(completo);(obrigatório);(onde mora)", *BODY)
    yield Case("hints-below", "modelo.csv", units, [bad(2), *people(3)])
    example = utf8(HEADER, "Ex.: Maria da Silva;exemplo@seudominio;Sua cidade", *BODY)
    yield Case("an-example-below", "modelo.csv", example, [bad(2), *people(3)])


_ANY_NAMES_1 = {"Obs": "ok", "Município": "Recife"}
_ANY_NAMES_2 = {"Obs": "ok", "Município": "Natal"}


def _without() -> Iterator[Case]:
    shapes = {
        "email-first": (
            ("ana@example.com;Ana Souza", "bruno@example.com;Bruno d'Ávila", "carla@example.com;Carla Dias"),
            {},
        ),
        "name-first": (
            ("Ana Souza;ana@example.com", "Bruno d'Ávila;bruno@example.com", "Carla Dias;carla@example.com"),
            {},
        ),
        "three-columns": (BODY, {2: "Recife", 3: "Belém", 4: "Natal"}),
    }
    for name, (texts, third) in shapes.items():
        rows = [
            ok(number, email, called, {"column_3": third[number + 1]} if third else {})
            for number, (email, called) in enumerate(
                (
                    ("ana@example.com", "Ana Souza"),
                    ("bruno@example.com", "Bruno d'Ávila"),
                    ("carla@example.com", "Carla Dias"),
                ),
                1,
            )
        ]
        yield Case(f"none-{name}", "sem cabecalho.csv", utf8(*texts), rows, notices=codes("no_header"))
    only = utf8("ana@example.com", "bruno@example.com", "carla@example.com")
    yield Case(
        "none-one-column", "emails.txt", only,
        [ok(1, "ana@example.com"), ok(2, "bruno@example.com"), ok(3, "carla@example.com")],
    )  # fmt: skip
    one = b"ana@example.com"
    yield Case("one-address-is-a-file", "um.txt", one, [ok(1, "ana@example.com")])
    broken = utf8(
        "ana.example.com;Ana Souza",
        "bruno@example.com;Bruno Lima",
        "carla@example.com;Carla Dias",
        "davi@example.com;Davi Reis",
    )
    yield Case(
        "none-and-the-first-address-is-bad", "lista.csv", broken,
        [bad(1), ok(2, "bruno@example.com", "Bruno Lima"), ok(3, "carla@example.com", "Carla Dias"), ok(4, "davi@example.com", "Davi Reis")],
    )  # fmt: skip


def _damaged_names() -> Iterator[Case]:
    forms = {
        "padded": ("  Nome  ;  E-mail ; Cidade ", "E-mail"),
        "no-break-spaces": ("\u00a0Nome\u00a0;\u00a0E-mail\u00a0;\u00a0Cidade\u00a0", "E-mail"),
        "zero-width": ("\u200bNome;E\u200b-mail;Cidade\ufeff", "E-mail"),
        "capitals": ("NOME;E-MAIL;Cidade", "E-MAIL"),
        "required-star": ("Nome*;E-mail*;Cidade", "E-mail*"),
        "required-words": ("Nome (obrigatório);E-mail (obrigatório);Cidade", "E-mail (obrigatório)"),
        "quoted-twice": ('"""Nome""";"""E-mail""";"Cidade"', "E-mail"),
        "line-breaks": ('"Nome\ncompleto";"E-mail\nprincipal";Cidade', "E-mail principal"),
        "colons": ("Nome:;E-mail:;Cidade", "E-mail:"),
        "underscores": ("nome_completo;endereco_de_email;Cidade", "endereco_de_email"),
        "camel": ("NomeCompleto;EmailAddress;Cidade", "EmailAddress"),
        "non-breaking-hyphen": ("Nome;E\u2011mail;Cidade", "E\u2011mail"),
        "full-width": ("Nome;\uff25\uff4d\uff41\uff49\uff4c;Cidade", "\uff25\uff4d\uff41\uff49\uff4c"),
        "bom-inside-quotes": ('\ufeff"Nome";"E-mail";"Cidade"', "E-mail"),
    }
    for name, (header, column) in forms.items():
        yield Case(f"header-{name}", "lista.csv", utf8(header, *BODY), people(), mapping={column: "email"})
    twice = utf8(
        "Nome;E-mail;Telefone;Telefone;Cidade",
        "Ana;ana@example.com;(81) 98765-4321;(81) 3333-4444;Recife",
        "Bia;bia@example.com;;(84) 3222-1111;Natal",
    )
    yield Case(
        "two-columns-of-one-name", "lista.csv", twice,
        [
            ok(2, "ana@example.com", "Ana", {
                "Telefone": "(81) 98765-4321", "Telefone_e164": "+5581987654321",
                "Telefone_2": "(81) 3333-4444", "Telefone_2_e164": "+558133334444", "Cidade": "Recife",
            }),
            ok(3, "bia@example.com", "Bia", {"Telefone_2": "(84) 3222-1111", "Telefone_2_e164": "+558432221111", "Cidade": "Natal"}),
        ],
    )  # fmt: skip
    unknown = utf8("Código;Loja;E-mail;Nome", "7;Centro;ana@example.com;Ana", "8;Norte;bia@example.com;Bia")
    yield Case(
        "unknown-columns-in-front", "lista.csv", unknown,
        [
            ok(2, "ana@example.com", "Ana", {"Código": "7", "Loja": "Centro"}),
            ok(3, "bia@example.com", "Bia", {"Código": "8", "Loja": "Norte"}),
        ],
    )  # fmt: skip
    wide = [f"campo{number}" for number in range(300)]
    texts = [
        ";".join(["email", *wide]),
        ";".join(["ana@example.com", *["x"] * 300]),
        ";".join(["bia@example.com", *["y"] * 300]),
    ]
    yield Case(
        "three-hundred-columns", "largo.csv", utf8(*texts),
        [ok(2, "ana@example.com", "", dict.fromkeys(wide, "x")), ok(3, "bia@example.com", "", dict.fromkeys(wide, "y"))],
    )  # fmt: skip


def _asked_for() -> Iterator[Case]:
    data = utf8("exportação", "qualquer coisa;mais;outra", HEADER, *BODY)
    yield Case("asked-for-row-3", "lista.csv", data, people(4), options=ReadingOptions(header_row=3))
    bare = utf8(*BODY)
    rows = [ok(row.number, row.email or "", row.name, {"column_3": row.attributes["Cidade"]}) for row in people(1)]
    yield Case("asked-for-none", "lista.csv", bare, rows, options=ReadingOptions(header_row=0))
    odd = utf8("c1;c2;c3", *BODY)
    mapping = ReadingOptions(mapping={"c1": "name", "c2": "email", "c3": "ignored"})
    yield Case(
        "asked-for-mapping",
        "lista.csv",
        odd,
        [ok(row.number, row.email or "", row.name) for row in people()],
        options=mapping,
    )
    attribute = ReadingOptions(mapping={"Nome": "attribute"})
    named = [ok(row.number, row.email or "", "", {"Nome": row.name, **row.attributes}) for row in people()]
    yield Case("asked-for-name-as-attribute", "lista.csv", utf8(HEADER, *BODY), named, options=attribute)
    for name, mapping_, code in (
        ("unknown-column", {"Sobrenome": "name"}, "unknown_column"),
        ("unknown-field", {"Nome": "apelido"}, "unknown_field"),
        ("one-field-twice", {"Nome": "email", "E-mail": "email"}, "mapping_ambiguous"),
    ):
        yield Case(
            f"asked-for-{name}",
            "lista.csv",
            utf8(HEADER, *BODY),
            options=ReadingOptions(mapping=mapping_),
            fails=codes(code),
        )


def _saved() -> Iterator[Case]:
    kept = SavedMapping(
        "cadastro", header_fingerprint(("c1", "c2", "c3")), {"c1": "name", "c2": "email", "c3": "ignored"}
    )
    there = Surroundings(mappings=(kept,))
    odd = utf8("c1;c2;c3", *BODY)
    rows = [ok(row.number, row.email or "", row.name) for row in people()]
    yield Case(
        "saved-mapping-is-found-again", "lista.csv", odd, rows, surroundings=there, notices=codes("saved_mapping_used")
    )
    yield Case(
        "saved-mapping-by-name",
        "outra.csv",
        odd,
        rows,
        surroundings=there,
        options=ReadingOptions(saved_mapping="cadastro"),
    )
    yield Case(
        "saved-mapping-nobody-knows", "lista.csv", odd, surroundings=there, options=ReadingOptions(saved_mapping="clientes"),
        fails=codes("unknown_mapping"),
    )  # fmt: skip
