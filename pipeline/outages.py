"""How a process lives through trouble around it: said once when it begins and once when it is over, and no hot loop."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import structlog

from pipeline.troubles import Trouble, trouble_of

log = structlog.get_logger()

#: Seconds of the first pause, doubled at each further try, and of the longest.
FIRST_PAUSE: Final = 0.25
LONGEST_PAUSE: Final = 2.0


class Outage:
    """The trouble that this process is in, if it is in one."""

    def __init__(self, sleep: Callable[[float], object] = time.sleep) -> None:
        self._sleep = sleep
        self._trouble: Trouble | None = None
        self._since = 0.0
        self._tries = 0

    def wait(self, trouble: Trouble, error: str) -> None:
        """Pause, longer at each try; the log hears of it once."""
        if trouble is not self._trouble:
            log.warning("trouble_began", trouble=str(trouble), error=error)
            self._trouble, self._since, self._tries = trouble, time.monotonic(), 0
        pause = min(FIRST_PAUSE * 2**self._tries, LONGEST_PAUSE)
        self._tries += pause < LONGEST_PAUSE
        self._sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 (so that not all come at once, not a secret)

    def over(self) -> None:
        """Note that what was in trouble does its work."""
        if self._trouble is not None:
            log.warning("trouble_over", trouble=str(self._trouble), seconds=round(time.monotonic() - self._since, 1))
            self._trouble = None


#: That of this process; after a fork, each child has its own.
outage: Final = Outage()


@contextmanager
def survived(instead: Callable[[str], Exception] | None = None) -> Iterator[None]:
    """Let nothing out of the block that only says that something around us is in trouble, and pause for it.

    For work that somebody will ask for again: a hint, a tick of the clock. Raises what ``instead`` makes of the error, if
    it is given.
    """
    try:
        yield
    except Exception as error:
        trouble = trouble_of(error)
        if trouble is None:
            raise
        outage.wait(trouble, one_line(error))
        if instead is not None:
            raise instead(one_line(error)) from None
    else:
        outage.over()


def one_line(error: BaseException) -> str:
    """Return an error as one line without bound values or addresses: it goes to logs and to lists of jobs."""
    original = getattr(error, "orig", None) or error
    text = str(original).strip().splitlines()
    words = [word if "@" not in word else "…" for word in (text[0] if text else "no message").split(" ")]
    return f"{type(original).__name__}: {' '.join(words)}"[:500]
