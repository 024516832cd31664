"""What `mkt up` runs: the lines of the Procfile, and the environment that their commands see."""

from __future__ import annotations

import os
import re
import socket
import sys
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from config.endpoints import home_mark
from config.settings import Settings

LINE = re.compile(r"([A-Za-z0-9_-]+):\s*(\S.*)")
#: Ports to choose Flower's from: below those that the kernel gives to outgoing connections (32768 and up).
FLOWER_PORTS = range(20_000, 30_000)


class ProcfileError(Exception):
    """The Procfile cannot be read; the text is one sentence that names the file and the line."""


@dataclass(frozen=True)
class ProcessSpec:
    """One line of a Procfile. The command is one simple shell command: variables are expanded, ``A=b`` may precede."""

    name: str
    command: str


def parse_procfile(path: Path) -> list[ProcessSpec]:
    """Return the processes of a Procfile, in its order. Raises ProcfileError."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        msg = f"{path} cannot be read: {reason}"
        raise ProcfileError(msg) from error
    specs: dict[str, ProcessSpec] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = LINE.fullmatch(line.strip())
        if not found:
            msg = f"{path}, line {number}: write a process as `name: command`"
            raise ProcfileError(msg)
        if found[1] in specs:
            msg = f"{path}, line {number}: there is a process {found[1]!r} already; give this one another name"
            raise ProcfileError(msg)
        specs[found[1]] = ProcessSpec(found[1], found[2])
    return list(specs.values())


def child_environment(settings: Settings) -> dict[str, str]:
    """Return the environment of supervised processes: ours, with these very settings and what belongs to the home.

    A child reads the same settings whatever its working directory, finds the commands of this virtual environment,
    and does not choose a port or a schedule file of its own.
    """
    text = {f"MKT_{name.upper()}": _text(value) for name, value in settings}
    commands = Path(sys.executable).parent
    return {
        **os.environ,
        **text,
        "PATH": os.pathsep.join((str(commands), os.environ.get("PATH", os.defpath))),
        "MKT_HOME": str(settings.home_path),
        "MKT_HASH_KEYS_FILE": str(settings.hash_keys_path),
        "MKT_FLOWER_PORT": str(flower_port(settings)),
        "MKT_BEAT_SCHEDULE": str(settings.home_path / "beat-schedule"),
        # SIGTERM lets a Celery worker finish for `soft_shutdown` seconds and then give its messages back.
        "REMAP_SIGTERM": "SIGQUIT",
        "PYTHONUNBUFFERED": "1",
    }


def flower_port(settings: Settings) -> int:
    """Return Flower's port on loopback: the setting, else a free one that is kept in the home once it was chosen."""
    if settings.flower_port is not None:
        return settings.flower_port
    record = settings.home_path / "flower-port"
    try:
        kept = int(record.read_text(encoding="ascii"))
    except (OSError, ValueError):
        kept = 0
    if kept in FLOWER_PORTS:
        return kept
    # Every home begins its search at a place of its own: homes that choose at the same moment do not meet.
    offset = int(home_mark(settings), 16) % len(FLOWER_PORTS)
    port = next(filter(_is_free, chain(FLOWER_PORTS[offset:], FLOWER_PORTS[:offset])))
    settings.home_path.mkdir(mode=0o700, parents=True, exist_ok=True)
    record.write_text(f"{port}\n", encoding="ascii")
    return port


def _is_free(port: int) -> bool:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(str(item) for item in value)
    return "" if value is None else str(value)
