"""Files of people that no other topic names: hand-made lists, odd headers, the very small and the very large."""

from __future__ import annotations

import codecs
import datetime as dt
from collections.abc import Iterator

from tests.corpus.binaries import xlsx
from tests.corpus.case import Case, bad, codes, lines, ok, utf8


def cases() -> Iterator[Case]:
    """Yield the cases."""
    yield from _hand_made()
    yield from _headers()
    yield from _limits()
    yield from _small()
    yield from _formats()


def _hand_made() -> Iterator[Case]:
    pairs = utf8("Contato", "Ana Souza <ana@example.com>", '"Lima, Bia" <bia@example.com>', "caio@example.com")
    yield Case(
        "name-and-address-in-one-column", "lista.txt", pairs,
        [ok(2, "ana@example.com", "Ana Souza"), ok(3, "bia@example.com", "Lima, Bia"), ok(4, "caio@example.com")],
    )  # fmt: skip
    two_spaces = utf8(
        "NOME              EMAIL               CIDADE",
        "Ana Souza         ana@example.com     São Paulo",
        "João d'Ávila      joao@example.com    Belém",
        "Bia               bia@example.com     Santa Rita",
    )
    yield Case(
        "columns-of-spaces-and-names-with-spaces", "lista.txt", two_spaces,
        [
            ok(2, "ana@example.com", "Ana Souza", {"CIDADE": "São Paulo"}),
            ok(3, "joao@example.com", "João d'Ávila", {"CIDADE": "Belém"}),
            ok(4, "bia@example.com", "Bia", {"CIDADE": "Santa Rita"}),
        ],
    )  # fmt: skip
    other = utf8(
        "nome,email,cidade", "Ana;ana@example.com;Recife", "Bia;bia@example.com;Natal", "Caio;caio@example.com;Belém"
    )
    yield Case(
        "header-with-commas-rows-with-semicolons", "lista.csv", other,
        [bad(1), *(ok(number, f"{name.lower()}@example.com", name, {"column_3": city}) for number, (name, city) in enumerate((("Ana", "Recife"), ("Bia", "Natal"), ("Caio", "Belém")), 2))],
    )  # fmt: skip
    tabs = utf8("nome\t\temail", "Ana\t\tana@example.com", "Bia Lima\tbia@example.com", "Caio\t\tcaio@example.com")
    yield Case(
        "tabs-to-line-up", "lista.txt", tabs,
        [ok(2, "ana@example.com", "Ana"), ok(3, "bia@example.com", "Bia Lima", or_refused=True), ok(4, "caio@example.com", "Caio")],
    )  # fmt: skip
    spaced = utf8('"nome" ; "email" ; "obs"', '"Ana" ; "ana@example.com" ; "a; b"', '"Bia" ; "bia@example.com" ; ""')
    yield Case(
        "spaces-on-both-sides-of-quotes",
        "lista.csv",
        spaced,
        [ok(2, "ana@example.com", "Ana", {"obs": "a; b"}), ok(3, "bia@example.com", "Bia")],
    )
    hashed = utf8("#nome;email", "Ana;ana@example.com", "Bia;bia@example.com")
    yield Case(
        "header-behind-a-number-sign",
        "lista.csv",
        hashed,
        [ok(2, "ana@example.com", "Ana"), ok(3, "bia@example.com", "Bia")],
    )
    blank = utf8("nome;email", "Ana;ana@example.com", " ; ", "\u00a0;\u00a0", "\t;", "Bia;bia@example.com")
    yield Case(
        "rows-of-nothing-but-spaces",
        "lista.csv",
        blank,
        [ok(2, "ana@example.com", "Ana"), ok(6, "bia@example.com", "Bia")],
        blank_rows=3,
    )
    sections = utf8("nome;email", "CLIENTES A;", "Ana;ana@example.com", "CLIENTES B;", "Bia;bia@example.com")
    yield Case(
        "headings-between",
        "lista.csv",
        sections,
        [bad(2), ok(3, "ana@example.com", "Ana"), bad(4), ok(5, "bia@example.com", "Bia")],
    )
    labels = utf8("Nome: Ana Souza", "E-mail: ana@example.com", "", "Nome: Bia Lima", "E-mail: bia@example.com")
    yield Case("labels-in-front-of-values", "fichas.txt", labels, fails=codes("no_email_column"))


