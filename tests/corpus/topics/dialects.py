"""Text to records: delimiters, line ends, ``sep=`` lines, free text that looks like a delimiter."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.reading.reading import ReadingOptions
from tests.corpus.case import Case, Row, bad, lines, ok, utf8

PEOPLE = (
    ("ana@example.com", "Ana Souza", "Recife"),
    ("bruno@example.com", "Bruno d'Ávila", "Belém"),
    ("carla@example.com", "Carla Conceição", "São Luís"),
    ("duda@example.com", "Duda Müller", "Blumenau"),
)
ROWS = [ok(number, email, name, {"cidade": city}) for number, (email, name, city) in enumerate(PEOPLE, 2)]
NAMED = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe", ":": "colon"}
ENDS = {"\r\n": "crlf", "\n": "lf", "\r": "cr"}


def joined(delimiter: str, end: str = "\r\n") -> str:
    """Write the people with a delimiter."""
    return lines(*(delimiter.join(row) for row in (("email", "nome", "cidade"), *PEOPLE)), end=end)


def shifted(by: int, rows: list[Row] | None = None) -> list[Row]:
    """Expect the people so many rows further down."""
    return [ok(row.number + by, row.email or "", row.name, row.attributes) for row in rows or ROWS]


def cases() -> Iterator[Case]:
    """Yield the cases."""
    yield from _delimiters()
    yield from _sep_lines()
    yield from _look_alikes()
    yield from _line_ends()
    yield from _spaces()
    yield from _asked_for()


def _delimiters() -> Iterator[Case]:
    for delimiter, word in NAMED.items():
        for end, ending in ENDS.items():
            data = joined(delimiter, end).encode()
            yield Case(f"{word}-{ending}", "lista.csv", data, ROWS, delimiter=delimiter)
    yield Case("tsv", "lista.tsv", joined("\t", "\n").encode(), ROWS, delimiter="\t")
    yield Case(
        "one-column",
        "emails.csv",
        utf8("email", "ana@example.com", "bia@example.com"),
        [ok(2, "ana@example.com"), ok(3, "bia@example.com")],
    )
    yield Case("one-column-one-row", "um.csv", utf8("email", "ana@example.com"), [ok(2, "ana@example.com")])
    yield Case(
        "one-row", "um.csv", utf8("nome;email", "Ana;ana@example.com"), [ok(2, "ana@example.com", "Ana")], delimiter=";"
    )
    yield Case(
        "one-row-without-line-end", "um.csv", b"nome,email\nAna,ana@example.com", [ok(2, "ana@example.com", "Ana")]
    )
    every_cell = "".join(f'"{a}";"{b}";"{c}"\r\n' for a, b, c in (("email", "nome", "cidade"), *PEOPLE))
    yield Case("every-cell-quoted", "rd.csv", every_cell.encode(), ROWS, delimiter=";")


def _sep_lines() -> Iterator[Case]:
    for delimiter, word in NAMED.items():
        data = f"sep={delimiter}\r\n{joined(delimiter)}".encode()
        yield Case(f"sep-line-{word}", "excel.csv", data, ROWS, delimiter=delimiter)
    quoted = f'"sep=;"\r\n{joined(";")}'.encode("cp1252")
    yield Case("sep-line-quoted", "excel.csv", quoted, ROWS, delimiter=";")
    marked = ("\ufeffsep=;\r\n" + joined(";")).encode()
    yield Case("sep-line-after-a-bom", "excel.csv", marked, ROWS, delimiter=";")


def _look_alikes() -> Iterator[Case]:
    addresses = utf8(
        "nome;email;endereço;valor",
        "Ana;ana@example.com;Rua das Flores, 10, ap. 3;1.234,50",
        "Bia;bia@example.com;Av. Brasil, 200, sala 1;99,90",
        "Caio;caio@example.com;Praça da Sé, s/n, centro;0,00",
    )
    yield Case(
        "commas-in-free-text", "clientes.csv", addresses,
        [
            ok(2, "ana@example.com", "Ana", {"endereço": "Rua das Flores, 10, ap. 3", "valor": "1.234,50"}),
            ok(3, "bia@example.com", "Bia", {"endereço": "Av. Brasil, 200, sala 1", "valor": "99,90"}),
            ok(4, "caio@example.com", "Caio", {"endereço": "Praça da Sé, s/n, centro", "valor": "0,00"}),
        ],
        delimiter=";",
    )  # fmt: skip
    tags = utf8(
        "email,nome,tags",
        "ana@example.com,Ana,cliente;vip;sp",
        "bia@example.com,Bia,lead;novo;rj",
        "caio@example.com,Caio,cliente;novo;mg",
    )
    yield Case(
        "semicolons-in-tags", "tags.csv", tags,
        [
            ok(2, "ana@example.com", "Ana", {"tags": "cliente;vip;sp"}),
            ok(3, "bia@example.com", "Bia", {"tags": "lead;novo;rj"}),
            ok(4, "caio@example.com", "Caio", {"tags": "cliente;novo;mg"}),
        ],
        delimiter=",",
    )  # fmt: skip
    pipes = utf8("email,nome,interesses", "ana@example.com,Ana,moda|casa|pet", "bia@example.com,Bia,moda|casa|kids")
    yield Case(
        "pipes-in-lists", "interesses.csv", pipes,
        [
            ok(2, "ana@example.com", "Ana", {"interesses": "moda|casa|pet"}),
            ok(3, "bia@example.com", "Bia", {"interesses": "moda|casa|kids"}),
        ],
        delimiter=",",
    )  # fmt: skip
    times = utf8(
        "nome,email,hora",
        "Ana,ana@example.com,10:30:00",
        "Bia,bia@example.com,11:45:10",
        "Caio,caio@example.com,09:00:59",
    )
    yield Case(
        "colons-in-times", "agenda.csv", times,
        [
            ok(2, "ana@example.com", "Ana", {"hora": "10:30:00"}),
            ok(3, "bia@example.com", "Bia", {"hora": "11:45:10"}),
            ok(4, "caio@example.com", "Caio", {"hora": "09:00:59"}),
        ],
        delimiter=",",
    )  # fmt: skip
    urls = utf8(
        "nome;email;site",
        "Ana;ana@example.com;https://example.com/a?x=1,2,3",
        "Bia;bia@example.com;https://example.com/b?x=4,5,6",
    )
    yield Case(
        "links", "sites.csv", urls,
        [
            ok(2, "ana@example.com", "Ana", {"site": "https://example.com/a?x=1,2,3"}),
            ok(3, "bia@example.com", "Bia", {"site": "https://example.com/b?x=4,5,6"}),
        ],
        delimiter=";",
    )  # fmt: skip
    json = utf8(
        "email,name,attributes",
        'ana@example.com,Ana,"{""city"": ""Recife"", ""age"": 30}"',
        'bia@example.com,Bia,"{""city"": ""Natal"", ""tags"": [1, 2]}"',
    )
    yield Case(
        "json-in-a-cell", "dados.csv", json,
        [
            ok(2, "ana@example.com", "Ana", {"attributes": '{"city": "Recife", "age": 30}'}),
            ok(3, "bia@example.com", "Bia", {"attributes": '{"city": "Natal", "tags": [1, 2]}'}),
        ],
        delimiter=",",
    )  # fmt: skip
    names = utf8(
        "nome;email", "Silva, Ana;ana@example.com", "Souza, Bia;bia@example.com", "Costa, Caio;caio@example.com"
    )
    yield Case(
        "names-with-a-comma", "nomes.csv", names,
        [ok(2, "ana@example.com", "Silva, Ana"), ok(3, "bia@example.com", "Souza, Bia"), ok(4, "caio@example.com", "Costa, Caio")],
        delimiter=";",
    )  # fmt: skip
    only = utf8("email;cidade", "ana@example.com;São Paulo, SP", "bia@example.com;Belo Horizonte, MG")
    yield Case(
        "city-and-state", "cidades.csv", only,
        [ok(2, "ana@example.com", "", {"cidade": "São Paulo, SP"}), ok(3, "bia@example.com", "", {"cidade": "Belo Horizonte, MG"})],
        delimiter=";",
    )  # fmt: skip
    decimals = utf8("email,nome,total", 'ana@example.com,Ana,"1.234,50"', 'bia@example.com,Bia,"99,90"')
    yield Case(
        "decimal-commas-quoted", "totais.csv", decimals,
        [ok(2, "ana@example.com", "Ana", {"total": "1.234,50"}), ok(3, "bia@example.com", "Bia", {"total": "99,90"})],
    )  # fmt: skip


def _line_ends() -> Iterator[Case]:
    mixed = "email;nome;cidade\r\n" + "".join(
        ";".join(row) + end for row, end in zip(PEOPLE, ("\n", "\r\n", "\r", "\n"), strict=True)
    )
    yield Case("mixed-line-ends", "juntado.csv", mixed.encode(), ROWS)
    for end, word in ENDS.items():
        yield Case(f"no-last-line-end-{word}", "lista.csv", joined(";", end).rstrip("\r\n").encode(), ROWS)
    yield Case("many-last-line-ends", "lista.csv", (joined(";") + "\r\n" * 5).encode(), ROWS, blank_rows=5)
    doubled = joined(";", "\r\r\n").encode()
    # Written twice in text mode: each line end is a CR and a CRLF, so there is a blank record after every record.
    every_other = [ok(2 * row.number - 1, row.email or "", row.name, row.attributes) for row in ROWS]
    yield Case("carriage-returns-doubled", "windows.csv", doubled, every_other)
    page = joined(";").replace("carla@", "\fcarla@").encode()
    yield Case("form-feed-before-a-record", "relatorio.csv", page, ROWS)
    alone = joined(";").replace("carla@", "\f\r\ncarla@").encode()
    down = [*ROWS[:2], *shifted(1, ROWS[2:])]
    yield Case("form-feed-on-a-line-of-its-own", "relatorio.csv", alone, down, blank_rows=1)
    blank = joined(";").replace("carla@", "\r\n;;\r\n  ; ;\r\ncarla@").encode()
    yield Case("blank-lines", "lista.csv", blank, [*ROWS[:2], *shifted(3, ROWS[2:])], blank_rows=3)
    nul = joined(";").replace("Bruno", "Br\0uno").encode()
    yield Case(
        "nul-in-a-cell",
        "lista.csv",
        nul,
        [ROWS[0], ok(3, "bruno@example.com", "Bruno d'Ávila", {"cidade": "Belém"}, or_refused=True), *ROWS[2:]],
    )
    tail = joined(";").encode() + b"\0" * 300
    yield Case("nul-bytes-at-the-end", "recuperado.csv", tail, [*ROWS, bad(6)])
    eof = joined(";").encode() + b"\x1a"
    yield Case("end-of-file-mark", "dos.csv", eof, ROWS)
    comments = joined(";").replace("carla@", "# clientes de 2019\r\ncarla@").encode()
    yield Case("comment-line", "lista.csv", comments, [*ROWS[:2], bad(4, "comment_line"), *shifted(1, ROWS[2:])])
    hashes = utf8("email;nome;obs", "ana@example.com;Ana;#1 da lista", "bia@example.com;Bia # Cia;sala #3")
    yield Case(
        "number-signs-are-no-comments", "lista.csv", hashes,
        [ok(2, "ana@example.com", "Ana", {"obs": "#1 da lista"}), ok(3, "bia@example.com", "Bia # Cia", {"obs": "sala #3"})],
    )  # fmt: skip
    vertical = joined(";").replace("Duda Müller", "Duda\vMüller").encode()
    yield Case("vertical-tab-in-a-cell", "lista.csv", vertical, ROWS)
    separators = joined(";").replace("Blumenau", "Blumenau\u2028SC").encode()
    yield Case(
        "line-separator-in-a-cell-is-no-line-end", "lista.csv", separators,
        [*ROWS[:3], ok(5, "duda@example.com", "Duda Müller", {"cidade": "Blumenau\u2028SC"})],
    )  # fmt: skip


def _spaces() -> Iterator[Case]:
    padded = utf8("email ; nome ; cidade", *(" ; ".join(row) for row in PEOPLE))
    yield Case("spaces-around-delimiters", "lista.csv", padded, ROWS)
    quoted = utf8('"email", "nome", "cidade"', *(", ".join(f'"{cell}"' for cell in row) for row in PEOPLE))
    yield Case("spaces-before-quotes", "lista.csv", quoted, ROWS, delimiter=",")
    sap = utf8(
        "-----------------------------------------------------",
        "| E-mail            | Nome            | Cidade     |",
        "-----------------------------------------------------",
        "| ana@example.com   | Ana Souza       | Recife     |",
        "| bruno@example.com | Bruno d'Ávila   | Belém      |",
        "| carla@example.com | Carla Conceição | São Luís   |",
        "-----------------------------------------------------",
    )
    yield Case(
        "sap-list", "sap.txt", sap,
        [
            bad(3),
            ok(4, "ana@example.com", "Ana Souza", {"Cidade": "Recife"}),
            ok(5, "bruno@example.com", "Bruno d'Ávila", {"Cidade": "Belém"}),
            ok(6, "carla@example.com", "Carla Conceição", {"Cidade": "São Luís"}),
            bad(7),
        ],
        delimiter="|",
    )  # fmt: skip
    bare = utf8("| E-mail | Nome |", "| ana@example.com | Ana Souza |", "| bia@example.com | Bia Lima |")
    yield Case(
        "pipes-on-both-sides", "tabela.txt", bare, [ok(2, "ana@example.com", "Ana Souza"), ok(3, "bia@example.com", "Bia Lima")], delimiter="|",
    )  # fmt: skip
    markdown = utf8("| nome | email |", "|---|---|", "| Ana | ana@example.com |", "| Bia | bia@example.com |")
    yield Case(
        "markdown-table", "wiki.txt", markdown, [bad(2), ok(3, "ana@example.com", "Ana"), ok(4, "bia@example.com", "Bia")], delimiter="|",
    )  # fmt: skip
    columns = utf8(
        "EMAIL                  NOME         UF",
        "ana@example.com        Ana          PE",
        "bruno@example.com      Bruno        PA",
        "carla.dias@example.com Carla        MA",
    )
    yield Case(
        "runs-of-spaces", "terminal.txt", columns,
        [
            ok(2, "ana@example.com", "Ana", {"UF": "PE"}),
            ok(3, "bruno@example.com", "Bruno", {"UF": "PA"}),
            ok(4, "carla.dias@example.com", "Carla", {"UF": "MA"}),
        ],
    )  # fmt: skip
    single = utf8("email nome", "ana@example.com Ana", "bia@example.com Bia", "caio@example.com Caio")
    yield Case(
        "single-spaces", "lista.txt", single, [ok(2, "ana@example.com", "Ana"), ok(3, "bia@example.com", "Bia"), ok(4, "caio@example.com", "Caio")],
    )  # fmt: skip


def _asked_for() -> Iterator[Case]:
    both = utf8("email,nome;cidade", "ana@example.com,Ana;Recife", "bia@example.com,Bia;Natal")
    semicolon = ReadingOptions(delimiter=";", mapping={"email,nome": "email"})
    yield Case("asked-for-wrong-delimiter", "ambigua.csv", both, [bad(2), bad(3)], options=semicolon)
    yield Case(
        "asked-for-delimiter", "ambigua.csv", both,
        [ok(2, "ana@example.com", "", {"nome;cidade": "Ana;Recife"}), ok(3, "bia@example.com", "", {"nome;cidade": "Bia;Natal"})],
        options=ReadingOptions(delimiter=","),
    )  # fmt: skip
    caret = joined("^").encode()
    yield Case("asked-for-caret", "legado.csv", caret, ROWS, options=ReadingOptions(delimiter="^"))
    single = b"email;nome\r\nana@example.com;'Ana; a primeira'\r\nbia@example.com;'Bia'\r\n"
    yield Case(
        "asked-for-apostrophe", "lista.csv", single, [ok(2, "ana@example.com", "Ana; a primeira"), ok(3, "bia@example.com", "Bia")],
        options=ReadingOptions(quotechar="'"),
    )  # fmt: skip
