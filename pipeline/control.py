"""What operators do to a job from outside: cancel it, or take a failed one up again."""

from __future__ import annotations

from enum import StrEnum, unique
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from db import audit, endings, jobs, windows
from db.chunks import ChunkRef
from db.jobs import Job
from db.statuses import FILE_KINDS, FINISHED_STATUSES, JobKind, JobStatus
from db.unit import Unit
from pipeline import hash_keys, tenant_limits, texts
from pipeline.context import Context


@unique
class ControlRefusal(StrEnum):
    """Why a job is not cancelled or taken up again; the sentence is ``cli.refused.control.<refusal>``."""

    NO_JOB = "no_job"
    ERASURE = "erasure"  # a person waits for it
    CANCEL_ENDED = "cancel_ended"
    RETRY_ENDED = "retry_ended"  # without failing
    RETRY_RUNS = "retry_runs"  # it has not ended
    UNDONE = "undone"
    PARENT_UNDONE = "parent_undone"  # what it corrects was taken back
    SUPERSEDED = "superseded"  # its file came in again since
    ERASED = "erased"  # its file held somebody who was erased
    EXPIRED = "expired"  # its file was kept as long as the settings say


class ControlRefusedError(Exception):
    """The job is not in a state for this; the text is the English sentence, ``key`` and ``params`` make another."""

    def __init__(self, refusal: ControlRefusal, import_job_id: UUID) -> None:
        self.key, self.params = f"refused.control.{refusal}", {"id": str(import_job_id)}
        super().__init__(texts.text(f"cli.{self.key}", "en", **self.params))


def cancel(context: Context, tenant_id: UUID, import_job_id: UUID, *, user_id: UUID | None = None) -> None:
    """Ask for the job to end; it takes effect within one chunk. Raises ControlRefusedError if it has ended."""

    def work(unit: Unit) -> ChunkRef | None:
        job = jobs.load(unit, import_job_id)
        if job is not None and job.kind is JobKind.ERASURE and job.status not in FINISHED_STATUSES:
            raise ControlRefusedError(ControlRefusal.ERASURE, import_job_id)
        if job is None:
            raise ControlRefusedError(ControlRefusal.NO_JOB, import_job_id)
        taken, hint = endings.request_cancel(unit, import_job_id, context.hints)
        if not taken:
            raise ControlRefusedError(ControlRefusal.CANCEL_ENDED, import_job_id)
        audit.record(unit, action="job_cancelled", subject=str(import_job_id), user_id=user_id, details={})
        return hint

    hint = context.database.in_unit(tenant_id, work)
    context.dispatch([hint] if hint else [])


def retry(
    context: Context,
    tenant_id: UUID,
    import_job_id: UUID,
    *,
    allow_opt_outs: int | None = None,
    user_id: UUID | None = None,
) -> None:
    """Take a failed job up again, only what failed, from the stage where it failed.

    ``allow_opt_outs``: how many reachable contacts the job may opt out from now on. Raises ControlRefusedError,
    LimitReachedError where the tenant has taken what it may for now, and HashKeysRefusedError.
    """
    hash_keys.require(context, tenant_id)

    def work(unit: Unit) -> list[ChunkRef]:
        _refuse_retry(context, unit, import_job_id)
        if allow_opt_outs is not None:
            jobs.set_option(unit, import_job_id, "allow_opt_outs", allow_opt_outs)
        woken = endings.reopen(unit, import_job_id, context.hints)
        if woken is None:  # it is not failed
            raise ControlRefusedError(ControlRefusal.RETRY_RUNS, import_job_id)
        details = {} if allow_opt_outs is None else {"allow_opt_outs": allow_opt_outs}
        audit.record(unit, action="job_retried", subject=str(import_job_id), user_id=user_id, details=details)
        return [*woken, *windows.fill_window(unit, context.hints)]

    try:
        hints = context.database.in_unit(tenant_id, work)
    except (endings.SupersededError, IntegrityError):
        raise ControlRefusedError(ControlRefusal.SUPERSEDED, import_job_id) from None
    context.dispatch(hints)


def _refuse_retry(context: Context, unit: Unit, import_job_id: UUID) -> None:
    """Lock the job, and before it the import that it corrects. Raises ControlRefusedError, LimitReachedError."""
    parent = jobs.parent_of(unit, import_job_id)
    corrected = None if parent is None else jobs.load(unit, parent, lock=True)
    job = jobs.load(unit, import_job_id, lock=True)
    if job is None:
        raise ControlRefusedError(ControlRefusal.NO_JOB, import_job_id)
    refuse_without_files(job)
    if job.undo_requested_at is not None:
        raise ControlRefusedError(ControlRefusal.UNDONE, import_job_id)
    if job.kind is JobKind.CORRECTION and corrected is not None and corrected.undo_requested_at is not None:
        raise ControlRefusedError(ControlRefusal.PARENT_UNDONE, import_job_id)
    if job.status in FINISHED_STATUSES and job.status is not JobStatus.FAILED:
        raise ControlRefusedError(ControlRefusal.RETRY_ENDED, import_job_id)
    if job.status is JobStatus.FAILED and job.kind in FILE_KINDS:
        tenant_limits.readmit(unit, context.settings, job)


def refuse_without_files(job: Job) -> None:
    """Raise ControlRefusedError for a job whose file is gone: with an erased person, or because its time was over."""
    if job.erased_at is not None:
        raise ControlRefusedError(ControlRefusal.ERASED, job.import_job_id)
    if job.files_deleted_at is not None:
        raise ControlRefusedError(ControlRefusal.EXPIRED, job.import_job_id)
