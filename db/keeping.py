"""What falls due of the things that are kept for a time, and which erasures are behind: for operators, over all tenants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import create_engine, text

from db.engines import as_sqlalchemy_url
from db.statuses import FILE_KINDS


@dataclass(frozen=True)
class ErasureTrouble:
    """An erasure that failed (``error``), or that has not ended an hour after it was asked for."""

    import_job_id: UUID
    created_at: datetime
    error: str | None


@dataclass(frozen=True)
class Keeping:
    """Jobs with files and months of rows and history: how many are overdue, and how many go next."""

    overdue_files: int
    overdue_since: datetime | None
    next_files: int
    next_files_at: datetime | None
    overdue_months: Sequence[str]
    next_months: int
    erasures: Sequence[ErasureTrouble]


def look(owner_url: str, *, files_days: int, rows_months: int) -> Keeping:
    """Look once, as the owner. Files are overdue two hours after their time, months at once: the upkeep comes every hour.

    Next are the files that go within thirty days, and the months that go with the next one.
    """
    engine = create_engine(as_sqlalchemy_url(owner_url), connect_args={"connect_timeout": 10})
    kinds = [str(kind) for kind in FILE_KINDS]
    try:
        with engine.connect() as connection:
            files = connection.execute(
                text(
                    "select count(*) filter (where d.due_at < now() - interval '2 hours') as overdue,"
                    " min(d.due_at) filter (where d.due_at < now() - interval '2 hours') as since,"
                    " count(*) filter (where d.due_at between now() and now() + interval '30 days') as next,"
                    " max(d.due_at) filter (where d.due_at between now() and now() + interval '30 days') as next_at"
                    " from (select case when erased_at is null then finished_at + make_interval(days => :days) else erased_at end as due_at"
                    " from mkt.import_jobs where file_key <> '' and kind = any(:kinds) and finished_at is not null) d"
                ),
                {"days": files_days, "kinds": kinds},
            ).one()
            months = {
                keep: list(
                    connection.execute(
                        text("select partition from mkt.old_partitions(:months) order by before_month, partition"),
                        {"months": keep},
                    ).scalars()
                )
                for keep in ({rows_months, rows_months - 1} if rows_months else ())
            }
            erasures = connection.execute(
                text(
                    "select import_job_id, created_at, coalesce(failure_detail, failure_code) as error from mkt.import_jobs"
                    " where kind = 'erasure' and (status = 'failed'"
                    " or status in ('queued', 'processing') and created_at < now() - interval '1 hour') order by created_at limit 100"
                )
            ).all()
    finally:
        engine.dispose()
    overdue = months.get(rows_months, [])
    return Keeping(
        files.overdue,
        files.since,
        files.next,
        files.next_at,
        overdue,
        len(set(months.get(rows_months - 1, [])) - set(overdue)),
        [ErasureTrouble(*row) for row in erasures],
    )
