"""Threads as workers: the stages run concurrently on a real PostgreSQL, with hints that are doubled, lost, reordered.

For the thousands of runs of the property tests; what needs processes that can be killed has them (tests/chaos).
"""

from __future__ import annotations

import collections
import dataclasses
import queue
import random
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Self
from uuid import UUID

from config.settings import Settings
from db import jobs
from db.chunks import ChunkRef
from db.statuses import FINISHED_STATUSES
from db.unit import database_clock
from pipeline import stages
from pipeline.context import Clock, Context, make_context
from pipeline.domains import DomainDesk
from pipeline.sweep import sweep
from tests.support.waiting import until

#: Seconds between two sweeps: the workers have the interpreter and the processors to share with whoever waits for them.
SWEEP = 0.15


@contextmanager
def tools(settings: Settings) -> Iterator[Context]:
    """A context that sends no hints, closed at the end."""
    context = make_context(settings)
    try:
        yield context
    finally:
        context.database.dispose()


class Threads:
    """So many workers, pulling hints from one unreliable queue, until the jobs have ended."""

    def __init__(
        self,
        settings: Settings,
        workers: int = 2,
        *,
        seed: int = 0,
        lose: float = 0.0,
        double: float = 0.0,
        desk: bool = False,
        clock: Clock = database_clock,
    ) -> None:
        self._hints: queue.SimpleQueue[ChunkRef | None] = queue.SimpleQueue()
        self._random, self._lose, self._double = random.Random(seed), lose, double
        self.context: Context = make_context(settings, self.dispatch)
        self.errors: list[BaseException] = []
        self._contexts = [
            dataclasses.replace(
                make_context(settings, self.dispatch, DomainDesk(settings) if desk else None),
                worker=f"thread-{n}",
                clock=clock,
            )
            for n in range(workers)
        ]
        self._threads = [
            threading.Thread(target=self._work, args=(context,), daemon=True) for context in self._contexts
        ]

    def dispatch(self, refs: Sequence[ChunkRef]) -> None:
        for ref in refs:
            if self._random.random() >= self._lose:
                self._hints.put(ref)
            if self._random.random() < self._double:
                self._hints.put(ref)

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for _thread in self._threads:
            self._hints.put(None)
        for thread in self._threads:
            thread.join(timeout=30)
        for context in [self.context, *self._contexts]:
            if context.domains is not None:
                context.domains.close()
            context.database.dispose()
        assert not self.errors, self.errors

    def _work(self, context: Context) -> None:
        while (ref := self._hints.get()) is not None:
            try:
                stages.run(context, ref)
            except BaseException as error:  # noqa: BLE001 (shown by the test at its end)
                self.errors.append(error)

    def finish(self, tenant_id: UUID, *job_ids: UUID, timeout: float = 60.0) -> list[jobs.Job]:
        """Sweep until the jobs have ended; return them."""
        sweeps_at = 0.0

        def ended() -> list[jobs.Job] | None:
            nonlocal sweeps_at
            if time.monotonic() >= sweeps_at:
                sweep(self.context)
                sweeps_at = time.monotonic() + SWEEP
            with self.context.database.unit(tenant_id) as unit:
                found = [jobs.load(unit, job_id) for job_id in job_ids]
            done = [job for job in found if job is not None and job.status in FINISHED_STATUSES]
            return done if len(done) == len(job_ids) else None

        return until(ended, timeout=timeout, what="the jobs to end", every=0.03) or []


class Inline:
    """One worker in the caller's own thread, which follows every hint at once: for histories of many small jobs."""

    def __init__(self, settings: Settings, *, desk: bool = False) -> None:
        self._hints: collections.deque[ChunkRef] = collections.deque()
        self.context: Context = make_context(settings, self._hints.extend, DomainDesk(settings) if desk else None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.context.domains is not None:
            self.context.domains.close()
        self.context.database.dispose()

    def finish(self, tenant_id: UUID, job_id: UUID) -> jobs.Job:
        """Work until the job has ended; return it."""
        while True:
            while self._hints:
                stages.run(self.context, self._hints.popleft())
            with self.context.database.unit(tenant_id) as unit:
                job = jobs.load(unit, job_id)
            assert job is not None
            if job.status in FINISHED_STATUSES:
                return job
            sweep(self.context)
            assert self._hints, f"nothing is due, and the job is {job.status}"
