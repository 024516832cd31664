"""Damaged files of the corpus, and any bytes at all: rows or a file problem, never anything else, and the same each time."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.corpus.case import Case
from tests.corpus.reader import read
from tests.corpus.topics import all_cases

SMALL = [case for case in all_cases() if len(case.data) < 20_000]
RELAXED = settings(max_examples=250, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@RELAXED
@given(
    st.sampled_from(SMALL),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.binary(max_size=4)), max_size=6),
    st.floats(0, 1),
)
def test_a_damaged_file_gives_rows_or_a_file_problem(
    case: Case, wounds: list[tuple[float, bytes]], kept: float
) -> None:
    data = bytearray(case.data)
    for place, wound in wounds:
        at = int(place * len(data))
        data[at : at + len(wound)] = wound
    damaged = bytes(data[: int(len(data) * kept) if kept > 0.5 else None])
    first = read(damaged, file_name=case.file_name)
    assert first.failure is not None or first.rows
    second = read(damaged, file_name=case.file_name)
    assert first.rows == second.rows
    assert first.reading == second.reading


@RELAXED
@given(st.binary(max_size=2_000))
def test_any_bytes_give_rows_or_a_file_problem(data: bytes) -> None:
    outcome = read(data, file_name="qualquer.csv")
    assert outcome.failure is not None or outcome.rows


@RELAXED
@given(st.text(alphabet="aã@.,;|:\t\r\n \"'\\{}[]<>=#\ufeff\0", max_size=300))
def test_any_text_gives_rows_or_a_file_problem(text: str) -> None:
    outcome = read(text.encode(), file_name="qualquer.txt")
    assert outcome.failure is not None or outcome.rows
