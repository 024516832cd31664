"""Keys of hashes: which there are, and how each is recognised. The keys themselves are in no table (decision 16)."""

from __future__ import annotations

from sqlalchemy import Column, LargeBinary, PrimaryKeyConstraint, SmallInteger, Table

from db.tables.base import metadata, moment, tenant_column

#: One row for every version of a tenant's key that a hash was ever made with. The canary is a known text under that key:
#: where it comes out otherwise, the key is another one, and every block that hangs on a hash would be lifted unsaid.
hash_keys = Table(
    "hash_keys",
    metadata,
    tenant_column(),
    Column("key_version", SmallInteger, nullable=False),
    Column("canary", LargeBinary, nullable=False),
    moment("created_at", nullable=False, now=True),
    PrimaryKeyConstraint("tenant_id", "key_version"),
    schema="mkt",
)
