"""What the embedded servers have in common: how one is started, found again, asked and stopped."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from signal import Signals
from typing import ClassVar

from config.endpoints import home_mark, socket_folder
from config.settings import Settings
from workers.servers.daemons import detach, end_all, is_alive, is_ours, read_pid, rotate, wait_until
from workers.servers.errors import ServersError

#: Seconds until a server must answer. PostgreSQL replays its log after a crash, which can take minutes.
START_TIMEOUT = 900.0
#: Seconds after which whoever waits is told so.
TOLD_AFTER = 3.0


@dataclass(frozen=True)
class ServerStatus:
    """One embedded server. ``version`` is None where it does not answer, or not yet; ``endpoint`` is a URL."""

    name: str
    running: bool
    pid: int | None
    version: str | None
    endpoint: str


class Server(ABC):
    """One server of one home; subclasses say which program it is."""

    name: ClassVar[str]
    #: How to ask it to end, each with the seconds that it has: first cleanly, then at once (both keep the data).
    farewell: ClassVar[Sequence[tuple[Signals, float]]]

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.mark = home_mark(settings)
        self.folder = Path(os.path.realpath(settings.home_path)) / self.name.lower()
        self.log = self.folder / "server.log"

    @property
    @abstractmethod
    def data(self) -> Path:
        """The folder that the server works in."""

    @property
    @abstractmethod
    def pid_file(self) -> Path:
        """The file, in the home, that the server writes its pid to."""

    @property
    @abstractmethod
    def socket(self) -> Path:
        """The unix socket that it listens on."""

    @property
    @abstractmethod
    def endpoint(self) -> str:
        """The URL of the server."""

    @abstractmethod
    def prepare(self) -> list[str]:
        """Make what is missing, clear away what a crash left behind, and return the command that runs the server."""

    @abstractmethod
    def is_ready(self) -> bool:
        """Whether it takes connections and commands."""

    @abstractmethod
    def version(self) -> str | None:
        """Return the version of what is running; None where it does not answer."""

    @abstractmethod
    def is_title_of_ours(self, title: str) -> bool:
        """Whether a process with this title is of a server that was started for this home."""

    def pid(self) -> int | None:
        """Return the pid of this home's running server."""
        pid = read_pid(self.pid_file)
        return pid if pid is not None and is_ours(pid, self.mark, self.data) else None

    def is_unreachable(self) -> bool:
        """Whether it runs without a socket, as after a log-out that took the runtime folder away."""
        return self.pid() is not None and not self.socket.exists()

    def start(self, told: Callable[[], None]) -> None:
        """Start it if it does not run; return when it answers. Calls ``told`` if that takes long. Raises ServersError."""
        pid = self.pid()
        logged = self._log_size()
        if pid is None:
            end_all(self.is_title_of_ours)
            self.folder.mkdir(mode=0o700, exist_ok=True)
            rotate(self.log)
            logged = self._log_size()
            pid = detach(self.prepare(), self.log)
        launched = pid

        def is_decided() -> bool:
            return self.is_ready() or not is_alive(launched)

        ready = wait_until(is_decided, TOLD_AFTER)
        if not ready:
            told()
            ready = wait_until(is_decided, START_TIMEOUT)
        if not is_alive(launched):
            msg = f"{self.name} did not start: {self._last_words(logged)}; its log is {self.log}"
            raise ServersError(msg)
        if not ready:
            msg = (
                f"{self.name} runs (process {pid}) but has not answered for {START_TIMEOUT:g} s; its log is {self.log}"
            )
            raise ServersError(msg)

    def stop(self) -> None:
        """Stop it if it runs; return when it has ended. Raises ServersError."""
        pid = self.pid()
        if pid is None:
            end_all(self.is_title_of_ours)
            return
        for number, patience in self.farewell:
            with suppress(ProcessLookupError):
                os.kill(pid, number)
            if wait_until(lambda: not is_ours(pid, self.mark, self.data), patience):
                return
        msg = f"{self.name} (process {pid}) does not end; its log is {self.log}"
        raise ServersError(msg)

    def status(self) -> ServerStatus:
        """Return what there is to say about it."""
        pid = self.pid()
        return ServerStatus(self.name, pid is not None, pid, self.version() if pid else None, self.endpoint)

    def socket_path(self, name: str) -> Path:
        """Return the path of a socket in the folder that is in use now."""
        return socket_folder(self.settings) / name

    def _log_size(self) -> int:
        return self.log.stat().st_size if self.log.exists() else 0

    def _last_words(self, since: int) -> str:
        text = self.log.read_bytes()[since:].decode(errors="replace") if self.log.exists() else ""
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        fatal = [line for line in lines if "FATAL" in line]
        return (fatal or lines or ["it left no message"])[-1].rpartition("FATAL:")[2].strip().rstrip(".")
