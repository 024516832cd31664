"""Retry of a failed job of any kind: only what failed or never ran is done, from the stage where it stood."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest

from config.settings import Settings
from db.chunks import Claim
from db.jobs import Job
from db.statuses import FIRST_ROWS_CHUNK, MARK_CHUNK, SPLIT_CHUNK, ChunkStage, JobKind, JobStatus
from db.unit import Database
from pipeline import corrections, erasures, sending, stages
from pipeline.context import Context
from pipeline.control import retry
from pipeline.intake import ImportRequest, intake
from tests.conftest import Tenant
from tests.pipeline.imports import Desk
from tests.support.campaigns import add_members, make_campaign
from tests.support.examples import few
from tests.support.workers import Threads

ADDRESSES = [f"ana{n}@gamil.com" for n in range(9)]
FILE = "\n".join(("email,name", *(f"{address},Ana" for address in ADDRESSES))).encode()
#: What of a job is no rows chunk.
CHUNKS = {ChunkStage.MARK: MARK_CHUNK, ChunkStage.PARSE: FIRST_ROWS_CHUNK + 1, ChunkStage.UPSERT: FIRST_ROWS_CHUNK + 1,
          ChunkStage.LINK: FIRST_ROWS_CHUNK + 1, ChunkStage.VALIDATE: FIRST_ROWS_CHUNK + 1, ChunkStage.SEND: FIRST_ROWS_CHUNK + 1}  # fmt: skip
CASES = {
    JobKind.IMPORT: ("split", "parse", "mark", "upsert", "link", "validate"),
    JobKind.DRY_RUN: ("parse", "upsert", "link"),
    JobKind.SUPPRESSION: ("parse", "mark"),
    JobKind.CORRECTION: ("upsert",),
    JobKind.SEND: ("plan", "send"),
    JobKind.ERASURE: ("erase", "purge"),
}


def begin(work: Desk, kind: JobKind) -> UUID:
    """Ask for a job of the kind, with several chunks where that kind can have them."""
    context, tenant = work.threads.context, work.tenant
    if kind is JobKind.SEND:
        add_members(work.database, tenant, ADDRESSES)
        cid = make_campaign(work.database, tenant)
        return sending.request(context, tenant.tenant_id, tenant.user_id, cid).import_job_id
    if kind in (JobKind.CORRECTION, JobKind.ERASURE):
        parent = work.run(FILE)
        if kind is JobKind.ERASURE:
            return erasures.ask(context, tenant.tenant_id, tenant.user_id, ADDRESSES[0], "asked").import_job_id
        with work.database.unit(tenant.tenant_id) as unit:
            unit.execute(
                "update mkt.email_validations v set details_json = jsonb_build_object('suggestion', replace(c.email, 'gamil', 'gmail'))"
                " from mtrk.contatos c where c.rid = v.rid"
            )
        chosen = [corrections.ALL]
        return corrections.accept(context, tenant.tenant_id, tenant.user_id, parent.import_job_id, chosen).import_job_id
    request = ImportRequest(tenant.tenant_id, tenant.user_id, tenant.audience, "f.csv", kind=kind)
    return intake(context, request, io.BytesIO(FILE)).import_job_id


@contextmanager
def failing(kind: JobKind, stage: ChunkStage) -> Iterator[None]:
    """Have the attempt at one chunk of the stage fail, in jobs of the kind."""
    work = stages.STAGES[stage]

    def fail(context: Context, claim: Claim, job: Job) -> None:
        if job.kind is kind and claim.ref.chunk_no == CHUNKS.get(stage, SPLIT_CHUNK):
            raise OSError(stage)
        work(context, claim, job)

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(stages.STAGES, stage, fail)
        yield


@pytest.mark.parametrize("case", few([(kind, ChunkStage(name)) for kind, names in CASES.items() for name in names], 7))
def test_only_what_failed_is_done_again_from_where_it_failed(
    settings: Settings, database: Database, tenant: Tenant, case: tuple[JobKind, ChunkStage]
) -> None:
    kind, stage = case
    own = settings.model_copy(update={"chunk_rows": 3, "max_attempts": 1})
    with Threads(own) as threads:
        work = Desk(threads, tenant, database)

        def look() -> dict[int, tuple[str, int]]:
            found = work.query(
                "select chunk_no, stage, attempts from mkt.import_chunks where import_job_id = :job and kind <> 'settle'",
                job=job_id,
            )
            return {row.chunk_no: (row.stage, row.attempts) for row in found}

        with failing(kind, stage):
            job_id = begin(work, kind)
            failed = work.finish(job_id)
        assert (failed.status, failed.failure_code) == (JobStatus.FAILED, "attempts_exhausted")
        before, broken = look(), CHUNKS.get(stage, SPLIT_CHUNK)
        assert before[broken][0] == stage
        retry(threads.context, tenant.tenant_id, job_id, user_id=tenant.user_id)
        job = work.finish(job_id)
        after = look()
    assert (job.status, job.failure_code) == (JobStatus.DONE, None)
    assert {stage for stage, _ in after.values()} == {"done"}
    assert {no: made for no, made in before.items() if made[0] == "done"}.items() <= after.items()
    assert after[broken][1] > before[broken][1]
    if kind is not JobKind.ERASURE:
        assert job.total_rows == len(ADDRESSES)
