"""Records of delimited text: quotation marks, lines, limits, and what a broken record costs."""

from __future__ import annotations

import csv
import io
import itertools
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.problems import RowProblem
from pipeline.reading.flaws import FlawedRecord
from pipeline.reading.reading import Reading
from pipeline.reading.text.blocks import KEPT, MAX_CELL, MAX_RECORD
from pipeline.reading.text.records import records

#: What a file says of a record that was repaired, and of one that cannot be read.
REPAIRED = RowProblem.QUOTE_REPAIRED
MALFORMED = RowProblem.MALFORMED_QUOTES


def reading(columns: str = "nome,email,cidade", **said: object) -> Reading:
    names = tuple(columns.split(","))
    mapping = {name: "email" if name == "email" else "attribute" for name in names}
    return Reading(names, mapping, 1, **said)  # type: ignore[arg-type]


def read(text: str, columns: str = "nome,email,cidade", **said: object) -> list[list[str]]:
    stream = io.BytesIO(text.encode("utf-8", "surrogateescape"))
    found = list(records(stream, reading(columns, **said), file_name="contatos.csv"))
    assert not stream.closed
    return found


def flaws(found: list[list[str]]) -> list[RowProblem | None]:
    return [cells.flaw if isinstance(cells, FlawedRecord) else None for cells in found]


def test_every_record_comes_header_and_blank_ones_included() -> None:
    assert read("título\n\nnome,email,cidade\nAna,a@x.com,SP\n\n") == [
        ["título"], [], ["nome", "email", "cidade"], ["Ana", "a@x.com", "SP"], [],
    ]  # fmt: skip


def test_the_line_that_names_the_delimiter_for_excel_is_no_record() -> None:
    assert read("sep=;\r\nAna;a@x.com;SP\r\n", delimiter=";") == [["Ana", "a@x.com", "SP"]]
    assert read('"sep=;"\nAna;a@x.com;SP', delimiter=";") == [["Ana", "a@x.com", "SP"]]
    assert read("sep=\t\nAna\ta@x.com\tSP", delimiter="\t") == [["Ana", "a@x.com", "SP"]]
    assert read("sep=;") == []


def test_a_sep_line_further_down_is_a_record() -> None:
    assert read("a@x.com\nsep=;\n", "email") == [["a@x.com"], ["sep=;"]]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_each_line_end_ends_a_record_and_the_last_may_lack_it(end: str) -> None:
    assert read(f"a@x.com{end}b@x.com", "email") == [["a@x.com"], ["b@x.com"]]


def test_a_carriage_return_inside_of_quotation_marks_is_part_of_the_cell() -> None:
    assert read('Ana,a@x.com,"Rua X\rCasa 2"\nBia,b@x.com,RJ\n') == [
        ["Ana", "a@x.com", "Rua X\rCasa 2"], ["Bia", "b@x.com", "RJ"],
    ]  # fmt: skip


def test_characters_that_only_python_takes_for_line_ends_do_not_end_a_record() -> None:
    cell = "a\x00\x0b\x0c\x1c\x85\u2028b"
    assert read(f"Ana,a@x.com,{cell}\n") == [["Ana", "a@x.com", cell]]


@pytest.mark.parametrize("end", ["\x1a", "\x1a\r\n", "\x1a\x1a\x00\x00"])
def test_the_end_mark_of_old_dos_files_is_no_record(end: str) -> None:
    assert read(f"Ana,a@x.com,SP\r\n{end}") == [["Ana", "a@x.com", "SP"]]
    assert read(f"Ana,a@x.com,SP{end}") == [["Ana", "a@x.com", "SP"]]


def test_quotation_marks_inside_of_a_bare_cell_are_text() -> None:
    found = read('Ana "Jota" Silva,a@x.com,cano de 5"\n5" cano,b@x.com,3" cano\n')
    assert found == [['Ana "Jota" Silva', "a@x.com", 'cano de 5"'], ['5" cano', "b@x.com", '3" cano']]
    assert flaws(found) == [None, None]


