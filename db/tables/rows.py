"""Every row of every file."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from db.statuses import OptOutKind, ParseStatus
from db.tables.base import CURRENT_TENANT, EMPTY_OBJECT, EmailText, metadata, moment, one_of

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
