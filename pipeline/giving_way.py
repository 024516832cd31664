"""Large jobs give way to small ones: between two steps they leave the processors and PostgreSQL to a small job that has just come.

A lane of its own spares a small job the wait for its turn, and no more: beside it as many processes as ever compute, and
what takes a second alone takes three. Whoever works for a large job therefore waits before its next step until the small
jobs have ended. What it has waited it then works on without looking, so that a stream of small jobs takes no more
than half of its time from a large one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

#: Seconds since its intake for which a small job is given way to: one that waits for DNS, or for a worker, is in nobody's way.
YOUNG: Final = 10.0
#: How often, in seconds, to look whether the small jobs have ended.
_POLL: Final = 0.1


@dataclass
class Courtesy:
    """How a process gives way. ``clock`` shows seconds and only goes forward; ``sleep`` waits for so many."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], object] = time.sleep
    _works_until: float = field(default=float("-inf"), init=False)

    def give_way(self, is_needed: Callable[[], bool], *, longest: float) -> None:
        """Wait as long as it is needed, for ``longest`` seconds at most; not at all while less was worked than was waited."""
        began = self.clock()
        if began < self._works_until:
            return
        while self.clock() - began < longest and is_needed():
            self.sleep(_POLL)
        now = self.clock()
        self._works_until = now + (now - began)
