"""How much memory processes come to use."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import psutil

MIB = 1 << 20


@contextmanager
def peaks_of(processes: Callable[[], Sequence[psutil.Process]], every: float = 0.2) -> Iterator[dict[int, int]]:
    """Note the largest resident size of every process, again and again after ``every`` seconds."""
    peaks: dict[int, int] = {0: 0}
    over = threading.Event()

    def watch() -> None:
        while not over.wait(every):
            for process in processes():
                try:
                    peaks[process.pid] = max(peaks.get(process.pid, 0), process.memory_info().rss)
                except psutil.NoSuchProcess:
                    continue  # it ended while we looked

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peaks
    finally:
        over.set()
        watcher.join()
