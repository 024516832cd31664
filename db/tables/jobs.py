"""Jobs: what was asked for, and what became of it; saved mappings, and imports that nobody is to write to unseen."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from db.statuses import AUDIENCE_KINDS, FINISHED_STATUSES, JobKind, JobStatus, Lane
from db.tables.base import EMPTY_OBJECT, count, metadata, moment, one_of, tenant_column, tenant_foreign_key, uuid_key


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
    count("total_rows"),
    count("ok_rows"),
    count("error_rows"),
    count("duplicate_rows"),
    count("records_seen"),
    count("blank_rows"),
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
