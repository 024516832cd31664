"""What one process does to itself, or what its maker does to it: poison, a task that heeds no limit, a fork, a message too early."""

from __future__ import annotations

import io
import multiprocessing
from pathlib import Path

import pytest

from config.settings import Settings
from db import new_jobs
from db.chunks import ChunkRef
from db.statuses import ChunkStage, JobStatus
from db.unit import Database
from pipeline import stages
from pipeline.intake import ImportRequest, intake
from tests.chaos.stand import stand
from tests.chaos.test_kills import assert_equals_oracle, contact_file, submit
from tests.conftest import Tenant, make_tenant
from tests.support.waiting import until
from tests.support.workers import Threads, tools

ATTEMPTS = 3


@pytest.mark.slow
@pytest.mark.chaos
@pytest.mark.fault(19)
def test_a_chunk_that_kills_whoever_takes_it_is_given_up_with_its_reason(tmp_path: Path) -> None:
    deadly = {"MKT_FAILPOINTS": "mark:before_commit=exit"}
    with stand(tmp_path / "home", deadly, max_attempts=ATTEMPTS) as here:
        tenant = make_tenant(here.settings, here.crew.context.database, tmp_path)
        job_id = submit(here.crew, tenant, contact_file(100, seed=31))
        job = here.crew.wait(tenant.tenant_id, job_id, timeout=300)
        assert (job.status, job.failure_code) == (JobStatus.FAILED, "attempts_exhausted")
        assert "WorkerLost" in (job.failure_detail or "")
        ((most,),) = here.watch.query("select max(stage_attempts) from mkt.import_chunks where kind <> 'settle'")
        assert most <= ATTEMPTS + 1
        assert not here.watch.at_rest()


@pytest.mark.slow
@pytest.mark.chaos
@pytest.mark.fault(20)
def test_a_task_that_does_not_heed_its_limit_is_killed_and_its_process_replaced(tmp_path: Path) -> None:
    once = tmp_path / "once"
    once.mkdir()
    env = {"MKT_FAILPOINTS": "link:claimed=stop", "MKT_FAILPOINT_ONCE": str(once), "SABOTAGE": "patience"}
    with stand(tmp_path / "home", env, app="tests.chaos.sabotage") as here:
        tenant = make_tenant(here.settings, here.crew.context.database, tmp_path)
        data = contact_file(300, seed=32)
        job_id = submit(here.crew, tenant, data)
        deaf = until(here.crew.stopped_process, timeout=300, what="a process that heeds nothing")
        children = len(here.crew.children())
        assert here.crew.wait(tenant.tenant_id, job_id, timeout=300).status is JobStatus.DONE
        until(lambda: not deaf.is_running(), timeout=300, what="the process to be killed")
        until(lambda: len(here.crew.children()) == children, timeout=300, what="another one in its place")
        assert_equals_oracle(here.crew, tenant, job_id, data)


@pytest.mark.fault(16)
def test_a_message_that_comes_before_its_job_can_be_seen_is_skipped_and_sent_again(
    settings: Settings, tenant: Tenant
) -> None:
    seen: list[bool] = []
    with Threads(settings) as threads, tools(settings) as early:

        def too_early(unit: object, *arguments: object, **options: object) -> object:
            made = create(unit, *arguments, **options)  # type: ignore[arg-type]
            seen.append(stages.run(early, ChunkRef(tenant.tenant_id, made[0], 0, ChunkStage.SPLIT, 0)))
            return made

        create = new_jobs.create
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("db.new_jobs.create", too_early)
            request = ImportRequest(tenant.tenant_id, tenant.user_id, tenant.audience, "f.csv")
            job_id = intake(threads.context, request, io.BytesIO(b"email\nana@gmail.com")).import_job_id
        (job,) = threads.finish(tenant.tenant_id, job_id)
    assert seen == [False]
    assert job.status is JobStatus.DONE


@pytest.mark.fault(26)
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_database_that_was_used_before_a_fork_is_used_after_it_by_both(database: Database, tenant: Tenant) -> None:
    def look() -> None:
        with database.unit(tenant.tenant_id) as unit:
            assert unit.execute("select count(*) from mkt.audiences").scalar_one() == 1

    look()
    child = multiprocessing.get_context("fork").Process(target=look)
    child.start()
    child.join(timeout=30)
    assert child.exitcode == 0
    look()
