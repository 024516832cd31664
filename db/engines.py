"""Connections to PostgreSQL: one engine per process and role, made at first use and never carried over a fork."""

from __future__ import annotations

import os
from typing import Any

from sqlalchemy import Engine, create_engine, make_url

from config.hash_keys import SESSION_SETTING

#: Session settings of every connection; each bounds a way to hang.
SESSION_OPTIONS = {
    # A killed worker frees its chunk in about a second instead of at its statement's end.
    "client_connection_check_interval": "1s",
    "lock_timeout": "10s",
    # Moments are stored and compared in UTC; they are shown in the reader's zone.
    "TimeZone": "UTC",
}
#: TCP keepalives find a server that went away without a word; sockets on this machine ignore them.
KEEPALIVES = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3, "connect_timeout": 10}


def as_sqlalchemy_url(url: str) -> str:
    """Return the URL with the psycopg driver named, whatever spelling of PostgreSQL it came in."""
    parsed = make_url(url)
    return parsed.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


class Engines:
    """The engine of one URL, made anew in every process that uses it (a socket must not be shared over a fork)."""

    def __init__(
        self, url: str, *, application_name: str = "mkt", idle_limit: float = 60.0, hash_secrets: str = ""
    ) -> None:
        self._url = as_sqlalchemy_url(url)
        # A worker that was stopped inside a transaction loses it after so many seconds, and with it its locks.
        self._options = {**SESSION_OPTIONS, "idle_in_transaction_session_timeout": f"{int(idle_limit * 1000)}ms"}
        if hash_secrets:
            # As an option of the connection: a statement would stand in pg_stat_activity and in the server's log.
            self._options[SESSION_SETTING] = hash_secrets
        self._application_name = application_name
        self._engines: dict[int, Engine] = {}  # by process

    def engine(self) -> Engine:
        """Return this process's engine: one, however many threads ask for it first."""
        pid = os.getpid()
        if (engine := self._engines.get(pid)) is not None:
            return engine
        for process, inherited in self._engines.copy().items():
            if process != pid:
                inherited.dispose(close=False)  # the parent's sockets stay the parent's
        # Threads may make more than one: the first that is kept is everybody's, and the others never connected.
        return self._engines.setdefault(pid, self._make())

    def dispose(self) -> None:
        """Close this process's connections."""
        if (engine := self._engines.pop(os.getpid(), None)) is not None:
            engine.dispose()

    def _make(self) -> Engine:
        url = make_url(self._url)
        given = url.query.get("options", "")
        options = " ".join([str(given), *(f"-c {name}={value}" for name, value in self._options.items())]).strip()
        connect_args: dict[str, Any] = {
            # Every statement is planned anew: a plan kept from when a table was empty picked the wrong index for good.
            "prepare_threshold": None,
            **KEEPALIVES,
            "application_name": self._application_name,
            "options": options,
        }
        return create_engine(
            url.difference_update_query(["options"]),
            connect_args=connect_args,
            pool_size=2,
            max_overflow=2,
            pool_pre_ping=True,
        )
