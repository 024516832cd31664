"""Progress: what is measured while a job goes on."""

from __future__ import annotations

from collections.abc import Iterator

from cli.follow import Pace, Step, steps
from db.reports import Progress


def test_a_pace_is_measured_from_the_first_movement_to_the_last() -> None:
    times: Iterator[float] = iter([0.0, 10.0, 99.0])
    pace = Pace(clock=lambda: next(times))

    assert pace.rate(Step("parse", 1000, None)) is None
    assert pace.rate(Step("parse", 3000, 4000)) == 200
    assert pace.left(Step("parse", 3000, 4000)) == 5


def test_totals_are_unknown_until_the_step_before_has_ended() -> None:
    begun = Progress(
        "processing",
        split=False,
        marked=False,
        records=50,
        parsed=20,
        contacts=18,
        upserted=0,
        linked=0,
        judged=0,
        retries=0,
    )
    marked = Progress(
        "processing",
        split=True,
        marked=True,
        records=50,
        parsed=50,
        contacts=40,
        upserted=40,
        linked=30,
        judged=20,
        retries=0,
    )

    assert {step.total for step in steps(begun)} == {None}
    assert [(step.name, step.done, step.total) for step in steps(marked)] == [
        ("split", 50, 50), ("parse", 50, 50), ("upsert", 40, 40), ("link", 30, 40), ("validate", 20, 40),
    ]  # fmt: skip
