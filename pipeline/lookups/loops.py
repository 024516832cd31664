"""The event loop of a process whose tasks are synchronous."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class LookupLoop:
    """The one event loop of a process, for code that is not asynchronous. Made at first use, and anew after a fork."""

    def __init__(self) -> None:
        self._runner: tuple[int, asyncio.Runner] | None = None
        self._inherited: list[tuple[int, asyncio.Runner]] = []

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine to its end and return its result."""
        if self._runner is not None and self._runner[0] != os.getpid():
            # Collected as garbage it would close itself, and with it what it shares with the parent's loop.
            self._inherited.append(self._runner)
            self._runner = None
        if self._runner is None:
            self._runner = (os.getpid(), asyncio.Runner())
        return self._runner[1].run(work)

    def close(self) -> None:
        """Close the loop, if it is this process's."""
        if self._runner is not None and self._runner[0] == os.getpid():
            self._runner[1].close()
        self._runner = None
