"""Campaigns, the audiences that they choose and exclude, and the policies that they go by."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from db.statements import statement
from db.statuses import AudienceStatus
from db.unit import Unit

#: How many campaigns are named where several could be meant.
_NAMED = 3
#: Shortest end of an id that is looked for.
_SHORTEST_END = 4


@dataclass(frozen=True)
class Campaign:
    """A campaign; ``is_sent``: somebody asked for its send, which was not cancelled; ``is_frozen``: one wrote down whom it chose."""

    cid: UUID
    name: str
    created_at: datetime
    audiences: int
    is_frozen: bool
    is_sent: bool


@dataclass(frozen=True)
class Chosen:
    """An audience of a campaign; whoever is in one that is ``excluded`` receives nothing."""

    audience_id: UUID
    name: str
    status: AudienceStatus
    excluded: bool


def create(unit: Unit, name: str) -> UUID | None:
    """Create a campaign; None: the tenant has one of that name. Two who do so at a time take turns."""
    unit.execute(
        "select pg_advisory_xact_lock(hashtext('mkt.campaigns'), hashtext(:tenant))", {"tenant": str(unit.tenant_id)}
    )
    return unit.execute(
        "insert into mtrk.campanhas (tenant_id, name) select :tenant, :name"
        " where not exists (select from mtrk.campanhas where name = :name) returning cid",
        {"tenant": unit.tenant_id, "name": name},
    ).scalar_one_or_none()


def everything(unit: Unit) -> list[Campaign]:
    """Return the tenant's campaigns, the newest first."""
    return _campaigns(unit, "true", {}, "")


def find(unit: Unit, which: str) -> list[Campaign]:
    """Return the campaigns that are meant by an id, the end of one, or a name; more than one: it does not say which.

    Of an end there must be enough that nobody means a campaign by mistake, as a script does whose variable is empty.
    """
    key = {"key": which, "end": "%" + which.lower().replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")}
    conditions = ["cast(k.cid as text) = lower(:key) or k.name = :key"]
    if len(which) >= _SHORTEST_END:
        conditions.append("cast(k.cid as text) like :end")
    for condition in conditions:
        if found := _campaigns(unit, condition, key, f"limit {_NAMED}"):
            return found
    return []


def _campaigns(unit: Unit, condition: str, parameters: Mapping[str, object], limit: str) -> list[Campaign]:
    found = unit.execute(
        f"{statement('campaigns')} where {condition} order by k.created_at desc, k.cid {limit}", parameters
    )
    return [Campaign(**row._mapping) for row in found]  # noqa: SLF001 (SQLAlchemy's public name for it)


def hold(unit: Unit, cid: UUID) -> bool:
    """Keep a campaign's choices to this unit until it ends; whether nobody has asked for its send so far."""
    unit.execute("select pg_advisory_xact_lock(hashtext('mkt.campaign'), hashtext(:cid))", {"cid": str(cid)})
    (found,) = _campaigns(unit, "k.cid = :cid", {"cid": cid}, "")
    return not (found.is_sent or found.is_frozen)


def audiences_of(unit: Unit, cid: UUID) -> list[Chosen]:
    """Return the audiences of a campaign, the chosen ones first."""
    found = unit.execute(
        "select a.audience_id, a.name, a.status, o.excluded from mkt.campaign_audiences o join mkt.audiences a using (audience_id)"
        " where o.cid = :cid order by o.excluded, a.name",
        {"cid": cid},
    )
    return [Chosen(row.audience_id, row.name, AudienceStatus(row.status), row.excluded) for row in found]


def choose(unit: Unit, cid: UUID, audience_id: UUID, *, excluded: bool) -> None:
    """Have a campaign reach an audience, or leave it out."""
    remove(unit, cid, audience_id)
    unit.execute(
        "insert into mkt.campaign_audiences (tenant_id, cid, audience_id, excluded) values (:tenant, :cid, :audience, :excluded)",
        {"tenant": unit.tenant_id, "cid": cid, "audience": audience_id, "excluded": excluded},
    )


def remove(unit: Unit, cid: UUID, audience_id: UUID) -> bool:
    """Forget an audience; False: the campaign had nothing to do with it."""
    return (
        unit.execute(
            "delete from mkt.campaign_audiences where cid = :cid and audience_id = :audience",
            {"cid": cid, "audience": audience_id},
        ).rowcount
        == 1
    )


def tenant_policy(unit: Unit) -> dict[str, Any]:
    """Return what the tenant chose where the rules of eligibility leave a choice."""
    return dict(unit.execute("select policy from mkt.tenant_policies").scalar_one_or_none() or {})


def campaign_policy(unit: Unit, cid: UUID) -> dict[str, Any]:
    """Return where the campaign departs from its tenant's choices."""
    found = unit.execute("select policy from mkt.campaign_policies where cid = :cid", {"cid": cid})
    return dict(found.scalar_one_or_none() or {})


def hold_tenant_policy(unit: Unit) -> None:
    """Keep the tenant's choices to this unit until it ends."""
    unit.execute(
        "select pg_advisory_xact_lock(hashtext('mkt.tenant_policy'), hashtext(:tenant))",
        {"tenant": str(unit.tenant_id)},
    )


def write_policy(unit: Unit, cid: UUID | None, policy: Mapping[str, Any]) -> None:
    """Write the choices of a campaign, or with None those of the tenant."""
    table, columns, key = (
        ("mkt.tenant_policies", "tenant_id", "tenant_id")
        if cid is None
        else ("mkt.campaign_policies", "tenant_id, cid", "cid")
    )
    values = ":" + columns.replace(", ", ", :")
    unit.execute(
        f"insert into {table} ({columns}, policy) values ({values}, cast(:policy as jsonb))"
        f" on conflict ({key}) do update set policy = excluded.policy, updated_at = now()",
        {"tenant_id": unit.tenant_id, "cid": cid, "policy": json.dumps(policy)},
    )
