"""Pause and resume, whenever they come: the job rests within one chunk, goes on where it stood, and ends once."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from itertools import product
from uuid import UUID

import pytest

from config.settings import Settings
from db import reports
from db.chunks import ChunkRef
from db.reports import JobReport
from db.statuses import ChunkStage, JobStatus
from db.unit import Database
from pipeline import erasures, stages
from pipeline.context import Context
from pipeline.control import ControlRefusedError, cancel, retry
from pipeline.pausing import PauseRefusedError, pause, resume
from pipeline.sweep import sweep
from tests.conftest import Tenant
from tests.pipeline.steps import SMALL_CHUNKS, ask, due, people, snapshot
from tests.support.examples import few
from tests.support.waiting import until
from tests.support.workers import Threads

#: The stages that an import goes through.
IMPORTING = tuple(map(ChunkStage, ("split", "parse", "mark", "upsert", "link", "validate", "settle")))
#: (stage, failpoint of it): barriers, steps in the middle, the last chunk and what comes after it.
PLACES = [
    (stage, place)
    for stage in map(ChunkStage, ("parse", "mark", "upsert", "validate", "settle"))
    for place in ("claimed", "before_commit", "committed")
]


def is_anybody_waiting(database: Database) -> bool:
    with database.reading(None) as unit:
        return bool(unit.execute("select exists (select from pg_locks where not granted)").scalar_one())


def report_of(database: Database, tenant: Tenant, job_id: UUID) -> JobReport:
    with database.reading(tenant.tenant_id) as unit:
        found = reports.job(unit, job_id)
    assert found is not None
    return found


def moves(database: Database, tenant: Tenant) -> int:
    with database.unit(tenant.tenant_id) as unit:
        return int(unit.execute("select coalesce(sum(attempts), 0) from mkt.import_chunks").scalar_one())


def at_rest(database: Database, tenant: Tenant) -> tuple[int] | None:
    """The attempts that were made, once nobody is at a chunk or about to be: a claim may have begun before the pause."""
    looks = []
    for _ in range(2):
        with database.unit(tenant.tenant_id) as unit:
            at_work, waiting = unit.execute(
                "select (select count(*) from mkt.import_chunks where claimed_by is not null),"
                " (select count(*) from (select from mkt.import_chunks for update skip locked) free)"
                " - (select count(*) from mkt.import_chunks)"
            ).one()
        looks += [at_work, waiting, moves(database, tenant)]
    return (looks[2],) if looks[:2] == looks[3:5] == [0, 0] and looks[2] == looks[5] else None


@pytest.mark.parametrize("after_chunks", few([0, 1, 5, 12, 25, 40], 3))
def test_a_paused_job_rests_and_goes_on_where_it_stood(
    settings: Settings, database: Database, tenant: Tenant, after_chunks: int
) -> None:
    with Threads(settings.model_copy(update=SMALL_CHUNKS), workers=2) as threads:
        job_id = ask(threads, tenant, people(400))
        until(lambda: moves(database, tenant) >= after_chunks, what="the job to get so far", every=0.001)
        with suppress(PauseRefusedError):  # the job was quicker
            pause(threads.context, tenant.tenant_id, job_id, user_id=tenant.user_id)
            before = until(lambda: at_rest(database, tenant), what="the chunks at work to end")
            for _ in range(5):
                sweep(threads.context)
            resting = report_of(database, tenant, job_id)
            if resting.finished_at is None:
                assert (resting.paused_at is not None, resting.paused_by) == (True, "system")
                assert until(lambda: at_rest(database, tenant), what="the sweep's hints to be refused") == before
            resume(threads.context, tenant.tenant_id, job_id, user_id=tenant.user_id)
        (job,) = threads.finish(tenant.tenant_id, job_id)
    assert (job.status, job.total_rows, job.pause_requested_at) == (JobStatus.DONE, 400, None)
    assert snapshot(database, tenant)[:4] == [400, 400, 400, 400]


def test_a_split_that_is_paused_stops_after_its_chunk_and_goes_on_after_it(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    def rows_chunks() -> int:
        with database.reading(tenant.tenant_id) as unit:
            found = unit.execute("select count(*) from mkt.import_chunks where kind = 'rows'")
            return int(found.scalar_one())

    with Threads(settings.model_copy(update={"chunk_rows": 10}), workers=0) as idle:
        job_id = ask(idle, tenant, people(200))

        def rest(refs: Sequence[ChunkRef]) -> None:
            if rows_chunks() == 3:
                pause(idle.context, tenant.tenant_id, job_id)
            idle.dispatch(refs)

        pausing = dataclasses.replace(idle.context, dispatch=rest)
        assert stages.run(pausing, due(database, tenant, job_id, 0, ChunkStage.SPLIT))
        assert rows_chunks() == 4
        ref = due(database, tenant, job_id, 0, ChunkStage.SPLIT)
        assert not stages.run(idle.context, ref), "a paused job gives nothing out"
        resume(idle.context, tenant.tenant_id, job_id)
        assert stages.run(idle.context, ref)
        assert rows_chunks() == 20
        with database.reading(tenant.tenant_id) as unit:
            spans = unit.execute("select first_row, last_row from mkt.import_chunks where kind = 'rows' order by 1")
            assert [tuple(span) for span in spans] == [(n, n + 9) for n in range(2, 202, 10)]
        cancel(idle.context, tenant.tenant_id, job_id)


def test_a_paused_job_takes_no_room_from_other_jobs(settings: Settings, database: Database, tenant: Tenant) -> None:
    small = {"chunk_rows": 1, "tenant_window": 2, "express_rows": 0}  # all of them large: they share one lane
    with Threads(settings.model_copy(update=small), workers=0) as idle:
        job_id = ask(idle, tenant, people(3))
        assert stages.run(idle.context, due(database, tenant, job_id, 0, ChunkStage.SPLIT))
        pause(idle.context, tenant.tenant_id, job_id)
        with database.unit(tenant.tenant_id) as unit:  # as chunks are that somebody was at when it was paused
            unit.execute("update mkt.import_chunks set hinted_at = now() where stage = 'parse'")
    with Threads(settings.model_copy(update=small)) as threads:
        (other,) = threads.finish(tenant.tenant_id, ask(threads, tenant, people(4, seed=1)))
        assert (other.status, other.total_rows) == (JobStatus.DONE, 4)
        resume(threads.context, tenant.tenant_id, job_id)
        (job,) = threads.finish(tenant.tenant_id, job_id)
    assert (job.status, job.total_rows) == (JobStatus.DONE, 3)


def test_cancel_failure_and_retry_of_a_paused_job_have_one_result_each(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    bad = b"no,address\n1,2\n"
    with Threads(settings, workers=0) as idle:
        context, tenant_id = idle.context, tenant.tenant_id
        first = ask(idle, tenant, people(5))
        pause(context, tenant_id, first, user_id=tenant.user_id)
        since = report_of(database, tenant, first).paused_at
        pause(context, tenant_id, first)
        paused = report_of(database, tenant, first)
        assert (paused.paused_at, paused.paused_by) == (since, "system"), "the first pause stands"
        with pytest.raises(ControlRefusedError, match="has not ended, and only a failed job is retried"):
            retry(context, tenant_id, first)
        cancel(context, tenant_id, first)
        for wish in (pause, resume):
            with pytest.raises(PauseRefusedError, match="is ending"):
                wish(context, tenant_id, first)
        assert stages.run(context, due(database, tenant, first, 2, ChunkStage.SETTLE))
        for wish in (pause, resume):
            with pytest.raises(PauseRefusedError, match="has ended"):
                wish(context, tenant_id, first)

        # It fails while it rests, because a chunk of it was at work.
        second = ask(idle, tenant, bad)
        ref = due(database, tenant, second, 0, ChunkStage.SPLIT)

        def rest(_: object) -> None:
            pause(context, tenant_id, second)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                "pipeline.attempts.failpoint", lambda place: rest(place) if place.endswith("claimed") else None
            )
            assert not stages.run(context, ref)
        assert stages.run(context, due(database, tenant, second, 2, ChunkStage.SETTLE))
    ends = [report_of(database, tenant, job_id) for job_id in (first, second)]
    assert [(end.status, end.paused_at) for end in ends] == [("cancelled", None), ("failed", None)]
    with Threads(settings) as threads:
        retry(threads.context, tenant.tenant_id, second)
        assert report_of(database, tenant, second).paused_at is None
        (again,) = threads.finish(tenant.tenant_id, second)
    assert (again.status, again.failure_code) == (JobStatus.FAILED, "no_email_column")
    with database.reading(tenant.tenant_id) as unit:
        trail = unit.execute(
            "select action, user_id from audit.events where subject = :job order by event_id", {"job": str(first)}
        )
        assert [tuple(event) for event in trail] == [
            ("job_created", tenant.user_id), ("job_paused", tenant.user_id), ("job_cancelled", None)
        ]  # fmt: skip


def test_an_erasure_is_not_paused(settings: Settings, tenant: Tenant) -> None:
    with Threads(settings) as threads:
        job_id = erasures.ask(
            threads.context, tenant.tenant_id, tenant.user_id, "ana@empresa.com.br", "asked"
        ).import_job_id
        with pytest.raises(PauseRefusedError, match=r"erases a person|has ended"):
            pause(threads.context, tenant.tenant_id, job_id)
        threads.finish(tenant.tenant_id, job_id)
        with pytest.raises(PauseRefusedError, match="no job"):
            pause(threads.context, tenant.tenant_id, UUID(int=0))


def step(threads: Threads, database: Database, tenant: Tenant, job_id: UUID, stage: ChunkStage) -> bool:
    with database.unit(tenant.tenant_id) as unit:
        chunk_no = unit.execute(
            "select chunk_no from mkt.import_chunks where import_job_id = :job and stage = :stage",
            {"job": job_id, "stage": stage},
        ).scalar_one()
    return stages.run(threads.context, due(database, tenant, job_id, chunk_no, stage))


def cancel_paused(context: Context, tenant_id: UUID, job_id: UUID) -> None:
    pause(context, tenant_id, job_id)
    cancel(context, tenant_id, job_id)


def pause_and_resume(context: Context, tenant_id: UUID, job_id: UUID) -> None:
    pause(context, tenant_id, job_id)
    resume(context, tenant_id, job_id)


@pytest.mark.parametrize("moment", few(product(PLACES, [pause, pause_and_resume, cancel, cancel_paused, retry]), 11))
def test_whatever_is_asked_at_whichever_moment_the_job_has_one_end(
    settings: Settings,
    database: Database,
    tenant: Tenant,
    moment: tuple[tuple[ChunkStage, str], Callable[[Context, UUID, UUID], None]],
) -> None:
    """A job of one chunk, so that each of its stages is the last chunk of something; the wish comes in the middle of one."""
    (stage, place), wish = moment
    refused: list[Exception] = []

    def ask_for_it() -> None:
        try:
            wish(idle.context, tenant.tenant_id, job_id)
        except (ControlRefusedError, PauseRefusedError) as error:
            refused.append(error)

    with Threads(settings, workers=0) as idle, ThreadPoolExecutor(1) as pool:
        job_id = ask(idle, tenant, people(3))
        for before in IMPORTING[: IMPORTING.index(stage)]:
            assert step(idle, database, tenant, job_id, before)
        asked: list[Future[None]] = []

        def meet(at: str) -> None:
            if at == f"{stage}:{place}" and not asked:
                asked.append(pool.submit(ask_for_it))
                # It may have to wait for our transaction, and then it comes right after it.
                until(lambda: asked[0].done() or is_anybody_waiting(database), what="the wish")

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("pipeline.attempts.failpoint", meet)
            patch.setattr("pipeline.moves.failpoint", meet)
            step(idle, database, tenant, job_id, stage)
        asked[0].result(timeout=30)
    with Threads(settings) as threads:
        if report_of(database, tenant, job_id).paused_at is not None:
            resume(threads.context, tenant.tenant_id, job_id)
        (job,) = threads.finish(tenant.tenant_id, job_id)
        ended = snapshot(database, tenant)
    is_cancelled = job.status is JobStatus.CANCELLED
    assert job.status in (JobStatus.DONE, JobStatus.CANCELLED)
    assert not (is_cancelled and wish not in (cancel, cancel_paused))
    assert not (wish is retry and not refused), "there was nothing to retry"
    assert job.total_rows == ended[0] == 3
    assert is_cancelled or ended[:5] == [3, 3, 3, 3, 3]
    with database.reading(tenant.tenant_id) as unit:
        left, ends = unit.execute(
            "select (select count(*) from mkt.import_chunks where due_at is not null),"
            " (select count(*) from mkt.import_jobs where finished_at is not null and pause_requested_at is null)"
        ).one()
    assert (left, ends) == (0, 1)
