"""Every fault of the random mix alone, again and again, while files are imported: what breaks by it shows its name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.chaos.faults import FAULTS
from tests.chaos.mix import Mix
from tests.chaos.record import keep
from tests.chaos.stand import Stand, stand
from tests.support.rabbitmq import why_missing

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    with stand(tmp_path_factory.mktemp("faults") / "home", chunk_rows=150) as made:
        yield made


@pytest.mark.chaos
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.fault(fault.number)) for name, fault in FAULTS.items()]
)
def test_a_fault_loses_nothing_and_doubles_nothing(here: Stand, tmp_path: Path, name: str) -> None:
    keep(Mix(here, seed=FAULTS[name].number, seconds=8, faults={name: FAULTS[name]}).run(tmp_path))


#: What can happen to a broker, and to workers that hold its messages.
OF_THE_BROKER = {name: fault for name, fault in FAULTS.items() if fault.number in {1, 2, 3, 4, 7, 8, 9, 10, 11}}


@pytest.fixture(scope="module")
def with_rabbitmq(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    with stand(tmp_path_factory.mktemp("rabbitmq") / "home", broker="rabbitmq", chunk_rows=150) as made:
        yield made


@pytest.mark.rabbitmq
@pytest.mark.skipif(why_missing() is not None, reason=str(why_missing()))
@pytest.mark.parametrize("name", OF_THE_BROKER)
def test_with_rabbitmq_a_fault_loses_nothing_and_doubles_nothing(
    with_rabbitmq: Stand, tmp_path: Path, name: str
) -> None:
    run = Mix(with_rabbitmq, seed=FAULTS[name].number, seconds=8, faults={name: FAULTS[name]})
    keep([replace(each, broker="rabbitmq") for each in run.run(tmp_path)])
