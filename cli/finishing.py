"""The end of every command that makes a job: whoever does not wait reads how to follow it, whoever waits how it came out."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn
from uuid import UUID

import typer

from cli.crew import crew
from cli.follow import follow
from cli.outcome import INTERRUPTED, exit_code, job_document
from cli.refusals import Refusal, RefusedError
from cli.session import Session
from db import reports
from db.reports import JobReport
from db.statuses import FINISHED_STATUSES


def load(session: Session, import_job_id: UUID) -> JobReport:
    """Return a job that was just made or found."""
    with session.context.database.reading(session.tenant.tenant_id) as unit:
        report = reports.job(unit, import_job_id)
    if report is None:
        raise RefusedError(Refusal.NO_JOB, id=str(import_job_id))
    return report


def wait(session: Session, import_job_id: UUID) -> JobReport:
    """Follow the job to its end, with workers of our own where none answer. An interrupt leaves the job as it is."""
    ours = False
    try:
        with crew(session) as ours:
            return follow(session, import_job_id)
    except KeyboardInterrupt:
        session.screen.tell("interrupted_ours" if ours else "interrupted", id=str(import_job_id))
        raise typer.Exit(INTERRUPTED) from None


def finish(
    session: Session,
    report: JobReport,
    *,
    reused: bool,
    detach: bool,
    asked: str | None,
    show: Callable[[Session, JobReport], None],
) -> NoReturn:
    """Follow a job that was just made or found to its end, say how it came out, and exit.

    ``asked`` is the sentence for whoever does not wait (None: it was said before), ``show`` prints for people how the job came
    out. ``reused``: the job was there before; programs read it in the document.
    """
    if not detach and report.status not in FINISHED_STATUSES:
        report = wait(session, report.import_job_id)
    if session.asked.json:
        session.screen.document(job_document(session, report, reused=reused))
    elif not detach:
        show(session, report)
    elif asked is not None:
        session.screen.line(asked)
    raise typer.Exit(exit_code(report))
