"""Audiences: created, renamed, described, archived and reactivated by people; never deleted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from db import audit
from db.statuses import AudienceStatus, ConsentSource, LegalBasis
from db.unit import Unit


@dataclass(frozen=True)
class Audience:
    """An audience; not how many are in it, which takes the longer the more there are."""

    audience_id: UUID
    name: str
    description: str
    status: AudienceStatus
    created_at: datetime
    updated_at: datetime
    default_legal_basis: LegalBasis | None
    default_consent_source: ConsentSource | None


@dataclass(frozen=True)
class CountedAudience(Audience):
    """An audience with the number of contacts in it."""

    contacts: int


_COLUMNS = "a.audience_id, a.name, a.description, a.status, a.created_at, a.updated_at, a.default_legal_basis, a.default_consent_source"
_CONTACTS = (
    "(select count(*) from mkt.audience_contacts l where l.audience_id = a.audience_id and l.removed_at is null)"
)


def create(
    unit: Unit,
    name: str,
    description: str,
    *,
    basis: LegalBasis | None = None,
    source: ConsentSource | None = None,
    user_id: UUID | None = None,
) -> UUID | None:
    """Create an audience, with what holds for people whose file says nothing of consent; None: the tenant has one of that name."""
    made: UUID | None = unit.execute(
        "insert into mkt.audiences (tenant_id, name, description, default_legal_basis, default_consent_source)"
        " values (:tenant, :name, :description, :basis, :source)"
        " on conflict (tenant_id, name) do nothing returning audience_id",
        {"tenant": unit.tenant_id, "name": name, "description": description, "basis": basis, "source": source},
    ).scalar_one_or_none()
    if made is not None:
        _record(unit, "audience_created", made, user_id, legal_basis=basis, consent_source=source)
    return made


def everything(unit: Unit) -> list[CountedAudience]:
    """Return the tenant's audiences by name."""
    found = unit.execute(f"select {_COLUMNS}, {_CONTACTS} as contacts from mkt.audiences a order by a.name")
    return [CountedAudience(**row._mapping) for row in found]  # noqa: SLF001 (SQLAlchemy's public name for it)


def count_contacts(unit: Unit, audience_id: UUID) -> int:
    """Return how many are in the audience."""
    return int(
        unit.execute(
            f"select {_CONTACTS} from mkt.audiences a where a.audience_id = :audience", {"audience": audience_id}
        ).scalar_one()
    )


def find(unit: Unit, name_or_id: str) -> Audience | None:
    """Return the tenant's audience of that name, else of that id."""
    row = unit.execute(
        f"select {_COLUMNS} from mkt.audiences a where a.name = :key or cast(a.audience_id as text) = lower(:key) order by (a.name = :key) desc limit 1",
        {"key": name_or_id},
    ).one_or_none()
    return None if row is None else Audience(**row._mapping)  # noqa: SLF001 (as above)


def change(
    unit: Unit,
    audience_id: UUID,
    *,
    name: str | None = None,
    description: str | None = None,
    user_id: UUID | None = None,
) -> None:
    """Rename or describe. Raises sqlalchemy.exc.IntegrityError where another audience has the name."""
    unit.execute(
        "update mkt.audiences set name = coalesce(:name, name), description = coalesce(:description, description), updated_at = now()"
        " where audience_id = :audience",
        {"audience": audience_id, "name": name, "description": description},
    )
    _record(unit, "audience_described" if name is None else "audience_renamed", audience_id, user_id)


def set_consent(
    unit: Unit, audience_id: UUID, basis: LegalBasis | None, source: ConsentSource | None, *, user_id: UUID
) -> None:
    """Say what holds for people whose file says nothing of consent (None: that stays); for those who come in from now on."""
    unit.execute(
        "update mkt.audiences set default_legal_basis = coalesce(:basis, default_legal_basis),"
        " default_consent_source = coalesce(:source, default_consent_source), updated_at = now() where audience_id = :audience",
        {"audience": audience_id, "basis": basis, "source": source},
    )
    _record(unit, "audience_consent_set", audience_id, user_id, legal_basis=basis, consent_source=source)


def set_status(
    unit: Unit, audience_id: UUID, from_: AudienceStatus, to: AudienceStatus, *, user_id: UUID | None = None
) -> bool:
    """Archive or reactivate; False: it was not in the state before."""
    moved = unit.execute(
        "update mkt.audiences set status = :to, updated_at = now() where audience_id = :audience and status = :from",
        {"audience": audience_id, "from": from_, "to": to},
    ).rowcount
    if moved:
        action = "audience_archived" if to is AudienceStatus.ARCHIVED else "audience_reactivated"
        _record(unit, action, audience_id, user_id)
    return moved == 1


def campaigns_using(unit: Unit, audience_id: UUID, *, excluded: bool) -> list[str]:
    """Return the names of the campaigns that chose the audience or (``excluded``) leave its people out, sorted."""
    found = unit.execute(
        "select k.name from mkt.campaign_audiences c join mtrk.campanhas k on k.tenant_id = c.tenant_id and k.cid = c.cid"
        " where c.audience_id = :audience and c.excluded = :excluded order by k.name, k.cid",
        {"audience": audience_id, "excluded": excluded},
    )
    return [row[0] for row in found]


def _record(unit: Unit, action: str, audience_id: UUID, user_id: UUID | None, **details: str | None) -> None:
    said = {name: value for name, value in details.items() if value is not None}
    audit.record(unit, action=action, subject=str(audience_id), user_id=user_id, details=said)
