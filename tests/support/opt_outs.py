"""Making opt-outs in a test: as another service adds them, as an erasure leaves them, and looking at what holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from uuid import UUID

from sqlalchemy import create_engine, text

from config import hash_keys
from config.endpoints import database_url
from config.settings import Settings
from db.engines import as_sqlalchemy_url
from db.unit import Database
from pipeline.verdicts.canonical import canonical
from tests.conftest import Tenant
from workers.servers.session_keys import FILE_NAME


def suppress(
    database: Database,
    tenant: Tenant,
    email: str,
    kind: str = "unsubscribe",
    *,
    audience_id: UUID | None = None,
    source: str = "test",
) -> int:
    """Add an opt-out as another service does: the address as it happens to be; returns its number."""
    with database.unit(tenant.tenant_id) as unit:
        added: int = unit.execute(
            "insert into ops.suppressions (tenant_id, audience_id, email, kind, source)"
            " values (:tenant, :audience, :email, :kind, :source) returning suppression_id",
            {
                "tenant": tenant.tenant_id,
                "audience": audience_id,
                "email": email,
                "kind": kind,
                "source": source,
            },
        ).scalar_one()
    return added


def suppress_erased(
    settings: Settings, database: Database, tenant: Tenant, email: str, *, version: int | None = None
) -> bytes:
    """Add what an erasure leaves of somebody: the keyed hash of the mailbox and nothing else; returns it."""
    keys = hash_keys.read(settings)
    assert keys is not None
    at = version or keys.current
    hashed = keys.hash(tenant.tenant_id, at, canonical(email))
    with database.unit(tenant.tenant_id) as unit:
        unit.execute("select key_version from mkt.current_pads(:tenant)", {"tenant": tenant.tenant_id})
        unit.execute(
            "insert into ops.suppressions (tenant_id, mailbox_hash, key_version, kind, source)"
            " values (:tenant, :hash, :version, 'erasure', 'erasure')",
            {"tenant": tenant.tenant_id, "hash": hashed, "version": at},
        )
    return hashed


def suppress_in_plain_session(
    settings: Settings, tenant: Tenant, email: str, *, without_key: bool = False, evidence: str = "{}"
) -> int:
    """Add an opt-out in a session of the owner, which knows nothing of mkt, as `psql` would; returns its number."""
    engine = create_engine(as_sqlalchemy_url(database_url(settings)))
    with _server_without_keys(settings) if without_key else nullcontext(), engine.begin() as connection:
        added: int = connection.execute(
            text(
                "insert into ops.suppressions (tenant_id, email, kind, source, evidence)"
                " values (:t, :email, 'unsubscribe', 'crm', cast(:evidence as jsonb)) returning suppression_id"
            ),
            {"t": tenant.tenant_id, "email": email, "evidence": evidence},
        ).scalar_one()
    engine.dispose()
    return added


@contextmanager
def _server_without_keys(settings: Settings) -> Iterator[None]:
    """Take away what the embedded server has for plain sessions: then it is as on a server elsewhere."""
    path = settings.home_path / "postgresql" / FILE_NAME
    aside = path.rename(path.with_suffix(".aside"))
    try:
        yield
    finally:
        aside.rename(path)


def holding(database: Database, tenant: Tenant) -> list[tuple[str | None, str]]:
    """Return (address, kind) of whatever holds, each once; the address of somebody who was erased is None."""
    with database.reading(tenant.tenant_id) as unit:
        found = unit.execute(
            "select distinct email, kind from ops.suppressions where lifted_at is null order by 1 nulls first, 2"
        )
        return [(row[0], row[1]) for row in found]
