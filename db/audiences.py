"""Audiences: created, renamed, described, archived and reactivated by people; never deleted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from db.statuses import AudienceStatus
from db.unit import Unit


@dataclass(frozen=True)
class Audience:
    """An audience with the number of contacts in it."""

    audience_id: UUID
    name: str
    description: str
    status: AudienceStatus
    created_at: datetime
    updated_at: datetime
    contacts: int


_SELECT = (
    "select a.audience_id, a.name, a.description, a.status, a.created_at, a.updated_at,"
    " (select count(*) from mkt.audience_contacts l where l.audience_id = a.audience_id and l.removed_at is null) as contacts"
    " from mkt.audiences a"
)


def create(unit: Unit, name: str, description: str) -> UUID | None:
    """Create an audience; None: the tenant has one of that name."""
    return unit.execute(
        "insert into mkt.audiences (tenant_id, name, description) values (:tenant, :name, :description)"
        " on conflict (tenant_id, name) do nothing returning audience_id",
        {"tenant": unit.tenant_id, "name": name, "description": description},
    ).scalar_one_or_none()


def everything(unit: Unit) -> list[Audience]:
    """Return the tenant's audiences by name."""
    return [Audience(**row._mapping) for row in unit.execute(f"{_SELECT} order by a.name")]  # noqa: SLF001 (SQLAlchemy's public name for it)


def find(unit: Unit, name_or_id: str) -> Audience | None:
    """Return the tenant's audience of that name, else of that id."""
    row = unit.execute(
        f"{_SELECT} where a.name = :key or cast(a.audience_id as text) = lower(:key) order by (a.name = :key) desc limit 1",
        {"key": name_or_id},
    ).one_or_none()
    return None if row is None else Audience(**row._mapping)  # noqa: SLF001 (as above)


def change(unit: Unit, audience_id: UUID, *, name: str | None = None, description: str | None = None) -> None:
    """Rename or describe. Raises sqlalchemy.exc.IntegrityError where another audience has the name."""
    unit.execute(
        "update mkt.audiences set name = coalesce(:name, name), description = coalesce(:description, description), updated_at = now()"
        " where audience_id = :audience",
        {"audience": audience_id, "name": name, "description": description},
    )


def set_status(unit: Unit, audience_id: UUID, from_: AudienceStatus, to: AudienceStatus) -> bool:
    """Archive or reactivate; False: it was not in the state before."""
    return (
        unit.execute(
            "update mkt.audiences set status = :to, updated_at = now() where audience_id = :audience and status = :from",
            {"audience": audience_id, "from": from_, "to": to},
        ).rowcount
        == 1
    )
