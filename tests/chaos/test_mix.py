"""Fault 32: a random mix of the others, seed by seed. ``make chaos SEEDS=20 MINUTES=10``; a minute of it in ``make test``."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from tests.chaos.faults import FAULTS
from tests.chaos.mix import DEEDS, Mix
from tests.chaos.record import keep
from tests.chaos.schedule import schedule, seeds_of
from tests.chaos.stand import stand
from tests.support.rabbitmq import why_missing

#: A seed gets at least so many seconds, however many share the time: a few faults, and for the jobs to end.
LEAST = 15.0


@pytest.mark.chaos
@pytest.mark.fault(32)
def test_whatever_comes_in_whatever_order_every_job_ends_complete_and_once(tmp_path: Path) -> None:
    run_seeds(tmp_path, "redis")


@pytest.mark.slow
@pytest.mark.rabbitmq
@pytest.mark.fault(32)
@pytest.mark.skipif(why_missing() is not None, reason=str(why_missing()))
def test_the_same_is_true_with_rabbitmq_as_the_broker(tmp_path: Path) -> None:
    run_seeds(tmp_path, "rabbitmq")


def run_seeds(folder: Path, broker: str) -> None:
    """Run seed after seed on one stand, for the time that there is."""
    seeds = seeds_of(os.environ.get("SEEDS") or "1")
    end = time.monotonic() + 60 * float(os.environ.get("MINUTES") or 1)
    with stand(folder / "home", broker=broker, chunk_rows=150) as here:
        for done, seed in enumerate(seeds):
            seconds = max(LEAST, (end - time.monotonic()) / (len(seeds) - done))
            keep([replace(each, broker=broker) for each in Mix(here, seed, seconds).run(folder)])


def test_the_same_seed_has_the_same_schedule_however_long_it_is_followed() -> None:
    short, long = (list(islice(schedule(7, list(FAULTS), list(DEEDS)), n)) for n in (50, 500))
    assert long[:50] == short
    assert {event.name for event in long} == FAULTS.keys() | DEEDS.keys()
    assert short != list(islice(schedule(8, list(FAULTS), list(DEEDS)), 50))


@pytest.mark.parametrize(("text", "seeds"), [("3", [1, 2, 3]), ("3,7,9", [3, 7, 9]), ("7,", [7])])
def test_seeds_are_a_number_or_a_list(text: str, seeds: list[int]) -> None:
    assert seeds_of(text) == seeds


@pytest.mark.parametrize("text", ["0", "-1", "one", ","])
def test_what_is_neither_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="neither a number of seeds nor a list"):
        seeds_of(text)
