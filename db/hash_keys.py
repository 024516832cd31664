"""What the database knows of the keys of hashes: of each a canary, by which it is recognised, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, create_engine, text

from db.engines import as_sqlalchemy_url
from db.unit import Unit


@dataclass(frozen=True)
class Canary:
    """The hash of a known text under the key that a tenant's hashes of that version were made with."""

    tenant_id: UUID
    version: int
    canary: bytes


_ALL = "select tenant_id, key_version, canary from mkt.hash_canaries()"


def canaries(unit: Unit, tenant_id: UUID | None) -> list[Canary]:
    """Return the canaries of one tenant, or (None) of all."""
    found = unit.execute(
        f"{_ALL} where cast(:tenant as uuid) is null or tenant_id = :tenant order by 1, 2", {"tenant": tenant_id}
    )
    return [Canary(row[0], row[1], bytes(row[2])) for row in found]


def all_canaries(connection: Connection) -> list[Canary]:
    """Return the canaries of all tenants, as the owner."""
    return [Canary(row[0], row[1], bytes(row[2])) for row in connection.execute(text(f"{_ALL} order by 1, 2"))]


def is_any_used(owner_url: str) -> bool:
    """Whether a hash was ever made: from then on, a key file that is not there is lost, and not to be made."""
    engine = create_engine(as_sqlalchemy_url(owner_url), connect_args={"connect_timeout": 10})
    try:
        with engine.connect() as connection:
            if connection.execute(text("select to_regclass('mkt.hash_keys')")).scalar_one() is None:
                return False
            return bool(connection.execute(text("select exists (select from mkt.hash_canaries())")).scalar_one())
    finally:
        engine.dispose()
