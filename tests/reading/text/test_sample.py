"""Samples of delimited text: which width the table has, and what that makes of quotation marks."""

from __future__ import annotations

import io

import pytest

from pipeline.problems import RowProblem
from pipeline.reading import Reading, ReadingOptions, read
from pipeline.reading.text.dialect import Dialect
from pipeline.reading.text.records import records, sample, shape_of

COMMAS = Dialect(",", '"')
#: A table of four columns with one good address, two bad ones, and two rows that have lost their last three cells.
FEW_GOOD = (
    "email,nome,cidade,obs\n"
    '"ana@x.com\r",,,\n'
    "bia@x.com\n"
    "caio@,,,\n"
    "duda@x.com\n"
    "eva@,,,\n"
)  # fmt: skip


def sampled(text: str) -> list[list[str]]:
    return sample(text, COMMAS, limit=100, complete=True)


def read_as(text: str, columns: str, *, widths: tuple[int, ...] = ()) -> list[list[str]]:
    names = tuple(columns.split(","))
    mapping = {name: "email" if name == "email" else "attribute" for name in names}
    reading = Reading(names, mapping, 1, widths=widths)
    return list(records(io.BytesIO(text.encode()), reading, file_name="contatos.csv"))


def test_a_sample_leaves_out_the_record_that_the_cut_may_have_damaged() -> None:
    text = "nome,email\nAna,a@x.com\nBia,b@x.c"
    assert sample(text, COMMAS, limit=10, complete=False) == [["nome", "email"], ["Ana", "a@x.com"]]
    assert sample(text, COMMAS, limit=10, complete=True)[-1] == ["Bia", "b@x.c"]
    assert sample(text, COMMAS, limit=2, complete=False) == [["nome", "email"], ["Ana", "a@x.com"]]
    assert sample("", COMMAS, limit=2, complete=False) == []


def test_a_sample_is_read_by_the_rules_of_the_whole_file() -> None:
    text = "Clientes\n\nnome,email,cidade\n" + '"Eva,e@x.com,"SP"\n"Ana "Nina" Sá",a@x.com,SP\nBia,b@x.com,RJ\n' * 3
    assert sampled(text) == read_as(text, "nome,email,cidade")


@pytest.mark.parametrize(
    ("lines", "width"),
    [
        (["email,nome,uf", "a@x.com,Ana,SP", "b@,Bia,RJ", "c@x.com", "d@x.com"], 3),  # bad addresses are rows too
        (["email,nome,uf", "a@x.com,Ana,SP", "b@x.com", "c@x.com"], 3),  # and so is the header
        (["Clientes", "", "até hoje", "todos", "a@x.com,Ana", "b@x.com,Bia"], 2),  # titles are none
        (["Dúvidas?", "fale com", "rui@x.com", "a@x.com,Ana", "b@x.com,Bia"], 2),
        (["a@x.com", "b@x.com", "c@x.com", "Eva, a outra"], 1),
        ([], 0),
    ],
)
def test_the_width_of_a_table_is_that_of_most_of_its_rows(lines: list[str], width: int) -> None:
    assert shape_of([line.split(",") if line else [] for line in lines]).widest == width


def test_few_good_addresses_do_not_make_short_rows_ordinary() -> None:
    assert sampled(FEW_GOOD)[1] == ["ana@x.com\r", "", "", ""]
    options = ReadingOptions(mapping={"email": "email"}, delimiter=",", header_row=1)
    whole = read(io.BytesIO(FEW_GOOD.encode()), file_name="contatos.csv", options=options)
    problems = [picked.problem for _, _, picked in whole.rows()]
    assert whole.reading.parts[0].widths == ()
    assert problems[0] is None
    assert problems[1] == problems[3] == RowProblem.TOO_FEW_CELLS


@pytest.mark.parametrize(
    ("record", "cells"),
    [
        ('"a@x.com\r",Ana', ["a@x.com\r", "Ana"]),  # shorter than the table
        ('a@x.com,Ana,SP,"x\ny",1', ["a@x.com", "Ana", "SP", "x\ny", "1"]),  # longer
        ('"\na@x.com",Ana,SP,"x\ny"', ["\na@x.com", "Ana", "SP", "x\ny"]),  # the line between has as many cells
        ('"\na@x.com","Sá, Ana","x\ny",', ["\na@x.com", "Sá, Ana", "x\ny", ""]),
    ],
)
def test_a_quoted_cell_that_keeps_the_rules_is_never_split(record: str, cells: list[str]) -> None:
    text = f"eva@x.com,Eva,MG,\n{record}\nbia@x.com\nbia@x.com,Bia,RJ,\n"
    assert read_as(text, "email,nome,cidade,obs", widths=(1,)) == [
        ["eva@x.com", "Eva", "MG", ""], cells, ["bia@x.com"], ["bia@x.com", "Bia", "RJ", ""],
    ]  # fmt: skip
