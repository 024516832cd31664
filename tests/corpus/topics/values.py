"""Cells with structure: days and times as programs and people write them, phones, words and numbers of Excel."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.reading.reading import Surroundings
from tests.corpus.case import Case, codes, ok, utf8


def cases() -> Iterator[Case]:
    """Yield the cases."""
    yield from _dates()
    yield from _others()


def _dates() -> Iterator[Case]:
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


def _others() -> Iterator[Case]:
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
