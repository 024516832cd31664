"""`mkt campaign send`: a campaign becomes messages, once; waits, shows progress, and ends in a sentence that adds up."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.crew import require_broker
from cli.find_campaign import Which, find_campaign
from cli.finishing import finish, load
from cli.outcome import closing
from cli.refusals import Refusal, RefusedError
from cli.send_outcome import show_exclusions, tell_waiting
from cli.session import Session
from cli.words import help_text
from db.reports import JobReport
from pipeline.sending import DEFAULT_WAIT, LONGEST_WAIT, SendRefusedError, request


def send(
    session: Session,
    cid: Which,
    simulate: Annotated[bool, typer.Option("--simulate", help=help_text("send.simulate"))] = False,
    wait_verdicts: Annotated[bool, typer.Option("--wait-verdicts", help=help_text("send.wait_verdicts"))] = False,
    wait_minutes: Annotated[
        int | None,
        typer.Option(
            "--wait-minutes",
            min=1,
            max=LONGEST_WAIT,
            metavar="N",
            help=help_text("send.wait_minutes"),
            show_default=False,
        ),
    ] = None,
    detach: Annotated[bool, typer.Option("--detach", help=help_text("detach"))] = False,
) -> None:
    """Make the messages of a campaign."""
    campaign = find_campaign(session, cid)
    if not simulate:
        raise RefusedError(Refusal.ONLY_SIMULATED, name=campaign.name, cid=str(campaign.cid))
    require_broker(session)
    patience = wait_minutes or (DEFAULT_WAIT if wait_verdicts else 0)
    try:
        receipt = request(
            session.context, session.tenant.tenant_id, session.user_id, campaign.cid, wait_verdicts=patience
        )
    except SendRefusedError as refused:
        raise RefusedError(Refusal(f"send.{refused.problem}"), **refused.params) from None
    report = load(session, receipt.import_job_id)
    if receipt.reused:
        session.screen.tell(
            "send.running",
            campaign=report.file_name,
            when=report.created_at,
            user=report.uploaded_by or "?",
            id=str(report.import_job_id),
        )
    tell_waiting(session, report)
    asked = session.words.say("send.requested", id=str(report.import_job_id), campaign=report.file_name)
    finish(session, report, reused=receipt.reused, detach=detach, asked=asked, show=_show)


def _show(session: Session, report: JobReport) -> None:
    show_exclusions(session, report)
    closing(session, report)