def test_blanks_around_quoted_cells_are_no_part_of_them() -> None:
    found = read('Ana, a@x.com, "São Paulo, SP" \n"Bia" ,b@x.com,RJ\n')
    assert found == [["Ana", " a@x.com", "São Paulo, SP"], ["Bia", "b@x.com", "RJ"]]
    assert flaws(found) == [None, None]


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ('"Ana "Nina" Souza",a@x.com,SP', ['Ana "Nina" Souza', "a@x.com", "SP"]),
        ('"Ana, "Nina" Souza",a@x.com,SP', ['Ana, "Nina" Souza', "a@x.com", "SP"]),
        ('"Ana,"a@x.com","SP"', ["Ana", "a@x.com", "SP"]),
        ('Ana","a@x.com","SP"', ["Ana", "a@x.com", "SP"]),
        ('"Ana","a@x.com","SP', ["Ana", "a@x.com", "SP"]),
        ('"Ana,a@x.com,SP', ["Ana", "a@x.com", "SP"]),
        ('"Souza, Ana,a@x.com,SP', ["Souza, Ana", "a@x.com", "SP"]),
        ('"Souza, Ana"",a@x.com,SP', ['Souza, Ana"', "a@x.com", "SP"]),
        ('"Ana" Souza,a@x.com,SP', ['"Ana" Souza', "a@x.com", "SP"]),
        ('"Ana,a@x.com,SP"', ["Ana", "a@x.com", "SP"]),
        ('"Ana,""a@x.com"",""São Paulo, SP"""', ["Ana", "a@x.com", "São Paulo, SP"]),
    ],
)
def test_a_broken_record_is_read_in_the_one_way_that_fits(line: str, cells: list[str]) -> None:
    found = read(f"Eva,e@x.com,MG\n{line}\nBia,b@x.com,RJ\n")
    assert found == [["Eva", "e@x.com", "MG"], cells, ["Bia", "b@x.com", "RJ"]]
    assert flaws(found) == [None, REPAIRED, None]


@pytest.mark.parametrize(
    "line",
    [
        'Ana,a@x.com,"Rua X, 10"SP',
        '"Ana,a@x.com',
        'Ana"a@x.com","x","SP',
        'SP"disse ""sim"",a@x.com,talvez"',  # the width is right by chance
        '"Ana,não tem,SP',  # nothing says that these are the right cells
    ],
)
def test_a_record_that_fits_in_no_way_is_given_up_and_costs_no_other(line: str) -> None:
    found = read(f"Eva,e@x.com,MG\n{line}\nBia,b@x.com,RJ\nCaio,c@x.com,RS\n")
    assert found[0] == ["Eva", "e@x.com", "MG"]
    assert found[2:] == [["Bia", "b@x.com", "RJ"], ["Caio", "c@x.com", "RS"]]
    assert flaws(found) == [None, MALFORMED, None, None]


def test_a_stray_mark_in_a_cell_of_several_lines_is_mended_too() -> None:
    found = read('1,"disse "sim"\ne voltou",a@x.com\n2,Bia,b@x.com\n', "id,obs,email")
    assert found == [["1", 'disse "sim"\ne voltou', "a@x.com"], ["2", "Bia", "b@x.com"]]
    assert flaws(found) == [REPAIRED, None]


def test_a_cell_of_several_lines_is_whole() -> None:
    note = "linha 1\n\nlinha 3, com vírgula\n" * 300
    found = read(f'Ana,a@x.com,"{note}"\nBia,b@x.com,RJ\n')
    assert found == [["Ana", "a@x.com", note], ["Bia", "b@x.com", "RJ"]]
    assert flaws(found) == [None, None]


def test_two_stray_marks_do_not_swallow_the_records_between_them() -> None:
    found = read('"Ana,a@x.com,SP\nBia,b@x.com,RJ\nCaio,c@x.com,RS\nDuda",d@x.com,PR\n')
    assert found[1:3] == [["Bia", "b@x.com", "RJ"], ["Caio", "c@x.com", "RS"]]
    assert found[0] == ["Ana", "a@x.com", "SP"]
    assert found[3][1:] == ["d@x.com", "PR"]
    assert flaws(found)[0] == REPAIRED


