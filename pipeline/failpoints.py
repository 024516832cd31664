"""Places where tests can make a process die or stop; armed by nothing but an environment variable of the tests.

``MKT_FAILPOINTS=upsert:committed=exit`` ends the process that gets there, as ``kill -9`` would; ``=stop`` stops it, as
a paused machine would. With a folder in ``MKT_FAILPOINT_ONCE`` each place does it once, to the first that gets there.
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


def _is_first(name: str) -> bool:
    folder = os.environ.get("MKT_FAILPOINT_ONCE")
    if not folder:
        return True
    try:
        Path(folder, name.replace(":", "-")).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True
