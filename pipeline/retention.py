"""How long things are kept: originals and chunks by the day, rows and history by the month, what belongs to nobody for a day.

Part of the hourly upkeep. Each step can be killed and is gone on with by the next tick; jobs that have not ended keep all.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError

from db import erasures, import_rows, jobs, outcomes, stored_files, upkeep
from pipeline.context import Context
from pipeline.erased import cells_without_erased
from pipeline.problems import RowProblem
from pipeline.store import StoredObject

log = structlog.get_logger()

#: Seconds for which one tick goes on deleting files.
TICK: Final = 60.0
#: An upload that is under way, and a job that is being made of it, take no longer.
ORPHAN_AGE: Final = timedelta(days=1)
#: After so long a job that ended keeps nothing in its files of people who had been erased before it was asked for.
CLEANSED_AFTER: Final = timedelta(days=1)
#: Option of a job whose file names such people; and that its files do so no longer.
NAMES_ERASED, CLEANSED = "names_erased", "cleansed"
#: Folders of the store: uploads under way, originals, canonical chunks.
INCOMING, FILES, CHUNKS = "incoming", "files", "chunks"


def nobody_waits() -> None:
    """Say to nobody that the work goes on."""


def retain(context: Context) -> None:
    """Let go of what was kept long enough. Trouble with one tenant, or with one month, holds up nothing else."""
    deadline = time.monotonic() + TICK
    with context.database.unit(None) as unit:
        before = context.clock(unit) - timedelta(days=context.settings.retain_files_days)
        tenants = stored_files.tenants_to_visit(unit, before, context.clock(unit) - CLEANSED_AFTER)
    for tenant_id in tenants:
        if time.monotonic() >= deadline:
            break
        try:
            with context.database.unit(tenant_id) as unit:
                expired = stored_files.expire(unit, before)
            if expired:
                log.info("files_expired", tenant_id=str(tenant_id), jobs=len(expired))
            delete_files(context, tenant_id, deadline=deadline)
            cleanse(context, tenant_id)
        except (DBAPIError, OSError) as error:
            log.error("files_not_deleted", tenant_id=str(tenant_id), error=type(error).__name__)  # noqa: TRY400 (keys of files are in the message)
    delete_orphans(context)
    drop_months(context)
    with context.database.unit(None) as unit:
        if unnamed := erasures.unname(unit):
            log.info("opt_outs_unnamed", entries=unnamed)


def delete_files(
    context: Context, tenant_id: UUID, *, alive: Callable[[], None] = nobody_waits, deadline: float | None = None
) -> int:
    """Delete the files of the tenant's jobs that were said to go; returns of how many jobs. ``alive`` may raise."""
    with context.database.unit(tenant_id) as unit:
        doomed = stored_files.doomed(unit)
    for count, job in enumerate(doomed):
        if deadline is not None and time.monotonic() >= deadline:
            return count
        for each in context.store.listed(f"{CHUNKS}/{tenant_id}/{job.import_job_id}"):
            alive()
            context.store.delete(each.key)
        if not job.shared:
            context.store.delete(job.file_key)
        with context.database.unit(tenant_id) as unit:
            stored_files.gone(unit, job.import_job_id)
    return len(doomed)


def cleanse(context: Context, tenant_id: UUID) -> int:
    """Take erased people out of the chunks of jobs that ended a day ago, and let their originals go; returns of how many jobs.

    Such a job can be taken up again, and its rejects exported. A dry run cannot be committed any more.
    """
    with context.database.unit(tenant_id) as unit:
        since = context.clock(unit) - CLEANSED_AFTER
        found = stored_files.to_cleanse(unit, since)
    for job in found:
        with context.database.unit(tenant_id) as unit:
            chunks = outcomes.chunks(unit, job.import_job_id)
        for chunk in chunks:
            with context.database.unit(tenant_id) as unit:
                rows = import_rows.numbers(unit, chunk.rows, str(RowProblem.ERASED_PERSON))
            before = context.store.get(chunk.key)
            after = cells_without_erased(context, tenant_id, before, whole_rows=rows)
            if after != before:
                context.store.put(chunk.key, after)
        if not job.shared:
            context.store.delete(job.file_key)
        with context.database.unit(tenant_id) as unit:
            jobs.set_option(unit, job.import_job_id, CLEANSED, True)  # noqa: FBT003 (a JSON value)
    return len(found)


def delete_orphans(context: Context) -> int:
    """Delete what no job names and is a day old: an upload that was killed, a chunk of a split that was. Returns how many."""
    with context.database.unit(None) as unit:
        since = context.clock(unit) - ORPHAN_AGE
    old = [each for folder in (FILES, CHUNKS) for each in context.store.listed(folder) if each.written_at < since]
    orphans = [each for each in context.store.listed(INCOMING) if each.written_at < since]
    by_tenant: dict[UUID, list[StoredObject]] = defaultdict(list)
    for each in old:
        by_tenant[UUID(each.key.split("/")[1])].append(each)
    for tenant_id, objects in by_tenant.items():
        jobs = {job_of(each) for each in objects} - {None}
        with context.database.unit(tenant_id) as unit:
            known_files = stored_files.known_files(unit)
            known_jobs = stored_files.known_jobs(unit, [job for job in jobs if job is not None])
        orphans += [
            each
            for each in objects
            if (each.key not in known_files if job_of(each) is None else job_of(each) not in known_jobs)
        ]
    for each in orphans:
        context.store.delete(each.key)
    if orphans:
        log.info("orphans_deleted", files=len(orphans))
    return len(orphans)


def drop_months(context: Context) -> list[str]:
    """Drop the months of rows and of history that are older than the settings keep; returns their partitions."""
    dropped: list[str] = []
    months = context.settings.retain_rows_months
    try:
        while months:
            with context.database.unit(None) as unit:
                partition = upkeep.drop_old_partition(unit, months)
            if partition is None:
                break
            log.info("partition_dropped", partition=partition)
            dropped.append(partition)
    except DBAPIError as error:
        # Somebody reads them: the next tick comes in an hour.
        log.warning("partition_not_dropped", error=type(error.orig).__name__)
    return dropped


def job_of(each: StoredObject) -> UUID | None:
    """Return the job that a chunk's file belongs to; None for an original."""
    folder, _, *rest = each.key.split("/")
    return UUID(rest[0]) if folder == CHUNKS else None


def moment_of_month(months: int, now: datetime) -> datetime:
    """Return the first moment that is kept, so many months before this one."""
    month = now.astimezone(UTC).year * 12 + now.astimezone(UTC).month - 1 - months
    return datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC)
