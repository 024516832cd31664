"""What imports changed, and what undos took back."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, PrimaryKeyConstraint, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from db.statuses import ContactChange, UndoOutcome, UndoThing
from db.tables.base import metadata, moment, one_of, tenant_column

#: What an import did to contacts, with the values before: what undo needs, and what a row's outcome is read from.
contact_changes = Table(
    "contact_changes",
    metadata,
    Column("import_job_id", Uuid, nullable=False),
    Column("rid", BigInteger, nullable=False),
    tenant_column(),
    Column("part_no", Integer, nullable=False),
    Column("row_number", Integer, nullable=False),
    Column("change", Text, nullable=False),
    Column("before", JSONB),
    moment("changed_at", nullable=False, now=True),
    one_of("change", ContactChange, "change"),
    CheckConstraint(f"(change = '{ContactChange.CREATED}') = (before is null)", name="before"),
    PrimaryKeyConstraint("import_job_id", "rid"),
    schema="mkt",
)

#: What an undo did with each thing that its import had done, and why not; the contact itself may be gone.
undo_items = Table(
    "undo_items",
    metadata,
    Column("import_job_id", Uuid, nullable=False),  # the undo
    Column("rid", BigInteger, nullable=False),
    Column("thing", Text, nullable=False),
    tenant_column(),
    # The row of the import that did it, where it is known.
    Column("part_no", Integer),
    Column("row_number", Integer),
    Column("outcome", Text, nullable=False),
    Column("reason", Text),
    Column("fields", ARRAY(Text)),  # of changed fields: those that were kept
    one_of("thing", UndoThing, "thing"),
    one_of("outcome", UndoOutcome, "outcome"),
    CheckConstraint(f"(outcome = '{UndoOutcome.REVERSED}') = (reason is null)", name="reason"),
    PrimaryKeyConstraint("import_job_id", "rid", "thing"),
    schema="mkt",
)
