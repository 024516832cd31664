"""What is no table: JSON Lines, JSON, vCards, pasted addresses."""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from tests.corpus.case import Case, bad, codes, lines, ok, utf8


def cases() -> Iterator[Case]:
    """Yield the cases."""
    yield from _json_lines()
    yield from _json()
    yield from _vcards()
    yield from _addresses()


def _json_lines() -> Iterator[Case]:
    plain = lines(
        '{"email": "joao@example.com", "name": "João d\'Ávila", "city": "Belém", "age": 34, "vip": true}',
        '{"email": "ana@example.com", "name": "Silva, Ana", "city": null, "age": 51.0, "vip": false}',
        '{"name": "\\u00cdris \\"I\\" Mu\\u00f1oz", "email": "iris@example.com"}',
        end="\n",
    ).encode()
    rows = [
        ok(1, "joao@example.com", "João d'Ávila", {"city": "Belém", "age": "34", "vip": "true"}),
        ok(2, "ana@example.com", "Silva, Ana", {"age": "51.0", "vip": "false"}),
        ok(3, "iris@example.com", 'Íris "I" Muñoz'),
    ]
    whole = [rows[0], ok(2, "ana@example.com", "Silva, Ana", {"age": "51.0", "vip": "false"}), rows[2]]
    yield Case("json-lines", "contacts.jsonl", plain, whole)
    yield Case("json-lines-with-bom", "contacts.ndjson", codecs.BOM_UTF8 + plain, whole)
    broken = plain.replace(b'"Silva, Ana", "city"', b'"Silva, Ana" "city"')
    yield Case("json-lines-one-broken", "contacts.jsonl", broken, [whole[0], bad(2), whole[2]])
    cut = plain.rstrip()[:-10]
    yield Case("json-lines-cut-off", "contacts.jsonl", cut, [*whole[:2], bad(3)])
    blank = plain.replace(b"\n", b"\n\n")
    yield Case(
        "json-lines-with-blank-lines",
        "contacts.jsonl",
        blank,
        [ok(2 * row.number - 1, row.email or "", row.name, row.attributes) for row in whole],
    )
    nested = b'{"email":"ana@example.com","name":"Ana","address":{"city":"Recife","uf":"PE"},"tags":["a","b"]}\n{"email":"bia@example.com","name":"Bia","address":{"city":"Natal","uf":"RN"},"tags":[]}\n'
    yield Case(
        "json-lines-nested", "contacts.jsonl", nested,
        [
            ok(1, "ana@example.com", "Ana", {"address.city": "Recife", "address.uf": "PE", "tags": "a; b"}),
            ok(2, "bia@example.com", "Bia", {"address.city": "Natal", "address.uf": "RN"}),
        ],
    )  # fmt: skip


def _json() -> Iterator[Case]:
    array = b'[{"email": "ana@example.com", "nome": "Ana"},\n {"email": "bia@example.com", "nome": "Bia", "telefone": 11987654321}]'
    rows = [
        ok(1, "ana@example.com", "Ana"),
        ok(2, "bia@example.com", "Bia", {"telefone": "11987654321", "telefone_e164": "+5511987654321"}),
    ]
    yield Case("json-array", "contacts.json", array, rows)
    yield Case("json-object-around", "contacts.json", b'{"total": 2, "contacts": ' + array + b"}", rows)
    yield Case("json-array-utf-16", "contacts.json", codecs.BOM_UTF16_LE + array.decode().encode("utf-16-le"), rows)
    strings = b'["ana@example.com", "bia@example.com"]'
    yield Case("json-array-of-addresses", "emails.json", strings, [ok(1, "ana@example.com"), ok(2, "bia@example.com")])
    several = b'[{"name": "Ana", "emails": ["ana@example.com", "ana@example.org"]}, {"name": "Bia", "emails": ["bia@example.com"]}]'
    yield Case(
        "json-list-of-addresses", "contacts.json", several,
        [ok(1, "ana@example.com", "Ana", {"other_emails": "ana@example.org"}, warns=["several_addresses"]), ok(2, "bia@example.com", "Bia")],
    )  # fmt: skip
    yield Case("json-cut-off", "contacts.json", array[:-30], fails=codes("file_damaged"))
    yield Case("json-empty-array", "contacts.json", b"[]", fails=codes("file_empty", "header_only", "no_email_column"))
    yield Case("json-without-address", "produtos.json", b'[{"sku": "1", "preco": 10}]', fails=codes("no_email_column"))
    bracket = utf8("[lista] Nome;E-mail", "[novo] Ana;ana@example.com", "[novo] Bia;bia@example.com")
    yield Case(
        "bracket-is-no-json",
        "lista.csv",
        bracket,
        [
            ok(2, "ana@example.com", "", {"[lista] Nome": "[novo] Ana"}),
            ok(3, "bia@example.com", "", {"[lista] Nome": "[novo] Bia"}),
        ],
        mapping={"E-mail": "email"},
    )


