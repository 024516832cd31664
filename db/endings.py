"""How a job ends and is taken up again: failing, cancelling, the last look of settle, and retry."""

from __future__ import annotations

from uuid import UUID

from db import sends, undos
from db.chunks import ChunkRef, HintPolicy, wake
from db.jobs import Job, load, set_status, wake_mark, wake_settle
from db.statements import statement
from db.statuses import FINISHED_STATUSES, SETTLE_CHUNK, ChunkStage, JobKind, JobStatus
from db.unit import Unit


def fail(unit: Unit, import_job_id: UUID, *, code: str, detail: str, hints: HintPolicy) -> ChunkRef | None:
    """Note why the job fails (the first reason stays) and make settle due; settle alone writes the status."""
    load(unit, import_job_id, lock=True)
    unit.execute(
        "update mkt.import_jobs set failure_code = :code, failure_detail = :detail,"
        " pause_requested_at = null, pause_requested_by_user_id = null where import_job_id = :job and failure_code is null",
        {"job": import_job_id, "code": code, "detail": detail},
    )
    rest_chunks(unit, import_job_id)
    return wake(unit, import_job_id, SETTLE_CHUNK, ChunkStage.SETTLE, hints=hints)


def request_cancel(unit: Unit, import_job_id: UUID, hints: HintPolicy) -> tuple[bool, ChunkRef | None]:
    """Ask for the job to end; False: it has ended already. Takes effect when no chunk is being worked on."""
    job = load(unit, import_job_id, lock=True)
    if job is None or job.status in FINISHED_STATUSES:
        return False, None
    unit.execute(
        "update mkt.import_jobs set cancel_requested_at = coalesce(cancel_requested_at, now()),"
        " pause_requested_at = null, pause_requested_by_user_id = null where import_job_id = :job",
        {"job": import_job_id},
    )
    rest_chunks(unit, import_job_id)
    return True, wake(unit, import_job_id, SETTLE_CHUNK, ChunkStage.SETTLE, hints=hints)


def rest_chunks(unit: Unit, import_job_id: UUID) -> None:
    """Take the job's chunks that nobody holds out of the window; the ones at work run to their end."""
    unit.execute(
        "update mkt.import_chunks c set hinted_at = null from (select import_job_id, chunk_no from mkt.import_chunks"
        " where import_job_id = :job and kind <> 'settle' and hinted_at is not null for update skip locked) idle"
        " where c.import_job_id = idle.import_job_id and c.chunk_no = idle.chunk_no",
        {"job": import_job_id},
    )


def lock_all_chunks(unit: Unit, import_job_id: UUID) -> bool:
    """Lock every chunk of the job but settle's; False: somebody is working on one of them."""
    locked, there = unit.execute(
        "select (select count(*) from (select from mkt.import_chunks where import_job_id = :job and kind <> 'settle' for update skip locked) l),"
        " (select count(*) from mkt.import_chunks where import_job_id = :job and kind <> 'settle')",
        {"job": import_job_id},
    ).one()
    return bool(locked == there)


def rest_for_good(unit: Unit, import_job_id: UUID) -> int:
    """Fence off every unfinished chunk of a job that ends; returns how many there were.

    A worker that claimed one of them and was slow finds another attempt number and writes nothing.
    """
    return unit.execute(
        "update mkt.import_chunks set attempts = attempts + 1, due_at = null, hinted_at = null, claimed_by = null, claimed_at = null"
        " where import_job_id = :job and kind <> 'settle' and stage <> 'done'",
        {"job": import_job_id},
    ).rowcount


def count_rows(unit: Unit, import_job_id: UUID) -> int:
    """Return how many ImportRows the job really has."""
    return int(
        unit.execute(
            "select count(*) from mkt.import_rows where import_job_id = :job", {"job": import_job_id}
        ).scalar_one()
    )


def imbalance(unit: Unit, job: Job) -> str | None:
    """Return what does not add up in a job whose chunks are all done; None: everything is accounted for."""
    if job.kind is JobKind.SEND:
        return sends.imbalance(unit, job)
    if job.kind is JobKind.UNDO:
        return undos.imbalance(unit, job)
    rows, expected = count_rows(unit, job.import_job_id), job.records_seen - job.blank_rows
    if rows == job.total_rows == expected:
        return None
    return f"the file has {expected} records, the ledger {rows} rows, the chunks count {job.total_rows}"


class SupersededError(Exception):
    """The same content was imported by another job since: taking this one up again would do it twice."""


def reopen(unit: Unit, import_job_id: UUID, hints: HintPolicy) -> list[ChunkRef] | None:
    """Take a failed job up again from where it failed; None: it is not failed. Returns hints to send.

    Raises SupersededError, or sqlalchemy.exc.IntegrityError where the other job is being made at this moment.
    """
    load(unit, import_job_id, lock=True)
    moved = set_status(
        unit,
        import_job_id,
        JobStatus.FAILED,
        JobStatus.PROCESSING,
        failure_code=None,
        failure_detail=None,
        cancel_requested_at=None,
    )
    if not moved:
        return None
    if unit.execute(statement("is_superseded"), {"job": import_job_id}).scalar_one():
        raise SupersededError
    unit.execute(statement("reopen_chunks"), {"job": import_job_id})
    woken = [wake_mark(unit, import_job_id, hints), wake_settle(unit, import_job_id, hints)]
    return [hint for hint in woken if hint is not None]
