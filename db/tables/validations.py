"""Verdicts: the state of each contact, its history, and what DNS said of each domain."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from db.statuses import OverrideDecision, VerdictStatus
from db.tables.base import EMPTY_OBJECT, EmailText, metadata, moment, one_of, tenant_column, tenant_foreign_key


def _score_in_range() -> CheckConstraint:
    return CheckConstraint("score between 0 and 100", name="score")


#: Flags that are findings, too (pipeline.eligibility.policy.FINDINGS; a test holds the two together).
FINDING_FLAGS = (
    "bounced_soft_repeated", "confusable_domain", "disposable_domain", "disposable_mx", "forwarding_alias", "implicit_mx",
    "implicit_mx_no_mail_spf", "local_part_too_long", "mx_ipv6_only", "parked_mx", "possible_typo", "provider_rule", "role_account",
    "smtputf8_required", "system_mailbox",
)  # fmt: skip
#: Mailboxes of roles, which may be many.
OF_ROLE = "details_json -> 'flags' ? 'role_account'"
_DOUBTS = ", ".join(f"'{flag}'" for flag in FINDING_FLAGS if flag != "role_account")
#: Contacts of whom a campaign has to know more than that and the verdict: flags count where there is doubt already.
IN_DOUBT = (
    f"details_json -> 'flags' ? 'forwarding_alias' or status <> 'valid' and details_json -> 'flags' ?| array[{_DOUBTS}]"
)

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
    Index(None, "tenant_id", "next_validation_at"),
    # A preview reads all verdicts of a tenant, and nothing but these columns of most: the details are six times as long.
    Index(None, "tenant_id", "rid", postgresql_include=["status", "reason_code", "validated_at"]),
    Index("ix_email_validations_of_role", "tenant_id", "rid", postgresql_where=text(OF_ROLE)),
    Index("ix_email_validations_in_doubt", "rid", postgresql_where=text(IN_DOUBT)),
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

#: What a tenant decided about an address or a domain (``entry``).
verdict_overrides = Table(
    "verdict_overrides",
    metadata,
    tenant_column(),
    Column("entry", EmailText, nullable=False),
    Column("decision", Text, nullable=False),
    Column("note", Text, nullable=False, server_default=text("''::text")),
    Column("decided_by_user_id", Uuid, nullable=False),
    moment("decided_at", nullable=False, now=True),
    PrimaryKeyConstraint("tenant_id", "entry"),
    one_of("decision", OverrideDecision, "decision"),
    tenant_foreign_key("decided_by_user_id", "auth.users.user_id"),
    schema="mkt",
)

#: What a tenant chose where the rules leave a choice; no row: the defaults.
verdict_policies = Table(
    "verdict_policies",
    metadata,
    tenant_column(),
    Column("risky_roles", Boolean, nullable=False, server_default=text("false")),
    Column("smtputf8", Boolean, nullable=False, server_default=text("false")),
    moment("updated_at", nullable=False, now=True),
    PrimaryKeyConstraint("tenant_id"),
    schema="mkt",
)

#: Facts of the public DNS, shared by all tenants: no ``tenant_id``.
domain_checks = Table(
    "domain_checks",
    metadata,
    Column("domain", EmailText, primary_key=True),
    # NULL until the first answer: such a row is only a claim.
    Column("outcome", Text),
    Column("facts", JSONB, nullable=False, server_default=EMPTY_OBJECT),  # what DNS said, and nothing else
    # The verdict on the domain, drawn from the facts by the rules of `validator_version`; `details` is its evidence.
    Column("details", JSONB, nullable=False, server_default=EMPTY_OBJECT),
    Column("status", Text),
    Column("reason_code", Text),
    Column("score", SmallInteger),
    Column("revalidate_after", Integer),  # seconds until a contact judged on these facts is judged again
    Column("validator_version", Text),
    moment("checked_at"),
    moment("changed_at"),  # when outcome or verdict last became another: contacts judged since need no new judgement
    moment("expires_at"),
    Column("attempt", SmallInteger, nullable=False, server_default=text("0")),  # answers in a row that told nothing
    moment(
        "retry_at"
    ),  # after such an answer: when the clock asks again; an import may do so sooner, and is not counted
    # Single flight: the worker that is asking now, and until when it is believed.
    Column("claimed_by", Text),
    moment("claimed_until"),
    one_of("status", VerdictStatus, "status"),
    _score_in_range(),
    CheckConstraint("(outcome is null) = (expires_at is null)", name="answered"),
    schema="mkt",
)

#: How fast DNS may be asked by all workers together, and whether it can be believed: one row per nameserver, and ``*`` for
#: all of them. Belongs to the installation, as the facts above belong to the world: no ``tenant_id`` either.
resolvers = Table(
    "resolvers",
    metadata,
    Column("server", Text, primary_key=True),
    # A token bucket: queries that may be sent, as of `refilled_at`.
    Column("tokens", Double, nullable=False, server_default=text("0")),
    moment("refilled_at", nullable=False, now=True),
    Column("shares", JSONB, nullable=False, server_default=EMPTY_OBJECT),  # in flight: {worker: [number, until]}
    # What the canaries last said; `since`: when that last became something else.
    Column("believed", Boolean, nullable=False, server_default=text("true")),
    Column("reason", Text, nullable=False, server_default=text("'ok'::text")),
    Column("detail", Text, nullable=False, server_default=text("''::text")),
    moment("since", nullable=False, now=True),
    moment("asked_at"),
    schema="mkt",
)
