"""The brokers that hints travel through, as things that can be emptied, cut off, killed and started again."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path

import redis

from config.endpoints import REDIS_SOCKET, socket_folder
from config.settings import Settings
from tests.support.proxy import LOOPBACK, Target
from tests.support.servers import kill
from workers.names import QueueName
from workers.servers import start


class Broker(ABC):
    """One broker of a test's own."""

    @property
    @abstractmethod
    def target(self) -> Target:
        """Where it listens."""

    @abstractmethod
    def url(self, port: int) -> str:
        """Return its URL for who reaches it through this port on loopback."""

    @abstractmethod
    def purge(self) -> None:
        """Lose every message at once."""

    @abstractmethod
    def cut(self) -> None:
        """Break the connection of every client."""

    @abstractmethod
    def kill(self) -> None:
        """SIGKILL it, and wait until it is gone."""

    @abstractmethod
    def start(self) -> None:
        """Start it again with what it kept; return when it answers."""

    @abstractmethod
    def waiting(self) -> int:
        """Return how many messages wait in its queues."""


class RedisBroker(Broker):
    """The embedded Redis of a home."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @property
    def target(self) -> Path:
        return socket_folder(self._settings) / REDIS_SOCKET

    def url(self, port: int) -> str:
        return f"redis://{LOOPBACK}:{port}/0"

    def client(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=str(self.target))

    def purge(self) -> None:
        with self.client() as client:
            client.flushall()

    def cut(self) -> None:
        with self.client() as client:
            for kind in ("normal", "pubsub"):
                client.execute_command("CLIENT", "KILL", "TYPE", kind)

    def kill(self) -> None:
        kill(self._settings, "Redis")

    def start(self) -> None:
        start(self._settings)

    def waiting(self) -> int:
        with self.client() as client:
            return sum(client.llen(str(name)) for name in QueueName)
