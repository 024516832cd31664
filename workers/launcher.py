"""Run a program that dies with its parent: ``python launcher.py PARENT_PID PROGRAM ARGUMENT…``.

Stands between the supervisor and what it supervises, and is gone after a few milliseconds: the program takes its
place and its pid. It imports nothing of ours, so that it starts at once and wherever the caller stands.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main() -> None:
    """Ask the kernel to kill us with our parent, then become the program."""
    parent, *command = sys.argv[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != int(parent):
        sys.exit("the supervisor ended before its process began")  # and the signal will not come any more
    os.execvp(command[0], command)  # noqa: S606 (no shell is meant)


if __name__ == "__main__":
    main()
