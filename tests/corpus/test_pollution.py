"""A clean file is polluted in every way and place: untouched rows come out right, touched ones right or said."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

import pytest

from tests.corpus.judging import Verdict, compared
from tests.corpus.pollution import Polluted, all_pollutions
from tests.corpus.reader import Outcome, read

EVERY = 197  # a prime: the sample meets all rows, columns and delimiters


def wrongs(polluted: Polluted) -> list[str]:
    """Return what is wrong: untouched rows that are not right, touched ones that are silently wrong."""
    outcome = read(polluted.data, file_name="contatos.csv")
    if outcome.failure is not None:
        return [f"{polluted.name}: {outcome.failure.code}"]
    found = []
    for row, finding in zip(polluted.rows, compared(polluted.rows, outcome), strict=False):
        right = finding.verdict is Verdict.RIGHT or (row.number in polluted.touched and at_its_word(polluted, outcome))
        if not right and (row.number not in polluted.touched or finding.verdict is Verdict.SILENT):
            found.append(f"{polluted.name}: {finding.verdict}: {finding.what}")
    there = {row.number for row in polluted.rows}
    found += [
        f"{polluted.name}: row {each.number} came, unexpected: {each.email} {each.name!r}"
        for each in outcome.rows
        if each.number not in there and each.problem is None
    ]
    return found


def at_its_word(polluted: Polluted, outcome: Outcome) -> bool:
    return polluted.literal is not None and next(compared([polluted.literal], outcome)).verdict is Verdict.RIGHT


def all_wrongs(pollutions: Iterable[Polluted]) -> list[str]:
    return [wrong for polluted in pollutions for wrong in wrongs(polluted)]


def test_a_sample_of_the_pollutions_costs_no_row_that_it_does_not_touch() -> None:
    assert all_wrongs(islice(all_pollutions(), 0, None, EVERY)) == []


@pytest.mark.slow
def test_no_pollution_costs_a_row_that_it_does_not_touch() -> None:
    assert all_wrongs(all_pollutions()) == []


@pytest.mark.slow
def test_the_pollutions_are_as_many_as_rows_columns_and_delimiters_make() -> None:
    names = [polluted.name for polluted in all_pollutions()]
    assert len(names) > 8_000
    assert len(set(names)) == len(names)
