"""`mkt campaign`: which audiences a campaign reaches and leaves out, what it goes by, who receives it, and why."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, Any

import typer

from cli.campaign_previews import explain, preview
from cli.command import command, group
from cli.find_campaign import Which, find_campaign, refusing
from cli.refusals import Refusal, RefusedError
from cli.sending import send
from cli.session import Session
from cli.words import help_text
from db import campaigns as db_campaigns
from db.campaigns import Campaign
from pipeline import campaigns
from pipeline.campaigns import Wishes
from pipeline.eligibility import policy_of

app = group("campaign.group")
command(app, "preview", "campaign.preview")(preview)
command(app, "explain", "campaign.explain")(explain)
command(app, "send", "send.command")(send)

Add = Annotated[list[str] | None, typer.Option("--add", metavar="AUDIENCE", help=help_text("campaign.add"))]
Audiences = Annotated[list[str] | None, typer.Option("--audience", metavar="AUDIENCE", help=help_text("campaign.add"))]
Exclude = Annotated[list[str] | None, typer.Option("--exclude", metavar="AUDIENCE", help=help_text("campaign.exclude"))]


@command(app, "create", "campaign.create")
def create(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="NAME", help=help_text("campaign.name"))],
    audience: Audiences = None,
    exclude: Exclude = None,
) -> None:
    """Create a campaign."""
    wishes = Wishes(add=audience or (), exclude=exclude or ())
    with refusing():
        made = campaigns.create(session.context, session.tenant.tenant_id, session.user_id, name, wishes)
    if session.asked.json:
        _show(session, made)
    else:
        session.screen.say("campaign.created", name=made.name, cid=str(made.cid))


@command(app, "list", "campaign.list")
def list_(session: Session) -> None:
    """List the tenant's campaigns."""
    with session.context.database.reading(session.tenant.tenant_id) as unit:
        found = db_campaigns.everything(unit)
    if session.asked.json:
        session.screen.document([asdict(each) for each in found])
    elif found:
        session.screen.table(
            ("name", "campaign.audiences", "campaign.sent", "created_at", "id"),
            [(each.name, each.audiences, each.is_sent, each.created_at, str(each.cid)) for each in found],
        )
    else:
        session.screen.say("campaign.none")


@command(app, "show", "campaign.show")
def show(session: Session, cid: Which) -> None:
    """Show one campaign."""
    _show(session, find_campaign(session, cid))


@command(app, "audiences", "campaign.audiences")
def audiences(
    session: Session,
    cid: Which,
    add: Add = None,
    exclude: Exclude = None,
    remove: Annotated[
        list[str] | None, typer.Option("--remove", metavar="AUDIENCE", help=help_text("campaign.remove"))
    ] = None,
) -> None:
    """Show the audiences of a campaign, or change them."""
    wishes = Wishes(add or (), exclude or (), remove or ())
    with refusing():
        if wishes == Wishes((), (), ()):
            found = find_campaign(session, cid)
        else:
            found = campaigns.change_audiences(session.context, session.tenant.tenant_id, session.user_id, cid, wishes)
    _show(session, found)


@command(app, "policy", "campaign.policy")
def policy(
    session: Session,
    cid: Annotated[str | None, typer.Argument(metavar="[CID]", help=help_text("campaign.policy_cid"))] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help=help_text("campaign.set"))
    ] = None,
    unset: Annotated[list[str] | None, typer.Option("--unset", metavar="KEY", help=help_text("campaign.unset"))] = None,
) -> None:
    """Show what campaigns, or one of them, go by, or change it."""
    settings = dict(map(_pair, set_ or ()))
    with refusing():
        if settings or unset:
            campaigns.change_policy(
                session.context, session.tenant.tenant_id, session.user_id, cid, settings, unset or ()
            )
        with session.context.database.reading(session.tenant.tenant_id) as unit:
            tenant = db_campaigns.tenant_policy(unit)
            found = None if cid is None else campaigns.find(unit, cid)
            own = {} if found is None else db_campaigns.campaign_policy(unit, found.cid)
            documents = [("default", policy_of().document()), ("tenant", tenant), ("campaign", own)]
            effective = policy_of(tenant, own).document()
    if session.asked.json:
        session.screen.document(
            {"cid": found and found.cid, "policy": effective, "tenant": tenant, "campaign": own if found else None}
        )
        return
    session.screen.table(
        ("campaign.key", "campaign.value", "campaign.chosen_by"),
        [
            (key, _value(value), session.words.say(f"campaign.chosen_by_{_last(documents, key)}"))
            for key, value in _flat(effective)
        ],
    )


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise RefusedError(Refusal.CAMPAIGN_BAD_SET, text=text)
    return key.strip(), value


def _flat(document: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in document.items():
        if key == "findings":
            yield from value.items()
        elif key == "max_age":
            yield from ((f"max_age.{reason}", age) for reason, age in value.items())
        else:
            yield key, value


def _last(documents: list[tuple[str, dict[str, Any]]], key: str) -> str:
    """Return who had the last word about a key."""
    return [who for who, document in documents if key in dict(_flat(document))][-1]


def _value(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _show(session: Session, campaign: Campaign) -> None:
    with session.context.database.reading(session.tenant.tenant_id) as unit:
        chosen = db_campaigns.audiences_of(unit, campaign.cid)
    words = session.words
    if session.asked.json:
        session.screen.document({**asdict(campaign), "audiences": [asdict(each) for each in chosen]})
        return
    session.screen.facts(
        [
            ("name", campaign.name),
            ("campaign.sent", campaign.is_sent),
            ("created_at", campaign.created_at),
            ("id", str(campaign.cid)),
        ]
    )
    if campaign.is_frozen and not campaign.is_sent:
        session.screen.say("campaign.sent_in_part")
    if not chosen:
        session.screen.say("campaign.no_audiences", cid=str(campaign.cid))
        return
    session.screen.table(
        ("audience", "campaign.role", "status"),
        [
            (
                each.name,
                words.say("campaign.excluded" if each.excluded else "campaign.reached"),
                words.say(f"audience_status.{each.status}"),
            )
            for each in chosen
        ],
    )
