"""Which stored files are still wanted: whose time is over, whose deletion was begun, and which belong to no job.

A deletion has three steps, and goes on where it was killed: the job says that its files go (`erased_at`, `files_deleted_at`),
the files go, and the job names them no more (`file_key` empty).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from db.statuses import FILE_KINDS
from db.unit import Unit

_KINDS = ", ".join(f"'{kind}'" for kind in sorted(FILE_KINDS))
_OF_FILES = f"kind in ({_KINDS}) and file_key <> '' and finished_at is not null"


@dataclass(frozen=True)
class Doomed:
    """A job whose files go; ``shared``: another job still wants the original."""

    import_job_id: UUID
    file_key: str
    shared: bool


def tenants_to_visit(unit: Unit, finished_before: datetime, cleansed_before: datetime) -> list[UUID]:
    """Return the tenants that have files to delete, or to cleanse; works in a unit that is bound to no tenant."""
    found = unit.execute(
        "select * from mkt.tenants_with_files_to_delete(:before, :cleansed)",
        {"before": finished_before, "cleansed": cleansed_before},
    )
    return [row[0] for row in found]


def expire(unit: Unit, finished_before: datetime) -> list[UUID]:
    """Say of the tenant's jobs that ended before that their files go: from then on they cannot be taken up again."""
    found = unit.execute(
        f"update mkt.import_jobs set files_deleted_at = now() where tenant_id = :tenant and {_OF_FILES}"
        " and finished_at < :before and files_deleted_at is null and erased_at is null returning import_job_id",
        {"tenant": unit.tenant_id, "before": finished_before},
    )
    return [row[0] for row in found]


def doomed(unit: Unit) -> list[Doomed]:
    """Return the tenant's jobs whose files were said to go and may still be there."""
    found = unit.execute(
        "select j.import_job_id, j.file_key, exists (select from mkt.import_jobs o where o.tenant_id = j.tenant_id"
        " and o.file_key = j.file_key and o.erased_at is null and o.files_deleted_at is null) as shared"
        f" from (select * from mkt.import_jobs where tenant_id = :tenant and {_OF_FILES}) j"
        " where j.erased_at is not null or j.files_deleted_at is not null order by j.import_job_id",
        {"tenant": unit.tenant_id},
    )
    return [Doomed(*row) for row in found]


def to_cleanse(unit: Unit, finished_before: datetime) -> list[Doomed]:
    """Return the tenant's jobs that ended before, were read to their end, and whose files name people who had been erased."""
    found = unit.execute(
        "select j.import_job_id, j.file_key, exists (select from mkt.import_jobs o where o.tenant_id = j.tenant_id"
        " and o.file_key = j.file_key and o.finished_at is null) as shared"
        f" from (select * from mkt.import_jobs where tenant_id = :tenant and {_OF_FILES}) j"
        " where j.options ? 'names_erased' and not j.options ? 'cleansed' and j.erased_at is null and j.files_deleted_at is null"
        " and j.finished_at < :before and exists (select from mkt.import_chunks c where c.import_job_id = j.import_job_id"
        " and c.kind = 'split' and c.stage = 'done') order by j.import_job_id",
        {"tenant": unit.tenant_id, "before": finished_before},
    )
    return [Doomed(*row) for row in found]


def gone(unit: Unit, import_job_id: UUID) -> None:
    """Say that the job's files are there no more."""
    unit.execute(
        "update mkt.import_jobs set file_key = '' where import_job_id = :job"
        " and (erased_at is not null or files_deleted_at is not null)",
        {"job": import_job_id},
    )
    unit.execute(
        "update mkt.import_chunks set chunk_key = null where import_job_id = :job and chunk_key is not null",
        {"job": import_job_id},
    )


def of_file(unit: Unit, file_key: str) -> list[UUID]:
    """Return the tenant's jobs that were made of this original, the oldest first."""
    found = unit.execute(
        "select import_job_id from mkt.import_jobs where tenant_id = :tenant and file_key = :key order by import_job_id",
        {"tenant": unit.tenant_id, "key": file_key},
    )
    return [row[0] for row in found]


def made_until(unit: Unit, import_jobs: Sequence[UUID], until: datetime) -> list[UUID]:
    """Return those of the jobs that the tenant has, made up to that moment."""
    found = unit.execute(
        "select import_job_id from mkt.import_jobs where tenant_id = :tenant and import_job_id = any(:jobs) and created_at <= :until",
        {"tenant": unit.tenant_id, "jobs": list(import_jobs), "until": until},
    )
    return [row[0] for row in found]


def known_files(unit: Unit) -> set[str]:
    """Return the keys of the originals that the tenant's jobs name."""
    return {
        row[0]
        for row in unit.execute(
            "select distinct file_key from mkt.import_jobs where tenant_id = :tenant", {"tenant": unit.tenant_id}
        )
    }


def known_jobs(unit: Unit, import_jobs: Sequence[UUID]) -> set[UUID]:
    """Return those of the jobs that the tenant has and that still have files."""
    found = unit.execute(
        "select import_job_id from mkt.import_jobs where tenant_id = :tenant and import_job_id = any(:jobs) and file_key <> ''",
        {"tenant": unit.tenant_id, "jobs": list(import_jobs)},
    )
    return {row[0] for row in found}
