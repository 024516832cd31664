"""Cancel and retry, whenever they come: the job ends once, and what is done is not done again."""

from __future__ import annotations

import io
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import pytest

from config.settings import Settings
from db.chunks import ChunkRef
from db.statuses import ChunkStage, JobStatus
from db.unit import Database
from pipeline import stages
from pipeline.control import ControlRefusedError, cancel, retry
from pipeline.intake import ImportRequest, intake
from tests.conftest import Tenant
from tests.pipeline.steps import SMALL_CHUNKS, ask, due, people, snapshot
from tests.support.examples import few
from tests.support.waiting import until
from tests.support.workers import Threads


@pytest.mark.fault(23)
@pytest.mark.parametrize("after_chunks", few([0, 1, 3, 8, 15, 25, 40], 3))
def test_cancel_ends_the_job_once_and_nothing_is_written_after(
    settings: Settings, database: Database, tenant: Tenant, after_chunks: int
) -> None:
    """Whenever it comes: cancelled with what was written until then, or done because there was nothing left to stop."""

    def moves() -> int:
        with database.unit(tenant.tenant_id) as unit:
            return int(unit.execute("select coalesce(sum(attempts), 0) from mkt.import_chunks").scalar_one())

    with Threads(settings.model_copy(update=SMALL_CHUNKS), workers=2) as threads:
        job_id = ask(threads, tenant, people(400))
        until(lambda: moves() >= after_chunks, what="the job to get so far", every=0.001)
        with suppress(ControlRefusedError):  # the job was quicker
            cancel(threads.context, tenant.tenant_id, job_id)
        (job,) = threads.finish(tenant.tenant_id, job_id)
        before = snapshot(database, tenant)
        with pytest.raises(ControlRefusedError, match="has ended"):
            cancel(threads.context, tenant.tenant_id, job_id)
    assert job.status in (JobStatus.CANCELLED, JobStatus.DONE)
    assert snapshot(database, tenant) == before
    with database.reading(tenant.tenant_id) as unit:
        assert unit.execute("select count(*) from mkt.import_chunks where due_at is not null").scalar_one() == 0
        linked, counted = unit.execute(
            "select (select count(*) from mkt.audience_contacts), (select coalesce(sum(links_added), 0) from mkt.import_chunks)"
        ).one()
    assert linked == counted
    assert job.total_rows <= 400


def test_a_stage_that_always_fails_ends_the_job_with_its_error_and_retry_does_the_rest(
    settings: Settings, database: Database, tenant: Tenant, tmp_path: Path
) -> None:
    own = settings.model_copy(
        update={**SMALL_CHUNKS, "store_url": tmp_path.as_uri(), "hint_delay": 0.05, "hint_delay_max": 0.05}
    )
    with Threads(own, workers=0) as idle:  # nobody works yet
        job_id = ask(idle, tenant, people(200))
        assert stages.run(idle.context, ChunkRef(tenant.tenant_id, job_id, 0, ChunkStage.SPLIT, 0))
    hidden = next(tmp_path.rglob("000005.csv"))
    elsewhere = hidden.rename(tmp_path / "away")
    with Threads(own) as threads:
        (job,) = threads.finish(tenant.tenant_id, job_id)
        assert (job.status, job.failure_code) == (JobStatus.FAILED, "attempts_exhausted")
        assert "gave up after 3 attempts at parse" in (job.failure_detail or "")
        assert "FileNotFoundError" in (job.failure_detail or "")
        assert snapshot(database, tenant)[1] == 0, "no contact before every row is known"
        elsewhere.rename(hidden)
        retry(threads.context, tenant.tenant_id, job_id)
        (job,) = threads.finish(tenant.tenant_id, job_id)
    assert (job.status, job.failure_code, job.total_rows) == (JobStatus.DONE, None, 200)
    assert snapshot(database, tenant)[:4] == [200, 200, 200, 200]


def failing_job(idle: Threads, tenant: Tenant, data: bytes, *, again: bool = False) -> UUID:
    """A job whose split has given up, and that settle has not ended yet."""
    request = ImportRequest(tenant.tenant_id, tenant.user_id, tenant.audience, "f.csv", again=again)
    job_id = intake(idle.context, request, io.BytesIO(data)).import_job_id
    stages.run(idle.context, ChunkRef(tenant.tenant_id, job_id, 0, ChunkStage.SPLIT, 0))
    return job_id


