"""Every fault of the random mix alone, again and again, while files are imported: what breaks by it shows its name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.faults import FAULTS
from tests.chaos.mix import Mix
from tests.chaos.record import keep
from tests.chaos.stand import Stand, stand

pytestmark = [pytest.mark.chaos, pytest.mark.slow]


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    with stand(tmp_path_factory.mktemp("faults") / "home", chunk_rows=150) as made:
        yield made


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.fault(fault.number)) for name, fault in FAULTS.items()]
)
def test_a_fault_loses_nothing_and_doubles_nothing(here: Stand, tmp_path: Path, name: str) -> None:
    keep(Mix(here, seed=FAULTS[name].number, seconds=8, faults={name: FAULTS[name]}).run(tmp_path))
