"""Every file of the corpus is read as a person would read it, cell by cell; nothing is silently wrong."""

from __future__ import annotations

import pytest

from tests.corpus.case import Case
from tests.corpus.judging import Judgement, Verdict, judge
from tests.corpus.topics import all_cases

CASES = {case.id: case for case in all_cases()}
WHOLE_ROWS = 0.995


@pytest.fixture(scope="module")
def judgements() -> dict[str, Judgement]:
    return {}


def judged(case: Case, judgements: dict[str, Judgement]) -> Judgement:
    if case.id not in judgements:
        judgements[case.id] = judge(case)
    return judgements[case.id]


@pytest.mark.parametrize("case_id", CASES)
def test_a_file_is_read_as_it_should_be_and_no_row_is_silently_wrong(
    case_id: str, judgements: dict[str, Judgement]
) -> None:
    judgement = judged(CASES[case_id], judgements)
    assert judgement.silent == []
    assert list(judgement.faults) == []


def test_the_corpus_has_two_hundred_files_of_different_content() -> None:
    assert len(CASES) >= 200
    assert len(
        {(case.file_name, case.data, str(case.options), str(case.surroundings)) for case in CASES.values()}
    ) == len(CASES)


def test_with_no_option_given_nearly_all_rows_arrive_with_every_cell_right(judgements: dict[str, Judgement]) -> None:
    plain = [judged(case, judgements) for case in CASES.values() if case.plain]
    rows = sum(len(judgement.findings) for judgement in plain)
    right = sum(judgement.count(Verdict.RIGHT) for judgement in plain)
    missed = [
        f"{judgement.case.id}: {finding.what}"
        for judgement in plain
        for finding in judgement.findings
        if finding.verdict is not Verdict.RIGHT
    ]
    assert right / rows >= WHOLE_ROWS, missed


def test_the_same_bytes_always_give_the_same_decision() -> None:
    for case in list(CASES.values())[::7]:
        first, second = judge(case), judge(case)
        assert first == second