def _headers() -> Iterator[Case]:
    continued = utf8(
        "Nome;E-mail;Telefone;Data de",
        ";principal;celular;nascimento",
        "Ana;ana@example.com;(11) 98765-4321;05/03/1990",
        "Bia;bia@example.com;;25/12/1985",
    )
    yield Case(
        "header-on-two-lines", "ficha.csv", continued,
        [ok(3, "ana@example.com", "Ana"), ok(4, "bia@example.com", "Bia")], loose=True,
    )  # fmt: skip
    doubled = utf8("nome;email;email", "Ana;ana@example.com;ana@example.org", "Bia;bia@example.com;")
    yield Case(
        "two-columns-called-email", "lista.csv", doubled,
        [ok(2, "ana@example.com", "Ana", {"other_emails": "ana@example.org"}), ok(3, "bia@example.com", "Bia")],
    )  # fmt: skip
    whole = utf8(
        "First Name,Last Name,Full Name,Email", "Ana,Souza,Ana Maria Souza,ana@example.com", "Bia,Lima,,bia@example.com"
    )
    yield Case(
        "whole-name-beside-its-parts",
        "lista.csv",
        whole,
        [ok(2, "ana@example.com", "Ana Maria Souza"), ok(3, "bia@example.com", "Bia Lima")],
        loose=True,
    )
    crowded = utf8(
        ";".join(["email", *(f"Pergunta {number}: o que você acha?" for number in range(1, 41))]),
        ";".join(["ana@example.com", *["sim"] * 40]),
        ";".join(["bia@example.com", *["não"] * 40]),
    )
    yield Case(
        "questionnaire", "pesquisa.csv", crowded,
        [ok(number, email, "", {f"Pergunta {at}: o que você acha?": said for at in range(1, 41)}) for number, email, said in ((2, "ana@example.com", "sim"), (3, "bia@example.com", "não"))],
    )  # fmt: skip
    numbers = utf8("1;2;3", "Ana;ana@example.com;Recife", "Bia;bia@example.com;Natal", "Caio;caio@example.com;Belém")
    yield Case(
        "header-of-numbers", "lista.csv", numbers,
        [bad(1), ok(2, "ana@example.com", "Ana"), ok(3, "bia@example.com", "Bia"), ok(4, "caio@example.com", "Caio")], loose=True,
    )  # fmt: skip
    bad_first = utf8("nome;email", "Ana;ana.example.com", "Bia;bia@example.com")
    yield Case(
        "first-address-is-bad", "lista.csv", bad_first, [bad(2, "syntax_no_at"), ok(3, "bia@example.com", "Bia")]
    )
    reserved = utf8(
        "email;nome;other_emails;row_number;error_code", "ana@example.com;Ana;x;7;y", "bia@example.com;Bia;;8;"
    )
    yield Case(
        "columns-with-names-of-ours",
        "lista.csv",
        reserved,
        [ok(2, "ana@example.com", "Ana"), ok(3, "bia@example.com", "Bia")],
        loose=True,
    )


def _limits() -> Iterator[Case]:
    long_ = "x" * 10_001
    data = utf8("email;nome;obs", f"ana@example.com;Ana;{long_}", "bia@example.com;Bia;ok")
    yield Case(
        "attribute-too-long",
        "lista.csv",
        data,
        [bad(2, "attribute_too_long"), ok(3, "bia@example.com", "Bia", {"obs": "ok"})],
    )
    many = ["email", *(f"c{number}" for number in range(600))]
    wide = utf8(
        ";".join(many), ";".join(["ana@example.com", *["x"] * 600]), ";".join(["bia@example.com", "y", *[""] * 599])
    )
    yield Case(
        "too-many-attributes",
        "lista.csv",
        wide,
        [bad(2, "too_many_attributes"), ok(3, "bia@example.com", "", {"c0": "y"})],
    )


def _small() -> Iterator[Case]:
    for encoding in ("utf-8", "cp1252", "mac-roman", "cp850", "utf-16-le"):
        mark = codecs.BOM_UTF16_LE if encoding == "utf-16-le" else b""
        for name in ("João", "CONCEIÇÃO", "Zé", "Ávila"):
            text = f"nome;email\r\n{name};x@example.com\r\n"
            yield Case(
                f"one-row-{name.lower()}-{encoding}",
                "um.csv",
                mark + text.encode(encoding),
                [ok(2, "x@example.com", name)],
            )


def _formats() -> Iterator[Case]:
    pretty = lines(
        "[",
        "  {",
        '    "nome": "João",',
        '    "email": "joao@example.com"',
        "  },",
        "  {",
        '    "email": "ana@example.com",',
        '    "nome": "Ana"',
        "  }",
        "]",
    ).encode()
    yield Case(
        "json-printed-prettily",
        "contatos.json",
        pretty,
        [ok(1, "joao@example.com", "João"), ok(2, "ana@example.com", "Ana")],
    )
    trailing = utf8("Ana Souza <ana@example.com>,", "Bia Lima <bia@example.com>,", "Caio Reis <caio@example.com>")
    yield Case(
        "addresses-with-a-comma-at-each-end",
        "lista.txt",
        trailing,
        [
            ok(1, "ana@example.com", "Ana Souza"),
            ok(2, "bia@example.com", "Bia Lima"),
            ok(3, "caio@example.com", "Caio Reis"),
        ],
    )
    photo = utf8(
        "BEGIN:VCARD",
        "VERSION:3.0",
        "N:Souza;Ana;;;",
        "EMAIL:ana@example.com",
        "PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQSkZJRgABAQAAAQABAAD",
        " /2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsK",
        "END:VCARD",
    )
    yield Case(
        "vcard-with-a-photo-and-no-full-name", "ana.vcf", photo, [ok(1, "ana@example.com", "Ana Souza")], loose=True
    )
    wide = codecs.BOM_UTF16_LE + lines(
        "BEGIN:VCARD", "VERSION:3.0", "FN:João d'Ávila", "EMAIL:joao@example.com", "END:VCARD"
    ).encode("utf-16-le")
    yield Case("vcard-in-utf-16", "joao.vcf", wide, [ok(1, "joao@example.com", "João d'Ávila")], loose=True)
    objects = lines(
        '{"email":"ana@example.com","nome":"Ana"}', '{"nome":"Bia","email":"bia@example.com","uf":"RN"}', end="\r\n"
    ).encode()
    yield Case(
        "json-lines-crlf",
        "contatos.jsonl",
        objects,
        [ok(1, "ana@example.com", "Ana"), ok(2, "bia@example.com", "Bia", {"uf": "RN"})],
    )
    sheet = xlsx(
        {
            "Plan1": (
                ("Nome", "E-mail", "Data"),
                ("João", "joao@example.com", dt.date(2026, 3, 12)),
                ("#N/D", "ana@example.com", None),
            )
        }
    )
    yield Case(
        "workbook-with-an-error-for-a-name",
        "contatos.xlsx",
        sheet,
        [ok(2, "joao@example.com", "João", {"Data": "2026-03-12"}), ok(3, "ana@example.com")],
    )
