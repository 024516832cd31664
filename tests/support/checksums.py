"""What a tenant's base is, as one number for each table: equal numbers, equal rows."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from db.unit import Database, Limits

#: What happens is written down in these, whatever becomes of it: jobs and their ledger, the audit trail, the history of verdicts, and
#: what DNS said.
RECORDS: Final = frozenset(
    {
        "mkt.import_jobs",
        "mkt.import_chunks",
        "mkt.import_rows",
        "mkt.undo_items",
        "mkt.email_validation_history",
        "mkt.domain_checks",
        "mkt.resolvers",
        "audit.events",
    }
)


def checksums(database: Database, tenant_id: UUID) -> dict[str, tuple[int, int]]:
    """Return the number of rows and the sum of their hashes, of every table that has rows of tenants, but for `RECORDS`."""
    with database.reading(tenant_id, Limits(transaction=600)) as unit:
        tables = unit.execute(
            "select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace"
            " join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'"
            " where n.nspname in ('mkt', 'mtrk', 'ops', 'auth') and c.relkind in ('r', 'p') and not c.relispartition order by 1"
        ).scalars()
        counted = {}
        for table in [each for each in tables if each not in RECORDS]:
            rows, hashes = unit.execute(
                f"select count(*), coalesce(sum(hashtextextended(cast(t.* as text), 0)), 0) from {table} t where t.tenant_id = :tenant",
                {"tenant": tenant_id},
            ).one()
            counted[str(table)] = (int(rows), int(hashes))
    return counted
