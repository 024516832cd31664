"""Files as programs export them that have no preset: shops, events, CRMs, schools, forms."""

from __future__ import annotations

from collections.abc import Iterator

from tests.corpus.case import Case, bad, ok, utf8


def cases() -> Iterator[Case]:
    """Yield the cases."""
    yield from _shops()
    yield from _people()


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


def _people() -> Iterator[Case]:
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
