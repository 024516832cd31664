"""Doing to the embedded servers what crashes, reboots and log-outs do, and looking at what they hold."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import redis

from config.endpoints import REDIS_SOCKET, database_url, home_mark, socket_folder
from config.settings import Settings
from tests.support.waiting import until
from workers.servers import start, status, stop


def kill(settings: Settings, *names: str) -> None:
    """SIGKILL the servers (of these names; none: all) and wait until they are gone."""
    for server in status(settings):
        if server.pid is not None and (not names or server.name in names):
            os.kill(server.pid, signal.SIGKILL)
            until(lambda pid=server.pid: is_gone(pid), what=f"{server.name} to be gone")  # type: ignore[misc]


def is_gone(pid: int) -> bool:
    """Whether there is no such process, or only what is left of it until somebody reaps it."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def processes(settings: Settings) -> list[psutil.Process]:
    """Every process whose title bears the home's mark."""
    mark = home_mark(settings)
    found = psutil.process_iter(["cmdline"])
    return [process for process in found if mark in " ".join(process.info["cmdline"] or ())]


@contextmanager
def running(home: Path, extra_postgres: Mapping[str, str] | None = None) -> Iterator[Settings]:
    """Servers of a home, stopped at the end whatever happened to them."""
    settings = Settings(home=home)
    try:
        start(settings, extra_postgres=extra_postgres or {})
        yield settings
    finally:
        stop(settings)


def remember(settings: Settings, word: str) -> None:
    """Put a word into both servers, to stay."""
    with psycopg.connect(database_url(settings)) as connection:
        connection.execute("create table if not exists words (word text)")
        connection.execute("insert into words values (%s)", [word])
    with broker(settings) as client:
        client.rpush("words", word)
        # Once a second is not soon enough for a test that pulls the plug; a rewrite is written at once.
        client.config_set("appendfsync", "always")
        client.rpush("fence", "x")


def recall(settings: Settings) -> tuple[list[str], list[str]]:
    """The words that PostgreSQL and Redis hold."""
    with psycopg.connect(database_url(settings)) as connection:
        rows = [str(word) for (word,) in connection.execute("select word from words order by word")]
    with broker(settings) as client:
        return rows, [word.decode() for word in client.lrange("words", 0, -1)]


@contextmanager
def refusing(settings: Settings) -> Iterator[None]:
    """Have Redis take nothing for want of a disk that does what it should; it answers a PING with that, too."""
    with broker(settings) as client:
        client.config_set("save", "3600 1")
        folder = Path(client.config_get("dir")["dir"], "in-the-way")
        folder.mkdir()
        client.config_set("dbfilename", folder.name)  # a file cannot take the place of a folder
        client.bgsave()
        until(lambda: client.info("persistence")["rdb_last_bgsave_status"] == "err", what="Redis to fail to save")
        try:
            yield
        finally:
            client.config_set("save", "")  # else it would not end before it has saved


def broker(settings: Settings) -> redis.Redis:
    """A client of the home's Redis, to be used as a context manager."""
    return redis.Redis(unix_socket_path=str(socket_folder(settings) / REDIS_SOCKET))
