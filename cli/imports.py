"""`mkt import`: a file becomes contacts in an audience; waits, shows progress, and ends in a sentence that adds up."""

from __future__ import annotations

from typing import Annotated, NoReturn

import typer

from cli.audiences import find
from cli.command import command
from cli.crew import require_broker
from cli.files import name_of, opened, sniff
from cli.find_job import find_job
from cli.finishing import finish, load
from cli.outcome import closing, show_errors, show_notices, show_verdicts
from cli.reading_options import CONSENT, MERGING, READING, with_options
from cli.refusals import Refusal, RefusedError
from cli.session import Session
from cli.words import help_text
from db import mappings
from db.reports import JobReport
from db.statuses import FINISHED_STATUSES, AudienceStatus, JobKind
from pipeline.consent import is_plausible
from pipeline.intake import ImportRequest, Receipt, intake
from pipeline.options import ImportOptions
from pipeline.reading import WholeFile
from pipeline.reading.table.words import header_fingerprint

app = typer.Typer()


@command(app, "import", "import")
@with_options(READING, MERGING, CONSENT)
def import_(
    session: Session,
    file: Annotated[str, typer.Argument(metavar="FILE", help=help_text("import_file"))],
    options: ImportOptions,
    audience: Annotated[str | None, typer.Option("--audience", metavar="NAME", help=help_text("audience"))] = None,
    mends: Annotated[str | None, typer.Option("--mends", metavar="ID", help=help_text("mends"))] = None,
    name: Annotated[str | None, typer.Option("--name", metavar="TEXT", help=help_text("file_name"))] = None,
    save_mapping: Annotated[
        str | None, typer.Option("--save-mapping", metavar="NAME", help=help_text("save_mapping"))
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=help_text("dry_run"))] = False,
    again: Annotated[bool, typer.Option("--again", help=help_text("again"))] = False,
    detach: Annotated[bool, typer.Option("--detach", help=help_text("detach"))] = False,
) -> None:
    """Import a file."""
    if mends is not None and audience is not None:  # a file that mends goes where its parent went
        raise RefusedError(Refusal.BAD_OPTION, option="--mends", value=f"--audience {audience}")
    if mends is not None:
        options = options.model_copy(update={"mends": find_job(session, mends).import_job_id})
    receipt = take_in(
        session,
        file,
        audience,
        options,
        name=name,
        again=again,
        kind=JobKind.DRY_RUN if dry_run else JobKind.IMPORT,
        save_mapping=save_mapping,
    )
    finish_intake(session, receipt, detach=detach)


def finish_intake(session: Session, receipt: Receipt, *, detach: bool, reused: str = "reused") -> NoReturn:
    """Follow the job of a file to its end, say how it came out, and exit.

    ``reused`` is the sentence where it was there and had ended.
    """
    report = load(session, receipt.import_job_id)
    if receipt.reused:
        _tell_reused(session, report, reused)
    asked = session.words.say("import_detached", id=str(report.import_job_id))
    finish(session, report, reused=receipt.reused, detach=detach, asked=asked, show=_show)


def _show(session: Session, report: JobReport) -> None:
    show_notices(session, report)
    show_errors(session, report)
    closing(session, report)
    show_verdicts(session, report)


def take_in(
    session: Session,
    file: str,
    audience: str | None,
    options: ImportOptions,
    *,
    name: str | None = None,
    again: bool = False,
    kind: JobKind = JobKind.IMPORT,
    save_mapping: str | None = None,
) -> Receipt:
    """Look into the file, then make the job. Raises FileProblem, IntakeRefusedError, RefusedError; nothing is made then."""
    called = name_of(file, name)
    if save_mapping is not None and not save_mapping.strip():
        raise RefusedError(Refusal.EMPTY_NAME)
    _check_collected(session, options)
    with opened(file) as stream:
        if options.mends is None:
            whole = sniff(session, stream, called, options)
            if audience is None:
                raise RefusedError(Refusal.NO_AUDIENCE_GIVEN)
            found = find(session, audience)
            if found.status != AudienceStatus.ACTIVE:
                raise RefusedError(Refusal.AUDIENCE_ARCHIVED, name=found.name)
            audience = str(found.audience_id)
            if save_mapping is not None:
                _save_mapping(session, save_mapping, whole)
        require_broker(session)
        request = ImportRequest(
            session.tenant.tenant_id, session.user_id, audience, called, options, again=again, kind=kind
        )
        return intake(session.context, request, stream)


def _check_collected(session: Session, options: ImportOptions) -> None:
    """See that the addresses can have been collected then. Raises RefusedError."""
    if options.collected_at is None:
        return
    with session.context.database.reading(session.tenant.tenant_id) as unit:
        now = session.context.clock(unit)
    if not is_plausible(options.collected(session.tenant.timezone), now):
        raise RefusedError(Refusal.CONSENT_COLLECTED_AT, when=options.collected_at.date().isoformat())


def _save_mapping(session: Session, name: str, whole: WholeFile) -> None:
    """Keep how the first part's columns are mapped, for files with the same header."""
    part = whole.reading.parts[0]
    header = header_fingerprint(part.columns)
    with session.context.database.unit(session.tenant.tenant_id) as unit:
        mappings.save(unit, name, header, part.mapping, session.user_id)


def _tell_reused(session: Session, report: JobReport, finished: str) -> None:
    key = finished if report.status in FINISHED_STATUSES else "reused_running"
    session.screen.tell(
        key, when=report.created_at, user=report.uploaded_by or "?", file=report.file_name, id=str(report.import_job_id)
    )
