"""Records of a file: their numbers, blank ones, bytes that are no text, and what is too large."""

from __future__ import annotations

import csv
import io
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.problems import FileProblem, FileProblemCode
from pipeline.reading import SAMPLE_BYTES, Reading, RecordReader, detect
from pipeline.reading.records import MAX_CELL, MAX_RECORD


def reading(*, header_row: int | None = 1, delimiter: str = ",", has_bom: bool = False) -> Reading:
    return Reading(
        "utf-8", has_bom, delimiter, '"', header_row, ("email", "nome"), {"email": "email", "nome": "name"}, 1.0
    )


def reader(data: bytes, how: Reading | None = None) -> RecordReader:
    return RecordReader(io.BytesIO(data), how or reading(), file_name="contatos.csv")


def test_rows_are_numbered_as_a_spreadsheet_shows_them() -> None:
    records = reader(b'email,nome\r\na@x.com,"Ana\r\nSouza"\r\n\r\n , \r\nb@x.com,Bia\r\n\xc2\xa0,\r\n')
    assert list(records) == [(2, ["a@x.com", "Ana\r\nSouza"]), (5, ["b@x.com", "Bia"])]
    assert (records.records_seen, records.blank_rows) == (5, 3)


def test_without_a_header_the_first_record_is_row_one() -> None:
    assert list(reader(b"a@x.com\n", reading(header_row=None))) == [(1, ["a@x.com"])]


def test_what_stands_above_the_header_is_numbered_and_not_counted() -> None:
    records = reader(b"\n\nemail\na@x.com\n", reading(header_row=3))
    assert list(records) == [(4, ["a@x.com"])]
    assert (records.records_seen, records.blank_rows) == (1, 0)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_ends_a_record_and_the_last_one_may_lack_it(end: str) -> None:
    assert list(reader(f"email{end}a@x.com{end}b@x.com".encode())) == [(2, ["a@x.com"]), (3, ["b@x.com"])]


def test_characters_that_only_python_takes_for_line_ends_do_not_end_a_record() -> None:
    cell = "a\x0b\x0c\x1c\x85\u2028b"
    assert list(reader(f"email\n{cell}\n".encode())) == [(2, [cell])]


def test_a_byte_order_mark_is_no_part_of_the_first_cell() -> None:
    assert list(reader(b"\xef\xbb\xbfa@x.com\n", reading(header_row=None, has_bom=True))) == [(1, ["a@x.com"])]


def test_bytes_that_are_no_text_spoil_their_own_cell_only() -> None:
    records = list(reader(b"email,nome\na@x.com,Jo\xe3o\nb@x.com,Jo\xc3\xa3o\n"))
    assert records == [(2, ["a@x.com", "Jo\udce3o"]), (3, ["b@x.com", "João"])]


def test_a_header_alone_yields_nothing() -> None:
    records = reader(b"email,nome\r\n")
    assert list(records) == []
    assert (records.records_seen, records.blank_rows) == (0, 0)


def test_counts_stand_still_where_the_reader_stopped() -> None:
    records = reader(b"email\n\na@x.com\n\nb@x.com\n")
    rows = iter(records)
    assert next(rows) == (3, ["a@x.com"])
    assert (records.records_seen, records.blank_rows) == (2, 1)


