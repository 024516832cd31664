"""A RabbitMQ of a test's own: Debian's package, as processes with a folder of their own, on free ports of loopback."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import psutil

from tests.support import queues
from tests.support.brokers import Broker
from tests.support.proxy import LOOPBACK
from tests.support.queues import connect
from tests.support.waiting import until

#: Where Debian keeps the programs; those on the PATH change the user and the folders first.
PROGRAMS: Final = Path("/usr/lib/rabbitmq/bin")
#: Seconds that it has to start: it is an Erlang machine.
START: Final = 300.0


def why_missing() -> str | None:
    """Return why there can be no RabbitMQ here; None: there can."""
    if not (PROGRAMS / "rabbitmq-server").exists():
        return f"there is no {PROGRAMS / 'rabbitmq-server'}: apt-get install rabbitmq-server"
    return None


class RabbitBroker(Broker):
    """One node of RabbitMQ. Its folder, and what it was told to keep, outlive ``kill``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port, distribution, self._epmd_port = _free_ports(3)
        self._node: subprocess.Popen[bytes] | None = None
        self._epmd: subprocess.Popen[bytes] | None = None
        self._environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(folder),  # the cookie by which its own tools know it
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": LOOPBACK,
            "RABBITMQ_NODENAME": f"mkt{self._port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": LOOPBACK,
            "RABBITMQ_NODE_PORT": str(self._port),
            "RABBITMQ_DIST_PORT": str(distribution),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "RABBITMQ_MNESIA_BASE": str(folder / "data"),
            "RABBITMQ_LOG_BASE": str(folder / "logs"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_PID_FILE": str(folder / "pid"),
        }

    @contextmanager
    def running(self) -> Iterator[RabbitBroker]:
        """Run it, with Erlang's mapper of names, until the block ends."""
        self._folder.mkdir()
        (self._folder / "rabbitmq.conf").touch()
        self._epmd = self._run("epmd", "-port", str(self._epmd_port), "-address", LOOPBACK)
        try:
            self.start()
            yield self
        finally:
            self.kill()
            self._epmd.kill()
            self._epmd.wait()

    @property
    def target(self) -> int:
        return self._port

    def url(self, port: int) -> str:
        return f"amqp://guest:guest@{LOOPBACK}:{port}//"

    def purge(self) -> None:
        queues.purge(self.url(self._port))

    def cut(self) -> None:
        subprocess.run(
            [PROGRAMS / "rabbitmqctl", "-n", self._environment["RABBITMQ_NODENAME"], "close_all_connections", "cut"],
            env=self._environment,
            stdout=subprocess.DEVNULL,
            check=True,
        )

    def kill(self) -> None:
        if self._node is None:
            return
        main = psutil.Process(self._node.pid)
        for process in [*main.children(recursive=True), main]:
            with suppress(psutil.NoSuchProcess):  # it went with another
                process.kill()
        self._node.wait()
        self._node = None

    def start(self) -> None:
        self._node = self._run(str(PROGRAMS / "rabbitmq-server"))
        until(self._answers, timeout=START, what="RabbitMQ to answer", every=0.3)

    def waiting(self) -> int:
        return queues.waiting(self.url(self._port))

    def _run(self, *command: str) -> subprocess.Popen[bytes]:
        with (self._folder / "server.log").open("ab") as log:
            return subprocess.Popen(
                command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _answers(self) -> bool:
        assert self._node is not None
        assert self._node.poll() is None, f"RabbitMQ ended; {self._folder / 'server.log'} says why"
        try:
            with connect(self.url(self._port)) as connection:
                connection.connect()
        except OSError:
            return False
        return True


def _free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind((LOOPBACK, 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()
