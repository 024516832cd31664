"""`mkt revalidate`: judges what is due, or the whole base by today's rules; what that would change is shown before."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict, replace
from typing import Annotated

import typer

from cli.command import command
from cli.refusals import Refusal, RefusedError
from cli.session import Session
from cli.words import help_text
from db import audit
from pipeline import revalidation
from pipeline.domains import DomainDesk
from pipeline.revalidation import Matrix, State
from pipeline.verdicts import VALIDATOR_VERSION

app = typer.Typer()


@command(app, "revalidate", "revalidate")
def revalidate(
    session: Session,
    shadow: Annotated[bool, typer.Option("--shadow", help=help_text("shadow"))] = False,
    apply: Annotated[bool, typer.Option("--apply", help=help_text("apply"))] = False,
) -> None:
    """Judge again: by default what is due by the clock, asking DNS; with an option, everything, asking nobody."""
    if shadow and apply:
        raise RefusedError(Refusal.BAD_OPTION, option="--shadow", value="--apply")
    tenant_id = session.tenant.tenant_id
    if shadow:
        _show(session, revalidation.transitions(session.context, tenant_id))
        return
    if apply:
        judged = revalidation.apply(session.context, tenant_id)
    else:
        with closing(DomainDesk(session.settings)) as desk:
            judged = revalidation.revalidate_due(replace(session.context, domains=desk), of=tenant_id)
    with session.context.database.unit(tenant_id) as unit:
        audit.record(
            unit,
            action="verdicts_revalidated",
            subject=str(tenant_id),
            user_id=session.user_id,
            details={"validator_version": VALIDATOR_VERSION, "contacts": judged, "from": "stored" if apply else "dns"},
        )
    if session.asked.json:
        session.screen.document({"validator_version": VALIDATOR_VERSION, "judged": judged})
    else:
        session.screen.say("revalidated", contacts=session.words.count("contact", judged), version=VALIDATOR_VERSION)


def _show(session: Session, matrix: Matrix) -> None:
    if session.asked.json:
        session.screen.document({"validator_version": VALIDATOR_VERSION, **asdict(matrix)})
        return
    changing = [each for each in matrix.transitions if each.before != each.after]
    same = sum(each.contacts for each in matrix.transitions) - sum(each.contacts for each in changing)
    if changing:
        session.screen.table(
            ("contacts", "before", "after", "samples"),
            [
                (each.contacts, _state(session, each.before), _state(session, each.after), ", ".join(each.samples))
                for each in changing
            ],
        )
    session.screen.say(
        "shadow",
        contacts=session.words.count("contact", matrix.contacts),
        changing=sum(each.contacts for each in changing),
        same=same,
        without=matrix.without_evidence,
        version=VALIDATOR_VERSION,
    )


def _state(session: Session, state: State | None) -> str:
    return "" if state is None else f"{session.words.say(f'verdict.{state[0]}')} ({state[1]})"
