"""`mkt import`: a file becomes contacts in an audience; waits, shows progress, and ends in a sentence that adds up."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import typer

from cli.audiences import find
from cli.command import command
from cli.crew import crew, require_broker
from cli.files import columns_to_fields, name_of, opened, sniff
from cli.follow import follow
from cli.outcome import INTERRUPTED, closing, exit_code, job_document, show_errors
from cli.refusals import Refusal, RefusedError
from cli.session import Session
from cli.words import help_text
from db import reports
from db.reports import JobReport
from db.statuses import FINISHED_STATUSES, AudienceStatus, OnExisting
from pipeline.intake import ImportOptions, ImportRequest, Receipt, intake

app = typer.Typer()


@command(app, "import", "import")
def import_(
    session: Session,
    file: Annotated[str, typer.Argument(metavar="FILE", help=help_text("import_file"))],
    audience: Annotated[str, typer.Option("--audience", metavar="NAME", help=help_text("audience"))],
    on_existing: Annotated[OnExisting, typer.Option("--on-existing", help=help_text("on_existing"))] = OnExisting.FILL,
    mapping: Annotated[list[str], typer.Option("--map", metavar="COLUMN=FIELD", help=help_text("map"))] = [],  # noqa: B006 (never changed)
    name: Annotated[str | None, typer.Option("--name", metavar="TEXT", help=help_text("file_name"))] = None,
    again: Annotated[bool, typer.Option("--again", help=help_text("again"))] = False,
    detach: Annotated[bool, typer.Option("--detach", help=help_text("detach"))] = False,
) -> None:
    """Import a file."""
    options = ImportOptions(on_existing, columns_to_fields(mapping))
    receipt = take_in(session, file, audience, options, name=name, again=again)
    report = load(session, receipt.import_job_id)
    if receipt.reused:
        _tell_reused(session, report)
    if not detach and report.status not in FINISHED_STATUSES:
        report = wait(session, receipt.import_job_id)
    if session.asked.json:
        session.screen.document(job_document(session, report, reused=receipt.reused))
    elif detach:
        session.screen.say("import_detached", id=str(report.import_job_id))
    else:
        show_errors(session, report)
        closing(session, report)
    raise typer.Exit(exit_code(report))


def take_in(
    session: Session, file: str, audience: str, options: ImportOptions, *, name: str | None = None, again: bool = False
) -> Receipt:
    """Look into the file, then make the job. Raises FileProblem, IntakeRefusedError, RefusedError; nothing is made then."""
    called = name_of(file, name)
    with opened(file) as stream:
        sniff(stream, called, options.mapping)
        found = find(session, audience)
        if found.status != AudienceStatus.ACTIVE:
            raise RefusedError(Refusal.AUDIENCE_ARCHIVED, name=found.name)
        require_broker(session)
        request = ImportRequest(
            session.tenant.tenant_id, session.user_id, str(found.audience_id), called, options, again=again
        )
        return intake(session.context, request, stream)


def wait(session: Session, import_job_id: UUID) -> JobReport:
    """Follow the job to its end, with workers of our own where none answer. An interrupt leaves the job as it is."""
    ours = False
    try:
        with crew(session) as ours:
            return follow(session, import_job_id)
    except KeyboardInterrupt:
        session.screen.tell("interrupted_ours" if ours else "interrupted", id=str(import_job_id))
        raise typer.Exit(INTERRUPTED) from None


def load(session: Session, import_job_id: UUID) -> JobReport:
    """Return a job that was just made or found."""
    with session.context.database.reading(session.tenant.tenant_id) as unit:
        report = reports.job(unit, import_job_id)
    if report is None:
        raise RefusedError(Refusal.NO_JOB, id=str(import_job_id))
    return report


def _tell_reused(session: Session, report: JobReport) -> None:
    key = "reused" if report.status in FINISHED_STATUSES else "reused_running"
    session.screen.tell(
        key, when=report.created_at, user=report.uploaded_by or "?", file=report.file_name, id=str(report.import_job_id)
    )
