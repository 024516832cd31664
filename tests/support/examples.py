"""What of a test `make test` shows: a tenth of the examples of a property, a few of many parameters; `make test-all` shows all."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from typing import Final

import pytest
from hypothesis import HealthCheck, settings

#: `EXAMPLES=all` has every property shown as many examples as it says.
SHARE: Final = 1 if os.environ.get("EXAMPLES") == "all" else 10


def examples(most: int, *, suppress: Collection[HealthCheck] = ()) -> settings:
    """Decorate a property that is quick enough for hundreds of examples."""
    return settings(max_examples=most // SHARE, deadline=None, suppress_health_check=suppress)


def few(values: Iterable[object], quick: int) -> list[pytest.ParameterSet]:
    """Return them as parameters of a test: so many, evenly spread, for `make test`, the others for `make test-all`."""
    every = list(values)
    chosen = {number * len(every) // quick for number in range(quick)}
    return [
        pytest.param(value, marks=() if number in chosen else pytest.mark.slow) for number, value in enumerate(every)
    ]
