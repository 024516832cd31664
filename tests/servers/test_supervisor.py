"""Supervised processes come back when they die, leave others alone, and end with their supervisor."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.support.servers import is_gone
from tests.support.waiting import until
from workers import launcher, supervisor
from workers.procfile import ProcessSpec
from workers.supervisor import ProcessEvent, Supervisor

#: A command that lives as long as a Procfile's line and a supervisor let it.
SUPERVISE = """
import os, sys, pathlib
from workers.procfile import parse_procfile
from workers.supervisor import Supervisor
Supervisor(parse_procfile(pathlib.Path(sys.argv[1])), env=os.environ, grace=float(sys.argv[2])).run()
print("supervisor ended")
"""
DEAF = "python3 -uc 'import signal, time; signal.signal(15, signal.SIG_IGN); print(\"deaf\"); time.sleep(1000)'"
FORKING = 'python3 -uc \'import subprocess, sys; p = subprocess.Popen(["sleep", "1000"]); print(p.pid); sys.exit(3)\''


@contextmanager
def supervised(
    *specs: ProcessSpec, env: Mapping[str, str] | None = None, log_folder: Path, grace: float = 5.0
) -> Iterator[tuple[Supervisor, list[ProcessEvent]]]:
    events: list[ProcessEvent] = []
    boss = Supervisor(
        specs, env={**os.environ, **(env or {})}, log_folder=log_folder, on_event=events.append, grace=grace
    )
    boss.start()
    try:
        yield boss, events
    finally:
        boss.stop()


@contextmanager
def command(tmp_path: Path, procfile: str, *, grace: float = 5.0) -> Iterator[subprocess.Popen[str]]:
    """A supervisor in a process of its own, to be sent signals; its output can be read."""
    (tmp_path / "Procfile").write_text(procfile)
    process = subprocess.Popen(
        [sys.executable, "-c", SUPERVISE, str(tmp_path / "Procfile"), str(grace)], stdout=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def running(boss: Supervisor, name: str, program: str) -> int:
    """Wait until the process has become the program; return its pid."""

    def found() -> int | None:
        pid = boss.pids().get(name)
        words = title(pid) if pid else ""
        return pid if program in words and "exec env" not in words else None

    return until(found, timeout=20, what=f"{name} to run {program}") or 0


def title(pid: int) -> str:
    try:
        return " ".join(psutil.Process(pid).cmdline())
    except psutil.NoSuchProcess:
        return ""


def test_what_is_killed_comes_back(tmp_path: Path) -> None:
    with supervised(ProcessSpec("a", "sleep 1000"), log_folder=tmp_path) as (boss, events):
        first = running(boss, "a", "sleep")
        os.kill(first, signal.SIGKILL)
        until(lambda: boss.pids().get("a", first) != first, what="the process to be back")
        ended = next(event for event in events if event.kind == "ended")
        assert (ended.pid, ended.exit_code, ended.retry_in) == (first, -signal.SIGKILL, supervisor.FIRST_DELAY)


def test_one_that_cannot_start_stops_no_other_and_is_tried_ever_later(tmp_path: Path) -> None:
    specs = ProcessSpec("broken", "no-such-program"), ProcessSpec("good", "sleep 1000")
    with supervised(*specs, log_folder=tmp_path) as (boss, events):
        pid = running(boss, "good", "sleep")

        def failures() -> list[ProcessEvent]:
            return [event for event in events if event.process == "broken" and event.kind == "ended"]

        until(lambda: len(failures()) >= 3, what="three tries")
        assert [event.exit_code for event in failures()[:3]] == [127] * 3
        assert [event.retry_in for event in failures()[:3]] == [0.5, 1.0, 2.0]
        assert boss.pids()["good"] == pid
    assert "no-such-program" in (tmp_path / "broken.log").read_text()


def test_the_delay_begins_anew_after_a_process_has_run_for_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "STEADY", 0.0)
    monkeypatch.setattr(supervisor, "FIRST_DELAY", 0.01)
    with supervised(ProcessSpec("a", "true"), log_folder=tmp_path) as (_boss, events):
        until(lambda: sum(event.kind == "ended" for event in events) >= 3, what="three ends")
        assert {event.retry_in for event in events if event.kind == "ended"} == {0.01}


def test_a_process_whose_log_cannot_be_opened_is_tried_again(tmp_path: Path) -> None:
    with supervised(ProcessSpec("a", "sleep 1000"), log_folder=tmp_path / "logs") as (boss, events):
        pid = running(boss, "a", "sleep")
        (tmp_path / "logs" / "a.log").unlink()
        (tmp_path / "logs" / "a.log").mkdir()  # nothing can be written to it
        os.kill(pid, signal.SIGKILL)
        until(lambda: any(event.kind == "not_started" for event in events), what="a start to fail")
        (tmp_path / "logs" / "a.log").rmdir()
        running(boss, "a", "sleep")


def test_the_pid_is_the_program_s_and_its_variables_are_expanded(tmp_path: Path) -> None:
    spec = ProcessSpec("a", "EXTRA=b sleep ${SECONDS_TO_SLEEP:-7} $MORE")
    with supervised(spec, env={"MORE": "1000"}, log_folder=tmp_path) as (boss, _events):
        pid = running(boss, "a", "sleep")
        assert psutil.Process(pid).cmdline() == ["sleep", "7", "1000"]
        assert psutil.Process(pid).environ()["EXTRA"] == "b"


def test_what_a_process_leaves_behind_ends_with_it(tmp_path: Path) -> None:
    with supervised(ProcessSpec("a", FORKING), log_folder=tmp_path) as (_boss, events):
        until(lambda: any(event.kind == "ended" for event in events), what="the end")
        orphan = int((tmp_path / "a.log").read_text().splitlines()[0])
        until(lambda: is_gone(orphan), what="the orphan to be gone")


def test_stop_ends_all_and_kills_what_does_not_listen(tmp_path: Path) -> None:
    specs = ProcessSpec("good", "sleep 1000"), ProcessSpec("deaf", DEAF)
    with supervised(*specs, log_folder=tmp_path, grace=0.5) as (boss, events):
        pids = [running(boss, "good", "sleep"), running(boss, "deaf", "SIG_IGN")]
        until(lambda: "deaf" in (tmp_path / "deaf.log").read_text(), what="it to be deaf")
        boss.stop()
        assert all(is_gone(pid) for pid in pids)
        codes = {event.process: (event.exit_code, event.retry_in) for event in events if event.kind == "ended"}
        assert codes == {"good": (-signal.SIGTERM, None), "deaf": (-signal.SIGKILL, None)}
        boss.stop()


def test_processes_outlive_the_thread_that_asked_for_them(tmp_path: Path) -> None:
    boss = Supervisor([ProcessSpec("a", "sleep 1000")], env=os.environ, log_folder=tmp_path)
    asker = threading.Thread(target=boss.start)
    asker.start()
    asker.join()
    pid = running(boss, "a", "sleep")
    try:
        assert not is_gone(pid)
        assert boss.pids() == {"a": pid}
    finally:
        boss.stop()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_the_command_and_all_its_processes(tmp_path: Path, number: int) -> None:
    with command(
        tmp_path, "one: sh -c 'echo $$; exec sleep 1000'\nlonger: sh -c 'echo $$; exec sleep 1000'\n"
    ) as process:
        pids = _pids_shown(process, 2)
        process.send_signal(number)
        rest, _ = process.communicate(timeout=20)
        assert process.returncode == 0
        assert rest.endswith("supervisor ended\n")
        assert all(is_gone(pid) for pid in pids)


def test_a_second_signal_ends_it_without_grace(tmp_path: Path) -> None:
    with command(tmp_path, f"deaf: {DEAF}\n", grace=1000) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "deaf | deaf\n"
        process.send_signal(signal.SIGINT)
        until(lambda: _stops(process), timeout=20, what="it to end")


def _stops(process: subprocess.Popen[str]) -> bool:
    process.send_signal(signal.SIGINT)
    return process.poll() is not None


def test_processes_die_with_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    with command(tmp_path, "one: sh -c 'echo $$; exec sleep 1000'\ntwo: sh -c 'echo $$; exec sleep 1000'\n") as process:
        pids = _pids_shown(process, 2)
        process.kill()
        until(lambda: all(is_gone(pid) for pid in pids), what="the processes to die")


def test_output_comes_line_by_line_after_its_process_s_name(tmp_path: Path) -> None:
    with command(
        tmp_path,
        "a: sh -c 'printf \"one\\ntwo\\n\"; exec sleep 1000'\nlonger: sh -c 'echo three >&2; exec sleep 1000'\n",
    ) as process:
        assert process.stdout is not None
        lines = {process.stdout.readline() for _ in range(3)}
        assert lines == {"a      | one\n", "a      | two\n", "longer | three\n"}


def _pids_shown(process: subprocess.Popen[str], count: int) -> list[int]:
    assert process.stdout is not None
    return [int(process.stdout.readline().partition("|")[2]) for _ in range(count)]


def test_a_process_whose_supervisor_is_gone_before_it_began_does_not_begin(tmp_path: Path) -> None:
    outcome = subprocess.run(
        [sys.executable, "-IS", launcher.__file__, "1", "touch", str(tmp_path / "began")],
        capture_output=True,
        check=False,
    )
    assert outcome.returncode == 1
    assert not (tmp_path / "began").exists()
