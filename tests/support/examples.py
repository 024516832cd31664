"""How many examples a property is shown: all of them in `make test-all`, a tenth in `make test`."""

from __future__ import annotations

import os
from collections.abc import Collection
from typing import Final

from hypothesis import HealthCheck, settings

#: `EXAMPLES=all` has every property shown as many examples as it says.
SHARE: Final = 1 if os.environ.get("EXAMPLES") == "all" else 10


def examples(most: int, *, suppress: Collection[HealthCheck] = ()) -> settings:
    """Decorate a property that is quick enough for hundreds of examples."""
    return settings(max_examples=most // SHARE, deadline=None, suppress_health_check=suppress)