def _vcards() -> Iterator[Case]:
    iphone = utf8(
        "BEGIN:VCARD", "VERSION:3.0", "PRODID:-//Apple Inc.//iPhone OS 17.4//EN", "N:d'Ávila;João;;;", "FN:João d'Ávila", "ORG:Padaria São João;",
        "EMAIL;type=INTERNET;type=HOME;type=pref:joao@example.com", "TEL;type=CELL;type=VOICE;type=pref:+55 11 98765-4321", "END:VCARD",
        "BEGIN:VCARD", "VERSION:3.0", "N:Silva;Ana;;;", "FN:Silva\\, Ana", "item1.EMAIL;type=INTERNET:ana@example.com", "item1.X-ABLabel:_$!<Other>!$_",
        "EMAIL;type=INTERNET;type=WORK;type=pref:ana@example.org", "END:VCARD",
    )  # fmt: skip
    yield Case(
        "vcards-of-an-iphone", "Contatos.vcf", iphone,
        [ok(1, "joao@example.com", "João d'Ávila"), ok(2, "ana@example.org", "Silva, Ana", {"other_emails": "ana@example.com"}, warns=["several_addresses"])],
        loose=True,
    )  # fmt: skip
    android = utf8(
        "BEGIN:VCARD", "VERSION:2.1", "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C3=81vila;Jo=C3=A3o;;;",
        "FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Jo=C3=A3o=20=C3=81vila", "TEL;CELL:11987654321", "EMAIL;HOME:joao@example.com", "END:VCARD",
        "BEGIN:VCARD", "VERSION:2.1", "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Concei=C3=A7=C3=A3o;Maria;=",
        ";;", "FN:Maria", "EMAIL;INTERNET:maria@example.com", "END:VCARD",
        end="\r\n",
    )  # fmt: skip
    yield Case(
        "vcards-of-android",
        "contacts.vcf",
        android,
        [ok(1, "joao@example.com", "João Ávila"), ok(2, "maria@example.com", "Maria")],
        loose=True,
    )
    google = lines(
        "BEGIN:VCARD", "VERSION:3.0", "FN:Bia Lima", "N:Lima;Bia;;;", "EMAIL;TYPE=INTERNET:bia@example.com", "NOTE:linha 1\\nlinha 2\\, fim", "BDAY:1990-03-05", "END:VCARD",
        "", "BEGIN:VCARD", "VERSION:4.0", "FN:Caio de Souza e Silva Albuquerque dos Santos Pereira", "EMAIL:caio@exam", " ple.com", "END:VCARD",
        "BEGIN:VCARD", "VERSION:3.0", "FN:Sem endereço", "TEL:+5511987654321", "END:VCARD",
        end="\n",
    ).encode()  # fmt: skip
    yield Case(
        "vcards-of-google", "contacts.vcf", google,
        [ok(1, "bia@example.com", "Bia Lima"), ok(2, "caio@example.com", "Caio de Souza e Silva Albuquerque dos Santos Pereira"), bad(3, "syntax_empty")],
        loose=True,
    )  # fmt: skip


def _addresses() -> Iterator[Case]:
    pasted = b'Ana Souza <ana@example.com>, bia@example.com; "Souza, Caio" <caio@example.com>, Davi <davi@example.com>'
    rows = [
        ok(1, "ana@example.com", "Ana Souza"),
        ok(2, "bia@example.com"),
        ok(3, "caio@example.com", "Souza, Caio"),
        ok(4, "davi@example.com", "Davi"),
    ]
    yield Case("addresses-pasted", "destinatarios.txt", pasted, rows)
    accents = "João d'Ávila <joao@example.com>;\r\n Íris Muñoz <iris@example.com>;\r\n".encode("cp1252")
    yield Case(
        "addresses-of-outlook",
        "para.txt",
        accents,
        [ok(1, "joao@example.com", "João d'Ávila"), ok(2, "iris@example.com", "Íris Muñoz")],
    )
    per_line = utf8(
        "Ana Souza <ana@example.com>", '"Souza, Caio" <caio@example.com>', "<bia@example.com>", "davi@example.com"
    )
    yield Case(
        "addresses-one-per-line", "lista.txt", per_line,
        [ok(1, "ana@example.com", "Ana Souza"), ok(2, "caio@example.com", "Souza, Caio"), ok(3, "bia@example.com"), ok(4, "davi@example.com")],
    )  # fmt: skip
    many = ", ".join(f"pessoa{number}@example.com" for number in range(1, 41)).encode()
    yield Case(
        "addresses-forty-on-a-line",
        "lista.txt",
        many,
        [ok(number, f"pessoa{number}@example.com") for number in range(1, 41)],
    )
    semicolons = b"ana@example.com; bia@example.com; caio@example.com"
    yield Case(
        "addresses-with-semicolons",
        "lista.txt",
        semicolons,
        [ok(1, "ana@example.com"), ok(2, "bia@example.com"), ok(3, "caio@example.com")],
    )
    one_bad = b"Ana <ana@example.com>, bia.example.com, Caio <caio@example.com>"
    yield Case(
        "addresses-one-bad",
        "lista.txt",
        one_bad,
        [ok(1, "ana@example.com", "Ana"), bad(2), ok(3, "caio@example.com", "Caio")],
    )
