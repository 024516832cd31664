"""The ledger of imports: jobs, their chunks, every row of every file, and what an import changed."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from db.statuses import (
    AUDIENCE_KINDS,
    FINISHED_STATUSES,
    ChunkKind,
    ChunkStage,
    ContactChange,
    JobKind,
    JobStatus,
    Lane,
    OptOutKind,
    ParseStatus,
    UndoOutcome,
    UndoThing,
)
from db.tables.base import (
    CURRENT_TENANT,
    EMPTY_OBJECT,
    EmailText,
    metadata,
    moment,
    one_of,
    tenant_column,
    tenant_foreign_key,
    uuid_key,
)


def _count(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False, server_default=text("0"))


def _sql_list(values: frozenset[JobStatus] | frozenset[JobKind]) -> str:
    return ", ".join(f"'{value}'" for value in sorted(values))


import_jobs = Table(
    "import_jobs",
    metadata,
    uuid_key("import_job_id"),
    tenant_column(),
    Column("kind", Text, nullable=False),
    Column("audience_id", Uuid),  # NULL: the job is about no audience
    Column("cid", Uuid),  # of a send: its campaign
    Column("uploaded_by_user_id", Uuid, nullable=False),
    Column("parent_job_id", Uuid),  # the dry run that this job carries out, the import whose rejects it mends, or that it takes back
    Column("request_id", Text),  # the caller's own key: a repeat of it answers with the same job
    # The file. Its name is data, never a path; its bytes lie under `file_key` in the file store.
    Column("file_name", Text, nullable=False),
    Column("file_hash", Text, nullable=False),
    Column("file_bytes", BigInteger, nullable=False),
    Column("file_key", Text, nullable=False),
    # What was asked for, and the key under which the same request is recognised.
    Column("options", JSONB, nullable=False, server_default=EMPTY_OBJECT),
    Column("options_hash", Text, nullable=False),
    Column("repeat_no", Integer, nullable=False, server_default=text("0")),  # above 0: insisted on with --again
    Column("chunk_rows", Integer, nullable=False),  # fixed at intake: chunk boundaries must not move on resume
    Column("reading", JSONB),  # how split understood the file
    Column("status", Text, nullable=False),
    Column("stage", Text, nullable=False),  # for people: the step that the job has reached
    Column("lane", Text),  # NULL: bulk
    # Sums over the chunks, written in the same transactions as the chunks' own counters.
    _count("total_rows"),
    _count("ok_rows"),
    _count("error_rows"),
    _count("duplicate_rows"),
    _count("records_seen"),
    _count("blank_rows"),
    moment("pause_requested_at"),  # set by pause; taken away by resume, cancel, failure, and the end
    Column("pause_requested_by_user_id", Uuid),
    moment("cancel_requested_at"),
    moment("undo_requested_at"),  # of an import: somebody asked for it to be taken back; it is an answer to no request any more
    Column("failure_code", Text),
    Column("failure_detail", Text),
    moment("created_at", nullable=False, now=True),
    moment("started_at"),
    moment("finished_at"),
    moment("erased_at"),  # set by an erasure: the file held the person and is gone; the job cannot be taken up again
    moment("files_deleted_at"),  # set by upkeep: the bytes were kept as long as the settings say
    one_of("status", JobStatus, "status"),
    one_of("kind", JobKind, "kind"),
    one_of("lane", Lane, "lane"),
    CheckConstraint("total_rows = ok_rows + error_rows + duplicate_rows", name="balance"),
    CheckConstraint(f"(status in ({_sql_list(FINISHED_STATUSES)})) = (finished_at is not null)", name="finished"),
    CheckConstraint(f"status <> '{JobStatus.DONE}' or total_rows = records_seen - blank_rows", name="accounted"),
    CheckConstraint(f"status <> '{JobStatus.FAILED}' or failure_code is not null", name="failure"),
    CheckConstraint("(failure_code is null) = (failure_detail is null)", name="failure_detail"),
    CheckConstraint("file_hash ~ '^[0-9a-f]{64}$'", name="file_hash"),
    CheckConstraint(f"audience_id is not null or kind not in ({_sql_list(AUDIENCE_KINDS)})", name="audience"),
    CheckConstraint(f"(kind = '{JobKind.SEND}') = (cid is not null)", name="campaign"),
    CheckConstraint(f"kind <> '{JobKind.UNDO}' or parent_job_id is not null", name="undo"),
    UniqueConstraint("tenant_id", "import_job_id"),
    UniqueConstraint("tenant_id", "request_id"),
    tenant_foreign_key("audience_id", "mkt.audiences.audience_id"),
    tenant_foreign_key("cid", "mtrk.campanhas.cid"),
    tenant_foreign_key("uploaded_by_user_id", "auth.users.user_id"),
    tenant_foreign_key("pause_requested_by_user_id", "auth.users.user_id"),
    ForeignKeyConstraint(["tenant_id", "parent_job_id"], ["mkt.import_jobs.tenant_id", "mkt.import_jobs.import_job_id"]),
    Index("ix_import_jobs_open", "tenant_id", postgresql_where=text("finished_at is null")),
    Index("ix_import_jobs_express", "created_at", postgresql_where=text(f"finished_at is null and lane = '{Lane.EXPRESS}'")),
    # A campaign is sent once. After a send that was cancelled another one may take up whom it left undecided.
    Index(
        "uq_import_jobs_send",
        "cid",
        unique=True,
        postgresql_where=text(f"kind = '{JobKind.SEND}' and status <> '{JobStatus.CANCELLED}'"),
    ),
    # One undo of an import at a time. After one that was cancelled or is done another one may take back what that left.
    Index(
        "uq_import_jobs_undo",
        "parent_job_id",
        unique=True,
        postgresql_where=text(f"kind = '{JobKind.UNDO}' and status not in ('{JobStatus.CANCELLED}', '{JobStatus.DONE}')"),
    ),
    Index("ix_import_jobs_undo", "parent_job_id", postgresql_where=text(f"kind = '{JobKind.UNDO}'")),
    Index(
        "uq_import_jobs_same_content",
        "tenant_id", "audience_id", "kind", "file_hash", "options_hash", "repeat_no",
        unique=True,
        postgresql_nulls_not_distinct=True,  # a suppression of the whole tenant's has no audience
        # A job that is being cancelled, is failing or is taken back is no answer to a new request any more.
        postgresql_where=text(
            f"status not in ('{JobStatus.FAILED}', '{JobStatus.CANCELLED}') and cancel_requested_at is null and failure_code is null"
            " and undo_requested_at is null"
        ),
    ),
    schema="mkt",
)  # fmt: skip

#: Rows that may name somebody beside the one whose address theirs is: few in most files. Every word of a row that can hold an
#: address is in it; a mended row has the address that was mistyped, too. Statements that say the same find them by an index.
NAMES_OTHERS = (
    "normalized_email is null or parse_status = 'error' or mends_row is not null or raw_email like '%@%@%' or raw_name like '%@%'"
    " or attributes <> '{}' and (attributes::text like '%@%' or attributes::text like '%\uff20%' or attributes::text like '%\ufe6b%'"
    " or strpos(attributes::text, '%40') > 0)"
    " or consent::text like '%@%' or warnings::text like '%@%'"
)

#: One row per record of the file. No foreign key, in or out: COPY is 2.5 times slower with one, and partitions
#: could not be dropped. Partitioned by the time in the job's uuidv7.
import_rows = Table(
    "import_rows",
    metadata,
    Column("import_job_id", Uuid, nullable=False),
    Column("part_no", Integer, nullable=False),
    Column("row_number", Integer, nullable=False),
    Column("import_row_id", BigInteger, Identity(always=True), nullable=False),
    # By default, because COPY into a partition passes no policy: the worker may not name the column at all.
    Column("tenant_id", Uuid, nullable=False, server_default=text(CURRENT_TENANT)),
    Column("raw_email", Text, nullable=False),
    Column("raw_name", Text),  # NULL: the file has no such column
    Column("attributes", JSONB, nullable=False, server_default=EMPTY_OBJECT),
    Column("normalized_email", EmailText),
    Column("normalized_name", Text),  # NFC, spaces collapsed: what the contact is called; NULL: the row has none
    Column("parse_status", Text, nullable=False),
    Column("error_code", Text),
    Column("error_detail", Text),
    Column("duplicate_of_part", Integer),
    Column("duplicate_of_row", Integer),
    Column("warnings", JSONB),  # [{"code": …, "column": …}]: what was made of the row's cells, where that needs saying
    Column("opt_out", Text),  # what the row says of the person, whatever becomes of the row
    Column("consent", JSONB),  # source, legal_basis, consented_at, ip: goes to the link
    # In a job that mends another's rejects: the row of the parent that this one mends.
    Column("mends_part", Integer),
    Column("mends_row", Integer),
    moment("created_at", nullable=False, now=True),
    one_of("parse_status", ParseStatus, "parse_status"),
    one_of("opt_out", OptOutKind, "opt_out"),
    CheckConstraint("(mends_row is null) = (mends_part is null)", name="mends"),
    CheckConstraint(
        f"case parse_status when '{ParseStatus.OK}' then normalized_email is not null and error_code is null "
        "else error_code is not null and error_detail is not null and duplicate_of_row is null end",
        name="outcome",
    ),
    CheckConstraint("(duplicate_of_row is null) = (duplicate_of_part is null)", name="duplicate"),
    PrimaryKeyConstraint("import_job_id", "part_no", "row_number"),
    # None of them begins with the tenant, as in mtrk.contatos: of a tenant that it has no statistics of the planner expects one
    # row, and would look the rows of a chunk up among all rows of the tenant.
    Index(None, "normalized_email", "tenant_id"),
    Index("ix_import_rows_names_others", "import_job_id", "tenant_id", postgresql_where=text(NAMES_OTHERS)),
    schema="mkt",
    postgresql_partition_by="RANGE (import_job_id)",
)

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
    Column(
        "claimed_attempt", Integer
    ),  # at which attempt; another number: that of an older release, which says no session
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
    _count("records_seen"),
    _count("blank_rows"),
    _count("ok_rows"),
    _count("error_rows"),
    _count("duplicate_rows"),
    Column("contacts_created", BigInteger),
    Column("contacts_updated", BigInteger),
    Column("contacts_unchanged", BigInteger),
    Column("links_added", BigInteger),
    Column("links_existing", BigInteger),
    _count("links_kept_out"),  # link: contacts who were taken out of the audience before, and stay out
    _count("consents_unstated"),  # link: contacts who joined without a legal basis
    _count("opt_outs_said"),  # parse: rows that say so
    _count("opt_outs_added"),  # mark: entries of people who were not opted out in this way
    _count("opt_outs_protected"),  # link: contacts who stay opted out although the file does not say so
    Column("foreseen", Text),  # of a dry run: what upsert would do with each contact, a letter each, in file order
    Column("quality", JSONB),  # validate: {status: {reason: contacts}} of the chunk's contacts when it ended
    Column("errors", JSONB),  # parse: {error code: rows}
    Column(
        "findings", JSONB
    ),  # validate, with `quality`: {finding: contacts}, what is known of them beside the verdict
    moment("created_at", nullable=False, now=True),
    moment("updated_at", nullable=False, now=True),
    one_of("kind", ChunkKind, "kind"),
    one_of("stage", ChunkStage, "stage"),
    CheckConstraint("contacts_created + contacts_updated + contacts_unchanged = ok_rows", name="contacts"),
    CheckConstraint("links_added + links_existing + links_kept_out = ok_rows", name="links"),
    CheckConstraint(
        f"kind <> '{ChunkKind.ROWS}' or (part_no is not null and first_row <= last_row)",
        name="rows",
    ),
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

#: Mappings of columns that a tenant keeps under a name; a file with the same header is read with them again.
saved_mappings = Table(
    "saved_mappings",
    metadata,
    tenant_column(),
    Column("name", Text, nullable=False),
    Column("header", Text, nullable=False),  # fingerprint of the header that it was made for
    Column("mapping", JSONB, nullable=False),
    Column("saved_by_user_id", Uuid, nullable=False),
    moment("saved_at", nullable=False, now=True),
    CheckConstraint("btrim(name) <> ''", name="name"),
    PrimaryKeyConstraint("tenant_id", "name"),
    tenant_foreign_key("saved_by_user_id", "auth.users.user_id"),
    schema="mkt",
)

#: Imports whose quality was too low to be written to unseen: their links count for no campaign until released.
quarantines = Table(
    "quarantines",
    metadata,
    Column("import_job_id", Uuid, primary_key=True),
    tenant_column(),
    Column("rules", JSONB, nullable=False),  # [{"rule": …, "share": …, "limit": …}]: what was too much
    moment("quarantined_at", nullable=False, now=True),
    moment("released_at"),
    Column("released_by_user_id", Uuid),
    Column("release_note", Text),
    CheckConstraint("(released_at is null) = (released_by_user_id is null)", name="released"),
    tenant_foreign_key("import_job_id", "mkt.import_jobs.import_job_id"),
    tenant_foreign_key("released_by_user_id", "auth.users.user_id"),
    schema="mkt",
)
