"""Places where tests can make a process die or stop; armed by nothing but an environment variable of the tests.

``MKT_FAILPOINTS=upsert:committed=exit`` ends the process that gets there, as ``kill -9`` would; ``=stop`` stops it, as
a paused machine would. ``MKT_POISON_ROWS=upsert:17=exit`` ends whoever takes up a chunk with that row, ``=error`` raises. With a folder in ``MKT_FAILPOINT_ONCE`` each place does it once, to the first that gets there.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path


def failpoint(name: str) -> None:
    """Die or stop here if a test armed this place; costs one dictionary lookup otherwise."""
    armed = os.environ.get("MKT_FAILPOINTS")
    if not armed:
        return
    for entry in armed.split(","):
        place, _, action = entry.partition("=")
        if place == name and _is_first(name):
            os.kill(os.getpid(), signal.SIGSTOP if action == "stop" else signal.SIGKILL)


def row_failpoint(stage: str, first_row: int, last_row: int, *, is_empty: bool) -> None:
    """Die or raise if a test has poisoned one of these rows; ``is_empty``: none of them is looked at any more."""
    poisoned = os.environ.get("MKT_POISON_ROWS")
    if not poisoned or is_empty:
        return
    for entry in poisoned.split(","):
        place, _, action = entry.partition("=")
        name, _, row = place.partition(":")
        if name == stage and first_row <= int(row) <= last_row:
            if action == "error":
                msg = f"row {row} is poison"
                raise ValueError(msg)
            os.kill(os.getpid(), signal.SIGKILL)


def _is_first(name: str) -> bool:
    folder = os.environ.get("MKT_FAILPOINT_ONCE")
    if not folder:
        return True
    try:
        Path(folder, name.replace(":", "-")).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True
