"""Tenants and their users: who owns rows and who acts. On the owner's platform other modules write these tables."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy import create_engine, text

from db import audit
from db.engines import as_sqlalchemy_url
from db.unit import Unit

#: Made by every upgrade of a database that stands alone, so that a newcomer can import at once.
DEFAULT_TENANT = "default"
DEFAULT_USER = "system"


@dataclass(frozen=True)
class Tenant:
    """A tenant, with the locale and time zone that its people read in."""

    tenant_id: UUID
    slug: str
    locale: str
    timezone: str


def find(unit: Unit, slug: str) -> Tenant | None:
    """Return the tenant of that slug; works in a unit that is bound to no tenant."""
    row = unit.execute(
        "select tenant_id, locale, timezone from mkt.tenant_by_slug(:slug)", {"slug": slug}
    ).one_or_none()
    return None if row is None else Tenant(row.tenant_id, slug, row.locale, row.timezone)


def this(unit: Unit) -> Tenant:
    """Return the tenant that the unit is bound to."""
    row = unit.execute(
        "select tenant_id, slug, locale, timezone from core.tenants where tenant_id = :tenant",
        {"tenant": unit.tenant_id},
    ).one()
    return Tenant(**row._mapping)  # noqa: SLF001 (SQLAlchemy's public name for it)


def find_user(unit: Unit, name: str) -> UUID | None:
    """Return the id of the tenant's user of that name."""
    return unit.execute("select user_id from auth.users where name = :name", {"name": name}).scalar_one_or_none()


def create_user(unit: Unit, name: str, *, by: UUID | None = None) -> UUID | None:
    """Create a user; None: the tenant has one of that name."""
    made: UUID | None = unit.execute(
        "insert into auth.users (tenant_id, name) values (:tenant, :name) on conflict (tenant_id, name) do nothing returning user_id",
        {"tenant": unit.tenant_id, "name": name},
    ).scalar_one_or_none()
    if made is not None:
        audit.record(unit, action="user_created", subject=str(made), user_id=by, details={})
    return made


def users(unit: Unit) -> list[str]:
    """Return the names of the tenant's users."""
    return [row[0] for row in unit.execute("select name from auth.users order by name")]


def create(owner_url: str, slug: str, name: str, *, user: str = DEFAULT_USER) -> UUID | None:
    """Create a tenant with its first user, as the owner; None: the slug is taken.

    Raises sqlalchemy.exc.IntegrityError for a slug that is not lower-case letters, digits and hyphens.
    """
    engine = create_engine(as_sqlalchemy_url(owner_url))
    try:
        with engine.begin() as connection:
            tenant_id = uuid4()
            made = connection.execute(
                text(
                    "insert into core.tenants (tenant_id, slug, name) values (:id, :slug, :name) on conflict (slug) do nothing returning tenant_id"
                ),
                {"id": tenant_id, "slug": slug, "name": name},
            ).scalar_one_or_none()
            if made is not None:
                first: UUID = connection.execute(
                    text("insert into auth.users (tenant_id, name) values (:id, :name) returning user_id"),
                    {"id": tenant_id, "name": user},
                ).scalar_one()
                unit = Unit(connection, tenant_id)
                for action, subject in (("tenant_created", tenant_id), ("user_created", first)):
                    audit.record(unit, action=action, subject=str(subject), user_id=None, details={})
            return made
    finally:
        engine.dispose()


def everything(owner_url: str) -> list[tuple[str, str, str, str]]:
    """Return (slug, name, locale, timezone) of every tenant, as the owner."""
    engine = create_engine(as_sqlalchemy_url(owner_url))
    try:
        with engine.connect() as connection:
            found = connection.execute(text("select slug, name, locale, timezone from core.tenants order by slug"))
            return [(row[0], row[1], row[2], row[3]) for row in found]
    finally:
        engine.dispose()
