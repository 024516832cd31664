"""The tables of the platform's other modules, as far as mkt needs them (``docs/neighbours.md`` has the contract).

The e-mail and the identity of a contact live in ``mtrk.contatos``; mkt creates and updates them there.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from db.statuses import DeliveryKind, LiftedAs, OptOutKind
from db.tables.base import (
    EMPTY_OBJECT,
    EmailText,
    metadata,
    moment,
    one_of,
    tenant_column,
    tenant_foreign_key,
    uuid_key,
)

tenants = Table(
    "tenants",
    metadata,
    uuid_key("tenant_id"),
    Column("slug", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("locale", Text, nullable=False, server_default=text("'pt-BR'::text")),
    Column("timezone", Text, nullable=False, server_default=text("'America/Sao_Paulo'::text")),
    moment("created_at", nullable=False, now=True),
    CheckConstraint("slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'", name="slug"),
    schema="core",
)

users = Table(
    "users",
    metadata,
    uuid_key("user_id"),
    tenant_column(),
    Column("name", Text, nullable=False),
    moment("created_at", nullable=False, now=True),
    ForeignKeyConstraint(["tenant_id"], ["core.tenants.tenant_id"]),
    UniqueConstraint("tenant_id", "name"),
    UniqueConstraint("tenant_id", "user_id"),
    schema="auth",
)

contatos = Table(
    "contatos",
    metadata,
    Column("rid", BigInteger, Identity(always=True), primary_key=True),
    tenant_column(),
    Column("email", EmailText, nullable=False),
    Column("name", Text),
    Column("attributes", JSONB, nullable=False, server_default=EMPTY_OBJECT),
    moment("created_at", nullable=False, now=True),
    moment("updated_at", nullable=False, now=True),
    UniqueConstraint("tenant_id", "email"),
    # In this order: an index that begins with the tenant too would tempt the planner, for a tenant that it has not
    # seen yet, to look addresses up among all rows of the tenant.
    UniqueConstraint("rid", "tenant_id"),
    schema="mtrk",
)

campanhas = Table(
    "campanhas",
    metadata,
    uuid_key("cid"),
    tenant_column(),
    Column("name", Text, nullable=False),
    moment("created_at", nullable=False, now=True),
    UniqueConstraint("tenant_id", "cid"),
    schema="mtrk",
)

mensagens = Table(
    "mensagens",
    metadata,
    Column("message_id", BigInteger, Identity(always=True), primary_key=True),
    tenant_column(),
    Column("cid", Uuid, nullable=False),
    Column("rid", BigInteger, nullable=False),
    moment("created_at", nullable=False, now=True),
    tenant_foreign_key("cid", "mtrk.campanhas.cid"),
    tenant_foreign_key("rid", "mtrk.contatos.rid"),
    UniqueConstraint("cid", "rid"),  # one message per contact and campaign, ever
    Index(None, "tenant_id", "rid", "created_at"),  # how often somebody was written to lately
    schema="mtrk",
)

#: What was said against writing to somebody, by whom: evidence, added and never changed. Somebody is suppressed while one
#: entry of theirs is not lifted. Entries are known by the mailbox (the one form of an address that has several) and by its
#: keyed hash; an erased person's by the hash alone.
suppressions = Table(
    "suppressions",
    metadata,
    Column("suppression_id", BigInteger, Identity(always=True), primary_key=True),
    tenant_column(),
    Column("audience_id", Uuid),  # NULL: holds for the whole tenant
    Column("email", EmailText),
    Column("mailbox", EmailText),
    Column("mailbox_hash", LargeBinary),
    Column("key_version", SmallInteger),  # of the key that the hash was made with
    Column("kind", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("evidence", JSONB, nullable=False, server_default=EMPTY_OBJECT),
    Column("import_job_id", Uuid),  # the job that said so, if one did
    moment("occurred_at", nullable=False, now=True),
    moment("created_at", nullable=False, now=True),
    # Lifted by an operation of its own, with evidence; what was said stays on record.
    moment("lifted_at"),
    Column("lifted_as", Text),
    Column("lifted_by_user_id", Uuid),
    Column("lift_evidence", JSONB),
    one_of("kind", OptOutKind, "kind"),
    one_of("lifted_as", LiftedAs, "lifted_as"),
    CheckConstraint("email is not null or mailbox_hash is not null", name="known"),
    CheckConstraint("(email is null) = (mailbox is null)", name="mailbox"),
    CheckConstraint("(mailbox_hash is null) = (key_version is null)", name="key_version"),
    CheckConstraint("(lifted_at is null) = (lifted_as is null)", name="lifted"),
    Index(None, "tenant_id", "email"),
    Index(None, "tenant_id", "mailbox"),
    Index(None, "tenant_id", "mailbox_hash", postgresql_where=text("email is null")),
    Index("ix_suppressions_incomplete", "tenant_id", postgresql_where=text("mailbox_hash is null")),
    Index(None, "import_job_id", postgresql_where=text("import_job_id is not null")),
    schema="ops",
)

#: One row for every event that the platform heard of a message; a repeated ``event_id`` changes nothing.
deliveries = Table(
    "deliveries",
    metadata,
    tenant_column(),
    Column("event_id", Text, nullable=False),
    Column("email", EmailText, nullable=False),
    Column("kind", Text, nullable=False),
    moment("occurred_at", nullable=False),
    Column("detail", Text),
    moment("recorded_at", nullable=False, now=True),
    PrimaryKeyConstraint("tenant_id", "event_id"),
    one_of("kind", DeliveryKind, "kind"),
    Index(None, "tenant_id", "email", "occurred_at"),
    schema="ops",
)

#: What the events of a mailbox come to; always recomputed from them, so that their order does not matter.
mailboxes = Table(
    "mailboxes",
    metadata,
    tenant_column(),
    Column("email", EmailText, nullable=False),
    Column("domain", EmailText, nullable=False),  # part of the address, kept for sums over it
    moment("delivered_at"),
    moment("bounced_hard_at"),
    Column("soft_bounces", Integer, nullable=False, server_default=text("0")),  # in a row, since the last delivery
    moment("updated_at", nullable=False, now=True),
    PrimaryKeyConstraint("tenant_id", "email"),
    Index(None, "domain", "tenant_id"),
    schema="ops",
)

events = Table(
    "events",
    metadata,
    Column("event_id", BigInteger, Identity(always=True), primary_key=True),
    tenant_column(),
    Column("user_id", Uuid),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("details", JSONB, nullable=False, server_default=EMPTY_OBJECT),
    moment("created_at", nullable=False, now=True),
    Index(None, "tenant_id", "created_at"),
    schema="audit",
)
