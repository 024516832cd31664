"""The moves that are allowed, and that every other one is refused, in code and in the database."""

from __future__ import annotations

from itertools import product
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError

from db import chunks, jobs, new_jobs
from db.chunks import ChunkRef, Claim, HintPolicy
from db.statuses import CHUNK_TRANSITIONS, FINISHED_STATUSES, JOB_TRANSITIONS, ChunkKind, ChunkStage, JobKind, JobStatus
from db.unit import Database, Unit
from tests.conftest import Tenant

HINTS = HintPolicy(window=4, delay=60, delay_max=60)


def new_job(unit: Unit, tenant: Tenant, *, file_hash: str = "0" * 64, again: bool = True) -> UUID:
    new = new_jobs.NewJob(
        kind=JobKind.IMPORT, audience_id=tenant.audience_id, uploaded_by_user_id=tenant.user_id, request_id=None, file_name="a.csv",
        file_hash=file_hash, file_bytes=1, file_key="k", options={"on_existing": "fill"}, options_hash="o", chunk_rows=10,
    )  # fmt: skip
    job_id, _ = new_jobs.create(unit, new, again=again, hints=HINTS)
    return job_id


def put(unit: Unit, job_id: UUID, status: JobStatus) -> None:
    finished = "now()" if status in FINISHED_STATUSES else "null"
    unit.execute(
        f"update mkt.import_jobs set status = :status, finished_at = {finished}, failure_code = 'x', failure_detail = 'x' where import_job_id = :job",
        {"job": job_id, "status": status},
    )


@pytest.mark.parametrize(("from_", "to"), list(product(JobStatus, JobStatus)))
def test_a_job_makes_the_moves_in_the_table_and_no_other(
    database: Database, tenant: Tenant, from_: JobStatus, to: JobStatus
) -> None:
    with database.unit(tenant.tenant_id) as unit:
        job_id = new_job(unit, tenant)
        put(unit, job_id, from_)
        if (from_, to) in JOB_TRANSITIONS:
            assert jobs.set_status(unit, job_id, from_, to)
            loaded = jobs.load(unit, job_id)
            assert loaded is not None
            assert loaded.status is to
        else:
            with pytest.raises(ValueError, match="cannot go"):
                jobs.set_status(unit, job_id, from_, to)


@pytest.mark.parametrize(("from_", "to"), list(JOB_TRANSITIONS))
def test_a_move_from_a_status_that_the_job_has_left_changes_nothing(
    database: Database, tenant: Tenant, from_: JobStatus, to: JobStatus
) -> None:
    with database.unit(tenant.tenant_id) as unit:
        job_id = new_job(unit, tenant)
        elsewhere = next(status for status in JobStatus if status not in (from_, to))
        put(unit, job_id, elsewhere)
        assert not jobs.set_status(unit, job_id, from_, to)
        loaded = jobs.load(unit, job_id)
        assert loaded is not None
        assert loaded.status is elsewhere


@pytest.mark.parametrize("kind", ChunkKind)
def test_a_chunk_advances_by_the_table_of_its_kind_only(database: Database, tenant: Tenant, kind: ChunkKind) -> None:
    # The allowed ones are walked by every import.
    refused = [move for move in product(ChunkStage, ChunkStage) if move not in CHUNK_TRANSITIONS[kind]]
    assert refused
    for from_, to in refused:
        ref = ChunkRef(tenant.tenant_id, UUID(int=0), 0, from_, 0)
        claim = Claim(
            ref, kind, stage_attempts=1, last_error=None, chunk_key=None, part_no=0, first_row=0, last_row=0, ok_rows=0
        )
        with database.unit(tenant.tenant_id) as unit, pytest.raises(ValueError, match="cannot go"):
            chunks.advance(unit, claim, to, hints=HINTS)


def test_every_edge_says_who_takes_it() -> None:
    texts = [*JOB_TRANSITIONS.values(), *(text for edges in CHUNK_TRANSITIONS.values() for text in edges.values())]
    assert all(len(text) > 15 for text in texts)


@pytest.mark.parametrize(
    "impossible",
    [
        "status = 'finished'",
        "finished_at = now()",
        "status = 'done'",
        "status = 'failed', finished_at = now()",
        "total_rows = 1",
        "ok_rows = 1",
        "failure_code = 'x'",
        "file_hash = 'abc'",
    ],
)
def test_the_database_refuses_a_job_that_cannot_be(database: Database, tenant: Tenant, impossible: str) -> None:
    with database.unit(tenant.tenant_id) as unit:
        job_id = new_job(unit, tenant)
    with pytest.raises(IntegrityError), database.unit(tenant.tenant_id) as unit:
        unit.execute(f"update mkt.import_jobs set {impossible} where import_job_id = :job", {"job": job_id})


def test_a_job_is_done_only_with_every_record_accounted_for(database: Database, tenant: Tenant) -> None:
    with database.unit(tenant.tenant_id) as unit:
        job_id = new_job(unit, tenant)
    with pytest.raises(IntegrityError, match="accounted"), database.unit(tenant.tenant_id) as unit:
        unit.execute(
            "update mkt.import_jobs set status = 'done', finished_at = now(), records_seen = 5, blank_rows = 1, total_rows = 3, ok_rows = 3"
            " where import_job_id = :job",
            {"job": job_id},
        )


@pytest.mark.parametrize(
    "impossible",
    [
        "stage = 'resting'",
        "kind = 'other'",
        "contacts_created = 1, contacts_updated = 0, contacts_unchanged = 0",
        "links_added = 0, links_existing = 1",
        "failed_at = now()",
        "failed_at = now(), failure_code = 'x', due_at = now()",
    ],
)
def test_the_database_refuses_a_chunk_that_cannot_be(database: Database, tenant: Tenant, impossible: str) -> None:
    with database.unit(tenant.tenant_id) as unit:
        job_id = new_job(unit, tenant)
    with pytest.raises(IntegrityError), database.unit(tenant.tenant_id) as unit:
        unit.execute(
            f"update mkt.import_chunks set {impossible} where import_job_id = :job and chunk_no = 0", {"job": job_id}
        )
