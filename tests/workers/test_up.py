"""``mkt up``: everything in the Procfile, seen from outside, and all of it gone when it is told to stop."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest

from config.settings import Settings
from tests.support.waiting import until
from workers.names import TaskName
from workers.procfile import flower_port
from workers.servers import stop

CSV = "email;nome\nana@empresa.com.br;Ana\nbia@empresa.com.br;Bia\nbroken;Caio\n"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    home = tmp_path / "home of mkt"
    yield home
    stop(Settings(home=home))


def environment(home: Path) -> dict[str, str]:
    # Nobody answers at this nameserver: what is tested here needs no verdicts.
    return {
        **os.environ,
        "MKT_HOME": str(home),
        "MKT_DNS_NAMESERVERS": "127.0.0.1:1",
        "FLOWER_UNAUTHENTICATED_API": "true",
        "MKT_SOFT_SHUTDOWN": "2",
    }


def ask_flower(home: Path, path: str) -> Any:  # noqa: ANN401 (JSON)
    port = flower_port(Settings(home=home))
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return json.load(answer)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return None


def processes_of(home: Path) -> set[int]:
    """Return the supervised processes of this home: what has its path in the environment and Celery in the command."""
    found = set()
    for process in psutil.process_iter():
        try:
            if process.environ().get("MKT_HOME") == str(home) and "celery" in " ".join(process.cmdline()):
                found.add(process.pid)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


def test_everything_runs_flower_shows_ids_only_and_sigterm_ends_it_all(home: Path, tmp_path: Path) -> None:
    env = environment(home)
    mkt = [sys.executable, "-m", "cli"]
    file = tmp_path / "people.csv"
    file.write_text(CSV, encoding="utf-8")
    with subprocess.Popen([*mkt, "up"], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as up:
        try:
            workers = until(partial(all_workers, home), timeout=90, what="every worker in Flower")
            assert {name.partition("@")[0] for name in workers} == {"worker", "express", "dns"}
            subprocess.run([*mkt, "audience", "create", "people"], env=env, check=True, capture_output=True)
            done = subprocess.run(
                [*mkt, "import", str(file), "--audience", "people", "--json"], env=env, check=True, capture_output=True
            )
            assert json.loads(done.stdout)["total_rows"] == 3
            wanted = {
                TaskName.SPLIT,
                TaskName.PARSE_CHUNK,
                TaskName.MARK_DUPLICATES,
                TaskName.UPSERT_CHUNK,
                TaskName.LINK_CHUNK,
                TaskName.VALIDATE_CHUNK,
                TaskName.SETTLE,
                TaskName.SWEEP,
            }
            tasks = until(lambda: seen(home, wanted), timeout=30, what="every task in Flower")
            assert {task["name"] for task in tasks} <= set(TaskName)
            shown = " ".join(str(task["args"]) + str(task["kwargs"]) for task in tasks)
            assert "import_job_id" in shown
            assert "@" not in shown
            before = processes_of(home)
            assert len(before) >= 6
            up.send_signal(signal.SIGTERM)
            assert up.wait(timeout=60) == 0
        finally:
            up.kill()
    until(lambda: not (processes_of(home) & before), timeout=5, what="its processes to be gone")


def all_workers(home: Path) -> dict[str, Any] | None:
    workers: dict[str, Any] = ask_flower(home, "/api/workers?refresh=1") or {}
    return workers if len(workers) > 2 else None


def seen(home: Path, wanted: set[TaskName]) -> list[dict[str, Any]] | None:
    tasks = list((ask_flower(home, "/api/tasks?limit=1000") or {}).values())
    return tasks if wanted <= {task["name"] for task in tasks} else None
