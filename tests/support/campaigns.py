"""Campaigns for tests: an audience with people in it, chosen by a campaign that keeps nobody away for what DNS has not said."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from db.unit import Database
from tests.conftest import Tenant

#: Nobody is kept away because nobody has looked yet.
UNJUDGED: Final = {"unknown": "in", "not_yet_checked": "in"}


def make_campaign(
    database: Database,
    tenant: Tenant,
    *audiences: str,
    exclude: Sequence[str] = (),
    policy: Mapping[str, Any] = UNJUDGED,
    name: str = "campaign",
) -> UUID:
    """Make a campaign over audiences that there are (none named: the tenant's own)."""
    with database.unit(tenant.tenant_id) as unit:
        cid: UUID = unit.execute(
            "insert into mtrk.campanhas (tenant_id, name) values (:t, :name) returning cid",
            {"t": tenant.tenant_id, "name": name},
        ).scalar_one()
        for names, excluded in ((list(audiences) or [tenant.audience], False), (list(exclude), True)):
            unit.execute(
                "insert into mkt.campaign_audiences (tenant_id, cid, audience_id, excluded)"
                " select :t, :cid, audience_id, :excluded from mkt.audiences where name = any(:names)",
                {"t": tenant.tenant_id, "cid": cid, "names": names, "excluded": excluded},
            )
        unit.execute(
            "insert into mkt.campaign_policies (cid, tenant_id, policy) values (:cid, :t, cast(:policy as jsonb))",
            {"cid": cid, "t": tenant.tenant_id, "policy": json.dumps(dict(policy))},
        )
    return cid


def add_members(
    database: Database, tenant: Tenant, emails: Sequence[str], audience: str | None = None
) -> dict[str, int]:
    """Put contacts into an audience without importing them; returns the rid of each address."""
    values = {"t": tenant.tenant_id, "emails": list(emails), "name": audience or tenant.audience}
    with database.unit(tenant.tenant_id) as unit:
        unit.execute(
            "insert into mtrk.contatos (tenant_id, email) select :t, e from unnest(cast(:emails as text[])) e on conflict do nothing",
            values,
        )
        unit.execute(
            "insert into mkt.audience_contacts (tenant_id, audience_id, rid) select :t, a.audience_id, c.rid"
            " from mkt.audiences a, mtrk.contatos c where a.name = :name and c.email = any(:emails) on conflict do nothing",
            values,
        )
        found = unit.execute("select email, rid from mtrk.contatos where email = any(:emails)", values)
        return {row.email: row.rid for row in found}


def written_to(database: Database, tenant: Tenant, cid: UUID) -> list[str]:
    """Return the addresses that have a message of the campaign, sorted; one that has two stands there twice."""
    with database.reading(tenant.tenant_id) as unit:
        found = unit.execute(
            "select c.email from mtrk.mensagens m join mtrk.contatos c using (rid) where m.cid = :cid order by 1",
            {"cid": cid},
        )
        return [row[0] for row in found]


def left_out(database: Database, tenant: Tenant, cid: UUID) -> dict[str, tuple[str, str | None]]:
    """Return rule and reason of those whom the campaign excluded, by address."""
    with database.reading(tenant.tenant_id) as unit:
        found = unit.execute(
            "select c.email, k.rule, k.reason from mkt.campaign_contacts k join mtrk.contatos c using (rid)"
            " where k.cid = :cid and k.outcome = 'excluded'",
            {"cid": cid},
        )
        return {row.email: (row.rule, row.reason) for row in found}
