"""`mkt verdict`: what a tenant decides about addresses and domains, and chooses where the rules leave a choice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Final

import typer

from cli.command import command, group
from cli.refusals import Refusal, RefusedError
from cli.session import Session
from cli.words import help_text
from db import overrides as decisions
from db.statuses import OverrideDecision
from pipeline import overrides
from pipeline.overrides import Changed, EntryRefusedError, NoEntry

app = group("verdict_group")

Entries = Annotated[list[str], typer.Argument(metavar="ENTRY…", help=help_text("entries"))]
Note = Annotated[str, typer.Option("--note", metavar="TEXT", help=help_text("note"))]

_REFUSALS: Final = {NoEntry.NEITHER: Refusal.NO_ENTRY, NoEntry.PUBLIC_SUFFIX: Refusal.ENTRY_IS_SUFFIX}


@command(app, "allow", "verdict_allow")
def allow(session: Session, entries: Entries, note: Note = "") -> None:
    """Allow addresses and domains."""
    _decide(session, entries, OverrideDecision.ALLOW, note)


@command(app, "deny", "verdict_deny")
def deny(session: Session, entries: Entries, note: Note = "") -> None:
    """Deny addresses and domains."""
    _decide(session, entries, OverrideDecision.DENY, note)


@command(app, "forget", "verdict_forget")
def forget(session: Session, entries: Entries) -> None:
    """Take decisions back."""
    tenant_id, user_id = session.tenant.tenant_id, session.user_id
    try:
        _answer(session, _refusing(lambda: overrides.forget(session.context, tenant_id, user_id, entries)))
    except LookupError as missing:
        raise RefusedError(Refusal.NOT_DECIDED, entry=missing.args[0]) from None


@command(app, "list", "verdict_list")
def list_(session: Session) -> None:
    """List the decisions."""
    with session.context.database.reading(session.tenant.tenant_id) as unit:
        found = decisions.everything(unit)
    if session.asked.json:
        session.screen.document([asdict(each) for each in found])
    elif found:
        session.screen.table(
            ("entry", "decision", "note", "user", "decided_at"),
            [
                (each.entry, session.words.say(f"decision.{each.decision}"), each.note, each.user, each.decided_at)
                for each in found
            ],
        )
    else:
        session.screen.say("overrides.none")


@command(app, "policy", "verdict_policy")
def policy(
    session: Session,
    risky_roles: Annotated[
        bool | None, typer.Option("--risky-roles/--no-risky-roles", help=help_text("risky_roles"), show_default=False)
    ] = None,
    smtputf8: Annotated[
        bool | None, typer.Option("--smtputf8/--no-smtputf8", help=help_text("smtputf8"), show_default=False)
    ] = None,
) -> None:
    """Show the choices, or change them."""
    chosen, contacts = overrides.choose(
        session.context, session.tenant.tenant_id, session.user_id, risky_roles=risky_roles, smtputf8=smtputf8
    )
    if session.asked.json:
        session.screen.document({**asdict(chosen), "contacts": contacts})
        return
    session.screen.say(f"overrides.risky_roles_{'on' if chosen.risky_roles else 'off'}")
    session.screen.say(f"overrides.smtputf8_{'on' if chosen.smtputf8 else 'off'}")
    if contacts:
        session.screen.say("overrides.due", contacts=session.words.count("contact", contacts))


def _decide(session: Session, entries: list[str], decision: OverrideDecision, note: str) -> None:
    tenant_id, user_id = session.tenant.tenant_id, session.user_id
    _answer(
        session,
        _refusing(lambda: overrides.decide(session.context, tenant_id, user_id, entries, decision, note=note)),
    )


def _refusing(work: Callable[[], list[Changed]]) -> list[Changed]:
    """Do it. Raises RefusedError for a text that cannot be decided about."""
    try:
        return work()
    except EntryRefusedError as refused:
        raise RefusedError(_REFUSALS[refused.why], entry=refused.text) from None


def _answer(session: Session, changes: list[Changed]) -> None:
    if session.asked.json:
        session.screen.document([change._asdict() for change in changes])
        return
    for entry, decision, before, contacts in changes:
        if decision is before:
            session.screen.say(f"overrides.already_{decision}", entry=entry)
            continue
        session.screen.say(f"overrides.{decision or 'forgotten'}", entry=entry)
        if contacts:
            session.screen.say("overrides.due", contacts=session.words.count("contact", contacts))
