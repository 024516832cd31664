"""Files of programs and people that no other topic names: shops, CRMs, events, forms, hand-made lists."""

from __future__ import annotations

import codecs
import datetime as dt
from collections.abc import Iterator

from pipeline.reading.reading import Surroundings
from tests.corpus.binaries import xlsx
from tests.corpus.case import Case, bad, codes, lines, ok, utf8


def cases() -> Iterator[Case]:
    """Yield the cases."""
    yield from _shops()
    yield from _crms()
    yield from _hand_made()
    yield from _headers()
    yield from _values()
    yield from _limits()
    yield from _small()
    yield from _formats()


def _shops() -> Iterator[Case]:
    shopify = utf8(
        "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Default Address Company,Default Address Address1,Default Address City,Default Address Zip,Default Address Phone,Phone,Accepts SMS Marketing,Total Spent,Total Orders,Note,Tax Exempt,Tags",
        '\'7001,Ana,Souza,ana@example.com,yes,,"Rua A, 10",Recife,50010-000,,\'+5511987654321,no,197.00,2,,no,"vip, sp"',
        "'7002,João,d'Ávila,joao@example.com,no,,,Belém,,,,no,0.00,0,\"ligou\ndepois\",no,",
    )
    yield Case(
        "shopify", "customers_export.csv", shopify,
        [
            ok(2, "ana@example.com", "Ana Souza", {"Tags": "vip, sp", "Total Spent": "197.00", "Default Address Address1": "Rua A, 10"}),
            ok(3, "joao@example.com", "João d'Ávila", {"Note": "ligou\ndepois", "Accepts Email Marketing": "no"}),
        ],
        mapping={"Email": "email"}, loose=True,
    )  # fmt: skip
    woo = utf8(
        "order_id,order_date,status,billing_first_name,billing_last_name,billing_email,billing_phone,billing_city,order_total",
        "501,2026-03-12 10:30:05,completed,Ana,Souza,ana@example.com,(11) 98765-4321,Recife,197.00",
        "502,2026-03-13 16:05:00,cancelled,Bia,Lima,bia@example.com,,Natal,50.00",
    )
    yield Case(
        "woocommerce", "orders.csv", woo,
        [ok(2, "ana@example.com", "Ana Souza", {"status": "completed"}), ok(3, "bia@example.com", "Bia Lima", {"status": "cancelled"})],
        mapping={"billing_email": "email"}, loose=True,
    )  # fmt: skip
    stripe = utf8(
        "id,Description,Email,Name,Created (UTC),Delinquent,Card ID,Currency",
        "cus_1,,ana@example.com,Ana Souza,2026-03-12 10:30,false,,brl",
        "cus_2,,bia@example.com,Bia Lima,2026-03-13 16:05,false,,brl",
    )
    yield Case(
        "stripe",
        "unified_customers.csv",
        stripe,
        [ok(2, "ana@example.com", "Ana Souza", {"id": "cus_1"}), ok(3, "bia@example.com", "Bia Lima", {"id": "cus_2"})],
        loose=True,
    )
    eventbrite = utf8(
        "Order #,Order Date,First Name,Last Name,Email,Quantity,Ticket Type,Attendee Status",
        '101,"Mar 12, 2026 10:30 AM",Ana,Souza,ana@example.com,1,VIP,Attending',
        '102,"Mar 13, 2026 4:05 PM",Bia,Lima,bia@example.com,2,Pista,Checked In',
    )
    yield Case(
        "eventbrite", "Attendees.csv", eventbrite,
        [ok(2, "ana@example.com", "Ana Souza", {"Ticket Type": "VIP", "Quantity": "1"}), ok(3, "bia@example.com", "Bia Lima", {"Ticket Type": "Pista", "Quantity": "2"})],
        loose=True,
    )  # fmt: skip


