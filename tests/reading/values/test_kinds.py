"""The kind of a column's values, and the order of its dates."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.reading.reading import ColumnKind as Kind
from pipeline.reading.reading import DateOrder as Order
from pipeline.reading.values.kinds import date_order, kind_of
from tests.support.examples import examples


@pytest.mark.parametrize(
    ("header", "cells", "kind"),
    [
        ("Telefone", ["(11) 98765-4321", ""], Kind.PHONE),
        ("Celular 2", ["11987654321.0"], Kind.PHONE),
        ("phone_number", ["+1 415 555 2671"], Kind.PHONE),
        ("Phone 1 - Value", ["11 3333-4444"], Kind.PHONE),
        ("Teléfono móvil", ["11 3333-4444"], Kind.PHONE),
        ("WhatsApp", ["11987654321"], Kind.PHONE),
        ("Aceita WhatsApp?", ["Sim", "Não"], None),
        ("Data do WhatsApp", ["25/12/2025"], Kind.DATE),
        ("CPF", ["12345678909"], Kind.CPF),
        ("CPF/CNPJ", ["12345678909"], Kind.CPF),
        ("CNPJ da empresa", ["6990590000123"], Kind.CNPJ),
        ("CEP", ["1310100", "01310-100"], Kind.CEP),
        ("CEP", ["centro", "sul"], None),
        ("Zip", ["01310-100", "04567000", "1310100"], Kind.CEP),
        ("Zip Code", ["94105", "10001-1234"], None),
        ("postal code", ["1310100", "6100000"], None),  # of another country, with seven digits
        ("Data de nascimento", ["05/03/1990", "", "n/d", "00/00/0000"], Kind.DATE),
        ("dataNascimento", ["1990-03-05"], Kind.DATE),
        ("Birthday", ["05/03", "06/07"], None),  # without a year
        ("Cadastrado em", ["2020-01-02 10:00:00"], Kind.DATE),
        ("Cadastrado em", ["2020-01-02 10:00:00", "São Paulo 1"], None),
        ("OPTIN_TIME", ["2020-05-04 13:22:11"], Kind.DATE),
        ("Carimbo de data/hora", ["02/09/2026 16:30:10"], Kind.DATE),
        ("Data", ["33302", "33400"], Kind.DATE),
        ("Último pedido", ["33302", "33400"], None),
        ("Nº da data", ["33302", "33400"], None),
        ("data", ["olá", "mundo 1"], None),
        ("Vencimento", ["05/03/28"], None),  # 1928 or 2028
        ("Vencimento", ["05/03/2028"], Kind.DATE),
        ("Data do evento", ["05/03/27"], None),
        ("Nascimento", ["05/03/27"], Kind.DATE),
        ("Cidade", ["05/03/1990"], None),
        ("Idade", ["34.0", "", "35.0", "36.0"], Kind.WHOLE),
        ("Idade", ["34.0", "35.0"], None),
        ("Idade", ["34.0", "35.5", "36.0"], None),
        ("Versão", ["1.0", "2.0", "3.0"], None),
        ("Telefone", [], None),
        ("", [], None),
    ],
)
def test_header_and_cells_together_decide_the_kind(header: str, cells: list[str], kind: Kind | None) -> None:
    assert kind_of(header, cells, locale="pt-BR") is kind


@pytest.mark.parametrize(
    ("header", "cells", "locale", "decision"),
    [
        ("Data", ["13/02/1990", "01/02/1990"], "en-US", (Order.DAY_FIRST, False)),
        ("Date", ["02/13/1990", "01/02/1990"], "pt-BR", (Order.MONTH_FIRST, False)),
        ("Data", ["1990-02-13", ""], "pt-BR", (Order.YEAR_FIRST, False)),
        ("Data", ["98-03-25"], "pt-BR", (Order.YEAR_FIRST, False)),
        ("Data", ["1990-02-13", "13/02/1990"], "pt-BR", (Order.DAY_FIRST, False)),
        ("Data", ["01/02/1990"], "en-US", (Order.DAY_FIRST, True)),
        ("Fecha", ["01/02/1990"], "en-US", (Order.DAY_FIRST, True)),
        ("Birthday", ["01/02/1990"], "pt-BR", (Order.DAY_FIRST, True)),
        ("Birthday", ["01/02/1990"], "es-AR", (Order.DAY_FIRST, True)),
        ("Birthday", ["01/02/1990"], "en-US", (None, True)),
        ("Date", ["9/2/2026 4:30:10 PM"], "pt-BR", (None, True)),
        ("Data", ["13/02/1990", "02/13/1990"], "pt-BR", (None, True)),
        ("Data", ["02/02/1990"], "pt-BR", (Order.DAY_FIRST, False)),
        ("Data", ["5 de março de 1990"], "pt-BR", (Order.DAY_FIRST, False)),
        ("Date", ["5 March 1990"], "en-US", (Order.YEAR_FIRST, False)),
        ("Data", ["25031990", "5031990"], "pt-BR", (Order.DAY_FIRST, False)),
        ("Data", ["33302", "33400"], "pt-BR", (None, False)),
        ("Data", ["seg, 13/02/1990"], "en-US", (Order.DAY_FIRST, False)),
    ],
)
def test_dates_are_read_in_the_order_that_the_cells_prove(
    header: str, cells: list[str], locale: str, decision: tuple[Order | None, bool]
) -> None:
    assert date_order(header, cells, locale=locale) == decision


@examples(1_000)
@given(
    st.one_of(st.sampled_from(["Data", "Telefone", "CEP", "created at", "x"]), st.text(max_size=20)),
    st.lists(st.one_of(st.text(max_size=20), st.text("0123456789/-.: ", max_size=20)), max_size=5),
    st.sampled_from(["pt-BR", "en-US", "es"]),
)
def test_whatever_the_cells_are_a_kind_and_an_order_are_found_or_none(
    header: str, cells: list[str], locale: str
) -> None:
    assert kind_of(header, cells, locale=locale) in (None, *Kind)
    order, unsure = date_order(header, cells, locale=locale)
    assert order is not Order.MONTH_FIRST or not unsure
