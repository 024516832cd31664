"""Verdicts: the state of each contact, its history, and what DNS said of each domain."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB

from db.statuses import VerdictStatus
from db.tables.base import EMPTY_OBJECT, EmailText, metadata, moment, one_of, tenant_column, tenant_foreign_key


def _score_in_range() -> CheckConstraint:
    return CheckConstraint("score between 0 and 100", name="score")


email_validations = Table(
    "email_validations",
    metadata,
    Column("rid", BigInteger, primary_key=True, autoincrement=False),
    tenant_column(),
    Column("status", Text, nullable=False),
    Column("reason_code", Text, nullable=False),
    Column("score", SmallInteger, nullable=False),
    moment("validated_at", nullable=False, now=True),
    Column("validator_version", Text, nullable=False),
    Column("details_json", JSONB, nullable=False, server_default=EMPTY_OBJECT),
    moment("next_validation_at", nullable=False),
    # Which state of the domain the verdict was drawn from; NULL where DNS had not answered yet.
    moment("domain_changed_at"),
    one_of("status", VerdictStatus, "status"),
    _score_in_range(),
    tenant_foreign_key("rid", "mtrk.contatos.rid"),
    Index(None, "next_validation_at"),
    schema="mkt",
)

#: Append-only: one row for every judgement. Partitioned by month of ``validated_at``.
email_validation_history = Table(
    "email_validation_history",
    metadata,
    Column("validation_id", BigInteger, Identity(always=True), nullable=False),
    tenant_column(),
    Column("rid", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("score", SmallInteger, nullable=False),
    Column("reason_code", Text, nullable=False),
    moment("validated_at", nullable=False, now=True),
    Column("validator_version", Text, nullable=False),
    Column("details_json", JSONB, nullable=False, server_default=EMPTY_OBJECT),
    one_of("status", VerdictStatus, "status"),
    _score_in_range(),
    PrimaryKeyConstraint("rid", "validated_at", "validation_id"),
    schema="mkt",
    postgresql_partition_by="RANGE (validated_at)",
)

#: Facts of the public DNS, shared by all tenants: the one table without ``tenant_id``.
domain_checks = Table(
    "domain_checks",
    metadata,
    Column("domain", EmailText, primary_key=True),
    # NULL until the first answer: such a row is only a claim.
    Column("outcome", Text),
    Column("facts", JSONB, nullable=False, server_default=EMPTY_OBJECT),
    # The verdict on the domain, drawn from the facts by the rules of `validator_version`.
    Column("status", Text),
    Column("reason_code", Text),
    Column("score", SmallInteger),
    Column("revalidate_after", Integer),  # seconds until a contact judged on these facts is judged again
    Column("validator_version", Text),
    moment("checked_at"),
    moment("changed_at"),  # when outcome or verdict last became another: contacts judged since need no new judgement
    moment("expires_at"),
    # Single flight: the worker that is asking now, and until when it is believed.
    Column("claimed_by", Text),
    moment("claimed_until"),
    one_of("status", VerdictStatus, "status"),
    _score_in_range(),
    CheckConstraint("(outcome is null) = (expires_at is null)", name="answered"),
    schema="mkt",
)