def _crms() -> Iterator[Case]:
    pipedrive = utf8(
        "Pessoa - ID;Pessoa - Nome;Pessoa - Organização;Pessoa - E-mail - Trabalho;Pessoa - E-mail - Residencial;Pessoa - Telefone - Celular",
        "1;Ana Souza;Padaria;ana@empresa.com.br;ana@example.com;(11) 98765-4321",
        "2;João d'Ávila;;;joao@example.com;",
    )
    yield Case(
        "pipedrive", "pessoas.csv", pipedrive,
        [ok(2, "ana@empresa.com.br", "Ana Souza", {"other_emails": "ana@example.com"}), ok(3, "joao@example.com", "João d'Ávila")],
        loose=True,
    )  # fmt: skip
    salesforce = utf8(
        '"Salutation","First Name","Last Name","Title","Account Name","Mailing City","Email","Phone"',
        '"Ms.","Ana","Souza","CEO","Padaria, Pão & Cia","Recife","ana@example.com","11987654321"',
        '"Mr.","João","d\'Ávila","","Mercado","Belém","joao@example.com",""',
        '""', '"Grand Totals (2 records)"', '"Copyright (c) 2000-2026 salesforce.com, inc. All rights reserved."',
    )  # fmt: skip
    yield Case(
        "salesforce-report", "report1700000000.csv", salesforce,
        [
            ok(2, "ana@example.com", "Ana Souza", {"Account Name": "Padaria, Pão & Cia", "Mailing City": "Recife"}),
            ok(3, "joao@example.com", "João d'Ávila", {"Account Name": "Mercado"}),
            bad(5), bad(6),
        ],
        blank_rows=1, loose=True,
    )  # fmt: skip
    school = utf8(
        "Matrícula;Aluno;Turma;Responsável;E-mail do responsável",
        "001;Ana;5A;Joana Souza;joana@example.com",
        "002;Bia;5B;Rita Lima;rita@example.com",
    )
    yield Case(
        "school", "alunos.csv", school,
        [ok(2, "joana@example.com", "Joana Souza", {"Aluno": "Ana"}), ok(3, "rita@example.com", "Rita Lima", {"Aluno": "Bia"})],
        mapping={"E-mail do responsável": "email"}, loose=True,
    )  # fmt: skip
    typeform = utf8(
        "#,Qual é o seu nome?,Qual é o seu e-mail?,Start Date (UTC),Submit Date (UTC),Network ID",
        "a1,Ana Souza,ana@example.com,2026-03-12 10:30:05,2026-03-12 10:31:00,x1",
        "b2,João d'Ávila,joao@example.com,2026-03-13 16:05:00,2026-03-13 16:06:00,x2",
    )
    yield Case(
        "typeform", "respostas.csv", typeform,
        [ok(2, "ana@example.com", "Ana Souza", {"Network ID": "x1"}), ok(3, "joao@example.com", "João d'Ávila", {"Network ID": "x2"})],
        mapping={"Qual é o seu e-mail?": "email"}, loose=True,
    )  # fmt: skip


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


