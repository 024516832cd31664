"""Places where tests can make a process die or stop; armed by nothing but an environment variable of the tests.

``MKT_FAILPOINTS=upsert:committed=exit`` ends the process the first time it gets there, as ``kill -9`` would. A file
named by ``MKT_FAILPOINT_ONCE`` makes it happen in one process only, however many get there.
"""

from __future__ import annotations

import os
import signal


def failpoint(name: str) -> None:
    """Die or stop here if a test armed this place; costs one dictionary lookup otherwise."""
    armed = os.environ.get("MKT_FAILPOINTS")
    if not armed:
        return
    for entry in armed.split(","):
        place, _, action = entry.partition("=")
        if place == name and _first():
            os.kill(os.getpid(), signal.SIGSTOP if action == "stop" else signal.SIGKILL)


def _first() -> bool:
    once = os.environ.get("MKT_FAILPOINT_ONCE")
    if not once:
        return True
    try:
        os.close(
            os.open(
                f"{once}.{os.environ['MKT_FAILPOINTS'].partition('=')[0].replace(':', '-')}", os.O_CREAT | os.O_EXCL
            )
        )
    except FileExistsError:
        return False
    return True
