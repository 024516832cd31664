import csv
import functools
import tomllib
from pathlib import Path
from typing import Any

import pytest

from pipeline.problems import FileNotice
from pipeline.reading.reading import OptOut, ReadingOptions, Surroundings
from pipeline.reading.table.content import is_blank
from pipeline.reading.table.optouts import reader_of
from pipeline.reading.table.presets import presets, recognise
from pipeline.reading.table.understand import Table, understand

FILES = Path(__file__).parent / "presets"
STRENGTH = [OptOut.NONE, OptOut.UNREADABLE, OptOut.UNSUBSCRIBE, OptOut.BOUNCE, OptOut.COMPLAINT]


@functools.cache
def expected() -> dict[str, dict[str, Any]]:
    return tomllib.loads((FILES / "expected.toml").read_text(encoding="utf-8"))


def records(name: str) -> list[list[str]]:
    with (FILES / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines, delimiter=expected()[name].get("delimiter", ",")))


def table(sample: list[list[str]], options: ReadingOptions | None = None) -> Table:
    return understand(
        sample,
        columns=None,
        options=options or ReadingOptions(),
        surroundings=Surroundings(),
        file_name="f.csv",
        part_name=None,
    )


def opt_outs(sample: list[list[str]], understood: Table) -> list[OptOut]:
    readers = [(understood.columns.index(rule.column), reader_of(rule)) for rule in understood.opt_outs]
    rows = [record for record in sample[understood.header_row or 0 :] if not is_blank(record)]
    return [max((read(row[at]) for at, read in readers), key=STRENGTH.index, default=OptOut.NONE) for row in rows]


@pytest.mark.parametrize("name", sorted(expected()))
def test_an_export_is_recognised_and_each_of_its_columns_gets_its_meaning(name: str) -> None:
    wanted = expected()[name]
    understood = table(records(name))
    assert understood.preset == wanted["preset"]
    assert {column: field for column, field in understood.mapping.items() if field != "attribute"} == wanted["mapping"]
    assert understood.header_row == wanted.get("header_row", 1)
    assert understood.date_orders == wanted.get("date_orders", {})
    assert FileNotice.PRESET_RECOGNISED in [notice.code for notice in understood.notices]


@pytest.mark.parametrize("name", sorted(expected()))
def test_the_opt_outs_of_an_export_are_read_row_by_row_from_closed_lists(name: str) -> None:
    sample = records(name)
    found = opt_outs(sample, table(sample))
    assert [str(meaning) for meaning in found] == expected()[name].get("opt_outs", ["none"] * len(found))


@pytest.mark.parametrize("name", sorted(expected()))
def test_an_export_is_recognised_whatever_the_order_and_case_of_its_columns(name: str) -> None:
    sample = records(name)
    header = expected()[name].get("header_row", 1) - 1
    turned = [[cell.upper() if at == header else cell for cell in reversed(row)] for at, row in enumerate(sample)]
    understood = table(turned)
    assert understood.preset == expected()[name]["preset"]
    emails = [column for column, field in expected()[name]["mapping"].items() if field == "email"]
    assert [column for column, field in understood.mapping.items() if field == "email"] == [
        column.upper() for column in emails
    ]


def test_every_preset_has_a_file_here() -> None:
    assert {preset.name for preset in presets()} == {entry["preset"] for entry in expected().values()}


@pytest.mark.parametrize(
    "header",
    [
        ["Nome", "Email", "Situação", "Ativo", "Status"],
        ["Cliente", "E-mail", "Opt-out", "Newsletter", "Descadastrado"],
        ["Nome", "E-mail", "DNC"],
        ["First Name", "Last Name", "Email", "Status"],
    ],
)
def test_no_column_of_another_file_is_an_opt_out_by_its_name(header: list[str]) -> None:
    understood = table([header, ["Ana", "ana@exemplo.com.br", "não", "não", "não"][: len(header)]])
    assert understood.opt_outs == ()
    assert recognise(understood.columns, ()) is None
    assert not {"opt_out", "opt_in"} & set(understood.mapping.values())


def test_a_mapping_of_an_opt_out_column_to_an_attribute_takes_its_rule_away() -> None:
    understood = table(records("listmonk"), ReadingOptions(mapping={"status": "attribute"}))
    assert understood.mapping["status"] == "attribute"
    assert understood.opt_outs == ()


@pytest.mark.parametrize(("field", "meaning"), [("opt_out", OptOut.NONE), ("opt_in", OptOut.UNREADABLE)])
def test_the_words_of_an_export_hold_as_long_as_the_uploader_says_the_same_of_the_column(
    field: str, meaning: OptOut
) -> None:
    sample = records("listmonk")[:2]
    assert opt_outs(sample, table(sample, ReadingOptions(mapping={"status": field}))) == [meaning]


def test_repeated_columns_of_one_name_are_all_obeyed() -> None:
    sample = [
        ["Record ID", "Email", "Contact owner", "Email hard bounce reason", "Email hard bounce reason"],
        ["1", "ana@exemplo.com.br", "", "", "POLICY"],
    ]
    assert opt_outs(sample, table(sample)) == [OptOut.BOUNCE]
