"""`mkt audience`: lists of contacts that campaigns address; created, renamed, described, archived, reactivated."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

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
from db.statuses import AudienceStatus, ConsentSource, LegalBasis

app = group("audience_group")

Name = Annotated[str, typer.Argument(metavar="AUDIENCE", help=help_text("audience"))]
Basis = Annotated[
    LegalBasis | None, typer.Option("--basis", help=help_text("consent.default_basis"), show_default=False)
]
Source = Annotated[
    ConsentSource | None, typer.Option("--source", help=help_text("consent.default_source"), show_default=False)
]


@command(app, "create", "audience_create")
def create(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="NAME", help=help_text("audience_name"))],
    description: Annotated[str, typer.Option("--description", metavar="TEXT", help=help_text("description"))] = "",
    basis: Basis = None,
    source: Source = None,
) -> None:
    """Create an audience."""
    tenant, user_id = session.tenant, session.user_id
    _check_name(name)
    with session.context.database.unit(tenant.tenant_id) as unit:
        made = audiences.create(unit, name, description, basis=basis, source=source, user_id=user_id)
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
    told = _document(session, found)
    if session.asked.json:
        session.screen.document(told)
        return
    session.screen.facts(
        [
            ("name", found.name),
            ("description", found.description),
            ("status", session.words.say(f"audience_status.{found.status}")),
            ("contacts", told["contacts"]),
            ("consent.legal_basis", consent_word(session, "basis", found.default_legal_basis)),
            ("consent.source", consent_word(session, "source", found.default_consent_source)),
            ("created_at", found.created_at),
            ("id", str(found.audience_id)),
        ]
    )


@command(app, "rename", "audience_rename")
def rename(
    session: Session, audience: Name, name: Annotated[str, typer.Argument(metavar="NAME", help=help_text("new_name"))]
) -> None:
    """Give an audience another name."""
    found, user_id = find(session, audience), session.user_id
    _check_name(name)
    try:
        with session.context.database.unit(session.tenant.tenant_id) as unit:
            audiences.change(unit, found.audience_id, name=name, user_id=user_id)
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
    found, user_id = find(session, audience), session.user_id
    with session.context.database.unit(session.tenant.tenant_id) as unit:
        audiences.change(unit, found.audience_id, description=text, user_id=user_id)
    _answer(session, str(found.audience_id), "audience_described")


@command(app, "consent", "consent.set")
def consent(session: Session, audience: Name, basis: Basis = None, source: Source = None) -> None:
    """Say what holds for people whose file says nothing of consent."""
    found, user_id = find(session, audience), session.user_id
    if basis is None and source is None:
        raise RefusedError(Refusal.CONSENT_NOTHING_SAID)
    with session.context.database.unit(session.tenant.tenant_id) as unit:
        audiences.set_consent(unit, found.audience_id, basis, source, user_id=user_id)
    found = find(session, str(found.audience_id))
    if session.asked.json:
        session.screen.document(_document(session, found))
        return
    session.screen.say(
        "consent.set",
        name=found.name,
        basis=consent_word(session, "basis", found.default_legal_basis) or session.words.say("consent.not_set"),
        source=consent_word(session, "source", found.default_consent_source) or session.words.say("consent.not_set"),
    )


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
        details={},
    )
    export(session, what, Wanted(output, format_, delimiter, force), lambda: members_table(session, found.audience_id))


def consent_word(session: Session, kind: str, value: str | None) -> str | None:
    """Return how people call a legal basis or a source."""
    return value and session.words.say(f"consent.{kind}.{value}")


def find(session: Session, name_or_id: str) -> Audience:
    """Return the tenant's audience. Raises RefusedError where there is none."""
    with session.context.database.reading(session.tenant.tenant_id) as unit:
        found = audiences.find(unit, name_or_id)
    if found is None:
        raise RefusedError(Refusal.NO_AUDIENCE, name=name_or_id)
    return found


def _move(session: Session, audience: str, from_: AudienceStatus, to: AudienceStatus) -> None:
    found, user_id = find(session, audience), session.user_id
    with session.context.database.unit(session.tenant.tenant_id) as unit:
        moved = audiences.set_status(unit, found.audience_id, from_, to, user_id=user_id)
        chosen_by = audiences.campaigns_using(unit, found.audience_id, excluded=False)
        excluded_by = audiences.campaigns_using(unit, found.audience_id, excluded=True)
    if not moved:
        raise RefusedError(Refusal(f"audience_already_{to}"), name=found.name)
    if to is AudienceStatus.ARCHIVED and session.asked.json:
        session.screen.document(
            {
                **_document(session, find(session, str(found.audience_id))),
                "chosen_by": chosen_by,
                "excluded_by": excluded_by,
            }
        )
        return
    _answer(session, str(found.audience_id), f"audience_{to}")
    if to is not AudienceStatus.ARCHIVED:
        return
    if chosen_by:
        session.screen.say("consent.campaigns", name=found.name, campaigns=", ".join(chosen_by))
    if excluded_by:
        session.screen.say("consent.campaigns_excluding", name=found.name, campaigns=", ".join(excluded_by))


def _document(session: Session, audience: Audience) -> dict[str, Any]:
    with session.context.database.reading(session.tenant.tenant_id) as unit:
        return {**asdict(audience), "contacts": audiences.count_contacts(unit, audience.audience_id)}


def _check_name(name: str) -> None:
    if not name.strip():
        raise RefusedError(Refusal.EMPTY_NAME)


def _answer(session: Session, audience_id: str, key: str, **params: object) -> None:
    found = find(session, audience_id)
    if session.asked.json:
        session.screen.document(_document(session, found))
    else:
        session.screen.say(key, name=found.name, **params)
