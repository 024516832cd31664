"""The read model: jobs, their progress and their problems as people and other programs want to see them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import create_engine, text

from db.engines import as_sqlalchemy_url
from db.statements import statement
from db.statuses import JobKind
from db.unit import Limits, Unit

#: For what is asked of all rows of a job.
LIMITS: Final = Limits(transaction=600.0)


@dataclass(frozen=True)
class JobReport:
    """A job with the names of its audience and its user, and the sums over its chunks."""

    import_job_id: UUID
    kind: str
    status: str
    stage: str
    file_name: str
    file_hash: str
    file_bytes: int
    audience_id: UUID | None
    audience: str | None
    cid: UUID | None
    uploaded_by: str | None
    options: dict[str, Any]
    reading: dict[str, Any] | None
    request_id: str | None
    repeat_no: int
    records_seen: int
    blank_rows: int
    total_rows: int
    ok_rows: int
    error_rows: int
    duplicate_rows: int
    contacts_created: int
    contacts_updated: int
    contacts_unchanged: int
    links_added: int
    links_existing: int
    links_kept_out: int
    consents_unstated: int
    opt_outs_said: int
    opt_outs_added: int
    opt_outs_protected: int
    parent_job_id: UUID | None
    lane: str | None
    paused_at: datetime | None
    paused_by: str | None
    cancel_requested_at: datetime | None
    failure_code: str | None
    failure_detail: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    erased_at: datetime | None
    files_deleted_at: datetime | None


@dataclass(frozen=True)
class Progress:
    """How far a job is. ``records`` grows until ``split`` is true, ``contacts`` is final once ``marked`` is true."""

    status: str
    split: bool
    marked: bool
    records: int
    parsed: int
    contacts: int
    upserted: int
    linked: int
    judged: int
    retries: int  # attempts that did not succeed, of the chunks that are not past that stage
    kind: str = JobKind.IMPORT


def jobs(unit: Unit, *, limit: int | None) -> list[JobReport]:
    """Return the tenant's jobs, the newest first."""
    found = unit.execute(statement("report_jobs"), {"job": None, "limit": limit})
    return [JobReport(**row._mapping) for row in found]  # noqa: SLF001 (SQLAlchemy's public name for it)


def job(unit: Unit, import_job_id: UUID) -> JobReport | None:
    """Return one job of the tenant."""
    row = unit.execute(statement("report_jobs"), {"job": import_job_id, "limit": 1}).one_or_none()
    return None if row is None else JobReport(**row._mapping)  # noqa: SLF001 (as above)


def matching_jobs(unit: Unit, fragment: str) -> list[UUID]:
    """Return the tenant's jobs whose id begins or ends with ``fragment``, case and hyphens as they are shown."""
    pattern = fragment.lower()
    if not re.fullmatch("[0-9a-f-]+", pattern):  # nor may it be a pattern of its own
        return []
    found = unit.execute(
        "select import_job_id from mkt.import_jobs where cast(import_job_id as text) like :pattern || '%'"
        " or cast(import_job_id as text) like '%' || :pattern order by import_job_id desc limit 10",
        {"pattern": pattern},
    )
    return [row[0] for row in found]


def progress(unit: Unit, import_job_id: UUID) -> Progress | None:
    """Return how far the job is."""
    row = unit.execute(statement("report_progress"), {"job": import_job_id}).one_or_none()
    return None if row is None else Progress(**row._mapping)  # noqa: SLF001 (as above)


def error_examples(unit: Unit, import_job_id: UUID) -> list[tuple[str, int, int, str, str]]:
    """Return (error_code, rows, row number, raw e-mail, sentence) by code, with its first row; the most frequent first."""
    found = unit.execute(
        "select distinct on (n.rows, r.error_code) r.error_code, n.rows, r.row_number, r.raw_email, r.error_detail"
        " from mkt.import_rows r join (select error_code, count(*) as rows from mkt.import_rows"
        " where import_job_id = :job and parse_status = 'error' group by 1) n on n.error_code = r.error_code"
        " where r.import_job_id = :job and r.parse_status = 'error'"
        " order by n.rows desc, r.error_code, r.part_no, r.row_number",
        {"job": import_job_id},
    )
    return [(row[0], row[1], row[2], row[3], row[4]) for row in found]


def revisions(owner_url: str) -> list[str]:
    """Return the schema's revisions in force, as the owner; none where the schema was never made.

    Raises sqlalchemy.exc.OperationalError where the database does not answer.
    """
    engine = create_engine(as_sqlalchemy_url(owner_url), connect_args={"connect_timeout": 10})
    try:
        with engine.connect() as connection:
            if connection.execute(text("select to_regclass('mkt.schema_versions')")).scalar_one() is None:
                return []
            return [
                row[0] for row in connection.execute(text("select version_num from mkt.schema_versions order by 1"))
            ]
    finally:
        engine.dispose()
