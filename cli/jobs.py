"""`mkt job`: what was imported, how far it is, what became of each row; paused, resumed, retried and cancelled."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import asdict
from typing import Annotated, Any, Final
from uuid import UUID

import typer

from cli.command import MOST, command, group
from cli.crew import is_served, require_broker
from cli.find_job import find_file_job, find_job
from cli.follow import ended_within, follow
from cli.imports import finish_intake
from cli.outcome import INTERRUPTED, closing, exit_code, job_document, show_job
from cli.paused import tell_paused
from cli.quarantines import quarantines, release
from cli.rejects import rejects
from cli.reports import job_report
from cli.rows import rows
from cli.send_outcome import tell_waiting
from cli.session import Session
from cli.suggestions import suggestions
from cli.undo import undo, undone
from cli.words import help_text
from db import quarantines as db_quarantines
from db import reports
from db.reports import JobReport
from db.statuses import JobKind
from pipeline import control, pausing
from pipeline.intake import carry_out

app = group("job_group")

#: Seconds in which a job that is cancelled has ended, as a rule: as long as one chunk takes.
CANCEL_PATIENCE: Final = 10.0

Id = Annotated[str, typer.Argument(metavar="ID", help=help_text("job_id"))]


@command(app, "list", "job_list")
def list_(
    session: Session,
    limit: Annotated[int, typer.Option("--limit", min=1, max=MOST, metavar="N", help=help_text("limit"))] = 20,
) -> None:
    """List the newest jobs."""
    with session.context.database.reading(session.tenant.tenant_id) as unit:
        found = reports.jobs(unit, limit=limit)
        held = db_quarantines.in_force(unit, [job.import_job_id for job in found])
    if session.asked.json:
        session.screen.document([summary(job) | {"quarantined": job.import_job_id in held} for job in found])
    elif found:
        columns = (
            "id",
            "status",
            "kind",
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
        session.screen.table(columns, [_line(session, job, held) for job in found])
    else:
        session.screen.say("no_jobs")


@command(app, "show", "job_show")
def show(session: Session, job: Id) -> None:
    """Show one job."""
    report = find_job(session, job)
    if session.asked.json:
        session.screen.document(job_document(session, report))
    else:
        show_job(session, report)


@command(app, "watch", "job_watch")
def watch(session: Session, job: Id) -> None:
    """Follow a job to its end."""
    report = find_job(session, job)
    try:
        if report.finished_at is None and not is_served(session):
            session.screen.tell("nobody_works")
        tell_paused(session, report)
        if report.kind == JobKind.SEND:
            tell_waiting(session, report)
        report = follow(session, report.import_job_id)
    except KeyboardInterrupt:
        session.screen.tell("interrupted", id=str(report.import_job_id))
        raise typer.Exit(INTERRUPTED) from None
    if session.asked.json:
        session.screen.document(job_document(session, report))
    else:
        closing(session, report)
    raise typer.Exit(exit_code(report))


command(app, "rows", "job_rows")(rows)
command(app, "rejects", "job_rejects")(rejects)
command(app, "suggestions", "job_suggestions")(suggestions)
command(app, "report", "report.job")(job_report)
command(app, "undo", "undo.command")(undo)
command(app, "undone", "undo.undone")(undone)
command(app, "quarantines", "quarantine.list")(quarantines)
command(app, "release", "quarantine.release")(release)


@command(app, "commit", "job_commit")
def commit(
    session: Session, job: Id, detach: Annotated[bool, typer.Option("--detach", help=help_text("detach"))] = False
) -> None:
    """Do what a dry run has counted."""
    report = find_file_job(session, job)
    require_broker(session)
    receipt = carry_out(session.context, session.tenant.tenant_id, session.user_id, report.import_job_id)
    finish_intake(session, receipt, detach=detach, reused="reused_commit")


@command(app, "retry", "job_retry")
def retry(
    session: Session,
    job: Id,
    allow_opt_outs: Annotated[
        int | None, typer.Option("--allow-opt-outs", min=0, metavar="N", help=help_text("allow_opt_outs"))
    ] = None,
) -> None:
    """Take a failed job up again."""
    report = find_job(session, job)
    control.retry(
        session.context,
        session.tenant.tenant_id,
        report.import_job_id,
        allow_opt_outs=allow_opt_outs,
        user_id=session.user_id,
    )
    _answer(session, report, "job_retried")


@command(app, "cancel", "job_cancel")
def cancel(session: Session, job: Id) -> None:
    """Ask for a job to end."""
    report = find_job(session, job)
    control.cancel(session.context, session.tenant.tenant_id, report.import_job_id, user_id=session.user_id)
    ended = ended_within(session, report.import_job_id, CANCEL_PATIENCE) if is_served(session) else None
    if ended is None or session.asked.json:
        _answer(session, report, "job_cancel_asked")
    else:
        closing(session, ended)


@command(app, "pause", "job_pause")
def pause(session: Session, job: Id) -> None:
    """Have a job rest."""
    report = find_job(session, job)
    pausing.pause(session.context, session.tenant.tenant_id, report.import_job_id, user_id=session.user_id)
    _answer(session, report, "job_paused")


@command(app, "resume", "job_resume")
def resume(session: Session, job: Id) -> None:
    """Let a paused job go on."""
    report = find_job(session, job)
    pausing.resume(session.context, session.tenant.tenant_id, report.import_job_id, user_id=session.user_id)
    _answer(session, report, "job_resumed")


def summary(job: JobReport) -> dict[str, Any]:
    """Return a job as JSON, without what is counted from its rows."""
    return asdict(job)


def _answer(session: Session, report: JobReport, key: str) -> None:
    if session.asked.json:
        session.screen.document(job_document(session, find_job(session, str(report.import_job_id))))
    else:
        session.screen.say(key, id=short(report.import_job_id))


def short(import_job_id: UUID) -> str:
    """Return the end of an id: uuidv7 begin with the time, so what tells two of them apart is at the end."""
    return str(import_job_id)[-12:]


def _line(session: Session, job: JobReport, held: Container[UUID]) -> tuple[object, ...]:
    status = session.words.say(f"status.{job.status}")
    if job.paused_at is not None:
        status = session.words.say("paused.status", status=status)
    if job.import_job_id in held:
        status = session.words.say("quarantine.status", status=status)
    return (
        short(job.import_job_id), status, session.words.say(f"kind.{job.kind}"), job.file_name, job.audience, job.records_seen, job.error_rows, job.duplicate_rows,
        job.ok_rows, job.contacts_created, job.created_at, job.uploaded_by,
    )  # fmt: skip
