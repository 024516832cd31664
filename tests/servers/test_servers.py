"""The embedded servers run, keep their data and come back, whatever happened to them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest
from kombu.connection import Connection
from sqlalchemy import create_engine, text

from config.endpoints import broker_url, database_url, socket_folder
from config.settings import Settings
from db.engines import as_sqlalchemy_url
from tests.support.servers import is_gone, kill, processes, recall, remember, running
from tests.support.waiting import until
from workers.servers import keep_running, start, status, stop

START = "import sys, pathlib; from config.settings import Settings; from workers.servers import start; start(Settings(home=pathlib.Path(sys.argv[1])))"


def postmasters(settings: Settings) -> list[psutil.Process]:
    return [p for p in processes(settings) if not " ".join(p.cmdline()).startswith("postgres:") and "-D" in p.cmdline()]


def test_data_survives_a_stop_and_a_start(tmp_path: Path) -> None:
    with running(tmp_path / "home") as settings:
        remember(settings, "kept")
        stop(settings)
        assert not any(server.running for server in status(settings))
        assert not processes(settings)
        start(settings)
        assert recall(settings) == (["kept"], ["kept"])


def test_status_tells_pid_version_and_endpoint(tmp_path: Path) -> None:
    with running(tmp_path / "home") as settings:
        postgres, redis = status(settings)
        assert (postgres.name, redis.name) == ("PostgreSQL", "Redis")
        assert (postgres.version or "").startswith("18.")
        assert redis.version
        assert [process.pid for process in postmasters(settings)] == [postgres.pid]
        assert postgres.endpoint == database_url(settings)


def test_start_and_stop_may_be_said_twice(tmp_path: Path) -> None:
    with running(tmp_path / "home") as settings:
        before = status(settings)
        start(settings)
        assert status(settings) == before
        stop(settings)
        stop(settings)
        assert not socket_folder(settings).exists()


def test_nothing_is_started_where_urls_are_set(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", database_url="postgresql://a@db/x", broker_url="redis://cache/0")
    start(settings)
    assert status(settings) == []
    assert not (tmp_path / "home").exists()
    start(redis_only := Settings(home=tmp_path / "home", database_url="postgresql://a@db/x"))
    assert [server.name for server in status(redis_only)] == ["Redis"]
    stop(redis_only)


def test_the_server_is_tuned_private_and_durable(tmp_path: Path) -> None:
    with running(tmp_path / "home") as settings:
        with psycopg.connect(database_url(settings)) as connection:
            asked = (
                "listen_addresses",
                "max_wal_size",
                "wal_compression",
                "fsync",
                "synchronous_commit",
                "server_encoding",
            )
            found = [connection.execute(f"show {name}").fetchone() for name in asked]
            provider = connection.execute(
                "select datlocprovider, datlocale from pg_database where datname = current_database()"
            ).fetchone()
        assert found == [("",), ("4GB",), ("pglz",), ("on",), ("on",), ("UTF8",)]
        assert provider == ("b", "C.UTF-8")
        assert socket_folder(settings).stat().st_mode & 0o777 == 0o700
        assert [psutil.Process(server.pid).net_connections(kind="inet") for server in status(settings)] == [[], []]


def test_killed_servers_start_again_with_their_data_though_a_statement_was_running(tmp_path: Path) -> None:
    with running(tmp_path / "home") as settings:
        remember(settings, "kept")
        busy = psycopg.connect(database_url(settings))
        backend = busy.info.backend_pid
        thread = threading.Thread(target=_count_for_ever, args=(busy,))
        thread.start()
        until(lambda: psutil.Process(backend).cpu_percent(interval=0.05) > 10, what="the statement to run")
        kill(settings)
        assert not is_gone(backend)  # it does not look up from its work, and holds the old shared memory
        start(settings)
        assert is_gone(backend)
        assert recall(settings) == (["kept"], ["kept"])
        thread.join(timeout=10)
        busy.close()


def _count_for_ever(connection: psycopg.Connection) -> None:
    with suppress(psycopg.OperationalError):
        connection.execute("select count(*) from generate_series(1, 100000) a, generate_series(1, 100000) b")


def test_pids_that_others_have_now_keep_no_server_from_starting_and_hurt_nobody(tmp_path: Path) -> None:
    with running(tmp_path / "home") as settings:
        remember(settings, "kept")
        kill(settings)
        other = subprocess.Popen(["sleep", "1000"])
        data = tmp_path / "home" / "postgresql" / "data"
        for stale in (
            data / "postmaster.pid",
            socket_folder(settings) / ".s.PGSQL.5432.lock",
            tmp_path / "home" / "redis" / "redis.pid",
        ):
            assert stale.exists()
            stale.write_text("\n".join([str(other.pid), *stale.read_text().splitlines()[1:]]) + "\n")
        assert not any(server.running for server in status(settings))
        stop(settings)
        start(settings)
        assert recall(settings) == (["kept"], ["kept"])
        assert other.poll() is None
        other.kill()
        other.wait()


def test_six_starts_at_once_make_one_of_each_and_hold_no_output_of_the_caller(tmp_path: Path) -> None:
    home = tmp_path / "home"
    starters = [
        subprocess.Popen([sys.executable, "-c", START, str(home)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        for _ in range(6)
    ]
    try:
        # communicate() ends when nobody holds the pipe any more: not the starters, not the servers.
        outcomes = [(starter.communicate(timeout=60)[0], starter.returncode) for starter in starters]
        assert outcomes == [(b"", 0)] * 6
        assert len(postmasters(Settings(home=home))) == 1
        assert len([p for p in processes(Settings(home=home)) if "redis" in p.name()]) == 1
    finally:
        stop(Settings(home=home))


def test_servers_run_from_a_path_with_spaces_and_quotes_below_a_private_folder(tmp_path: Path) -> None:
    private = tmp_path / "it's private"
    private.mkdir(mode=0o700)
    with running(private / 'a "home" ção $HOME') as settings:
        remember(settings, "kept")
        kill(settings)
        start(settings)
        assert recall(settings) == (["kept"], ["kept"])


def test_two_homes_run_side_by_side(tmp_path: Path) -> None:
    with running(tmp_path / "a") as first, running(tmp_path / "b") as second:
        remember(first, "first")
        remember(second, "second")
        assert recall(first) == (["first"], ["first"])
        stop(first)
        assert recall(second) == (["second"], ["second"])


def test_another_shell_s_runtime_folder_changes_nothing_and_a_lost_one_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as runtime, running(tmp_path / "home") as settings:
        remember(settings, "kept")
        before = status(settings)
        monkeypatch.setenv("XDG_RUNTIME_DIR", runtime)
        start(settings)
        assert status(settings) == before
        shutil.rmtree(socket_folder(settings))  # as a log-out does
        start(settings)
        assert socket_folder(settings).parent == Path(runtime)
        assert recall(settings) == (["kept"], ["kept"])
        stop(settings)


def remove(folder: Path) -> None:
    """Remove a folder in which servers go on writing, as `rm -rf`, which fails where a file came meanwhile, and again."""

    def is_gone() -> bool:
        shutil.rmtree(folder, ignore_errors=True)
        return not folder.exists()

    until(is_gone, what=f"{folder.name} to be gone")


def test_a_home_that_is_removed_while_servers_run_can_be_started_anew(tmp_path: Path) -> None:
    with running(tmp_path / "home") as settings:
        old = processes(settings)
        remove(tmp_path / "home")
        start(settings)
        assert all(is_gone(process.pid) for process in old)
        remember(settings, "kept")
        sockets = socket_folder(settings)
        remove(tmp_path / "home")
        stop(settings)
        assert not processes(settings)
        shutil.rmtree(sockets)


def test_clients_reach_sockets_below_a_runtime_folder_with_a_space(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="a b%") as runtime:
        monkeypatch.setenv("XDG_RUNTIME_DIR", runtime)
        with running(tmp_path / "home") as settings:
            assert socket_folder(settings).parent == Path(runtime)
            with Connection(broker_url(settings)) as connection:  # type: ignore[no-untyped-call]
                connection.SimpleQueue("words").put("kept")
                assert connection.SimpleQueue("words").get(timeout=5).payload == "kept"
            engine = create_engine(as_sqlalchemy_url(database_url(settings)))
            with engine.connect() as session:
                assert session.execute(text("select current_user")).scalar_one() == "mkt_owner"
            engine.dispose()


def test_other_postgresql_set_ups_and_an_unwritable_home_change_nothing_and_servers_keep_no_variables(
    tmp_path: Path,
) -> None:
    environment = {
        **os.environ,
        "HOME": "/proc/none",
        "PGPORT": "1",
        "PGDATA": "/proc",
        "LC_ALL": "xx_YY",
        "PGUSER": "x",
        "PASSWORD": "x",
    }
    try:
        subprocess.run(
            [sys.executable, "-c", START, str(tmp_path)], env=environment, cwd="/proc", check=True, timeout=60
        )
        for server in status(Settings(home=tmp_path)):
            assert server.pid is not None
            assert not {"PASSWORD", "PGPORT"} & set(psutil.Process(server.pid).environ())
    finally:
        stop(Settings(home=tmp_path))


def test_extra_settings_reach_a_server_that_starts(tmp_path: Path) -> None:
    with (
        running(tmp_path / "home", {"fsync": "off", "work_mem": "7MB"}) as settings,
        psycopg.connect(database_url(settings)) as connection,
    ):
        assert connection.execute("select current_setting('fsync'), current_setting('work_mem')").fetchone() == (
            "off",
            "7MB",
        )


def test_what_dies_is_started_again_while_it_is_kept_running(tmp_path: Path) -> None:
    with running(tmp_path / "home") as settings:
        stopping = threading.Event()
        keeper = threading.Thread(target=keep_running, args=(settings, stopping), kwargs={"every": 0.1})
        keeper.start()
        kill(settings, "Redis")
        until(lambda: all(server.version for server in status(settings)), what="Redis to be back")
        stopping.set()
        keeper.join(timeout=30)
        assert not keeper.is_alive()
