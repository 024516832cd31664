"""The embedded servers: PostgreSQL and Redis of one home, started where the settings name none.

They run on their own until they are stopped, keep their data in the home, and listen only on unix sockets in a folder
that is private to the user. Starts and stops of one home take turns.
"""

from __future__ import annotations

import fcntl
import os
import stat
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from types import MappingProxyType
from typing import IO

import structlog

from config.endpoints import new_socket_folder, socket_folder, socket_record
from config.settings import Settings
from workers.servers.daemons import wait_until
from workers.servers.errors import ServersError
from workers.servers.postgres import Postgres
from workers.servers.redis import Redis
from workers.servers.server import TOLD_AFTER, Server, ServerStatus

__all__ = ["ServerStatus", "ServersError", "keep_running", "start", "status", "stop"]

log = structlog.get_logger()


def _untold() -> None:
    """Tell nobody."""


def start(
    settings: Settings,
    *,
    extra_postgres: Mapping[str, str] = MappingProxyType({}),
    told: Callable[[], None] = _untold,
) -> None:
    """Start the servers that the settings have no URL for and that do not run; return when they answer.

    ``extra_postgres`` are settings of PostgreSQL by name, for a server that starts now. ``told`` is called where that takes longer
    than people wait without a word: a server reads its log after a crash, or another process has its turn. Raises ServersError.
    """
    servers = _servers(settings, extra_postgres)
    if not servers:
        return
    with _turn(settings, told):
        for server in servers:
            if server.is_unreachable():
                server.stop()
        if not any(server.pid() for server in servers):
            _make_socket_folder(settings)
        for server in servers:
            server.start(told)


def stop(settings: Settings) -> None:
    """Stop this home's servers cleanly; return when they have ended. Raises ServersError."""
    with _turn(settings, _untold) if settings.home_path.is_dir() else nullcontext():
        for server in _servers(settings):
            server.stop()
        if socket_record(settings).is_symlink():
            with suppress(OSError):  # what is not ours lies in it
                socket_folder(settings).rmdir()
            socket_record(settings).unlink()


def status(settings: Settings) -> list[ServerStatus]:
    """Return the state of each server that the settings have no URL for."""
    return [server.status() for server in _servers(settings)]


def keep_running(settings: Settings, stopping: threading.Event, *, every: float = 2.0) -> None:
    """Start what has died, again and again, until ``stopping`` is set: for a thread of what supervises the workers."""
    while not stopping.wait(every):
        try:
            start(settings)
        except ServersError as error:
            log.warning("servers_not_running", reason=str(error))


def _servers(settings: Settings, extra_postgres: Mapping[str, str] = MappingProxyType({})) -> list[Server]:
    servers: list[Server] = []
    if settings.is_embedded_database:
        servers.append(Postgres(settings, extra_postgres))
    if settings.is_embedded_broker:
        servers.append(Redis(settings))
    return servers


@contextmanager
def _turn(settings: Settings, told: Callable[[], None]) -> Iterator[None]:
    """Hold the home's lock, which a dying process gives up by itself; turn the system's refusals into sentences."""
    home = settings.home_path
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (home / "servers.lock").open("w") as lock:
            if not wait_until(lambda: _is_ours(lock), TOLD_AFTER):
                told()
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield
    except OSError as error:
        msg = (
            f"the servers of {home} cannot be managed: {error.strerror} ({error.filename or home}); "
            "set MKT_HOME to a folder on a local disk that you can write to"
        )
        raise ServersError(msg) from error


def _is_ours(lock: IO[str]) -> bool:
    """Take the lock if nobody has it; return whether we have it."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _make_socket_folder(settings: Settings) -> Path:
    """Make the private folder of the sockets and record it in the home."""
    folder = new_socket_folder(settings)
    folder.mkdir(mode=0o700, exist_ok=True)
    state = folder.lstat()
    if not stat.S_ISDIR(state.st_mode) or state.st_uid != os.geteuid() or state.st_mode & 0o077:
        msg = f"{folder} is not a private folder of yours; remove it, or set TMPDIR to a folder of your own"
        raise ServersError(msg)
    record = socket_record(settings)
    record.unlink(missing_ok=True)
    record.symlink_to(folder)
    return folder
