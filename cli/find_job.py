"""Which job is meant: people copy the beginning or the end of an id."""

from __future__ import annotations

from contextlib import suppress
from typing import Final
from uuid import UUID

from cli.refusals import Refusal, RefusedError
from cli.session import Session
from db import reports
from db.reports import JobReport
from db.statuses import JobKind

#: Shortest part of an id that is looked for.
MIN_FRAGMENT: Final = 4
#: How many jobs are named where several could be meant.
_NAMED: Final = 3


def find_job(session: Session, fragment: str) -> JobReport:
    """Return the tenant's job of that id, or of an id that begins or ends so. Raises RefusedError: none, or several."""
    if len(fragment) < MIN_FRAGMENT:
        raise RefusedError(Refusal.JOB_ID_SHORT, id=fragment, n=MIN_FRAGMENT)
    with suppress(ValueError):
        fragment = str(UUID(fragment))  # a whole id, in any of the ways in which other programs write one
    with session.context.database.reading(session.tenant.tenant_id) as unit:
        found = reports.matching_jobs(unit, fragment)
        report = reports.job(unit, found[0]) if len(found) == 1 else None
    if len(found) > 1:
        named = [*map(str, found[:_NAMED]), *("…" for _ in found[_NAMED : _NAMED + 1])]
        raise RefusedError(Refusal.JOB_AMBIGUOUS, id=fragment, found=", ".join(named))
    if report is None:
        raise RefusedError(Refusal.NO_JOB, id=fragment)
    return report


def find_file_job(session: Session, fragment: str) -> JobReport:
    """Return the job, for a command that is about its file. Raises RefusedError where it has none."""
    report = find_job(session, fragment)
    if report.kind == JobKind.SEND:
        raise RefusedError(Refusal.SEND_HAS_NO_FILE, id=str(report.import_job_id), name=report.file_name)
    if report.kind == JobKind.UNDO:
        raise RefusedError(Refusal.UNDO_HAS_NO_FILE, id=str(report.import_job_id))
    return report
