"""JSON as records: lines and arrays, what is nested, numbers, and what is broken or cut off."""

from __future__ import annotations

import io
import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.problems import FileProblem, FileProblemCode, RowProblem
from pipeline.reading.flaws import FlawedRecord
from pipeline.reading.formats import json_records, recognise
from pipeline.reading.formats.sample import Sample
from pipeline.reading.reading import Format, Reading
from pipeline.reading.text.blocks import MAX_RECORD


def reading(form: Format, *columns: str, encoding: str = "utf-8", has_bom: bool = False) -> Reading:
    return Reading(columns, {}, None, format=form, encoding=encoding, has_bom=has_bom)


def sample(text: str, form: Format = Format.JSON_ARRAY, limit: int = 100) -> Sample:
    return json_records.sample(io.BytesIO(text.encode()), reading(form), file_name="contatos.json", limit=limit)


def records(text: str, *columns: str, form: Format = Format.JSON_ARRAY) -> list[list[str]]:
    stream = io.BytesIO(text.encode("utf-8", "surrogateescape"))
    found = list(json_records.records(stream, reading(form, *columns), file_name="contatos.json"))
    assert not stream.closed
    return found


def lines(text: str, *columns: str) -> list[list[str]]:
    return records(text, *columns, form=Format.JSON_LINES)


