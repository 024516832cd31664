"""What operators do to a job from outside: cancel it, or take a failed one up again."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.exc import IntegrityError

from db import chunks, endings, jobs
from db.chunks import ChunkRef
from db.statuses import FINISHED_STATUSES, JobStatus
from db.unit import Unit
from pipeline.context import Context


class ControlRefusedError(Exception):
    """The job is not in a state for this; the text is for people and says what can be done instead."""


def cancel(context: Context, tenant_id: UUID, import_job_id: UUID) -> None:
    """Ask for the job to end; it takes effect within one chunk. Raises ControlRefusedError if it has ended."""

    def work(unit: Unit) -> tuple[bool, ChunkRef | None]:
        return endings.request_cancel(unit, import_job_id, context.hints)

    taken, hint = context.database.in_unit(tenant_id, work)
    if not taken:
        raise ControlRefusedError(_refusal(context, tenant_id, import_job_id, "cancelled"))
    context.dispatch([hint] if hint else [])


def retry(context: Context, tenant_id: UUID, import_job_id: UUID, *, allow_opt_outs: int | None = None) -> None:
    """Take a failed job up again, only what failed, from the stage where it failed. Raises ControlRefusedError.

    ``allow_opt_outs``: how many reachable contacts the job may opt out from now on.
    """

    def work(unit: Unit) -> list[ChunkRef] | None:
        if allow_opt_outs is not None:
            jobs.set_option(unit, import_job_id, "allow_opt_outs", allow_opt_outs)
        woken = endings.reopen(unit, import_job_id, context.hints)
        return None if woken is None else [*woken, *chunks.fill_window(unit, context.hints)]

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


def _refusal(context: Context, tenant_id: UUID, import_job_id: UUID, wish: str) -> str:
    with context.database.unit(tenant_id) as unit:
        job = jobs.load(unit, import_job_id)
    if job is None:
        return f"there is no job {import_job_id}; `mkt job list` shows those there are"
    if job.status in FINISHED_STATUSES and job.status is not JobStatus.FAILED:
        return f"job {import_job_id} is {job.status}: it has ended and cannot be {wish}"
    return f"job {import_job_id} is {job.status} and cannot be {wish} now"
