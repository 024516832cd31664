"""What a tenant may take of what all share: its weight, jobs at once, rows a day, bytes of a file; and which lane a job is in.

What was set for the tenant counts, and else the settings. Refusals come at intake; only rows, which nobody has counted by
then, can stop a job later: while its file is read, before any effect.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum, unique
from typing import Final
from uuid import UUID

from config.settings import Settings
from db import audit, limits, tenants
from db.jobs import Job
from db.limits import TenantLimits
from db.statuses import FIRST_ROWS_CHUNK, JobKind, Lane
from db.unit import Unit
from pipeline import texts
from pipeline.context import Context
from pipeline.problems import FileProblem, FileProblemCode

#: Bytes of a file for each record that it is taken to have until it was read: an address, a name, a word or two.
RECORD_BYTES: Final = 100
#: The bounds of a weight, as the database has them.
WEIGHTS: Final = (0.01, 100.0)


@unique
class LimitReached(StrEnum):
    """Which limit a request runs into; the sentence is ``cli.refused.limits.<limit>``, the code that of the refusal."""

    JOBS = "too_many_jobs"
    ROWS = "too_many_rows_today"
    ROWS_AGAIN = "too_many_rows_with_job"  # with those of a failed job that is to be taken up again


class LimitReachedError(Exception):
    """The tenant has taken what it may for now; the text is the English sentence, ``key`` and ``params`` make another."""

    def __init__(self, code: LimitReached, **params: str | int) -> None:
        self.code, self.key, self.params = code, f"refused.limits.{code}", params
        super().__init__(texts.text(f"cli.{self.key}", "en", **params))


def in_force(unit: Unit, settings: Settings) -> TenantLimits:
    """Return the limits of the unit's tenant, none of them None."""
    own = limits.load(unit)
    return TenantLimits(
        weight=1.0 if own.weight is None else own.weight,
        max_jobs=settings.max_jobs if own.max_jobs is None else own.max_jobs,
        max_rows_per_day=settings.max_rows_per_day if own.max_rows_per_day is None else own.max_rows_per_day,
        max_file_bytes=settings.max_file_bytes if own.max_file_bytes is None else own.max_file_bytes,
    )


def change(context: Context, tenant_id: UUID, user_id: UUID, changed: Mapping[str, float | None]) -> None:
    """Set some limits of the tenant (None: as the settings have it), and leave in the audit trail who did."""

    def work(unit: Unit) -> None:
        limits.save(unit, changed)
        audit.record(unit, action="tenant_limits_set", subject=str(tenant_id), user_id=user_id, details=changed)

    context.database.in_unit(tenant_id, work)


def file_bytes(context: Context, tenant_id: UUID) -> int:
    """Return how large a file of the tenant may be."""
    with context.database.unit(tenant_id) as unit:
        return in_force(unit, context.settings).max_file_bytes or context.settings.max_file_bytes


def admit(unit: Unit, settings: Settings, kind: JobKind) -> None:
    """See that the tenant may have one more job of a file. Raises LimitReachedError.

    Where there is a limit, whoever asks at the same moment waits for the end of the transaction.
    """
    own = in_force(unit, settings)
    if own.max_jobs:
        limits.take_turns(unit)
        if (there := limits.open_jobs(unit)) >= own.max_jobs:
            raise LimitReachedError(LimitReached.JOBS, jobs=there, limit=own.max_jobs)
    if own.max_rows_per_day and kind is not JobKind.DRY_RUN:
        read = limits.rows_of_the_day(unit, tenants.this(unit).timezone)
        if read >= own.max_rows_per_day:
            raise LimitReachedError(LimitReached.ROWS, rows=read, limit=own.max_rows_per_day)


def readmit(unit: Unit, settings: Settings, job: Job) -> None:
    """See that the tenant may have a failed job of a file once more, with the records that it has by now. Raises LimitReachedError."""
    admit(unit, settings, job.kind)
    own = in_force(unit, settings)
    if own.max_rows_per_day and job.kind is not JobKind.DRY_RUN:
        rows = limits.rows_of_the_day(unit, tenants.this(unit).timezone, of_job=job.import_job_id)
        if rows > own.max_rows_per_day:
            raise LimitReachedError(
                LimitReached.ROWS_AGAIN, rows=rows, limit=own.max_rows_per_day, id=str(job.import_job_id)
            )


def admit_rows(unit: Unit, settings: Settings, job: Job) -> None:
    """See that the records of the job, with those of a chunk that was just added, are not too many for today. A dry run is free.

    Raises FileProblem: the transaction that added the chunk must not commit.
    """
    limit = in_force(unit, settings).max_rows_per_day
    if not limit or job.kind is JobKind.DRY_RUN:
        return
    limits.take_turns(unit)
    rows = limits.rows_of_the_day(unit, tenants.this(unit).timezone, of_job=job.import_job_id)
    if rows > limit:
        raise FileProblem(
            FileProblemCode.TOO_MANY_ROWS_TODAY, file=job.file_name, limit=limit, job=str(job.import_job_id)
        )


def lane_of(settings: Settings, file_bytes: int) -> Lane:
    """Return the lane of a file that nobody has read yet."""
    return Lane.EXPRESS if file_bytes <= settings.express_rows * RECORD_BYTES else Lane.BULK


def is_bulk(settings: Settings, job: Job, chunk_no: int) -> bool:
    """Return whether a job that has a rows chunk of this number is a large one, whatever its file seemed to be.

    Counted in whole chunks: where they end depends on the file alone, so a split that was killed finds the same.
    """
    before = (chunk_no - FIRST_ROWS_CHUNK) * job.chunk_rows
    return before >= settings.express_rows
