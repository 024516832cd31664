"""Keeps processes running: what dies is started again, one that cannot start stops no other, all end with us.

``run`` is for a command that lives as long as its processes, ``start`` and ``stop`` are for processes that live for a
part of the caller's life. Each process has a thread that starts it and waits for it: the kernel's "die with your
parent" means the thread that forked, so that thread must live as long as the process.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO, Literal

from workers import launcher
from workers.procfile import ProcessSpec
from workers.servers.daemons import rotate

#: Seconds until a process that died is started again: at first, at most; and how long it must run to count as well.
FIRST_DELAY = 0.5
LONGEST_DELAY = 10.0
STEADY = 10.0
#: Bytes of a line of output that are shown in one piece.
LONGEST_LINE = 65_536


@dataclass(frozen=True)
class ProcessEvent:
    """Something happened to a process. An exit code below zero is the signal that ended it."""

    kind: Literal["started", "ended", "not_started"]
    process: str
    pid: int | None = None
    exit_code: int | None = None
    retry_in: float | None = None  # seconds; None: it is not started again
    reason: str | None = None


class Supervisor:
    """Runs ``specs`` with the environment ``env``; tells ``on_event``, from threads, what happens.

    Output goes to ``<name>.log`` in ``log_folder``, or without one to our standard output, each line after its
    process's name. ``grace`` is the time in seconds that processes have to end between SIGTERM and SIGKILL.
    """

    def __init__(
        self,
        specs: Sequence[ProcessSpec],
        *,
        env: Mapping[str, str],
        log_folder: Path | None = None,
        on_event: Callable[[ProcessEvent], None] = lambda _: None,
        grace: float = 40.0,
    ) -> None:
        self._specs = specs
        self._env = dict(env)
        self._log_folder = log_folder
        self._on_event = on_event
        self._grace = grace
        self._width = max((len(spec.name) for spec in specs), default=0)
        self._lock = threading.Lock()  # over the two below, so that nothing is started behind a stop
        self._stopping = threading.Event()
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._keepers: list[threading.Thread] = []
        self._signals = 0

    def run(self) -> None:
        """Keep the processes running until SIGTERM, SIGINT or SIGHUP; a second one ends them without grace.

        To be called from the main thread, where Python handles signals.
        """
        numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
        before = {number: signal.signal(number, self._on_signal) for number in numbers}
        try:
            self.start()
            while not self._signals:
                time.sleep(0.2)
        finally:
            self.stop()
            for number, handler in before.items():
                signal.signal(number, handler)

    def start(self) -> None:
        """Start the processes and keep them running until ``stop``."""
        if self._log_folder is not None:
            self._log_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._stopping.clear()
        self._keepers = [
            threading.Thread(target=self._keep, args=(spec,), name=f"keeper of {spec.name}", daemon=True)
            for spec in self._specs
        ]
        for keeper in self._keepers:
            keeper.start()

    def stop(self) -> None:
        """End the processes: SIGTERM to each, SIGKILL to all that is left of it after the grace. Idempotent."""
        with self._lock:
            self._stopping.set()
            for process in self._running.values():
                os.kill(process.pid, signal.SIGTERM)
        deadline = time.monotonic() + self._grace
        while any(keeper.is_alive() for keeper in self._keepers):
            if time.monotonic() > deadline or self._signals > 1:
                self._kill_all()
            time.sleep(0.05)
        self._keepers = []

    @property
    def stopping(self) -> threading.Event:
        """Set from the moment on when the processes are being stopped: what helps them to run has to end then."""
        return self._stopping

    def pids(self) -> dict[str, int]:
        """Return the pids of the processes that run, by name."""
        with self._lock:
            return {name: process.pid for name, process in self._running.items()}

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._signals += 1

    def _kill_all(self) -> None:
        with self._lock:
            for process in self._running.values():
                os.killpg(process.pid, signal.SIGKILL)

    def _keep(self, spec: ProcessSpec) -> None:
        delay = FIRST_DELAY
        while True:
            began = time.monotonic()
            pid, code, reason = self._run_once(spec)
            steady = time.monotonic() - began >= STEADY
            delay = FIRST_DELAY if steady else delay
            retry_in = None if self._stopping.is_set() else delay
            if pid is not None or reason is not None:
                kind: Literal["ended", "not_started"] = "not_started" if pid is None else "ended"
                self._on_event(ProcessEvent(kind, spec.name, pid, code, retry_in, reason))
            if self._stopping.wait(delay):
                return
            delay = min(delay * 2, LONGEST_DELAY)

    def _run_once(self, spec: ProcessSpec) -> tuple[int | None, int | None, str | None]:
        """Run a process to its end; return its pid and exit code, or why it could not be started."""
        with ExitStack() as outputs:
            with self._lock:
                if self._stopping.is_set():
                    return None, None, None
                try:
                    process = self._spawn(spec, outputs)
                except OSError as error:
                    return None, None, str(error)
                self._running[spec.name] = process
            self._on_event(ProcessEvent("started", spec.name, process.pid))
            printer = self._print_output(spec, process)
            # Dead but not reaped, it still holds its pid: the signals of `stop` and the one below hit nobody else.
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
            with self._lock:
                del self._running[spec.name]
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # what it left behind would hold its ports and its output
            code = process.wait()
            if printer is not None:
                printer.join(timeout=5)
            return process.pid, code, None

    def _spawn(self, spec: ProcessSpec, outputs: ExitStack) -> subprocess.Popen[bytes]:
        output: int | IO[bytes] = subprocess.PIPE
        if self._log_folder is not None:
            log = self._log_folder / f"{spec.name}.log"
            rotate(log)
            output = outputs.enter_context(log.open("ab"))
        # `env` so that the shell has a simple command to become: the pid is the program's, and takes its signals.
        # A session of its own keeps a Ctrl-C in the terminal ours to pass on, once.
        return subprocess.Popen(  # noqa: S603 (the Procfile is a program)
            [sys.executable, "-IS", launcher.__file__, str(os.getpid()), "/bin/sh", "-c", f"exec env {spec.command}"],
            env=self._env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def _print_output(self, spec: ProcessSpec, process: subprocess.Popen[bytes]) -> threading.Thread | None:
        if process.stdout is None:
            return None
        printer = threading.Thread(target=self._print_lines, args=(spec.name, process.stdout), daemon=True)
        printer.start()
        return printer

    def _print_lines(self, name: str, stream: IO[bytes]) -> None:
        with stream:
            for line in iter(lambda: stream.readline(LONGEST_LINE), b""):
                text = line.decode(errors="replace").rstrip("\r\n")
                with suppress(OSError, ValueError):  # nobody reads us any more; the process must not block on us
                    sys.stdout.write(f"{name:<{self._width}} | {text}\n")
                    sys.stdout.flush()
