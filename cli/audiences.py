"""`mkt audience`: lists of contacts that campaigns address; created, renamed, described, archived, reactivated."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from sqlalchemy.exc import IntegrityError

from cli.command import command, group
from cli.exports import Delimiter, Export, Force, FormatChoice, Output, Wanted, export, plain_name
from cli.members import members_table
from cli.refusals import Refusal, RefusedError
from cli.session import Session
from cli.words import help_text
from db import audiences
from db.audiences import Audience
from db.statuses import AudienceStatus

app = group("audience_group")

Name = Annotated[str, typer.Argument(metavar="AUDIENCE", help=help_text("audience"))]


@command(app, "create", "audience_create")
def create(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="NAME", help=help_text("audience_name"))],
    description: Annotated[str, typer.Option("--description", metavar="TEXT", help=help_text("description"))] = "",
) -> None:
    """Create an audience."""
    tenant = session.tenant
    _check_name(name)
    with session.context.database.unit(tenant.tenant_id) as unit:
        made = audiences.create(unit, name, description)
    if made is None:
        raise RefusedError(Refusal.AUDIENCE_EXISTS, name=name)
    _answer(session, str(made), "audience_created")


@command(app, "list", "audience_list")
def list_(session: Session) -> None:
    """List the tenant's audiences."""
    with session.context.database.reading(session.tenant.tenant_id) as unit:
        found = audiences.everything(unit)
    if session.asked.json:
        session.screen.document([asdict(audience) for audience in found])
    elif found:
        session.screen.table(
            ("name", "status", "contacts", "description"),
            [(a.name, session.words.say(f"audience_status.{a.status}"), a.contacts, a.description) for a in found],
        )
    else:
        session.screen.say("no_audiences")


@command(app, "show", "audience_show")
def show(session: Session, audience: Name) -> None:
    """Show one audience."""
    found = find(session, audience)
    if session.asked.json:
        session.screen.document(asdict(found))
        return
    session.screen.facts(
        [
            ("name", found.name),
            ("description", found.description),
            ("status", session.words.say(f"audience_status.{found.status}")),
            ("contacts", found.contacts),
            ("created_at", found.created_at),
            ("id", str(found.audience_id)),
        ]
    )


@command(app, "rename", "audience_rename")
def rename(
    session: Session, audience: Name, name: Annotated[str, typer.Argument(metavar="NAME", help=help_text("new_name"))]
) -> None:
    """Give an audience another name."""
    found = find(session, audience)
    _check_name(name)
    try:
        with session.context.database.unit(session.tenant.tenant_id) as unit:
            audiences.change(unit, found.audience_id, name=name)
    except IntegrityError:
        raise RefusedError(Refusal.AUDIENCE_EXISTS, name=name) from None
    _answer(session, str(found.audience_id), "audience_renamed", old=found.name)


@command(app, "describe", "audience_describe")
def describe(
    session: Session,
    audience: Name,
    text: Annotated[str, typer.Argument(metavar="TEXT", help=help_text("description"))],
) -> None:
    """Say what an audience is."""
    found = find(session, audience)
    with session.context.database.unit(session.tenant.tenant_id) as unit:
        audiences.change(unit, found.audience_id, description=text)
    _answer(session, str(found.audience_id), "audience_described")


@command(app, "archive", "audience_archive")
def archive(session: Session, audience: Name) -> None:
    """Take an audience out of use."""
    _move(session, audience, AudienceStatus.ACTIVE, AudienceStatus.ARCHIVED)


@command(app, "reactivate", "audience_reactivate")
def reactivate(session: Session, audience: Name) -> None:
    """Take an archived audience into use again."""
    _move(session, audience, AudienceStatus.ARCHIVED, AudienceStatus.ACTIVE)


@command(app, "export", "audience_export")
def export_(
    session: Session,
    audience: Name,
    output: Output = None,
    format_: FormatChoice = None,
    delimiter: Delimiter = None,
    force: Force = False,
) -> None:
    """Write the contacts of an audience into a file."""
    found = find(session, audience)
    what = Export(
        name=plain_name(found.name),
        action="audience_exported",
        subject=str(found.audience_id),
        details={"audience": found.name},
    )
    export(session, what, Wanted(output, format_, delimiter, force), lambda: members_table(session, found.audience_id))


def find(session: Session, name_or_id: str) -> Audience:
    """Return the tenant's audience. Raises RefusedError where there is none."""
    with session.context.database.reading(session.tenant.tenant_id) as unit:
        found = audiences.find(unit, name_or_id)
    if found is None:
        raise RefusedError(Refusal.NO_AUDIENCE, name=name_or_id)
    return found


def _move(session: Session, audience: str, from_: AudienceStatus, to: AudienceStatus) -> None:
    found = find(session, audience)
    with session.context.database.unit(session.tenant.tenant_id) as unit:
        moved = audiences.set_status(unit, found.audience_id, from_, to)
    if not moved:
        raise RefusedError(Refusal(f"audience_already_{to}"), name=found.name)
    _answer(session, str(found.audience_id), f"audience_{to}")


def _check_name(name: str) -> None:
    if not name.strip():
        raise RefusedError(Refusal.EMPTY_NAME)


def _answer(session: Session, audience_id: str, key: str, **params: object) -> None:
    found = find(session, audience_id)
    if session.asked.json:
        session.screen.document(asdict(found))
    else:
        session.screen.say(key, name=found.name, **params)
