"""The page of faults and the tests agree: each fault has one, and each test that names one names a fault that there is."""

from __future__ import annotations

from tests.chaos.catalogue import CATALOGUE, claims
from tests.chaos.faults import FAULTS
from tests.chaos.page import table
from tests.chaos.record import Injection


def test_every_fault_has_a_test_of_its_own_or_a_part_of_the_mix_and_no_test_names_another() -> None:
    assert claims().keys() | {fault.number for fault in FAULTS.values()} == CATALOGUE.keys()


def test_the_table_has_the_worst_of_every_fault() -> None:
    seen = [
        Injection("a child is killed", 1, jobs=2, rows=1_000, lost=0, doubled=0, recovery=0.5),
        Injection("the broker is away", 10, jobs=1, rows=200, lost=0, doubled=0, recovery=1.0),
        Injection("a child is killed", 1, jobs=1, rows=200, lost=3, doubled=1, recovery=2.26),
    ]
    assert table(seen).splitlines()[-2:] == [
        "| 1 | a child is killed | 2 | 3 | 1,200 | 3 | 1 | 2.3 |",
        "| 10 | the broker is away | 1 | 1 | 200 | 0 | 0 | 1.0 |",
    ]
