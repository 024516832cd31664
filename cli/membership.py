"""`mkt audience remove` and `readmit`: who was taken out of an audience stays out until somebody brings them back."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.audiences import Name, find
from cli.command import command
from cli.refusals import Refusal, RefusedError
from cli.session import Session
from cli.suppress import stored
from cli.words import help_text
from db import memberships

app = typer.Typer()

Address = Annotated[str, typer.Argument(metavar="ADDRESS", help=help_text("consent.address"))]


@command(app, "remove", "consent.remove")
def remove(
    session: Session,
    audience: Name,
    address: Address,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help=help_text("consent.reason"))] = "",
) -> None:
    """Take somebody out of an audience, for good."""
    found, user_id, email = find(session, audience), session.user_id, stored(session, address)
    with session.context.database.unit(session.tenant.tenant_id) as unit:
        done = memberships.remove(unit, found.audience_id, email, reason=reason.strip(), user_id=user_id)
    if not done:
        raise RefusedError(Refusal.CONSENT_NO_MEMBER, address=email, name=found.name)
    _answer(session, "removed", found.name, email)


@command(app, "readmit", "consent.readmit")
def readmit(session: Session, audience: Name, address: Address) -> None:
    """Bring somebody back who was taken out of an audience."""
    found, user_id, email = find(session, audience), session.user_id, stored(session, address)
    with session.context.database.unit(session.tenant.tenant_id) as unit:
        done = memberships.readmit(unit, found.audience_id, email, user_id=user_id)
    if not done:
        raise RefusedError(Refusal.CONSENT_NOT_REMOVED, address=email, name=found.name)
    _answer(session, "readmitted", found.name, email)


def _answer(session: Session, what: str, audience: str, email: str) -> None:
    if session.asked.json:
        session.screen.document({"audience": audience, "address": email, "member": what == "readmitted"})
    else:
        session.screen.say(f"consent.{what}", address=email, name=audience)
