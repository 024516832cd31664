"""Settle: checks that every record is accounted for, and writes the end. The only writer of a final status."""

from __future__ import annotations

from typing import Final

from db import chunks, endings, jobs
from db.chunks import ChunkRef, Claim
from db.jobs import Job
from db.statuses import ChunkStage, JobKind, JobStatus
from db.unit import Unit
from pipeline import sending, undoing
from pipeline.attempts import effects, move_on
from pipeline.context import Context
from pipeline.quarantine import judge, limits_of

#: Failure code of a job whose totals do not add up: a fault of ours, never of the file.
UNBALANCED = "unbalanced"
#: Kinds of jobs whose end is written down in the audit trail.
_ENDS: Final = {JobKind.SEND: sending.note_end, JobKind.UNDO: undoing.note_end}
#: How long to wait, in seconds, when a chunk is still being worked on.
BUSY_DELAY = 0.5


def run(context: Context, claim: Claim, job: Job) -> None:
    """End the job as done, failed or cancelled; waits while a worker holds one of its chunks."""

    def work(unit: Unit) -> list[ChunkRef]:
        current = jobs.load(unit, job.import_job_id, lock=True)
        if current is None or not endings.lock_all_chunks(unit, job.import_job_id):
            chunks.postpone(unit, claim, seconds=BUSY_DELAY)
            return []
        finished = endings.rest_for_good(unit, job.import_job_id) == 0
        jobs.refresh_totals(unit, job.import_job_id)
        _end(unit, job, finished=finished)
        if job.kind in _ENDS:
            _ENDS[job.kind](unit, job)
        judge(unit, job, limits_of(context.settings))
        return move_on(context, unit, claim, ChunkStage.DONE)

    effects(context, claim, work)


def _end(unit: Unit, job: Job, *, finished: bool) -> None:
    # A new look: the totals were refreshed under the job's lock.
    now = jobs.load(unit, job.import_job_id)
    if now is None:
        raise LookupError(job.import_job_id)
    if now.failure_code is not None:
        _write(unit, now, JobStatus.FAILED)
    elif not finished:
        _write(unit, now, JobStatus.CANCELLED)  # all that could leave a chunk unfinished without a failure
    else:
        detail = endings.imbalance(unit, now)
        if detail is None:
            _write(unit, now, JobStatus.DONE)
        else:
            _write(unit, now, JobStatus.FAILED, failure_code=UNBALANCED, failure_detail=detail)


def _write(unit: Unit, job: Job, to: JobStatus, **values: str) -> None:
    if not jobs.set_status(unit, job.import_job_id, job.status, to, stage="settled", **values):
        msg = f"the status moved under the job's lock: it was {job.status}"
        raise RuntimeError(msg)
