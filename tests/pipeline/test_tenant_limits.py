"""What a tenant may take: refused at intake in one sentence, or, where nobody had counted, before any effect."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from config.settings import Settings
from db import audit, limits
from db.statuses import SETTLE_CHUNK, ChunkStage, JobKind, JobStatus
from db.unit import Database
from pipeline import erasures, stages, tenant_limits
from pipeline.control import cancel, retry
from pipeline.intake import ImportRequest, Receipt, intake
from pipeline.problems import FileProblem, FileProblemCode
from pipeline.tenant_limits import LimitReached, LimitReachedError
from tests.conftest import Tenant
from tests.pipeline.steps import SMALL_CHUNKS, due, people, snapshot
from tests.support.workers import Threads
from workers.intake import take_in


def request(tenant: Tenant, **changes: object) -> ImportRequest:
    return replace(ImportRequest(tenant.tenant_id, tenant.user_id, tenant.audience, "f.csv"), **changes)  # type: ignore[arg-type]


def take(threads: Threads, tenant: Tenant, rows: int, seed: int = 0, **changes: object) -> Receipt:
    return intake(threads.context, request(tenant, **changes), io.BytesIO(people(rows, seed)))


def end(idle: Threads, database: Database, tenant: Tenant, receipt: Receipt) -> None:
    """Cancel the job, and see to its end."""
    cancel(idle.context, tenant.tenant_id, receipt.import_job_id)
    assert stages.run(idle.context, due(database, tenant, receipt.import_job_id, SETTLE_CHUNK, ChunkStage.SETTLE))


def limit(database: Database, tenant: Tenant, **changed: float | None) -> None:
    with database.unit(tenant.tenant_id) as unit:
        limits.save(unit, changed)


def test_no_more_jobs_than_the_tenant_may_have_whoever_asks_at_once(
    settings: Settings, database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    limit(database, tenant, max_jobs=3)

    def ask_for(seed: int) -> Receipt | LimitReachedError:
        try:
            return take(idle, tenant, 50, seed)
        except LimitReachedError as error:
            return error

    with Threads(settings, workers=0) as idle, ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(ask_for, range(10)))
        made = [answer for answer in answers if isinstance(answer, Receipt)]
        refused = [answer for answer in answers if isinstance(answer, LimitReachedError)]
        assert (len(made), len(refused)) == (3, 7)
        assert "has 3 jobs that have not ended, and may have 3 at once" in str(refused[0])
        seed = next(number for number, answer in enumerate(answers) if answer == made[0])
        assert take(idle, tenant, 50, seed) == replace(made[0], reused=True), "the same content is an answer, not a job"
        others = take(idle, other_tenant, 50)
        assert not others.reused
        # Somebody who asks to be forgotten waits for no import.
        assert not erasures.ask(idle.context, tenant.tenant_id, tenant.user_id, "ana@empresa.com.br", "asked").reused
        end(idle, database, tenant, made[0])
        made.append(take(idle, tenant, 50, seed=99))
        for receipt in made[1:]:
            end(idle, database, tenant, receipt)
        end(idle, database, other_tenant, others)


def test_a_file_with_more_rows_than_are_left_for_today_stops_before_any_effect(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    limit(database, tenant, max_rows_per_day=500)
    with Threads(settings.model_copy(update={**SMALL_CHUNKS, "chunk_rows": 200})) as threads:
        (first,) = threads.finish(tenant.tenant_id, take(threads, tenant, 300).import_job_id)
        before = snapshot(database, tenant)
        (second,) = threads.finish(tenant.tenant_id, take(threads, tenant, 300, seed=1).import_job_id)
        assert (first.status, second.status) == (JobStatus.DONE, JobStatus.FAILED)
        assert second.failure_code == FileProblemCode.TOO_MANY_ROWS_TODAY
        assert "more than 500 rows today" in (second.failure_detail or "")
        assert snapshot(database, tenant)[1:] == before[1:]
        # What failed has brought nothing in: there is room for a smaller file, and a dry run asks only.
        (third,) = threads.finish(tenant.tenant_id, take(threads, tenant, 200, seed=2).import_job_id)
        (dry,) = threads.finish(tenant.tenant_id, take(threads, tenant, 900, kind=JobKind.DRY_RUN).import_job_id)
        assert (third.status, dry.status) == (JobStatus.DONE, JobStatus.DONE)
        with pytest.raises(LimitReachedError, match="has brought in 500 rows today, and may bring in 500"):
            take(threads, tenant, 10, seed=3)
        limit(database, tenant, max_rows_per_day=800)
        retry(threads.context, tenant.tenant_id, second.import_job_id)
        (again,) = threads.finish(tenant.tenant_id, second.import_job_id)
        assert (again.status, again.total_rows) == (JobStatus.DONE, 300)
        # Another day has another limit.
        with database.unit(tenant.tenant_id) as unit:
            unit.execute("update mkt.import_chunks set created_at = created_at - interval '1 day'")
        (tomorrow,) = threads.finish(tenant.tenant_id, take(threads, tenant, 800, seed=4).import_job_id)
        assert tomorrow.status is JobStatus.DONE


def _fails(*_: object, **__: object) -> None:
    raise FileProblem(FileProblemCode.FILE_DAMAGED, file="f.csv")


def test_a_failed_job_that_is_taken_up_again_counts_like_a_new_one(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    own = settings.model_copy(update=SMALL_CHUNKS)
    with Threads(own, 2) as threads, pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.stages.mark.import_rows.mark_duplicates", _fails)
        (failed,) = threads.finish(tenant.tenant_id, take(threads, tenant, 50).import_job_id)
        assert (failed.status, failed.total_rows) == (JobStatus.FAILED, 50)
    with Threads(own, 0) as idle:
        limit(database, tenant, max_jobs=1)
        waiting = take(idle, tenant, 50, seed=1)
        with pytest.raises(LimitReachedError, match="1 jobs that have not ended, and may have 1"):
            retry(idle.context, tenant.tenant_id, failed.import_job_id)
        limit(database, tenant, max_jobs=None, max_rows_per_day=60)
    with Threads(own, 2) as threads:
        threads.finish(tenant.tenant_id, waiting.import_job_id)
        with pytest.raises(LimitReachedError, match="would have brought in 100 rows today, and may bring in 60"):
            retry(threads.context, tenant.tenant_id, failed.import_job_id)
        limit(database, tenant, max_rows_per_day=100)
        retry(threads.context, tenant.tenant_id, failed.import_job_id)
        assert threads.finish(tenant.tenant_id, failed.import_job_id)[0].status is JobStatus.DONE


def test_a_file_may_be_as_large_as_the_tenant_s_limit_says(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    limit(database, tenant, max_file_bytes=100)
    with Threads(settings, workers=0) as idle:
        with pytest.raises(FileProblem) as refused:
            take(idle, tenant, 50)
        assert (refused.value.code, refused.value.params["limit"]) == (FileProblemCode.FILE_TOO_LARGE, 100)
        limit(database, tenant, max_file_bytes=None)
        cancel(idle.context, tenant.tenant_id, take(idle, tenant, 50).import_job_id)


def test_limits_fall_back_to_the_settings_and_who_sets_them_is_on_record(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    own = settings.model_copy(update={"max_jobs": 7, "max_rows_per_day": 70})
    with Threads(own, workers=0) as idle:
        tenant_limits.change(idle.context, tenant.tenant_id, tenant.user_id, {"weight": 2.5, "max_jobs": 0})
        tenant_limits.change(idle.context, tenant.tenant_id, tenant.user_id, {"max_jobs": None})
        with database.reading(tenant.tenant_id) as unit:
            found = tenant_limits.in_force(unit, own)
            trail = audit.events(unit, action="tenant_limits_set")
    assert (found.weight, found.max_jobs, found.max_rows_per_day, found.max_file_bytes) == (2.5, 7, 70, own.max_file_bytes)  # fmt: skip
    assert [(event.user, event.details) for event in trail] == [
        ("system", {"max_jobs": None}), ("system", {"weight": 2.5, "max_jobs": 0})
    ]  # fmt: skip


def test_a_caller_over_celery_finds_the_limit_where_it_looks_for_refusals(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    own = settings.model_copy(update={"import_roots": (tenant.files.as_uri(),)})
    limit(database, tenant, max_jobs=1)
    with Threads(own, workers=0) as idle:
        there = take(idle, tenant, 5).import_job_id
        (tenant.files / "more.csv").write_bytes(people(6))
        message = {
            "tenant_id": str(tenant.tenant_id), "user": "system", "audience": tenant.audience,
            "url": (tenant.files / "more.csv").as_uri(), "request_id": "r-1",
        }  # fmt: skip
        take_in(idle.context, message)
        with database.reading(tenant.tenant_id) as unit:
            (event,) = audit.events(unit, action="import_refused", subject="r-1")
        assert event.details["code"] == LimitReached.JOBS
        cancel(idle.context, tenant.tenant_id, there)