def test_a_job_that_was_cancelled_while_it_failed_can_be_retried(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    with Threads(settings, workers=0) as idle:
        job_id = failing_job(idle, tenant, b"no,address\n1,2\n")
        cancel(idle.context, tenant.tenant_id, job_id, user_id=tenant.user_id)
        assert stages.run(idle.context, due(database, tenant, job_id, 2, ChunkStage.SETTLE))
    with Threads(settings) as threads:
        retry(threads.context, tenant.tenant_id, job_id, user_id=tenant.user_id)
        (job,) = threads.finish(tenant.tenant_id, job_id)  # it fails again, but it ends
    assert (job.status, job.failure_code) == (JobStatus.FAILED, "no_email_column")
    with database.reading(tenant.tenant_id) as unit:
        trail = unit.execute(
            "select action, user_id from audit.events where subject = :job order by event_id", {"job": str(job_id)}
        )
        assert [tuple(event) for event in trail] == [
            (action, tenant.user_id) for action in ("job_created", "job_cancelled", "job_retried")
        ]


@pytest.mark.parametrize("end", ["failing", "cancelled"])
def test_the_same_file_again_is_a_new_job_as_soon_as_the_first_one_is_given_up(
    settings: Settings, database: Database, tenant: Tenant, end: str
) -> None:
    data = b"no,address\n1,2\n" if end == "failing" else people(3)
    request = ImportRequest(tenant.tenant_id, tenant.user_id, tenant.audience, "f.csv")
    with Threads(settings, workers=0) as idle:
        if end == "failing":
            first = failing_job(idle, tenant, data)
        else:
            first = intake(idle.context, request, io.BytesIO(data)).import_job_id
            cancel(idle.context, tenant.tenant_id, first)
        second = intake(idle.context, request, io.BytesIO(data))
        assert not second.reused
        assert second.import_job_id != first
        assert stages.run(idle.context, due(database, tenant, first, 2, ChunkStage.SETTLE))
    with Threads(settings) as threads:
        job, again = threads.finish(tenant.tenant_id, first, second.import_job_id)
    assert job.status is (JobStatus.FAILED if end == "failing" else JobStatus.CANCELLED)
    assert again.status is (JobStatus.FAILED if end == "failing" else JobStatus.DONE)


def test_retry_is_refused_where_the_same_file_was_imported_again_since(
    settings: Settings, tenant: Tenant, tmp_path: Path
) -> None:
    bad = b"no,address\n1,2\n"
    with Threads(settings.model_copy(update={"store_url": tmp_path.as_uri()})) as threads:
        request = ImportRequest(tenant.tenant_id, tenant.user_id, tenant.audience, "f.csv")
        first = intake(threads.context, request, io.BytesIO(bad)).import_job_id
        threads.finish(tenant.tenant_id, first)
    with Threads(settings.model_copy(update={"store_url": tmp_path.as_uri()}), workers=0) as idle:
        second = intake(idle.context, request, io.BytesIO(bad)).import_job_id
        assert second != first
        with pytest.raises(ControlRefusedError, match="imported again since"):
            retry(idle.context, tenant.tenant_id, first)
        with pytest.raises(ControlRefusedError, match="has not ended, and only a failed job is retried"):
            retry(idle.context, tenant.tenant_id, second)
        cancel(idle.context, tenant.tenant_id, second)


def test_retry_is_refused_after_an_insisted_on_repeat_did_the_work(settings: Settings, tenant: Tenant) -> None:
    with Threads(settings, workers=0) as idle:
        first = failing_job(idle, tenant, b"no,address\n1,2\n")
        failing_job(idle, tenant, b"no,address\n1,2\n", again=True)
    with Threads(settings) as threads:
        threads.finish(tenant.tenant_id, first)
    with Threads(settings, workers=0) as idle:
        request = ImportRequest(tenant.tenant_id, tenant.user_id, tenant.audience, "f.csv", again=True)
        intake(idle.context, request, io.BytesIO(b"no,address\n1,2\n"))
        with pytest.raises(ControlRefusedError, match="imported again since"):
            retry(idle.context, tenant.tenant_id, first)