def test_each_line_is_a_record_and_blank_ones_count() -> None:
    text = '{"email": "a@x.com", "nome": "João"}\r\n\r\n{"nome": "Bia", "email": "b@x.com"}\n'
    assert sample(text, Format.JSON_LINES).columns == ("email", "nome")
    assert lines(text, "email", "nome") == [["a@x.com", "João"], [], ["b@x.com", "Bia"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_arrays_in_all_encodings_are_read_element_by_element(encoding: str) -> None:
    data = '\ufeff[{"email": "a@x.com"}, {"email": "joão@x.com"}]'.encode(encoding)
    how = reading(Format.JSON_ARRAY, "email", encoding=encoding, has_bom=True)
    assert list(json_records.records(io.BytesIO(data), how, file_name="a.json")) == [["a@x.com"], ["joão@x.com"]]


def test_values_are_text_and_numbers_keep_their_digits() -> None:
    text = '[{"n": 11987654321, "f": 1.50, "e": 1E5, "l": 12345678901234567890123, "t": true, "o": false, "x": null, "s": ""}]'
    found = sample(text)
    assert found.records == [["11987654321", "1.50", "1E5", "12345678901234567890123", "true", "false", "", ""]]


def test_what_is_nested_gets_a_name_with_dots_and_lists_become_one_cell() -> None:
    found = sample(
        '[{"email": "a@x.com", "address": {"city": "São Paulo", "geo": {"lat": -23.5}}, "tags": ["a", "b", 3],'
        ' "others": ["b@x.com", "c@x.com"], "phones": [{"type": "cel", "n": 1}, {"n": 2}], "empty": [], "grid": [[1]]}]'
    )
    assert dict(zip(found.columns or (), found.records[0], strict=True)) == {
        "email": "a@x.com", "address.city": "São Paulo", "address.geo.lat": "-23.5", "tags": "a; b; 3",
        "others": "b@x.com, c@x.com", "phones.1.type": "cel", "phones.1.n": "1", "phones.2.n": "2", "empty": "",
        "grid": '[["1"]]',
    }  # fmt: skip


def test_columns_are_all_keys_of_the_sample_and_a_later_key_stands_behind_them() -> None:
    text = '{"a": 1}\n{"b": 2, "a": 3}\n{"c": 4, "a": 5, "d": ""}\n'
    assert sample(text, Format.JSON_LINES, limit=2).columns == ("a", "b")
    assert sample(text, Format.JSON_LINES, limit=2).records == [["1", ""], ["3", "2"]]
    assert lines(text, "a", "b") == [["1", ""], ["3", "2"], ["5", "", "4"]]


def test_arrays_of_arrays_have_no_names_of_their_own() -> None:
    text = '[["email", "nome"], ["a@x.com", "Ana"], [], [null, 5]]'
    assert sample(text) == Sample([["email", "nome"], ["a@x.com", "Ana"], [], ["", "5"]], None)
    assert records(text, "email", "nome") == [["email", "nome"], ["a@x.com", "Ana"], [], ["", "5"]]


@pytest.mark.parametrize(
    "text",
    [
        '{"total": 2, "meta": {"page": [1]}, "contacts": [{"email": "a@x.com"}, {"email": "b@x.com"}], "next": null}',
        '{\n  "ids": [1, 2],\n  "contacts": [\n    {"email": "a@x.com"},\n    {"email": "b@x.com"}\n  ]\n}',
        '{"email": "a@x.com"}\n{\n"email":\n"b@x.com"\n}',
    ],
)
def test_records_one_level_down_and_objects_over_several_lines_are_found(text: str) -> None:
    assert records(text, "email") == [["a@x.com"], ["b@x.com"]]


@pytest.mark.parametrize(
    "line",
    ['{"email": "a@x.com", }', '{"email": "a@x.com"', "nada", '{"a": 1}{"a": 2}', '"só texto"', "12", '["a@x.com"]',
     "[" * 100_000, '{"email": "a@x.com", "email": "b@x.com"}', '{"a": {"b": 1, "b": 2}}', '{"a.b": 1, "a": {"b": 2}}'],
)  # fmt: skip
def test_a_broken_line_costs_one_record(line: str) -> None:
    found = lines(f'{{"email": "x@x.com"}}\n{line}\n{{"email": "y@x.com"}}\n', "email")
    assert [found[0], found[2]] == [["x@x.com"], ["y@x.com"]]
    assert isinstance(found[1], FlawedRecord)
    assert found[1].flaw is RowProblem.MALFORMED_RECORD


def test_a_line_that_is_too_long_costs_one_record() -> None:
    long = json.dumps({"email": "x" * (2 * MAX_RECORD)})
    found = lines(f'{long}\n{{"email": "y@x.com"}}\n', "email")
    assert isinstance(found[0], FlawedRecord)
    assert found[0].flaw is RowProblem.CELL_TOO_LARGE
    assert len(found[0][0]) < 2000
    assert found[1:] == [["y@x.com"]]


def test_an_array_cut_off_anywhere_is_damaged() -> None:
    text = '[{"email": "a@x.com"}, {"email": "b@x.com", "n": [1, 2.5e3]}]'
    for size in range(len(text)):
        with pytest.raises(FileProblem) as raised:
            records(text[:size], "email")
        assert raised.value.code is FileProblemCode.FILE_DAMAGED, size


def test_records_before_the_damage_are_given() -> None:
    stream = json_records.records(
        io.BytesIO(b'[{"email": "a@x.com"}, {"email": '), reading(Format.JSON_ARRAY, "email"), file_name="a.json"
    )
    assert next(stream) == ["a@x.com"]
    with pytest.raises(FileProblem):
        next(stream)


@pytest.mark.parametrize("text", ["[1 2]", '[{"a": 1}] {', '{"a" 1}', "[" * 100_000, '[{"a": 1},, 2]', "[nope]"])
def test_an_array_that_is_no_json_is_damaged(text: str) -> None:
    with pytest.raises(FileProblem) as raised:
        records(text, "a")
    assert raised.value.code is FileProblemCode.FILE_DAMAGED


def test_memory_does_not_grow_with_the_file() -> None:
    class Endless(io.RawIOBase):
        left = 30_000

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any, /) -> int:  # noqa: ANN401 (whatever takes bytes)
            self.left -= 1
            block = b'{"email": "' + b"a" * 400 + b'@x.com"},' if self.left > 0 else b"{}]" if self.left == 0 else b""
            block = b"[" + block if self.left == 29_999 else block
            buffer[: len(block)] = block
            return len(block)

    stream = io.BufferedReader(Endless())
    tracemalloc.start()
    try:
        count = sum(1 for _ in json_records.records(stream, reading(Format.JSON_ARRAY, "email"), file_name="a.json"))
        assert tracemalloc.get_traced_memory()[1] < 2 << 20
    finally:
        tracemalloc.stop()
    assert count == 30_000


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(
    st.lists(st.dictionaries(st.text(min_size=1, max_size=5), JSON, max_size=4), min_size=1, max_size=5), st.booleans()
)
def test_lines_and_arrays_of_the_same_objects_give_the_same_records(found: list[dict[str, Any]], ascii_: bool) -> None:  # noqa: FBT001
    as_lines = "\n".join(json.dumps(value, ensure_ascii=ascii_) for value in found)
    as_array = json.dumps(found, ensure_ascii=ascii_, indent=1)
    try:
        columns = sample(as_array).columns or ()
    except UnicodeEncodeError:  # lone surrogates do not get into a file but as escapes
        return
    assert lines(as_lines, *columns) == records(as_array, *columns)


@given(st.text(max_size=60))
def test_any_text_is_recognised_and_read_or_refused(text: str) -> None:
    for start in ("", "{", "[", '{"a": ['):
        whole = start + text.encode("utf-8", "replace").decode()
        assert recognise(whole) in Format
        for form in (Format.JSON_ARRAY, Format.JSON_LINES):
            try:
                records(whole, "a", form=form)
            except FileProblem as problem:
                assert problem.code is FileProblemCode.FILE_DAMAGED  # noqa: PT017 (either is right)