def test_two_stray_marks_on_neighbouring_lines_do_not_make_one_record_of_two() -> None:
    found = read('"Ana,a@x.com,SP\nBia",b@x.com,RJ\n')
    assert [cells[1] for cells in found] == ["a@x.com", "b@x.com"]
    assert flaws(found)[0] == REPAIRED


def test_an_unclosed_mark_swallows_nothing_of_a_long_file() -> None:
    rows = [f"Ana {row},a{row}@x.com,SP" for row in range(100_000)]
    rows[3] = '"Eva,e@x.com,SP'
    rows[70_000] = 'Eva,"não,tem'
    found = read("\n".join(rows))
    assert len(found) == 100_000
    assert [at for at, flaw in enumerate(flaws(found)) if flaw] == [3, 70_000]
    assert found[99_999] == ["Ana 99999", "a99999@x.com", "SP"]


def test_records_of_another_width_stay_as_they_are() -> None:
    text = 'Ana,a@x.com\nBia,b@x.com,RJ,extra\n"Caio, o outro",c@x.com\n"x ""y""",d@x.com\nEva,e@x.com,MG\n'
    found = read(text)
    assert found == list(csv.reader(io.StringIO(text)))
    assert not any(flaws(found))


def test_other_ordinary_widths_are_not_mended_to_the_width_of_the_header() -> None:
    text = 'nome,email,cidade,,\n"Ana ""Nina""","a@x.com","SP",,\n"Bia "B" Sá","b@x.com","RJ",,\n'
    found = read(text, widths=(5,))
    assert found[1:] == [['Ana "Nina"', "a@x.com", "SP", "", ""], ['Bia "B" Sá', "b@x.com", "RJ", "", ""]]
    assert flaws(found) == [None, None, REPAIRED]


def test_the_rest_of_a_cell_whose_opening_mark_is_missing_spoils_its_record() -> None:
    found = read('Eva,e@x.com,MG\nAna,a@x.com,ligar às 10\ndas 18:00"\nBia,b@x.com,RJ\n')
    assert flaws(found)[:2] == [None, MALFORMED]
    assert found[2:] == [['das 18:00"'], ["Bia", "b@x.com", "RJ"]]


@pytest.mark.parametrize("end", ["\r\n", "\r"])
@pytest.mark.parametrize("size", range(16_290, 16_400))
def test_the_end_of_a_block_changes_nothing(size: int, end: str) -> None:
    lines = ["Eva,e@x.com," + "-" * 40] * 300
    lines[0] += "-" * (size - len(end.join(lines)))
    lines += ["Ana,a@x.com,ligar às 10", 'das 18:00"', '"Bia ""B""","b@x.com","x', 'y"']
    found = read(end.join(lines))
    assert len(found) == 303
    assert flaws(found)[-3:] == [MALFORMED, None, None]
    assert found[-1] == ['Bia "B"', "b@x.com", f"x{end}y"]


def test_backslashes_escape_where_the_dialect_says_so() -> None:
    text = 'Ana \\"Nina\\",a@x.com,"\\"S\\", \\\\ \\N C:\\x"\nB\\,ia,b@x.com,x\\\ny\n'
    found = read(text, escapechar="\\")
    assert found == [['Ana "Nina"', "a@x.com", '"S", \\ \\N C:\\x'], ["B,ia", "b@x.com", "x\ny"]]
    assert flaws(found) == [None, None]


def test_apostrophes_quote_where_the_dialect_says_so() -> None:
    found = read("'d''Ávila, Ana','a@x.com','Sant\"Ana'\n'O'Brien','b@x.com','RJ'\n", quotechar="'")
    assert found == [["d'Ávila, Ana", "a@x.com", 'Sant"Ana'], ["O'Brien", "b@x.com", "RJ"]]
    assert flaws(found) == [None, REPAIRED]


