"""The embedded servers run for root, by either way, and for a plain user."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import Settings
from tests.support.servers import recall, remember, running
from workers.servers import ServersError, start, status, stop
from workers.servers.postgres import postgres_binary

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="not root: all other tests here run as a plain user already")
NOBODY = 65534

#: Imports first what it needs, because the interpreter itself may lie where only root can read, then changes its user.
PLAIN = """
import os, pathlib, sys
import encodings.idna, psycopg, redis
from config.settings import Settings
from workers.servers import ServersError, start, status, stop
from workers.servers.postgres import Postgres, postgres_binary
home = pathlib.Path(sys.argv[1])
assert [server.version for server in status(Settings(home=home))] == [None, None]
binary = postgres_binary()
os.setgroups([]); os.setgid({nobody}); os.setuid({nobody})
if not os.access(binary, os.X_OK):
    sys.exit(77)
start(Settings(home=home))
print([bool(server.version) for server in status(Settings(home=home))], home.stat().st_uid)
stop(Settings(home=home))
"""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that a plain user may write to; pytest's own are root's alone."""
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    os.chown(folder, NOBODY, NOBODY)
    yield folder
    shutil.rmtree(folder)


@AS_ROOT
def test_a_plain_user_runs_servers_of_its_own(open_folder: Path) -> None:
    outcome = subprocess.run(
        [sys.executable, "-c", PLAIN.format(nobody=NOBODY), str(open_folder / "home")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if outcome.returncode == 77:
        pytest.skip(f"a plain user may not run what lies in {postgres_binary().parent}")
    assert outcome.stdout == f"[True, True] {NOBODY}\n", outcome.stderr


@AS_ROOT
def test_root_runs_them_without_user_namespaces_below_a_private_folder_and_may_change_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shutil.which("setpriv") is None:
        pytest.skip("there is no setpriv here")
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    ordinary_path = os.environ["PATH"]
    with running(private / "home") as settings:
        remember(settings, "first")
        stop(settings)
        monkeypatch.setenv("PATH", str(_commands(tmp_path, "setpriv", "rm")))
        start(settings)
        remember(settings, "second")
        assert (private / "home" / "postgresql" / "data").stat().st_uid == NOBODY
        assert all(server.version for server in status(settings))
        stop(settings)
        monkeypatch.setenv("PATH", ordinary_path)
        start(settings)
        assert recall(settings) == (["first", "second"], ["first", "second"])


@AS_ROOT
def test_root_is_told_in_a_sentence_where_neither_way_is_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(_commands(tmp_path, "rm")))
    with pytest.raises(ServersError, match="run mkt as an ordinary user, or set MKT_DATABASE_URL"):
        start(Settings(home=tmp_path / "home"))
    stop(Settings(home=tmp_path / "home"))


def _commands(folder: Path, *names: str) -> Path:
    """A folder for the PATH with nothing but these commands."""
    commands = folder / "commands"
    commands.mkdir()
    for name in names:
        (commands / name).symlink_to(str(shutil.which(name)))
    return commands
