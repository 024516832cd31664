"""`mkt privacy`: what a person may ask for (LGPD art. 18 and 19): to know what is kept of them, and to be erased."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from cli.command import command, group
from cli.contacts import dossier_document, person_of
from cli.crew import require_broker
from cli.exports import Force, spool
from cli.files import STDIN as STDOUT
from cli.finishing import finish, load
from cli.outcome import closing
from cli.privacy_answer import answer
from cli.refusals import Refusal, RefusedError
from cli.session import Session
from cli.words import help_text
from db import audit, dossiers, erasures
from db.unit import database_clock
from pipeline import erasures as asking

app = group("privacy.group")

Address = Annotated[str, typer.Argument(metavar="ADDRESS", help=help_text("contact.address"))]


@command(app, "export", "privacy.export")
def export(
    session: Session,
    address: Address,
    output: Annotated[str | None, typer.Option("--output", metavar="FILE", help=help_text("privacy.output"))] = None,
    force: Force = False,
) -> None:
    """Write what is kept of a person."""
    target = None if output in (None, STDOUT) else Path(output or "")
    if target is not None and target.exists() and not force:
        raise RefusedError(Refusal.EXPORT_EXISTS, file=str(target))
    person, user_id = person_of(session, address), session.user_id
    with session.context.database.reading(session.tenant.tenant_id, dossiers.LIMITS) as unit:
        found = dossiers.of_person(unit, person.parameters())
    text = answer(session, person, found)
    with session.context.database.unit(session.tenant.tenant_id) as unit:
        key = erasures.block_key(unit, person.mailbox)
        told = {"mailbox_hash": key and key[0].hex(), "known": found.is_known, "rows": len(found.rows)}
        audit.record(unit, action="privacy_exported", subject="privacy", user_id=user_id, details=told)
    if target is not None:
        with spool(target) as stream:
            stream.write(text.encode())
    if session.asked.json:
        session.screen.document(dossier_document(person, found) | {"file": target})
    elif target is not None:
        session.screen.say("privacy.exported", file=str(target))
    else:
        sys.stdout.write(text)


@command(app, "erase", "privacy.erase")
def erase(
    session: Session,
    address: Address,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help=help_text("privacy.reason"))],
    detach: Annotated[bool, typer.Option("--detach", help=help_text("detach"))] = False,
) -> None:
    """Erase a person."""
    if not reason.strip():
        raise RefusedError(Refusal.PRIVACY_NO_REASON)
    person_of(session, address)
    require_broker(session)
    receipt = asking.ask(session.context, session.tenant.tenant_id, session.user_id, address, reason)
    report = load(session, receipt.import_job_id)
    if not session.asked.json:
        session.screen.say(
            "privacy.blocked" if not receipt.reused else "privacy.under_way", id=str(report.import_job_id)
        )
        if before := _unfinished(session):
            session.screen.tell("privacy.waits", jobs=", ".join(map(str, before)))
    finish(session, report, reused=receipt.reused, detach=detach, asked=None, show=closing)


def _unfinished(session: Session) -> list[UUID]:
    """Return the jobs that the erasure has to wait for."""
    with session.context.database.unit(session.tenant.tenant_id) as unit:
        return erasures.unfinished(unit, until=database_clock(unit))
