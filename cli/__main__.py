"""The entry point: `mkt`, and `python -m cli` where the script is not on the path."""

from __future__ import annotations

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
    from cli import main  # noqa: PLC0415

    signal.signal(signal.SIGINT, before)
    main.run()


if __name__ == "__main__":
    run()
