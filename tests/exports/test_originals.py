"""Records stand in the columns of their file again."""

from __future__ import annotations

import pytest

from pipeline.exports import Originals
from pipeline.reading.reading import Field, Reading

ADDED = ("row_number", "error_code")


def part(*columns: str, number: int = 0, **fields: Field) -> Reading:
    mapping = {column: fields.get(column, Field.ATTRIBUTE) for column in columns}
    return Reading(columns, mapping, 1, part_no=number, delimiter=";")


def test_the_columns_of_all_parts_stand_once_each_in_order_of_appearance() -> None:
    both = Originals.of([part("nome", "email"), part("email", "cidade", number=1)], ADDED)
    assert both.header == ("nome", "email", "cidade", *ADDED)
    assert both.row(0, ["Ana", "ana@x.com"], ["7", "x"]) == ["Ana", "ana@x.com", "", "7", "x"]
    assert both.row(1, ["ana@x.com", "Natal"], ["7", "x"]) == ["", "ana@x.com", "Natal", "7", "x"]


def test_cells_beyond_the_columns_stand_in_columns_of_their_own() -> None:
    wide = Originals.of([part("nome", "email")], ADDED, surplus=2)
    assert wide.header == ("nome", "email", *ADDED, "surplus_1", "surplus_2")
    assert wide.row(0, ["Ana"], ["7", "x"]) == ["Ana", "", "7", "x", "", ""]
    assert wide.row(0, ["Ana", "a@x.com", "b"], ["7", "x"]) == ["Ana", "a@x.com", "7", "x", "b", ""]
    assert wide.row(0, ["Ana", "a@x.com", "b", "c", "", " "], ["7", "x"]) == ["Ana", "a@x.com", "7", "x", "b", "c"]
    assert wide.row(0, ["Ana", "a@x.com", "b", "c", "d"], ["7", "x"]) == ["Ana", "a@x.com", "7", "x", "b", "c;d"]


def test_there_are_only_so_many_columns_for_them() -> None:
    wide = Originals.of([part("email")], ADDED, surplus=5000)
    row = wide.row(0, ["a", *map(str, range(5000))], ["7", "x"])
    assert len(row) == len(wide.header) == 103
    assert row[-1].startswith("99;100;")


def test_a_column_that_is_called_like_an_added_one_gets_another_name() -> None:
    assert Originals.of([part("row_number", "email")], ADDED).header == ("row_number (file)", "email", *ADDED)


def test_what_an_export_has_added_to_a_mended_file_is_left_out() -> None:
    mended = Originals.of([part("email", "part_no", "row_number", "error_code", row_number=Field.REJECTED_ROW)], ADDED)
    assert mended.header == ("email", *ADDED)
    assert mended.row(0, ["a@x.com", "1", "5", "syntax_no_at"], ["7", "x"]) == ["a@x.com", "7", "x"]


def test_a_part_of_another_job_is_an_error() -> None:
    with pytest.raises(LookupError):
        Originals.of([part("email")], ADDED).row(1, ["a"], ["7", "x"])
