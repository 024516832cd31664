"""A look at an old binary workbook from a safe distance: damage there can end the process that loads it.

The library that loads workbooks asks for as much memory as the file says, and is ended by the system where there is not so much.
A process of its own loads the file first, within bounds; if it does not survive, the file is damaged. Workbooks in XML
need none of this: their sizes are known beforehand.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from shutil import copyfileobj
from typing import BinaryIO, Final

#: Memory of the process in bytes (a full sheet takes 1 GiB), and its time in seconds.
MEMORY: Final = 3 << 30
SECONDS: Final = 120

_LOAD: Final = f"""
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, ({MEMORY}, {MEMORY}))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
from python_calamine import load_workbook
book = load_workbook(sys.argv[1])
for name in book.sheet_names:
    book.get_sheet_by_name(name)
"""


def survives(stream: BinaryIO) -> bool:
    """Say whether a process that loads the workbook lives to its end, whatever it says; ``stream`` is left at its start."""
    with tempfile.NamedTemporaryFile(prefix="mkt-", suffix=".xls") as copy:
        stream.seek(0)
        copyfileobj(stream, copy)
        copy.flush()
        stream.seek(0)
        command = [sys.executable, "-I", "-c", _LOAD, copy.name]
        try:
            done = subprocess.run(  # noqa: S603 (our own interpreter and text)
                command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=SECONDS, check=False
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return False
    return done.returncode >= 0
