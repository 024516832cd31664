"""Audiences and who belongs to them."""

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

from db.statuses import AudienceStatus, ConsentSource, LegalBasis
from db.tables.base import metadata, moment, one_of, tenant_column, tenant_foreign_key, uuid_key

audiences = Table(
    "audiences",
    metadata,
    uuid_key("audience_id"),
    tenant_column(),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False, server_default=text("''::text")),
    Column("status", Text, nullable=False, server_default=text(f"'{AudienceStatus.ACTIVE}'::text")),
    # What holds for people whose file says nothing of it.
    Column("default_legal_basis", Text),
    Column("default_consent_source", Text),
    moment("created_at", nullable=False, now=True),
    moment("updated_at", nullable=False, now=True),
    one_of("status", AudienceStatus, "status"),
    one_of("default_legal_basis", LegalBasis, "default_legal_basis"),
    one_of("default_consent_source", ConsentSource, "default_consent_source"),
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
    Column("removed_by_user_id", Uuid),  # who took the contact out
    Column("removal_reason", Text),
    Column("readmitted_by_job_id", Uuid),  # the import that brought the contact back
    Column("readmitted_before", JSONB),  # when, by whom and why they had been taken out before that
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
    Column("consent_job_id", Uuid),  # the import that said all this, where a later one than the membership's
    PrimaryKeyConstraint("audience_id", "rid"),
    tenant_foreign_key("audience_id", "mkt.audiences.audience_id"),
    tenant_foreign_key("rid", "mtrk.contatos.rid"),
    Index(None, "rid"),
    # Whether an audience has anybody at all whom people took out of it.
    Index(
        "ix_audience_contacts_taken_out",
        "audience_id",
        postgresql_where=text("removed_at is not null and removed_by_job_id is null"),
    ),
    schema="mkt",
)