def test_a_run_of_spaces_is_one_delimiter() -> None:
    found = read('Ana   a@x.com  "São Paulo"  \n  Bia b@x.com RJ\r\n', delimiter=" ")
    assert found == [["Ana", "a@x.com", "São Paulo"], ["Bia", "b@x.com", "RJ"]]


def test_a_cell_that_is_too_large_costs_its_record_only() -> None:
    large = "x" * (MAX_CELL + 1)
    found = read(f'Ana,a@x.com,{large}\nBia,b@x.com,"{large}"\nCaio,c@x.com,"{large[:-1]}"\n')
    assert flaws(found) == [RowProblem.CELL_TOO_LARGE, RowProblem.CELL_TOO_LARGE, None]
    assert found[:2] == [["Ana", "a@x.com", large[:KEPT]], ["Bia", "b@x.com", large[:KEPT]]]
    assert found[2] == ["Caio", "c@x.com", large[:-1]]


def test_a_record_that_is_too_large_costs_itself_only() -> None:
    large = ",".join(["x" * 1000] * (MAX_RECORD // 1000 + 1))
    found = read(f'Ana,a@x.com,SP\n"Caio",c@x.com,{large}\nBia,b@x.com,RJ\n')
    assert flaws(found) == [None, RowProblem.CELL_TOO_LARGE, None]
    assert found[1][:2] == ["Caio", "c@x.com"]
    assert found[2] == ["Bia", "b@x.com", "RJ"]


def test_a_line_without_end_is_skipped_in_bounded_memory() -> None:
    class Endless(io.RawIOBase):
        """A hundred megabytes in one line between two records."""

        def __init__(self) -> None:
            self._pieces = itertools.chain(
                [b"Ana,a@x.com,SP\n"], itertools.repeat(b"x" * 4096, 25_600), [b"\nBia,b@x.com,RJ\n"]
            )

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
            piece = next(self._pieces, b"")
            buffer[: len(piece)] = piece
            return len(piece)

    tracemalloc.start()
    try:
        found = list(records(io.BufferedReader(Endless(), 4096), reading(), file_name="contatos.csv"))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert flaws(found) == [None, RowProblem.CELL_TOO_LARGE, None]
    assert found[2] == ["Bia", "b@x.com", "RJ"]
    assert peak < 8 * MAX_RECORD


@pytest.mark.parametrize(
    "line", ['a","b', '"', '""a', 'a,"b', '"a"b,"c', '",",","', 'x@y.com,"', '"' * 50, ',"' * 30, '"a,"b,' * 20]
)
def test_hostile_lines_are_each_a_record_or_flawed(line: str) -> None:
    found = read(f"{line}\n" * 3000 + "Bia,b@x.com,RJ\n")
    assert found[-1] == ["Bia", "b@x.com", "RJ"]
    assert sum(flaw is not None or len(cells) != 3 for cells, flaw in zip(found, flaws(found), strict=True)) > 0


_CELL = st.text(st.sampled_from("aé @.,;\"'\\\n\r 0"), max_size=8)


@given(rows=st.lists(st.lists(_CELL, min_size=3, max_size=3), max_size=12), quoting=st.sampled_from([0, 1]))
def test_what_the_csv_module_wrote_is_read_as_it_reads_it(rows: list[list[str]], quoting: int) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, quoting=quoting).writerows(rows)  # type: ignore[arg-type]
    found = read(out.getvalue())
    if not any(flaws(found)):
        assert [cells or [""] for cells in found] == [cells or [""] for cells in rows]


@given(text=st.text(st.sampled_from("aé@x.,;\"'\\\n\r 0\x1a"), max_size=200), escapes=st.booleans())
def test_any_text_is_read_to_its_end(text: str, escapes: bool) -> None:  # noqa: FBT001 (hypothesis gives it by name)
    found = read(text + "\nBia,b@x.com,RJ\n", escapechar="\\" if escapes else None)
    if not text.endswith("\\") or not escapes:
        assert any(cells[-3:] == ["Bia", "b@x.com", "RJ"] or "b@x.com" in "".join(cells) for cells in found)
