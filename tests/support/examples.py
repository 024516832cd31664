"""How many examples a property is shown: all of them in `make test-all`, a fifth in `make test`."""

from __future__ import annotations

import os
from typing import Final

from hypothesis import settings

#: `EXAMPLES=all` has every property shown as many examples as it says.
SHARE: Final = 1 if os.environ.get("EXAMPLES") == "all" else 5


def examples(most: int) -> settings:
    """Decorate a property that is about computing alone, and quick enough for hundreds of examples."""
    return settings(max_examples=most // SHARE, deadline=None)
