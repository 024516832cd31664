"""Waiting for something to become true: the one place in the tests that sleeps."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(
    probe: Callable[[], T | None], *, timeout: float = 30.0, what: str = "the condition", every: float = 0.05
) -> T:
    """Call ``probe`` until it returns something true and return that.

    Raises AssertionError, naming ``what``, when ``timeout`` seconds pass before.
    """
    deadline = time.monotonic() + timeout
    while True:
        value = probe()
        if value:
            return value
        if time.monotonic() > deadline:
            msg = f"waited {timeout:g} s in vain for {what}"
            raise AssertionError(msg)
        time.sleep(every)


def last(seconds: float, meanwhile: Callable[[], object] = lambda: None, *, every: float = 0.25) -> None:
    """Let a fault last for so long; ``meanwhile`` looks again and again."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        meanwhile()
        time.sleep(min(every, max(0.0, end - time.monotonic())))
