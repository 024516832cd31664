"""How many cells a record may have: what surplus and what missing cells at its end are ordinary."""

from __future__ import annotations

from tests.reading.table.people import HEADER, PEOPLE, table


def test_trailing_columns_without_name_and_content_are_dropped_and_count_into_the_widths() -> None:
    understood = table([[*HEADER, "", ""], *([*row, "", ""] for row in PEOPLE)])
    assert understood.columns == tuple(HEADER)
    assert understood.widths == (5, 6)


def test_a_trailing_column_without_a_name_but_with_content_is_kept() -> None:
    understood = table([[*HEADER, "", ""], *([*row, "nota", ""] for row in PEOPLE)])
    assert understood.columns == (*HEADER, "column_5")
    assert understood.widths == (6,)


def test_rows_without_their_empty_cells_at_the_end_are_ordinary_where_there_are_many() -> None:
    assert table([HEADER, *PEOPLE, *([f"P{n}", f"p{n}@x.com"] for n in range(3))]).widths == (2,)
    assert table([HEADER, *PEOPLE, ["P1", "p1@x.com"]]).widths == ()


def test_shifted_rows_are_never_ordinary() -> None:
    missing = [[f"p{n}@x.com", "11", "Rio"] for n in range(20)]
    extra = [["P", "Q", f"p{n}@x.com", "11", "Rio"] for n in range(20)]
    surplus = [["P", f"p{n}@x.com", "11", "Rio", "x"] for n in range(20)]
    assert table([HEADER, *PEOPLE, *missing]).widths == ()
    assert table([HEADER, *PEOPLE, *PEOPLE * 20, *extra]).widths == ()
    assert table([HEADER, *PEOPLE, *surplus]).widths == ()


def test_rows_that_lack_a_cell_in_their_middle_are_not_taken_for_rows_without_their_last_one() -> None:
    without_phone = [[f"P{n}", f"p{n}@x.com", "Rio"] for n in range(10)]
    without_city = [[f"P{n}", f"p{n}@x.com", "(11) 91234-5678"] for n in range(10)]
    assert table([HEADER, *PEOPLE, *without_phone]).widths == ()
    assert table([HEADER, *PEOPLE, *without_city]).widths == (3,)
