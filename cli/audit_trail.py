"""`mkt audit`: who did what, and when."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from cli.command import MOST, command, group
from cli.find_job import MIN_FRAGMENT
from cli.refusals import Refusal, RefusedError
from cli.session import Session
from cli.words import help_text
from db import audiences, audit, reports
from pipeline.addresses import judge
from pipeline.reading.values.moments import moment

app = group("audit.group")


@command(app, "list", "audit.list")
def list_(
    session: Session,
    subject: Annotated[
        str | None, typer.Option("--subject", metavar="ID", help=help_text("audit.subject"), show_default=False)
    ] = None,
    action: Annotated[
        str | None, typer.Option("--action", metavar="NAME", help=help_text("audit.action"), show_default=False)
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DATE", help=help_text("audit.since"), show_default=False)
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=0, max=MOST, metavar="N", help=help_text("audit.limit"))] = 50,
) -> None:
    """Show events, the newest first; where ``--user`` was said, that user's."""
    tenant = session.tenant
    begin = since and moment(since, date_order=None, timezone=tenant.timezone)
    if since is not None and not begin:
        raise RefusedError(Refusal.BAD_OPTION, option="--since", value=since)
    user_id = None if session.asked.user is None else session.user_id
    about = None if subject is None else _subject(session, subject)
    with session.context.database.reading(tenant.tenant_id) as unit:
        found = audit.events(
            unit, subject=about, action=action, user_id=user_id, since=begin or None, limit=limit or None
        )
    if session.asked.json:
        session.screen.document([asdict(event) for event in found])
    elif not found:
        session.screen.say("audit.none")
    else:
        session.screen.table(
            ("at", "user", "audit.action", "audit.subject", "audit.details"),
            [
                (
                    event.created_at,
                    event.user or session.words.say("audit.nobody"),
                    event.action,
                    event.subject,
                    json.dumps(event.details, ensure_ascii=False) if event.details else "",
                )
                for event in found
            ],
        )
        if limit and len(found) == limit:
            session.screen.say("audit.cut", n=limit)


def _subject(session: Session, text: str) -> str:
    """Return what stands in the trail for a job, an audience or an address as people name them; else the text itself."""
    tenant_id, address = session.tenant.tenant_id, judge(text).normalized
    if address is not None:
        with session.context.database.unit(tenant_id) as unit:
            return audit.keyed(unit, address)
    with session.context.database.reading(tenant_id) as unit:
        audience = audiences.find(unit, text)
        jobs = reports.matching_jobs(unit, text) if len(text) >= MIN_FRAGMENT else []
    if audience is not None:
        return str(audience.audience_id)
    return str(jobs[0]) if len(jobs) == 1 else text
