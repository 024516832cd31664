"""What `mkt doctor` says of what is kept for a time, and of people who are to be erased."""

from __future__ import annotations

from collections.abc import Iterator

from cli.findings import Finding, Level
from config.endpoints import database_url
from config.settings import Settings
from db import keeping


def kept(settings: Settings) -> Iterator[Finding]:
    """Look at retention and at erasures: what falls due when, what is overdue, who is blocked but not erased yet."""
    found = keeping.look(
        database_url(settings), files_days=settings.retain_files_days, rows_months=settings.retain_rows_months
    )
    if found.overdue_files:
        overdue: dict[str, object] = {"jobs": found.overdue_files, "since": found.overdue_since or "-"}
        yield Finding("retention", Level.WARNING, "files_overdue", overdue)
    if found.overdue_months:
        months: dict[str, object] = {"partitions": len(found.overdue_months), "oldest": found.overdue_months[0]}
        yield Finding("retention", Level.WARNING, "rows_overdue", months)
    if not found.overdue_files and not found.overdue_months:
        falls_due: dict[str, object] = {
            "days": settings.retain_files_days,
            "months": settings.retain_rows_months,
            "jobs": found.next_files,
            "next": found.next_files_at or "-",
            "partitions": found.next_months,
        }
        yield Finding("retention", Level.OK, params=falls_due)
    for each in found.erasures:
        state = "waiting" if each.error is None else "failed"
        told: dict[str, object] = {"id": str(each.import_job_id), "since": each.created_at, "error": each.error or "-"}
        yield Finding("erasures", Level.WARNING, state, told)
    if not found.erasures:
        yield Finding("erasures", Level.OK)
