"""Pasted lists of addresses: entries and their parts, and what is a table instead."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.problems import RowProblem
from pipeline.reading.formats import address_list, recognise
from pipeline.reading.reading import Format, Reading

HOW = Reading(address_list.COLUMNS, {}, None, format=Format.ADDRESS_LIST)


def records(text: str) -> list[list[str]]:
    return list(address_list.records(io.BytesIO(text.encode("utf-8", "surrogateescape")), HOW, file_name="lista.txt"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('Ana <ana@x.com>, bia@y.com; "Souza, Caio" <caio@z.com>', [["Ana", "ana@x.com"], ["", "bia@y.com"], ["Souza, Caio", "caio@z.com"]]),
        ("ana@x.com\r\nBia <bia@y.com>\r\n\r\n", [["", "ana@x.com"], ["Bia", "bia@y.com"]]),
        ("ana@x.com,,; ;\nbia@y.com,", [["", "ana@x.com"], ["", "bia@y.com"]]),
        ("Souza, Ana <ana@x.com>; Lima, Bia <bia@y.com>", [["Souza, Ana", "ana@x.com"], ["Lima, Bia", "bia@y.com"]]),
        ("Para: Ana <ana@x.com>, <bia@y.com>", [["Ana", "ana@x.com"], ["", "bia@y.com"]]),
        ("'Ana' <mailto:ana@x.com>; mailto:bia@y.com", [["Ana", "ana@x.com"], ["", "bia@y.com"]]),
        ('"Ana \\"Aninha\\" Sá" <ana@x.com>', [['Ana "Aninha" Sá', "ana@x.com"]]),
        ("Ana Souza ana@x.com; (bia@y.com)", [["Ana Souza", "ana@x.com"], ["", "bia@y.com"]]),
        ("Ana, bia@y.com; sem endereço", [["Ana", ""], ["", "bia@y.com"], ["sem endereço", ""]]),
        ("a@x.com b@y.com", [["", "a@x.com b@y.com"]]),
        ('Ana "da Silva <ana@x.com>, bia@y.com', [['Ana "da Silva', "ana@x.com"], ["", "bia@y.com"]]),
        ("Ana <ana@x.com", [["Ana", "<ana@x.com"]]),
        ("João <jo\udce3o@x.com>", [["João", "jo\udce3o@x.com"]]),
    ],
)  # fmt: skip
def test_entries_are_taken_apart(text: str, expected: list[list[str]]) -> None:
    assert records(text) == expected
    sample = address_list.sample(
        io.BytesIO(text.encode("utf-8", "surrogateescape")), HOW, file_name="lista.txt", limit=2
    )
    assert (sample.records, sample.columns) == (expected[:2], ("name", "email"))


@pytest.mark.parametrize("separator", [", ", ";", "\n", " ;  "])
@pytest.mark.parametrize("entry", ["ana{}@x.com", "Ana {} <ana{}@x.com>", '"Souza, {}" <ana{}@x.com>'])
def test_a_line_may_be_of_any_length(separator: str, entry: str) -> None:
    numbers = range(20_000)
    found = records(separator.join(entry.format(number, number) for number in numbers))
    assert [email for _, email in found] == [f"ana{number}@x.com" for number in numbers]
    assert len({name for name, _ in found}) in (1, len(numbers))


def test_an_entry_without_an_end_costs_one_record() -> None:
    found = records("ana@x.com," + "x" * 500_000 + ",bia@y.com")
    assert (found[0], found[-1]) == (["", "ana@x.com"], ["", "bia@y.com"])
    assert {getattr(record, "flaw", None) for record in found[1:-2]} == {RowProblem.CELL_TOO_LARGE}
    assert {record[1] for record in found[1:-1]} == {""}
    assert max(len(record[0]) for record in found[:-2]) <= 1000


@pytest.mark.parametrize(
    "text",
    [
        "ana@x.com, bia@y.com, caio@z.com",
        "ana@x.com; bia@y.com",
        "Ana <ana@x.com>, bia@y.com",
        "Ana <ana@x.com>\nBia <bia@y.com>\n",
        "ana@x.com, bia@y.com\ncaio@z.com\n",
        "Ana <ana@x.com>;\r\nBia <bia@y.com>;\r\n",
        "Para: ana@x.com, bia@y.com",
        "Souza, Ana <ana@x.com>; Lima, Bia <bia@y.com>",
        "<ana@x.com>, <bia@y.com>\n<caio@z.com>, <davi@z.com>",
    ],
)
def test_lists_are_recognised(text: str) -> None:
    assert recognise(text) is Format.ADDRESS_LIST


@pytest.mark.parametrize(
    "text",
    [
        "",
        "email\nana@x.com\n",
        "ana@x.com\nbia@y.com\n",
        "ana@x.com",
        "ana@x.com,Ana\nbia@y.com,Bia\n",
        "Ana,ana@x.com\n",
        "ana@x.com,ana@y.com\nbia@x.com,bia@y.com\n",
        "ana@x.com;ana@y.com\nbia@x.com;bia@y.com\ncaio@x.com;caio@y.com",
        "email,email 2\nana@x.com,ana@y.com\n",
        "nome;email\nAna;Ana <ana@x.com>\n",
        "Ana Souza,Ana <ana@x.com>\nBia Lima,Bia <bia@y.com>\n",
        "ana@x.com\tbia@y.com\n",
        "Ana\tAna <ana@x.com>\nBia\tBia <bia@y.com>\n",
        '"Ana","Ana <ana@x.com>","SP"\n',
        "1,Ana <ana@x.com>,SP\n2,Bia <bia@y.com>,RJ\n",
        "contato: fale com ana@x.com, ou com bia@y.com\n",
    ],
)
def test_tables_are_tables(text: str) -> None:
    assert recognise(text) is Format.DELIMITED


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ('[{"email": "a@x.com"}]', Format.JSON_ARRAY),
        ('\ufeff [\n {\n "email": "a@x.com"\n }\n]', Format.JSON_ARRAY),
        ('[["email"], ["a@x.com"]]', Format.JSON_ARRAY),
        ('["a@x.com", "b@x.com"]', Format.JSON_ARRAY),
        ('{"contacts": [{"email": "a@x.com"}]}', Format.JSON_ARRAY),
        ('{"page": 1,\n"contacts": [\n{"email": "a@x.com"},\n{"email": "b@x.com"}\n]}', Format.JSON_ARRAY),
        ('{\n"email": "a@x.com"\n}', Format.JSON_ARRAY),
        ('{"email": "a@x.com"}', Format.JSON_LINES),
        ('{"email": "a@x.com", "phones": [{"n": 1}]}', Format.JSON_LINES),
        ('{"email": "a@x.com"}\n{"email": "b@x.com"}\n{"ema', Format.JSON_LINES),
        ('{"email": "a@x.com",}\n{"email": "b@x.com"}\n{"email": "c@x.com"}\n', Format.JSON_LINES),
        ('["email", "nome"]\n["a@x.com", "Ana"]\n', Format.JSON_LINES),
        ('[{"email": "a@x.com"}, {"email', Format.JSON_ARRAY),
        ("[Email],[Nome]\na@x.com,Ana\n", Format.DELIMITED),
        ("{email};{nome}\na@x.com;Ana\n", Format.DELIMITED),
        ("[]", Format.JSON_ARRAY),
    ],
)
def test_json_is_recognised_by_more_than_its_first_character(text: str, form: Format) -> None:
    assert recognise(text) is form


@given(st.text(alphabet=st.sampled_from("ana@x. <>\"',;\\\n:()"), max_size=60))
def test_any_text_gives_pairs(text: str) -> None:
    for record in records(text):
        assert len(record) == 2
    assert recognise(text) in Format
