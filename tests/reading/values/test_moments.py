"""Moments with their zones."""

from __future__ import annotations

import datetime as dt

import pytest

from pipeline.reading.reading import DateOrder
from pipeline.reading.values.moments import moment


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("02/09/2026 16:30:10", "2026-09-02T19:30:10+00:00"),
        ("2026-09-02 16:30:10 -0300", "2026-09-02T19:30:10+00:00"),
        ("2026-09-02T16:30:10Z", "2026-09-02T16:30:10+00:00"),
        ("02/09/2026", "2026-09-02T03:00:00+00:00"),
    ],
)
def test_a_moment_without_a_zone_is_one_of_the_given_zone(text: str, utc: str) -> None:
    found = moment(text, date_order=DateOrder.DAY_FIRST, timezone="America/Sao_Paulo")
    assert found is not None
    assert found.astimezone(dt.UTC).isoformat() == utc


@pytest.mark.parametrize("text", ["", "sim", "31/02/2026", "16:30"])
def test_a_text_that_names_no_moment_is_none(text: str) -> None:
    assert moment(text, date_order=DateOrder.DAY_FIRST, timezone="America/Sao_Paulo") is None


def test_a_moment_in_digits_without_a_known_order_is_none() -> None:
    assert moment("02/09/2026 16:30", date_order=None, timezone="UTC") is None