def test_the_stream_stays_open_and_an_abandoned_reader_is_silent() -> None:
    stream = io.BytesIO(b"email\na@x.com\nb@x.com\n")
    list(RecordReader(stream, reading()))
    assert not stream.closed
    stream.seek(0)
    rows = iter(RecordReader(stream, reading()))
    next(rows)
    stream.close()
    del rows


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'email\na@x.com\n"b@x.com\n' + b"c@x.com\n" * (MAX_CELL // 8 + 1), FileProblemCode.CELL_TOO_LARGE),
        (b"email\na@x.com\n" + b"x" * (MAX_CELL + 1), FileProblemCode.CELL_TOO_LARGE),
        (b"email\na@x.com\n" + b"x," * (MAX_RECORD // 2 + 1), FileProblemCode.RECORD_TOO_LARGE),
        (b"email\na@x.com\n" + b'"x\n",' * (MAX_RECORD // 5 + 1), FileProblemCode.RECORD_TOO_LARGE),
    ],
    ids=["unclosed quote", "long cell", "no line end", "many lines"],
)
def test_what_is_too_large_is_refused_with_its_row(data: bytes, code: FileProblemCode) -> None:
    records = iter(reader(data))
    assert next(records) == (2, ["a@x.com"])
    with pytest.raises(FileProblem) as refused:
        next(records)
    assert refused.value.code == code
    assert str(refused.value).startswith("contatos.csv: ")
    assert "row 3 has more than" in str(refused.value)


def test_the_largest_cell_is_read() -> None:
    assert list(reader(b"email\n" + b"x" * MAX_CELL)) == [(2, ["x" * MAX_CELL])]


class Endless(io.RawIOBase):
    """A file of ``size`` bytes that is nowhere as a whole."""

    def __init__(self, size: int) -> None:
        self._left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        count = min(len(buffer), self._left) // 16 * 16
        buffer[:count] = b"ana@exemplo.com\n" * (count // 16)
        self._left -= count
        return count


def test_memory_does_not_grow_with_the_file() -> None:
    def peak(size: int) -> int:
        tracemalloc.start()
        for _ in RecordReader(io.BufferedReader(Endless(size)), reading()):
            pass
        return tracemalloc.get_traced_memory()[1]

    small = peak(1 << 18)
    tracemalloc.stop()
    assert peak(1 << 23) < small + (1 << 16)
    tracemalloc.stop()


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=6) | st.sampled_from(
    ["", " ", "\r\n", '"', 'a""b', ",", ";", "\u2028"]
)
RECORDS = st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=8)


@settings(max_examples=500, deadline=None)
@given(RECORDS, st.sampled_from(",;\t"), st.sampled_from(["\n", "\r\n"]))
@example([[""], ["a"]], ",", "\n")
def test_what_a_spreadsheet_wrote_is_read_cell_by_cell(records: list[list[str]], delimiter: str, end: str) -> None:
    lines = io.StringIO(newline="")
    csv.writer(lines, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(records)
    rows = reader(lines.getvalue().encode(), reading(header_row=None, delimiter=delimiter))
    visible = [(number, cells) for number, cells in enumerate(records, 1) if any(map(seen, cells))]
    assert list(rows) == visible
    assert rows.records_seen == len(records)
    assert rows.blank_rows == len(records) - len(visible)


def seen(cell: str) -> str:
    return (
        cell.strip()
        .strip(
            "\ufeff\u200b\u200c\u200d\u2060\xad\u180e\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069"
        )
        .strip()
    )


@settings(max_examples=1_000, deadline=None)
@given(st.binary(max_size=200).map(lambda data: b"email,nome\n" + data))
@example(b'email,nome\na"b\r"c')
def test_any_bytes_are_either_read_or_refused(data: bytes) -> None:
    for number, cells in understood(data):
        assert number > 1
        assert cells


def understood(data: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        yield from reader(data, detect(data[:SAMPLE_BYTES], file_name="contatos.csv"))
    except FileProblem as problem:
        assert str(problem)  # noqa: PT017 (a refusal is one of the two right outcomes)


def test_a_quotation_mark_that_is_never_closed_loses_no_line_silently() -> None:
    data = b'email,name\na@x.com,A\nb@x.com,"B\nc@x.com,C\nd@x.com,D\n'
    with pytest.raises(FileProblem) as caught:
        list(RecordReader(io.BytesIO(data), detect(data, file_name="f.csv"), file_name="f.csv"))
    assert caught.value.code is FileProblemCode.UNCLOSED_QUOTE
    assert "row 3" in str(caught.value)


def test_one_that_swallows_nothing_is_let_pass() -> None:
    data = b'email,name\na@x.com,A\nb@x.com,"B'
    assert list(RecordReader(io.BytesIO(data), detect(data, file_name="f.csv"))) == [
        (2, ["a@x.com", "A"]),
        (3, ["b@x.com", "B"]),
    ]
