"""`mkt job suggestions`: addresses that were meant, by what was written; accepted ones become a correction job."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from cli.crew import require_broker
from cli.find_job import find_file_job
from cli.imports import finish_intake
from cli.session import Session
from cli.words import help_text
from db import reports
from db import suggestions as db_suggestions
from pipeline import corrections


def suggestions(
    session: Session,
    job: Annotated[str, typer.Argument(metavar="ID", help=help_text("job_id"))],
    accept: Annotated[
        list[str] | None, typer.Option("--accept", metavar="WRITTEN|all", help=help_text("accept"), show_default=False)
    ] = None,
    detach: Annotated[bool, typer.Option("--detach", help=help_text("detach"))] = False,
) -> None:
    """List what the verdicts of the job's contacts suggest, or apply some of it."""
    report = find_file_job(session, job)
    if report.finished_at is None:
        session.screen.tell("suggestions_unfinished", id=str(report.import_job_id))
    if accept:
        require_broker(session)
        receipt = corrections.accept(
            session.context, session.tenant.tenant_id, session.user_id, report.import_job_id, accept
        )
        finish_intake(session, receipt, detach=detach)
    with session.context.database.reading(session.tenant.tenant_id, reports.LIMITS) as unit:
        found = db_suggestions.of_job(unit, report.import_job_id, report.audience_id)
    if session.asked.json:
        session.screen.document([asdict(each) for each in found])
    elif not found:
        session.screen.say("no_suggestions")
    else:
        session.screen.table(
            ("written", "meant", "contacts"), [(each.written, each.meant, each.contacts) for each in found]
        )
        session.screen.say("accept_suggestions", id=str(report.import_job_id), written=found[0].written)