def _values() -> Iterator[Case]:
    times = utf8(
        "email;Criado em",
        "a@example.com;2026-03-12T10:30:05Z",
        "b@example.com;2026-03-12T10:30:05.123-03:00",
        "c@example.com;2026-03-12T10:30:05+00:00",
        "d@example.com;0000-00-00 00:00:00",
    )
    yield Case(
        "iso-times", "lista.csv", times,
        [
            ok(2, "a@example.com", "", {"Criado em": "2026-03-12 10:30:05+00:00"}),
            ok(3, "b@example.com", "", {"Criado em": "2026-03-12 10:30:05.123000-03:00"}),
            ok(4, "c@example.com", "", {"Criado em": "2026-03-12 10:30:05+00:00"}),
            ok(5, "d@example.com", "", {"Criado em": "0000-00-00 00:00:00"}),
        ],
    )  # fmt: skip
    minutes = utf8(
        "email;Data",
        "a@example.com;12/03/2026 10:30",
        "b@example.com;25/03/2026 9:05",
        "c@example.com;13/03/2026 00:00",
    )
    yield Case(
        "times-without-seconds", "lista.csv", minutes,
        [
            ok(2, "a@example.com", "", {"Data": "2026-03-12 10:30:00-03:00"}),
            ok(3, "b@example.com", "", {"Data": "2026-03-25 09:05:00-03:00"}),
            ok(4, "c@example.com", "", {"Data": "2026-03-13"}),
        ],
    )  # fmt: skip
    american = utf8(
        "Email,Name,Signup Date",
        "a@example.com,Ann,03/25/2026",
        "b@example.com,Bob,12/31/2025",
        "c@example.com,Cy,01/02/2026",
    )
    yield Case(
        "american-dates", "list.csv", american,
        [
            ok(2, "a@example.com", "Ann", {"Signup Date": "2026-03-25"}),
            ok(3, "b@example.com", "Bob", {"Signup Date": "2025-12-31"}),
            ok(4, "c@example.com", "Cy", {"Signup Date": "2026-01-02"}),
        ],
        surroundings=Surroundings(locale="en-US", timezone="America/New_York"),
    )  # fmt: skip
    unsure = utf8("Email,Name,Signup Date", "a@example.com,Ann,03/05/2026", "b@example.com,Bob,12/11/2025")
    yield Case(
        "american-dates-nobody-can-tell", "list.csv", unsure, [ok(2, "a@example.com", "Ann"), ok(3, "b@example.com", "Bob")],
        surroundings=Surroundings(locale="en-US", timezone="America/New_York"), notices=codes("dates_ambiguous"), loose=True,
    )  # fmt: skip
    old = utf8("email;Nascimento", "a@example.com;01/01/1900", "b@example.com;29/02/2000", "c@example.com;13/10/1945")
    yield Case(
        "dates-long-ago", "lista.csv", old,
        [ok(2, "a@example.com", "", {"Nascimento": "1900-01-01"}), ok(3, "b@example.com", "", {"Nascimento": "2000-02-29"}), ok(4, "c@example.com", "", {"Nascimento": "1945-10-13"})],
    )  # fmt: skip
    phones = utf8(
        "email;Telefone", "a@example.com;(11) 98765-4321 / (11) 3333-4444", "b@example.com;11 3333-4444 ramal 12", "c@example.com;0800 123 4567",
        "d@example.com;+55 (011) 98765-4321", "e@example.com;'11987654321", "f@example.com;12345",
    )  # fmt: skip
    yield Case(
        "phones-of-all-kinds", "lista.csv", phones,
        [
            ok(2, "a@example.com", "", {"Telefone": "(11) 98765-4321 / (11) 3333-4444", "Telefone_e164": "+5511987654321"}),
            ok(3, "b@example.com", "", {"Telefone": "11 3333-4444 ramal 12"}),
            ok(4, "c@example.com", "", {"Telefone": "0800 123 4567"}),
            ok(5, "d@example.com", "", {"Telefone": "+55 (011) 98765-4321"}),
            ok(6, "e@example.com", "", {"Telefone": "'11987654321"}),
            ok(7, "f@example.com", "", {"Telefone": "12345"}),
        ],
        loose=True,
    )  # fmt: skip
    truths = utf8(
        "email;vip;pontos;cód",
        "a@example.com;VERDADEIRO;1.234;1E5",
        "b@example.com;FALSO;12;2E10",
        "c@example.com;;0;007",
    )
    yield Case(
        "words-of-excel-stay", "lista.csv", truths,
        [
            ok(2, "a@example.com", "", {"vip": "VERDADEIRO", "pontos": "1.234", "cód": "1E5"}),
            ok(3, "b@example.com", "", {"vip": "FALSO", "pontos": "12", "cód": "2E10"}),
            ok(4, "c@example.com", "", {"pontos": "0", "cód": "007"}),
        ],
    )  # fmt: skip


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
