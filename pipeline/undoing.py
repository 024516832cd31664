"""Undo of an import: what it did is taken back, but for what somebody has built on since.

An undo is a job like any other, about an import (or a correction) instead of a file: `deal` puts everybody whom the import touched
into chunks, `undo` takes back what it did with them. There is one at a time, and another as long as something of the import is left:
what was kept because later imports counted on it may go once these are taken back, too.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from enum import StrEnum, unique
from typing import Final
from uuid import UUID

from db import audit, jobs, new_jobs, quarantines, undos
from db.chunks import ChunkRef
from db.jobs import Job
from db.new_jobs import NewJob
from db.statuses import FINISHED_STATUSES, JobKind, JobStatus, UndoOutcome, UndoThing
from db.undos import Summary, Target
from db.unit import Limits, Unit
from pipeline import texts
from pipeline.context import Context
from pipeline.failpoints import failpoint
from pipeline.intake import Receipt
from pipeline.options import ImportOptions

#: Kinds of jobs that can be taken back.
UNDOABLE: Final = frozenset({JobKind.IMPORT, JobKind.CORRECTION})
#: How long a dry run of an undo may look, in seconds.
DRY_RUN: Final = Limits(transaction=1800)


@unique
class UndoProblem(StrEnum):
    """Why a job cannot be taken back; the sentence is ``cli.refused.undo.<problem>``."""

    NO_JOB = "no_job"
    DRY_RUN = "dry_run"  # it wrote nothing
    SEND = "send"
    ERASURE = "erasure"
    SUPPRESSION = "suppression"  # its opt-outs are retracted
    UNDO = "undo"
    RUNNING = "running"  # it has not ended
    UNDONE = "undone"  # it was taken back before, and nobody said that it is to be once more
    NOTHING_LEFT = "nothing_left"  # it was taken back before, and nothing of it is left
    FAILED_BEFORE = "failed_before"  # its undo is to be taken up again, not repeated
    BEING_CANCELLED = "being_cancelled"  # its undo has not ended yet
    CORRECTED = "corrected"  # corrections stand on it
    ROWS_GONE = "rows_gone"  # its rows are not kept any more


class UndoRefusedError(Exception):
    """The job cannot be taken back; ``params`` fill in the sentence, which is also the text."""

    def __init__(self, problem: UndoProblem, **params: str | datetime) -> None:
        super().__init__(texts.text(f"cli.refused.undo.{problem}", "en", **params))
        self.problem, self.params = problem, params


def request(context: Context, tenant_id: UUID, user_id: UUID, import_job_id: UUID, *, again: bool = False) -> Receipt:
    """Make the job that takes the import back, or return the one that is under way. Safe under any number of callers.

    With ``again`` what an undo has kept that is done is looked at once more: what it was kept for may be gone.
    Raises UndoRefusedError; nothing is written then.
    """

    def work(unit: Unit) -> tuple[UUID, ChunkRef | None]:
        target, under_way = _undoable(unit, import_job_id, again=again)
        if under_way is not None:
            return under_way, None
        undos.note_request(unit, import_job_id)
        made = new_jobs.create(unit, _new_job(context, target, user_id), again=True, hints=context.hints)
        audit.record(
            unit,
            action="undo_requested",
            subject=str(import_job_id),
            user_id=user_id,
            details={"import_job_id": str(made[0])},
        )
        return made

    job_id, hint = context.database.in_unit(tenant_id, work)
    failpoint("intake:committed")
    if hint is not None:
        context.dispatch([hint])
    return Receipt(job_id, reused=hint is None)


def forecast(context: Context, tenant_id: UUID, import_job_id: UUID, *, again: bool = False) -> list[Summary]:
    """Return what an undo of the import would do now, by the rules that it goes by; nothing is written.

    What the database itself would refuse is not known before. Raises UndoRefusedError.
    """
    with context.database.reading(tenant_id, DRY_RUN) as unit:
        target, under_way = _undoable(unit, import_job_id, again=again, lock=False)
        if under_way is not None:
            return []
        return undos.forecast(unit, target_of(target), contacts=context.settings.chunk_rows)


def target_of(job: Job) -> Target:
    """Return the import that is taken back, with what its options let it change."""
    return Target(job, ImportOptions.from_json(job.options).merging)


def load_target(unit: Unit, undo: Job) -> Target:
    """Return the import that an undo is about. Raises LookupError for a job that is no undo."""
    target = None if undo.parent_job_id is None else jobs.load(unit, undo.parent_job_id)
    if target is None:
        msg = f"a {undo.kind} job takes nothing back"
        raise LookupError(msg)
    return target_of(target)


def note_end(unit: Unit, job: Job) -> None:
    """Leave in the audit trail how the undo has ended; nothing is held back any more where nobody is left that came in."""
    ended = jobs.load(unit, job.import_job_id)
    if ended is None or job.parent_job_id is None:
        raise LookupError(job.import_job_id)
    lines = undos.summary(unit, job.import_job_id)
    counts = {str(each): sum(line.things for line in lines if line.outcome is each) for each in UndoOutcome}
    audit.record(
        unit,
        action="import_undone" if ended.status is JobStatus.DONE else "undo_ended",
        subject=str(job.parent_job_id),
        user_id=job.uploaded_by_user_id,
        details={"import_job_id": str(job.import_job_id), "status": str(ended.status), **counts},
    )
    stays = any(line.thing is UndoThing.LINK and line.outcome is not UndoOutcome.REVERSED for line in lines)
    if ended.status is JobStatus.DONE and not stays and quarantines.lift(unit, job.parent_job_id):
        audit.record(unit, action="quarantine_lifted", subject=str(job.parent_job_id), user_id=None, details={})


_NOT_UNDOABLE: Final = {
    JobKind.DRY_RUN: UndoProblem.DRY_RUN,
    JobKind.SEND: UndoProblem.SEND,
    JobKind.ERASURE: UndoProblem.ERASURE,
    JobKind.SUPPRESSION: UndoProblem.SUPPRESSION,
    JobKind.UNDO: UndoProblem.UNDO,
}


def _undoable(unit: Unit, import_job_id: UUID, *, again: bool, lock: bool = True) -> tuple[Job, UUID | None]:
    """Return the job, locked against whoever would take it up again or back, and its undo that is under way. Raises UndoRefusedError."""
    job = _ended(jobs.load(unit, import_job_id, lock=lock), import_job_id)
    told: dict[str, str | datetime] = {"id": str(import_job_id)}
    last = undos.last_undo(unit, import_job_id)
    if last is not None:
        told["undo"] = str(last.import_job_id)
        if last.status is JobStatus.FAILED:
            raise UndoRefusedError(UndoProblem.FAILED_BEFORE, **told)
        if last.is_ending:
            raise UndoRefusedError(UndoProblem.BEING_CANCELLED, **told)
        if last.finished_at is None:
            return job, last.import_job_id
        if not again or not undos.is_anything_left(unit, target_of(job)):
            problem = UndoProblem.NOTHING_LEFT if again else UndoProblem.UNDONE
            raise UndoRefusedError(problem, **told, when=last.finished_at, user=last.user or "?")
    if corrections := undos.standing_corrections(unit, import_job_id):
        raise UndoRefusedError(UndoProblem.CORRECTED, **told, corrections=", ".join(map(str, corrections)))
    if undos.has_lost_rows(unit, import_job_id):
        raise UndoRefusedError(UndoProblem.ROWS_GONE, **told)
    return job, None


def _ended(job: Job | None, import_job_id: UUID) -> Job:
    """Return a job that has ended and did what can be taken back. Raises UndoRefusedError."""
    if job is None:
        raise UndoRefusedError(UndoProblem.NO_JOB, id=str(import_job_id))
    if job.kind in _NOT_UNDOABLE:
        raise UndoRefusedError(_NOT_UNDOABLE[job.kind], id=str(import_job_id))
    if job.status not in FINISHED_STATUSES:
        raise UndoRefusedError(UndoProblem.RUNNING, id=str(import_job_id))
    return job


def _new_job(context: Context, target: Job, user_id: UUID) -> NewJob:
    return NewJob(
        kind=JobKind.UNDO,
        audience_id=target.audience_id,
        uploaded_by_user_id=user_id,
        request_id=None,
        file_name=target.file_name,  # there is no file: what people call the import by
        file_hash=hashlib.sha256(target.import_job_id.bytes).hexdigest(),
        file_bytes=0,
        file_key="",
        options={},
        options_hash="",
        chunk_rows=context.settings.chunk_rows,
        parent_job_id=target.import_job_id,
    )
