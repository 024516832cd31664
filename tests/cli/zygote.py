"""A process that has imported the command and forks for every run: real processes, without a second of imports each.

Reads requests from standard input, one JSON object a line (``argv``, ``env``, ``stdin``, ``out`` and ``err`` as paths),
and answers each with the exit code of the run.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from typing import Any

import celery.app.control  # noqa: F401 (what the command imports when it needs it)

from cli.main import assembled, run


def serve() -> None:
    assembled()
    gc.freeze()  # as the command does with what it has imported
    for line in sys.stdin:
        request = json.loads(line)
        pid = os.fork()
        if pid == 0:
            play(request)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        sys.stdout.write(f"{status}\n")
        sys.stdout.flush()


def play(request: dict[str, Any]) -> None:
    for number, name, flags in (
        (0, "stdin", os.O_RDONLY),
        (1, "out", os.O_WRONLY | os.O_CREAT),
        (2, "err", os.O_WRONLY | os.O_CREAT),
    ):
        os.dup2(os.open(request[name], flags), number)
    os.environ.clear()
    os.environ.update(request["env"])
    sys.argv = ["mkt", *request["argv"]]
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 (the parent's has read ahead)
    run()
    sys.exit(0)


if __name__ == "__main__":
    serve()
