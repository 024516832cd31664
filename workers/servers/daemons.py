"""Processes that outlive us: detached, found again by their pid file, never mistaken for another's."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

#: A log is put aside, once, when it is larger than this at a start.
LOG_LIMIT = 10 * 1024**2


def clean_environment() -> dict[str, str]:
    """Return the environment of a server: none of the caller's PG... variables or locale changes what it does."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def detach(command: Sequence[str], log: Path) -> int:
    """Start a daemon whose output goes to ``log`` and return its pid.

    It has a session of its own and holds nothing of ours: no terminal, no open file, no working directory. The shell
    in between ends at once, which leaves the daemon to init: no zombie is ours to reap.
    """
    shell = subprocess.run(  # noqa: S603 (the script is fixed; the command goes in as arguments)
        ["/bin/sh", "-c", '"$@" >>"$0" 2>&1 </dev/null & echo $!', str(log), *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd="/",
        env=clean_environment(),
        check=True,
    )
    return int(shell.stdout)


def rotate(log: Path) -> None:
    """Put a log that has grown large aside as ``….1``, so that starts do not add up to a full disk."""
    with suppress(FileNotFoundError):
        if log.stat().st_size > LOG_LIMIT:
            log.replace(log.with_name(log.name + ".1"))


def read_pid(pid_file: Path) -> int | None:
    """Return the pid in a file's first line; None where there is no such file or line."""
    try:
        return int(pid_file.read_text().splitlines()[0])
    except (FileNotFoundError, NotADirectoryError, IndexError, ValueError):
        return None


def is_alive(pid: int) -> bool:
    """Whether a process runs: what has ended and was not reaped yet does not count.

    Of one that was just started no more can be asked: while it becomes another program, its title is empty.
    """
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def is_ours(pid: int, mark: str, folder: Path) -> bool:
    """Whether a living process is the server of this home and not one that was given an old pid.

    Its title bears the mark; where a server has a title without it, its working directory is its data folder.
    (Reading that of another user's process needs a capability that containers do not have, hence the title first.)
    """
    if not is_alive(pid):
        return False
    try:
        process = psutil.Process(pid)
        return mark in " ".join(process.cmdline()) or Path(process.cwd()) == folder
    except psutil.Error:
        return False


def end_all(is_title: Callable[[str], bool]) -> None:
    """Kill what is left of a server that nobody can ask any more: its main process was killed, its folder removed.

    Busy processes of a killed PostgreSQL keep a new one from starting; a server whose folder was removed would take
    the socket of its successor away when it ends. Both keep their data, or have none.
    """
    leftovers = [
        process for process in psutil.process_iter(["cmdline"]) if is_title(" ".join(process.info["cmdline"] or ()))
    ]
    for process in leftovers:
        with suppress(psutil.Error):
            process.kill()
    wait_until(lambda: not any(is_alive(process.pid) for process in leftovers), 30)


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait until the condition holds; return whether it did within that time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
