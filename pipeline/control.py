"""What operators do to a job from outside: cancel it, or take a failed one up again."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.exc import IntegrityError

from db import audit, endings, jobs, windows
from db.chunks import ChunkRef
from db.jobs import Job
from db.statuses import FINISHED_STATUSES, JobKind, JobStatus
from db.unit import Unit
from pipeline import hash_keys
from pipeline.context import Context
from pipeline.intake import without_files


class ControlRefusedError(Exception):
    """The job is not in a state for this; the text is for people and says what can be done instead."""


def cancel(context: Context, tenant_id: UUID, import_job_id: UUID, *, user_id: UUID | None = None) -> None:
    """Ask for the job to end; it takes effect within one chunk. Raises ControlRefusedError if it has ended."""

    def work(unit: Unit) -> tuple[bool, ChunkRef | None]:
        job = jobs.load(unit, import_job_id)
        if job is not None and job.kind is JobKind.ERASURE and job.status not in FINISHED_STATUSES:
            msg = f"job {import_job_id} erases a person and is not cancelled; `mkt suppress lift` lets somebody back who agrees anew"
            raise ControlRefusedError(msg)
        taken, hint = endings.request_cancel(unit, import_job_id, context.hints)
        if taken:
            audit.record(unit, action="job_cancelled", subject=str(import_job_id), user_id=user_id, details={})
        return taken, hint

    taken, hint = context.database.in_unit(tenant_id, work)
    if not taken:
        raise ControlRefusedError(_refusal(context, tenant_id, import_job_id, "cancelled"))
    context.dispatch([hint] if hint else [])


def retry(
    context: Context,
    tenant_id: UUID,
    import_job_id: UUID,
    *,
    allow_opt_outs: int | None = None,
    user_id: UUID | None = None,
) -> None:
    """Take a failed job up again, only what failed, from the stage where it failed. Raises ControlRefusedError.

    ``allow_opt_outs``: how many reachable contacts the job may opt out from now on. Raises HashKeysRefusedError.
    """
    hash_keys.require(context, tenant_id)

    def work(unit: Unit) -> list[ChunkRef] | None:
        job = jobs.load(unit, import_job_id, lock=True)
        refuse_without_files(job)
        if job is not None and job.undo_requested_at is not None:
            msg = f"job {import_job_id} was undone and is not taken up again; import the file again"
            raise ControlRefusedError(msg)
        if allow_opt_outs is not None:
            jobs.set_option(unit, import_job_id, "allow_opt_outs", allow_opt_outs)
        woken = endings.reopen(unit, import_job_id, context.hints)
        if woken is None:
            return None
        details = {} if allow_opt_outs is None else {"allow_opt_outs": allow_opt_outs}
        audit.record(unit, action="job_retried", subject=str(import_job_id), user_id=user_id, details=details)
        return [*woken, *windows.fill_window(unit, context.hints)]

    try:
        hints = context.database.in_unit(tenant_id, work)
    except (endings.SupersededError, IntegrityError):
        msg = (
            f"the file of job {import_job_id} has been imported again since; look at that job instead (`mkt job list`)"
        )
        raise ControlRefusedError(msg) from None
    if hints is None:
        raise ControlRefusedError(_refusal(context, tenant_id, import_job_id, "retried"))
    context.dispatch(hints)


def refuse_without_files(job: Job | None) -> None:
    """Raise ControlRefusedError for a job whose file is gone: with an erased person, or because its time was over."""
    if job is not None and (gone := without_files(job)):
        msg = f"job {job.import_job_id} cannot be taken up again: {gone}"
        raise ControlRefusedError(msg)


def _refusal(context: Context, tenant_id: UUID, import_job_id: UUID, wish: str) -> str:
    with context.database.unit(tenant_id) as unit:
        job = jobs.load(unit, import_job_id)
    if job is None:
        return f"there is no job {import_job_id}; `mkt job list` shows those there are"
    if job.status in FINISHED_STATUSES and job.status is not JobStatus.FAILED:
        return f"job {import_job_id} is {job.status}: it has ended and cannot be {wish}"
    return f"job {import_job_id} is {job.status} and cannot be {wish} now"
