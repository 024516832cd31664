"""Large jobs wait before each step while a small one is at work, of whatever tenant; not for long, and not for every one."""

from __future__ import annotations

import threading
from typing import Self
from uuid import UUID

import pytest

from config.settings import Settings
from db.statuses import SPLIT_CHUNK, ChunkStage, JobStatus, Lane
from db.unit import Database
from pipeline import stages
from pipeline.control import cancel
from pipeline.giving_way import Courtesy
from pipeline.pausing import pause
from tests.conftest import Tenant
from tests.pipeline.steps import ask, due, people
from tests.support.waiting import last, until
from tests.support.workers import Threads

#: A file of three records is a large one.
LARGE = {"chunk_rows": 1, "express_rows": 2, "give_way": 600.0, "claim_grace": 600.0}


class Waiting:
    """A process that is about to split the file of a job, in the lane of its rows; it has ended, and the job too, with the block."""

    def __init__(self, settings: Settings, database: Database, tenant: Tenant, rows: int) -> None:
        self._database, self._tenant, self.looks = database, tenant, 0
        self._threads = Threads(settings, workers=0)
        self._threads.context.courtesy.sleep = self._look
        self.job_id = ask(self._threads, tenant, people(rows))
        lane = Lane.BULK if rows > LARGE["express_rows"] else Lane.EXPRESS
        change(database, tenant, self.job_id, f"lane = '{lane}'")
        self._thread = threading.Thread(target=self._split, daemon=True)

    def __enter__(self) -> Self:
        self._threads.__enter__()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        until(lambda: not self._thread.is_alive(), what="the split")
        cancel(self._threads.context, self._tenant.tenant_id, self.job_id)
        self._threads.__exit__()

    def _look(self, seconds: float) -> None:
        self.looks += 1
        last(seconds)

    def _split(self) -> None:
        split = due(self._database, self._tenant, self.job_id, SPLIT_CHUNK, ChunkStage.SPLIT)
        stages.run(self._threads.context, split)

    def attempts(self) -> int:
        query = "select attempts from mkt.import_chunks where import_job_id = :job and chunk_no = :split"
        with self._database.reading(self._tenant.tenant_id) as unit:
            return int(unit.execute(query, {"job": self.job_id, "split": SPLIT_CHUNK}).scalar_one())


def change(database: Database, tenant: Tenant, job_id: UUID, what: str) -> None:
    with database.unit(tenant.tenant_id) as unit:
        unit.execute(f"update mkt.import_jobs set {what} where import_job_id = :job", {"job": job_id})


def test_a_large_job_waits_until_the_small_one_of_another_tenant_has_ended(
    settings: Settings, database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    own = settings.model_copy(update=LARGE)
    with Threads(own, workers=0) as idle:
        small = ask(idle, other_tenant, people(2))
        change(database, other_tenant, small, "lane = 'express'")
        with Waiting(own, database, tenant, 3) as large:
            until(lambda: large.looks > 2, what="the large job to wait")
            assert large.attempts() == 0
            with Threads(own) as threads:
                (job,) = threads.finish(other_tenant.tenant_id, small)
            assert job.status is JobStatus.DONE
            until(large.attempts, what="the large job to go on")


@pytest.mark.parametrize("why", ["it is small itself", "the small one is old", "the small one is paused"])
def test_a_job_does_not_wait(
    settings: Settings, database: Database, tenant: Tenant, other_tenant: Tenant, why: str
) -> None:
    own = settings.model_copy(update=LARGE)
    with Threads(own, workers=0) as idle:
        small = ask(idle, other_tenant, people(2))
        change(database, other_tenant, small, "lane = 'express'")
        if why == "the small one is old":
            change(database, other_tenant, small, "created_at = now() - interval '11 seconds'")
        if why == "the small one is paused":
            pause(idle.context, other_tenant.tenant_id, small)
        with Waiting(own, database, tenant, 2 if why == "it is small itself" else 3) as job:
            until(job.attempts, what="the job to go on")
        assert job.looks == 0
        cancel(idle.context, other_tenant.tenant_id, small)


class Time:
    """A clock that only sleeping moves on."""

    now = 100.0

    def __call__(self) -> float:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += seconds


def test_a_stream_of_small_jobs_takes_half_of_the_time_at_most() -> None:
    time = Time()
    courtesy = Courtesy(time, time.pass_by)
    waited = worked = 0.0
    for _ in range(200):
        before = time()
        courtesy.give_way(lambda: True, longest=2.0)
        waited += time() - before
        time.pass_by(0.3)
        worked += 0.3
    assert 0.75 * worked <= waited <= worked + 2.0


def test_nobody_waits_where_it_is_not_needed_nor_for_longer() -> None:
    time = Time()
    needed = iter([True, True, False])
    Courtesy(time, time.pass_by).give_way(lambda: next(needed), longest=2.0)
    assert time() == pytest.approx(100.2)
    Courtesy(time, time.pass_by).give_way(lambda: True, longest=0.0)
    assert time() == pytest.approx(100.2)
