"""Mappings of columns to fields that a tenant keeps under a name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from db import audit
from db.unit import Unit


@dataclass(frozen=True)
class KeptMapping:
    """A mapping, the fingerprint of the header that it was made for, and when it was saved."""

    name: str
    header: str
    mapping: Mapping[str, str]
    saved_at: datetime


def save(unit: Unit, name: str, header: str, mapping: Mapping[str, str], user_id: UUID) -> None:
    """Keep a mapping; one of the same name is replaced."""
    unit.execute(
        "insert into mkt.saved_mappings (tenant_id, name, header, mapping, saved_by_user_id)"
        " values (:tenant, :name, :header, cast(:mapping as jsonb), :user) on conflict (tenant_id, name) do update"
        " set header = excluded.header, mapping = excluded.mapping, saved_by_user_id = excluded.saved_by_user_id, saved_at = now()",
        {
            "tenant": unit.tenant_id,
            "name": name,
            "header": header,
            "mapping": json.dumps(dict(mapping)),
            "user": user_id,
        },
    )
    audit.record(unit, action="mapping_saved", subject=audit.masked(name), user_id=user_id, details={})


def everything(unit: Unit) -> list[KeptMapping]:
    """Return the tenant's mappings, the newest first: of two for one header, it is the one to be proposed."""
    found = unit.execute("select name, header, mapping, saved_at from mkt.saved_mappings order by saved_at desc, name")
    return [KeptMapping(**row._mapping) for row in found]  # noqa: SLF001 (SQLAlchemy's public name for it)


def remove(unit: Unit, name: str, *, user_id: UUID | None = None) -> bool:
    """Forget a mapping; False: there is none of that name."""
    removed = unit.execute("delete from mkt.saved_mappings where name = :name", {"name": name}).rowcount == 1
    if removed:
        audit.record(unit, action="mapping_removed", subject=audit.masked(name), user_id=user_id, details={})
    return removed
