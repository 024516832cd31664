"""The entry point: `mkt`, and `python -m cli` where the script is not on the path."""

from __future__ import annotations

import gc
import os
import signal

#: Exit code of a command that was interrupted: 128 and the number of SIGINT.
_INTERRUPTED = 130


def run() -> None:
    """Run the command line. An interrupt while its modules are imported, the better part of a second, ends it at once."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:  # else whoever started us wants interrupts ignored
        # No exception: a module half imported may catch it, or make another error of it.
        signal.signal(signal.SIGINT, lambda *_: os._exit(_INTERRUPTED))
    # What is imported stays until the end: to go through it for garbage, again and again and once more at the exit, made
    # a third of what a short command took.
    gc.disable()
    from cli import main  # noqa: PLC0415

    gc.freeze()
    gc.enable()
    signal.signal(signal.SIGINT, before)
    main.run()


if __name__ == "__main__":
    run()
