"""Erase: one person leaves every table of the tenant, in one transaction; what stays is a keyed hash (decision 19).

The person was blocked when the erasure was asked for. Jobs that had begun before may still bring rows of theirs in, so the
erasure waits for them; jobs that were made later know the block.
"""

from __future__ import annotations

from uuid import UUID

from db import audit, chunks, erasures, jobs
from db.chunks import ChunkRef, Claim
from db.jobs import Job
from db.statuses import ChunkStage
from db.unit import Unit
from pipeline.attempts import effects, move_on
from pipeline.context import Context
from pipeline.spellings import Spellings

#: Seconds until an erasure looks again whether the jobs before it have ended.
PATIENCE = 2.0
#: Options of the job: whom it is about, until its end; whom it waits for; what it has taken away.
ADDRESS, WAITS_FOR, ERASED = "address", "waits_for", "erased"


class _StillRunningError(Exception):
    """A job that holds the person was taken up again meanwhile: whatever this transaction did must be undone."""

    def __init__(self, job_ids: list[UUID]) -> None:
        super().__init__("a job that holds the person is running")
        self.job_ids = job_ids


def run(context: Context, claim: Claim, job: Job) -> None:
    """Take the person out of the tables, or wait for the jobs before it without using up an attempt."""
    person = Spellings.of(job.options[ADDRESS])

    def work(unit: Unit) -> list[ChunkRef]:
        began = erasures.started_at(unit, job.import_job_id)
        if before := erasures.unfinished(unit, until=began):
            return postpone(unit, claim, job, before)
        traces = erasures.erase(unit, job.import_job_id, person.parameters())
        if running := erasures.hold_jobs(unit, list(traces.rows_by_job)):
            raise _StillRunningError(running)
        told = {
            "contacts": len(traces.rids),
            "rows": sum(traces.rows_by_job.values()),
            "jobs": [*map(str, traces.rows_by_job)],
        }
        jobs.set_option(unit, job.import_job_id, ERASED, told)
        jobs.set_option(unit, job.import_job_id, WAITS_FOR, [])
        audit.record(
            unit,
            action="person_erased",
            subject=str(job.import_job_id),
            user_id=job.uploaded_by_user_id,
            details={"mailbox_hash": job.options["mailbox_hash"], **told},
        )
        jobs.set_stage(unit, job.import_job_id, ChunkStage.PURGE)
        return move_on(context, unit, claim, ChunkStage.PURGE)

    try:
        effects(context, claim, work)
    except _StillRunningError as error:
        waits_for = error.job_ids
        effects(context, claim, lambda unit: postpone(unit, claim, job, waits_for))


def postpone(unit: Unit, claim: Claim, job: Job, waits_for: list[UUID]) -> list[ChunkRef]:
    """Give the chunk back for a while, and say for whom it waits."""
    jobs.set_option(unit, job.import_job_id, WAITS_FOR, [str(each) for each in waits_for])
    chunks.postpone(unit, claim, seconds=PATIENCE)
    return []
