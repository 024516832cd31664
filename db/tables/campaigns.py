"""Campaigns: which audiences they choose, what they may depart from, and the frozen snapshot of whom they reach."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from db.statuses import CampaignOutcome
from db.tables.base import EMPTY_OBJECT, metadata, moment, one_of, tenant_column, tenant_foreign_key

campaign_audiences = Table(
    "campaign_audiences",
    metadata,
    tenant_column(),
    Column("cid", Uuid, nullable=False),
    Column("audience_id", Uuid, nullable=False),
    Column("excluded", Boolean, nullable=False, server_default=text("false")),  # whoever is in it receives nothing
    moment("created_at", nullable=False, now=True),
    PrimaryKeyConstraint("cid", "audience_id"),
    tenant_foreign_key("cid", "mtrk.campanhas.cid"),
    tenant_foreign_key("audience_id", "mkt.audiences.audience_id"),
    schema="mkt",
)

#: What a tenant chose where the rules of eligibility leave a choice; no row: the defaults.
tenant_policies = Table(
    "tenant_policies",
    metadata,
    tenant_column(),
    Column("policy", JSONB, nullable=False, server_default=EMPTY_OBJECT),
    moment("updated_at", nullable=False, now=True),
    PrimaryKeyConstraint("tenant_id"),
    schema="mkt",
)

#: Where a campaign departs from its tenant's choices.
campaign_policies = Table(
    "campaign_policies",
    metadata,
    Column("cid", Uuid, primary_key=True),
    tenant_column(),
    Column("policy", JSONB, nullable=False, server_default=EMPTY_OBJECT),
    moment("updated_at", nullable=False, now=True),
    tenant_foreign_key("cid", "mtrk.campanhas.cid"),
    schema="mkt",
)

#: The frozen snapshot of a send: everybody whom the campaign chose, once, and what became of them.
campaign_contacts = Table(
    "campaign_contacts",
    metadata,
    Column("cid", Uuid, nullable=False),
    Column("rid", BigInteger, nullable=False),
    tenant_column(),
    Column("import_job_id", Uuid, nullable=False),
    Column("chunk_no", Integer, nullable=False),
    Column("outcome", Text, nullable=False, server_default=text(f"'{CampaignOutcome.PLANNED}'::text")),
    Column("rule", Text),  # the first rule that matched
    Column("reason", Text),  # which of several things the rule found: a verdict's reason, the kind of an opt-out
    moment("decided_at"),
    one_of("outcome", CampaignOutcome, "outcome"),
    CheckConstraint(f"(outcome = '{CampaignOutcome.EXCLUDED}') = (rule is not null)", name="rule"),
    CheckConstraint(f"(outcome = '{CampaignOutcome.PLANNED}') = (decided_at is null)", name="decided"),
    PrimaryKeyConstraint("cid", "rid"),
    tenant_foreign_key("cid", "mtrk.campanhas.cid"),
    Index(None, "import_job_id", "chunk_no"),
    schema="mkt",
)
