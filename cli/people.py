"""`mkt tenant` and `mkt user`: whose data it is, and who acts on it."""

from __future__ import annotations

from typing import Annotated

import typer
from sqlalchemy.exc import IntegrityError

from cli.command import command, group
from cli.refusals import Refusal, RefusedError
from cli.session import Session
from cli.words import help_text
from db import tenants

tenant_app = group("tenant_group")
user_app = group("user_group")


@command(tenant_app, "create", "tenant_create")
def create_tenant(
    session: Session,
    slug: Annotated[str, typer.Argument(metavar="SLUG", help=help_text("slug"))],
    name: Annotated[str | None, typer.Option("--name", metavar="TEXT", help=help_text("tenant_name"))] = None,
) -> None:
    """Create a tenant with its first user."""
    try:
        made = tenants.create(session.owner_url, slug, name or slug)
    except IntegrityError:
        raise RefusedError(Refusal.BAD_SLUG, slug=slug) from None
    if made is None:
        raise RefusedError(Refusal.TENANT_EXISTS, slug=slug)
    if session.asked.json:
        session.screen.document({"tenant_id": made, "slug": slug, "name": name or slug})
    else:
        session.screen.say("tenant_created", slug=slug, user=tenants.DEFAULT_USER)


@command(tenant_app, "list", "tenant_list")
def list_tenants(session: Session) -> None:
    """List the tenants."""
    found = tenants.everything(session.owner_url)
    columns = ("slug", "name", "locale", "timezone")
    if session.asked.json:
        session.screen.document([dict(zip(columns, row, strict=True)) for row in found])
    else:
        session.screen.table(columns, found)


@command(user_app, "create", "user_create")
def create_user(
    session: Session, name: Annotated[str, typer.Argument(metavar="NAME", help=help_text("user_name"))]
) -> None:
    """Create a user of the tenant."""
    tenant, user_id = session.tenant, session.user_id
    if not name.strip():
        raise RefusedError(Refusal.EMPTY_NAME)
    with session.context.database.unit(tenant.tenant_id) as unit:
        made = tenants.create_user(unit, name, by=user_id)
    if made is None:
        raise RefusedError(Refusal.USER_EXISTS, name=name, tenant=tenant.slug)
    if session.asked.json:
        session.screen.document({"user_id": made, "name": name})
    else:
        session.screen.say("user_created", name=name, tenant=tenant.slug)


@command(user_app, "list", "user_list")
def list_users(session: Session) -> None:
    """List the tenant's users."""
    tenant = session.tenant
    with session.context.database.reading(tenant.tenant_id) as unit:
        found = tenants.users(unit)
    if session.asked.json:
        session.screen.document([{"name": name} for name in found])
    else:
        session.screen.table(("name",), [(name,) for name in found])
