"""Where a process finds what it talks to."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import make_url

from config import endpoints
from config.settings import Settings


@pytest.fixture(autouse=True)
def _no_runtime_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)


def test_two_homes_have_two_socket_folders_and_one_home_has_one_by_whatever_path(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "one")
    one, link, two = (endpoints.socket_folder(Settings(home=tmp_path / name)) for name in ("one", "link", "two"))
    assert one == link != two


def test_sockets_are_below_the_runtime_folder_where_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as runtime:
        monkeypatch.setenv("XDG_RUNTIME_DIR", runtime)
        assert endpoints.socket_folder(Settings(home=tmp_path)).parent == Path(runtime)


def test_a_runtime_folder_that_libpq_cannot_be_told_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="a,b") as runtime:
        monkeypatch.setenv("XDG_RUNTIME_DIR", runtime)
        assert endpoints.socket_folder(Settings(home=Path("/h"))).parent == Path(tempfile.gettempdir())


@pytest.mark.parametrize("runtime", ["not/absolute", "/does/not/exist", ""])
def test_a_runtime_folder_that_cannot_be_used_is_passed_over(runtime: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", runtime)
    assert endpoints.socket_folder(Settings(home=Path("/h"))).parent == Path(tempfile.gettempdir())


def test_a_socket_path_is_never_longer_than_the_kernel_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path / ("d" * 100)
    deep.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(deep))
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    folder = endpoints.socket_folder(Settings(home=tmp_path))
    assert len(str(folder)) + endpoints.LONGEST_SOCKET_NAME <= endpoints.SOCKET_PATH_LIMIT


def test_the_record_of_a_start_wins_over_the_environment(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    endpoints.socket_record(settings).symlink_to("/run/elsewhere/mkt")
    assert endpoints.socket_folder(settings) == Path("/run/elsewhere/mkt")


def test_urls_in_the_settings_are_taken_as_they_are() -> None:
    settings = Settings(
        database_url="postgresql://a@db/x",
        worker_database_url="postgresql://w@db/x",
        reader_database_url="postgresql://r@db/x",
        broker_url="redis://cache/3",
        store_url="s3://bucket/prefix",
    )
    assert endpoints.database_url(settings) == "postgresql://a@db/x"
    assert endpoints.worker_database_url(settings) == "postgresql://w@db/x"
    assert endpoints.reader_database_url(settings) == "postgresql://r@db/x"
    assert endpoints.broker_url(settings) == "redis://cache/3"
    assert endpoints.store_url(settings) == "s3://bucket/prefix"


def test_a_role_is_added_to_the_options_that_the_owner_s_url_has() -> None:
    url = "postgresql://me:p%40ss@db:6432/x?sslmode=require&options=-c%20jit%3Doff"
    parts = conninfo_to_dict(endpoints.worker_database_url(Settings(database_url=url)))
    assert parts["options"] == "-c jit=off -c role=mkt_worker"
    assert (parts["password"], parts["sslmode"], parts["port"]) == ("p@ss", "require", "6432")


def test_libpq_and_sqlalchemy_read_the_same_from_the_embedded_urls(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "with space & 100 %")
    folder = str(endpoints.socket_folder(settings))
    for url in (endpoints.database_url(settings), endpoints.reader_database_url(settings)):
        libpq = conninfo_to_dict(url)
        alchemy = make_url(url)
        assert (libpq["host"], libpq["user"], libpq["dbname"]) == (folder, "mkt_owner", "mkt")
        assert (alchemy.query["host"], alchemy.username, alchemy.database) == (folder, "mkt_owner", "mkt")
        assert alchemy.query.get("options", "") == libpq.get("options", "")


def test_the_store_s_url_quotes_the_home_s_path() -> None:
    assert endpoints.store_url(Settings(home=Path("/a b/ção"))) == "file:///a%20b/%C3%A7%C3%A3o/store"
