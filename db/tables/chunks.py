"""Chunks of jobs: the unit of work, its attempts, what it is due for, and what it counted."""

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
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from db.statuses import ChunkKind, ChunkStage
from db.tables.base import count, metadata, moment, one_of, tenant_column, tenant_foreign_key

#: The unit of work and the outbox. `due_at` is when somebody should look at the chunk again; NULL: never by itself.
import_chunks = Table(
    "import_chunks",
    metadata,
    Column("import_job_id", Uuid, nullable=False),
    Column("chunk_no", Integer, nullable=False),
    tenant_column(),
    Column("kind", Text, nullable=False),
    Column("stage", Text, nullable=False),
    # The mechanism: the attempt number is the fence, monotonic for the chunk's whole life.
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("stage_attempts", Integer, nullable=False, server_default=text("0")),  # at this stage: what is bounded
    Column("claimed_by", Text),
    moment("claimed_at"),
    Column("claimed_pid", Integer),  # the session of PostgreSQL that claimed it: gone with the worker
    Column("claimed_attempt", Integer),  # at which attempt; another: that of an older release, which says no session
    moment("due_at"),
    moment("hinted_at"),  # when its message was last sent; NULL: none is under way for this stage
    Column("hints", Integer, nullable=False, server_default=text("0")),
    Column("rests", Integer, nullable=False, server_default=text("0")),  # in a row, for trouble that is not the chunk's
    Column("halvings", Integer, nullable=False, server_default=text("0")),  # how often it was halved to find a bad row
    Column("last_error", Text),  # of the newest attempt that failed, also while it is still tried again
    moment("failed_at"),  # set when it gave up; taken away by retry
    Column("failure_code", Text),
    Column("failure_detail", Text),
    # Where its bytes lie, and which records they are.
    Column("chunk_key", Text),
    Column("part_no", Integer),
    Column("first_row", Integer),
    Column("last_row", Integer),
    # Of an undo: the contacts that it is about, from and to, by their keys.
    Column("first_rid", BigInteger),
    Column("last_rid", BigInteger),
    # Counters: written with the effects that they count.
    count("records_seen"),
    count("blank_rows"),
    count("ok_rows"),
    count("error_rows"),
    count("duplicate_rows"),
    Column("contacts_created", BigInteger),
    Column("contacts_updated", BigInteger),
    Column("contacts_unchanged", BigInteger),
    Column("links_added", BigInteger),
    Column("links_existing", BigInteger),
    count("links_kept_out"),  # link: contacts who were taken out of the audience before, and stay out
    count("consents_unstated"),  # link: contacts who joined without a legal basis
    count("opt_outs_said"),  # parse: rows that say so
    count("opt_outs_added"),  # mark: entries of people who were not opted out in this way
    count("opt_outs_protected"),  # link: contacts who stay opted out although the file does not say so
    Column("foreseen", Text),  # of a dry run: what upsert would do with each contact, a letter each, in file order
    Column("quality", JSONB),  # validate: {status: {reason: contacts}} of the chunk's contacts when it ended
    Column("errors", JSONB),  # parse: {error code: rows}
    Column("findings", JSONB),  # validate, with `quality`: {finding: contacts}, what is known beside the verdict
    moment("created_at", nullable=False, now=True),
    moment("updated_at", nullable=False, now=True),
    one_of("kind", ChunkKind, "kind"),
    one_of("stage", ChunkStage, "stage"),
    CheckConstraint("contacts_created + contacts_updated + contacts_unchanged = ok_rows", name="contacts"),
    CheckConstraint("links_added + links_existing + links_kept_out = ok_rows", name="links"),
    CheckConstraint(f"kind <> '{ChunkKind.ROWS}' or (part_no is not null and first_row <= last_row)", name="rows"),
    CheckConstraint("(failed_at is null) = (failure_code is null)", name="failure"),
    CheckConstraint("failed_at is null or due_at is null", name="failed_rests"),
    PrimaryKeyConstraint("import_job_id", "chunk_no"),
    tenant_foreign_key("import_job_id", "mkt.import_jobs.import_job_id"),
    Index("ix_import_chunks_due", "tenant_id", "due_at", postgresql_where=text("due_at is not null")),
    Index("ix_import_chunks_claimed", "tenant_id", postgresql_where=text("claimed_by is not null")),
    # Contacts that DNS had not answered for when they were measured: the gate looks at those jobs again.
    Index(
        "ix_import_chunks_waiting",
        "tenant_id",
        postgresql_where=text("(quality -> 'unknown'::text) ? 'not_yet_checked'"),
    ),
    schema="mkt",
)
