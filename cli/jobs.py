"""`mkt job`: what was imported, how far it is, what became of each row; retried and cancelled."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import typer

from cli.command import command, group
from cli.crew import is_served
from cli.follow import follow
from cli.outcome import INTERRUPTED, closing, exit_code, job_document, show_job
from cli.preview import problem_title
from cli.refusals import Refusal, RefusedError
from cli.session import Session
from cli.words import help_text
from db import import_rows, reports
from db.import_rows import RowFilter
from db.reports import JobReport
from pipeline import control

app = group("job_group")

Id = Annotated[str, typer.Argument(metavar="ID", help=help_text("job_id"))]

#: Shortest part of an id that is looked for.
MIN_FRAGMENT = 4


class RowStatus(StrEnum):
    """What a row came out as, for people: a duplicate has an address too, but is counted apart."""

    OK = "ok"
    ERROR = "error"
    DUPLICATE = "duplicate"


_FILTERS = {
    None: RowFilter(),
    RowStatus.OK: RowFilter(parse_status="ok", duplicates=False),
    RowStatus.ERROR: RowFilter(parse_status="error"),
    RowStatus.DUPLICATE: RowFilter(duplicates=True),
}


@command(app, "list", "job_list")
def list_(
    session: Session, limit: Annotated[int, typer.Option("--limit", min=1, metavar="N", help=help_text("limit"))] = 20
) -> None:
    """List the newest jobs."""
    with session.context.database.reading(session.tenant.tenant_id) as unit:
        found = reports.jobs(unit, limit=limit)
    if session.asked.json:
        session.screen.document([summary(job) for job in found])
    elif found:
        columns = (
            "id",
            "status",
            "file",
            "audience",
            "records",
            "errors",
            "duplicates",
            "contacts",
            "new",
            "created_at",
            "user",
        )
        session.screen.table(columns, [_line(session, job) for job in found])
    else:
        session.screen.say("no_jobs")


@command(app, "show", "job_show")
def show(session: Session, job: Id) -> None:
    """Show one job."""
    report = find(session, job)
    if session.asked.json:
        session.screen.document(job_document(session, report))
    else:
        show_job(session, report)


@command(app, "watch", "job_watch")
def watch(session: Session, job: Id) -> None:
    """Follow a job to its end."""
    report = find(session, job)
    try:
        if report.finished_at is None and not is_served(session):
            session.screen.tell("nobody_works")
        report = follow(session, report.import_job_id)
    except KeyboardInterrupt:
        session.screen.tell("interrupted", id=str(report.import_job_id))
        raise typer.Exit(INTERRUPTED) from None
    if session.asked.json:
        session.screen.document(job_document(session, report))
    else:
        closing(session, report)
    raise typer.Exit(exit_code(report))


@command(app, "rows", "job_rows")
def rows(
    session: Session,
    job: Id,
    status: Annotated[RowStatus | None, typer.Option("--status", help=help_text("row_status"))] = None,
    code: Annotated[str | None, typer.Option("--code", metavar="CODE", help=help_text("row_code"))] = None,
    limit: Annotated[int, typer.Option("--limit", min=0, metavar="N", help=help_text("rows_limit"))] = 100,
) -> None:
    """Show what became of each row."""
    report = find(session, job)
    chosen = _FILTERS[status]
    wanted = RowFilter(chosen.parse_status, code, chosen.duplicates)
    with session.context.database.reading(session.tenant.tenant_id) as unit:
        found = list(import_rows.rows(unit, report.import_job_id, wanted, limit=limit or None))
    if session.asked.json:
        session.screen.document(found)
        return
    columns = ("row", "status", "raw_email", "name", "normalized_email", "problem", "detail")
    session.screen.table(columns, [_row(session, row) for row in found])
    counts = Counter(row["error_code"] for row in found if row["error_code"])
    if limit and len(found) == limit:
        session.screen.say("rows_cut", n=limit)
    for problem in counts:
        session.screen.line(session.words.remedy(problem))


@command(app, "retry", "job_retry")
def retry(session: Session, job: Id) -> None:
    """Take a failed job up again."""
    report = find(session, job)
    control.retry(session.context, session.tenant.tenant_id, report.import_job_id)
    _answer(session, report, "job_retried")


@command(app, "cancel", "job_cancel")
def cancel(session: Session, job: Id) -> None:
    """Ask for a job to end."""
    report = find(session, job)
    control.cancel(session.context, session.tenant.tenant_id, report.import_job_id)
    _answer(session, report, "job_cancel_asked")


def find(session: Session, fragment: str) -> JobReport:
    """Return the tenant's job of that id, or of an id that begins or ends so. Raises RefusedError: none, or several."""
    if len(fragment) < MIN_FRAGMENT:
        raise RefusedError(Refusal.JOB_ID_SHORT, id=fragment, n=MIN_FRAGMENT)
    with session.context.database.reading(session.tenant.tenant_id) as unit:
        found = reports.matching_jobs(unit, fragment)
        report = reports.job(unit, found[0]) if len(found) == 1 else None
    if len(found) > 1:
        raise RefusedError(Refusal.JOB_AMBIGUOUS, id=fragment, found=", ".join(map(str, found[:3])))
    if report is None:
        raise RefusedError(Refusal.NO_JOB, id=fragment)
    return report


def summary(job: JobReport) -> dict[str, Any]:
    """Return a job as JSON, without what is counted from its rows."""
    return asdict(job)


def _answer(session: Session, report: JobReport, key: str) -> None:
    if session.asked.json:
        session.screen.document(job_document(session, find(session, str(report.import_job_id))))
    else:
        session.screen.say(key, id=short(report.import_job_id))


def short(import_job_id: UUID) -> str:
    """Return the end of an id: uuidv7 begin with the time, so what tells two of them apart is at the end."""
    return str(import_job_id)[-12:]


def _line(session: Session, job: JobReport) -> tuple[object, ...]:
    status = session.words.say(f"status.{job.status}")
    return (
        short(job.import_job_id), status, job.file_name, job.audience, job.records_seen, job.error_rows, job.duplicate_rows,
        job.ok_rows, job.contacts_created, job.created_at, job.uploaded_by,
    )  # fmt: skip


def _row(session: Session, row: dict[str, Any]) -> tuple[object, ...]:
    duplicate_of = row["duplicate_of_row"]
    status = RowStatus.DUPLICATE if duplicate_of is not None else RowStatus(row["parse_status"])
    detail = (
        session.words.say("duplicate_of", row=str(duplicate_of)) if duplicate_of is not None else row["error_detail"]
    )
    return (
        str(row["row_number"]), session.words.say(f"row_status.{status}"), row["raw_email"], row["raw_name"],
        row["normalized_email"], problem_title(session, row["error_code"]), detail,
    )  # fmt: skip
