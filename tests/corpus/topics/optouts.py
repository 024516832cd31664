"""Who has asked to be left alone: columns whose meaning is certain are obeyed, no other is, unless it is mapped."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.reading.reading import ReadingOptions
from tests.corpus.case import Case, bad, ok, utf8

RD = "Email,Nome,Estágio no funil,Dono do Lead,Status para comunicação por email,URL pública,Total de conversões,Data da primeira conversão"


def cases() -> Iterator[Case]:
    """Yield the cases."""
    yield from _obeyed()
    yield from _never_by_name()
    yield from _mapped()


def _obeyed() -> Iterator[Case]:
    rd = utf8(
        RD,
        "ana@example.com,Ana,Lead,,true,http://rd.example/1,1,2026-09-02 16:30:10 -0300",
        "bia@example.com,Bia,Lead,,false,http://rd.example/2,1,2026-09-02 16:30:10 -0300",
        "caio@example.com,Caio,Lead,,,http://rd.example/3,1,2026-09-02 16:30:10 -0300",
        "davi@example.com,Davi,Lead,,quem sabe,http://rd.example/4,1,2026-09-02 16:30:10 -0300",
    )
    yield Case(
        "rd-station", "leads.csv", rd,
        [ok(2, "ana@example.com", "Ana"), ok(3, "bia@example.com", "Bia", opt_out="unsubscribe"), ok(4, "caio@example.com", "Caio"), bad(5, "opt_out_unreadable")],
        preset="rd_station", loose=True,
    )  # fmt: skip
    header = "Email Address,First Name,Last Name,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LAST_CHANGED,UNSUB_TIME,LEID,EUID"
    mixed = utf8(
        header,
        "ana@example.com,Ana,Souza,2,,,2024-01-09 14:03:40,203.0.113.7,2025-01-09 14:03:40,,1,a",
        "bia@example.com,Bia,Lima,2,,,2024-01-09 14:03:40,203.0.113.7,2025-01-09 14:03:40,2025-03-01 08:00:00,2,b",
    )
    yield Case(
        "mailchimp-some-left", "export.csv", mixed, [ok(2, "ana@example.com", "Ana Souza"), ok(3, "bia@example.com", "Bia Lima", opt_out="unsubscribe")],
        preset="mailchimp", loose=True,
    )  # fmt: skip
    consent = utf8(
        "Email Address,First Name,Last Name,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LAST_CHANGED,LEID,EUID",
        "ana@example.com,Ana,Souza,2,2025-01-09 14:02:11,203.0.113.7,2025-01-09 14:03:40,203.0.113.7,2025-01-09 14:03:40,1,a",
    )
    yield Case(
        "mailchimp-consent",
        "export.csv",
        consent,
        [ok(2, "ana@example.com", "Ana Souza")],
        preset="mailchimp",
        loose=True,
    )


def _never_by_name() -> Iterator[Case]:
    for name, header, cells in (
        ("situacao-inativo", "Situação", ("Ativo", "Inativo", "Inativo")),
        ("ativo-nao", "Ativo", ("Sim", "Não", "Não")),
        ("status", "Status", ("ok", "cancelado", "inactive")),
        ("bloqueado", "Bloqueado", ("N", "S", "S")),
        ("aceita-novidades", "Aceita receber novidades?", ("Sim", "Não", "Não")),
    ):
        data = utf8(
            f"Nome;E-mail;{header}",
            f"Ana;ana@example.com;{cells[0]}",
            f"Bia;bia@example.com;{cells[1]}",
            f"Caio;caio@example.com;{cells[2]}",
        )
        rows = [
            ok(number, f"{person.lower()}@example.com", person, {header: cells[number - 2]})
            for number, person in enumerate(("Ana", "Bia", "Caio"), 2)
        ]
        yield Case(f"no-opt-out-{name}", "erp.csv", data, rows, mapping={header: "attribute"})


def _mapped() -> Iterator[Case]:
    out = utf8(
        "Nome;E-mail;Descadastrado",
        "Ana;ana@example.com;não",
        "Bia;bia@example.com;Sim",
        "Caio;caio@example.com;",
        "Davi;davi@example.com;talvez",
    )
    yield Case(
        "mapped-opt-out", "lista.csv", out,
        [ok(2, "ana@example.com", "Ana"), ok(3, "bia@example.com", "Bia", opt_out="unsubscribe"), ok(4, "caio@example.com", "Caio"), bad(5, "opt_out_unreadable")],
        options=ReadingOptions(mapping={"Descadastrado": "opt_out"}),
    )  # fmt: skip
    opted_in = utf8(
        "Nome;E-mail;Aceita",
        "Ana;ana@example.com;SIM",
        "Bia;bia@example.com;NÃO",
        "Caio;caio@example.com;1",
        "Davi;davi@example.com;0",
        "Elis;elis@example.com;",
    )
    yield Case(
        "mapped-opt-in", "lista.csv", opted_in,
        [
            ok(2, "ana@example.com", "Ana"),
            ok(3, "bia@example.com", "Bia", opt_out="unsubscribe"),
            ok(4, "caio@example.com", "Caio"),
            ok(5, "davi@example.com", "Davi", opt_out="unsubscribe"),
            ok(6, "elis@example.com", "Elis"),
        ],
        options=ReadingOptions(mapping={"Aceita": "opt_in"}),
    )  # fmt: skip
    words = ("yes", "y", "true", "1", "x", "sí", "verdadeiro", "S")
    english = utf8(
        "email,unsubscribed",
        *(f"p{number}@example.com,{word}" for number, word in enumerate(words, 2)),
        "z@example.com,no",
    )
    yield Case(
        "mapped-words-in-three-languages", "lista.csv", english,
        [*(ok(number, f"p{number}@example.com", opt_out="unsubscribe") for number, _ in enumerate(words, 2)), ok(len(words) + 2, "z@example.com")],
        options=ReadingOptions(mapping={"unsubscribed": "opt_out"}),
    )  # fmt: skip
