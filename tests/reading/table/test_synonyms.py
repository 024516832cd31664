import tomllib
from importlib import resources

import pytest

from pipeline.reading.table.synonyms import (
    is_known,
    is_somebody_elses,
    names_email,
    names_other_email,
    resembles_email,
    synonyms,
)
from pipeline.reading.table.words import comparable

LISTS = tomllib.loads(resources.files("pipeline.reading.table").joinpath("synonyms.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", [*LISTS["email"]["names"], *LISTS["email"]["described"]])
def test_every_listed_name_of_the_address_column_is_known_in_any_case(name: str) -> None:
    assert names_email(name)
    assert names_email(name.upper())
    assert is_known(name)


@pytest.mark.parametrize("name", LISTS["other_email"]["names"])
def test_every_listed_name_of_a_further_address_is_known_with_any_number(name: str) -> None:
    assert names_other_email(name.replace("#", "2"))
    assert names_other_email(name.replace("#", "12"))
    assert "#" not in name or not names_other_email(name.replace("#", "1"))


def test_of_one_name_that_is_listed_twice_the_better_rank_holds() -> None:
    assert synonyms().email[comparable("E-mail")] == 1
    assert synonyms().name[comparable("Nome")] < synonyms().name[comparable("Nome completo")]


@pytest.mark.parametrize(
    "name", ["E-mail 1 - Label", "Email enviado?", "Email opt-in", "E-mail status", "Data do e-mail", "Tipo de Email"]
)
def test_a_column_about_e_mail_is_none_of_addresses(name: str) -> None:
    assert not names_email(name)
    assert not names_other_email(name)
    assert not resembles_email(name)


def test_an_unlisted_name_may_resemble_one_and_one_of_somebody_else_does_not() -> None:
    assert resembles_email("E-mail (casa)")
    assert resembles_email("mail_cliente")
    assert not resembles_email("E-mail do vendedor")
    assert is_somebody_elses("E-mail do vendedor")
    assert not resembles_email("e-mail " * 20)
