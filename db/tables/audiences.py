"""Audiences, who belongs to them, and which campaigns use them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import INET, JSONB

from db.statuses import AudienceStatus
from db.tables.base import metadata, moment, one_of, tenant_column, tenant_foreign_key, uuid_key

audiences = Table(
    "audiences",
    metadata,
    uuid_key("audience_id"),
    tenant_column(),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False, server_default=text("''::text")),
    Column("status", Text, nullable=False, server_default=text(f"'{AudienceStatus.ACTIVE}'::text")),
    moment("created_at", nullable=False, now=True),
    moment("updated_at", nullable=False, now=True),
    one_of("status", AudienceStatus, "status"),
    CheckConstraint("btrim(name) <> ''", name="name"),
    UniqueConstraint("tenant_id", "name"),
    UniqueConstraint("tenant_id", "audience_id"),
    schema="mkt",
)

audience_contacts = Table(
    "audience_contacts",
    metadata,
    Column("audience_id", Uuid, nullable=False),
    Column("rid", BigInteger, nullable=False),
    tenant_column(),
    moment("added_at", nullable=False, now=True),
    moment("removed_at"),
    Column("removed_by_job_id", Uuid),  # the correction that ended the membership, so that it can be taken back
    # Where from: the record of the file that brought the contact in.
    Column("import_job_id", Uuid),
    Column("part_no", Integer),
    Column("row_number", Integer),
    # Consent provenance (LGPD art. 7 and 8): what was said when the contact was collected.
    Column("consent_source", Text),
    Column("legal_basis", Text),
    moment("consented_at"),
    Column("consent_ip", INET),
    Column("consent_form", Text),
    Column("consent_evidence", JSONB),
    PrimaryKeyConstraint("audience_id", "rid"),
    tenant_foreign_key("audience_id", "mkt.audiences.audience_id"),
    tenant_foreign_key("rid", "mtrk.contatos.rid"),
    Index(None, "rid"),
    schema="mkt",
)

campaign_audiences = Table(
    "campaign_audiences",
    metadata,
    tenant_column(),
    Column("cid", Uuid, nullable=False),
    Column("audience_id", Uuid, nullable=False),
    moment("created_at", nullable=False, now=True),
    PrimaryKeyConstraint("cid", "audience_id"),
    tenant_foreign_key("cid", "mtrk.campanhas.cid"),
    tenant_foreign_key("audience_id", "mkt.audiences.audience_id"),
    schema="mkt",
)
