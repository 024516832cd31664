"""How fast questions may go out: a port, because the budget is shared by processes that know nothing of each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class Throttle(Protocol):
    """What a search asks before it asks DNS.

    ``in_flight``: queries that may be on their way at once, all taken together; looked at anew before each query and at
    least some times a second, so that it may change while a search goes on. ``admit``: awaited before each query goes out.
    """

    @property
    def in_flight(self) -> int:
        """Return how many queries may be on their way now; with 0 the search waits."""
        ...

    async def admit(self) -> None:
        """Return when one more query may go out; raise to end the search."""
        ...


@dataclass(frozen=True)
class Unthrottled:
    """As fast as answers come, ``in_flight`` queries at a time."""

    in_flight: int

    async def admit(self) -> None:
        """Return at once."""
