"""The ledger of rows: written once per chunk by COPY, marked as duplicates once per job, read by people."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from db.row_ranges import RowRange
from db.statements import statement
from db.statuses import Duplicates, ParseStatus
from db.unit import Unit

#: The order of the columns in the data that `copy` takes; raw_name is left out where the file has no such column.
COPY_COLUMNS = (
    "import_job_id",
    "part_no",
    "row_number",
    "raw_email",
    "raw_name",
    "attributes",
    "normalized_email",
    "normalized_name",
    "parse_status",
    "error_code",
    "error_detail",
)
#: Those that follow in the data of rows with something to remark.
REMARKS = ("warnings", "opt_out", "consent", "mends_part", "mends_row")
#: Columns in which an empty CSV field is an empty string, not NULL.
_NEVER_NULL = ("raw_email", "raw_name", "attributes")


def copy(unit: Unit, import_job_id: UUID, csv_data: bytes, *, with_name: bool, with_remarks: bool) -> None:
    """Write rows of one chunk, given as CSV in the order of `COPY_COLUMNS`, and `REMARKS` with them if they have some.

    COPY goes into the partition: it is refused on a table with row level security. The worker may not name the
    column ``tenant_id`` there; the database fills it with the tenant that the transaction is bound to.
    """
    if not csv_data:
        return
    partition = unit.execute("select mkt.rows_partition(:job)", {"job": import_job_id}).scalar_one()
    columns = [name for name in COPY_COLUMNS if with_name or name != "raw_name"]
    never_null = [name for name in _NEVER_NULL if name in columns]
    columns += REMARKS if with_remarks else ()
    unit.copy_in(
        f"copy mkt.{partition} ({', '.join(columns)}) from stdin with (format csv, force_not_null ({', '.join(never_null)}))",
        csv_data,
    )


def add_refused(unit: Unit, import_job_id: UUID, part_no: int, row_number: int, *, code: str, detail: str) -> None:
    """Write one refused row of which nothing is known but its place."""
    line = io.StringIO()
    csv.writer(line).writerow((import_job_id, part_no, row_number, "", "{}", "", "", ParseStatus.ERROR, code, detail))
    copy(unit, import_job_id, line.getvalue().encode(), with_name=False, with_remarks=False)


def mark_duplicates(unit: Unit, import_job_id: UUID, mode: Duplicates) -> int:
    """Point the rows of an address at the one that is the contact's; returns how many point.

    The chunks' counters move with them (from ok to duplicate), so that no reader sees the one without the other.
    """
    # One hash over the job's addresses instead of a sort on disk; and never row by row, whatever the planner, which has
    # no statistics of rows that were written a moment ago, expects of their number.
    unit.execute("select set_config('work_mem', '128MB', true), set_config('enable_nestloop', 'off', true)")
    job = {"job": import_job_id}
    marked = unit.execute(statement("mark_duplicates"), {**job, "last": mode is Duplicates.LAST}).rowcount
    if marked:
        unit.execute(statement("count_duplicates"), job)
        if mode is Duplicates.MERGE:
            unit.execute(statement("merge_duplicates"), job)
    return marked


@dataclass(frozen=True)
class RejectedRow:
    """A rejected row as the ledger has it."""

    error_code: str
    error_detail: str
    raw_email: str
    raw_name: str | None
    attributes: Mapping[str, Any]


def rejected(unit: Unit, import_job_id: UUID, rows: Iterable[tuple[int, int]]) -> dict[tuple[int, int], RejectedRow]:
    """Return those of the ``(part_no, row_number)`` that the job has as rejected rows."""
    wanted = sorted(set(rows))
    found = unit.execute(
        "select r.part_no, r.row_number, r.error_code, r.error_detail, r.raw_email, r.raw_name, r.attributes from mkt.import_rows r"
        " join unnest(cast(:parts as int[]), cast(:numbers as int[])) as w (part_no, row_number) using (part_no, row_number)"
        " where r.import_job_id = :job and r.parse_status = 'error'",
        {"job": import_job_id, "parts": [part for part, _ in wanted], "numbers": [number for _, number in wanted]},
    )
    return {(row[0], row[1]): RejectedRow(*row[2:]) for row in found}


def numbers(unit: Unit, rows: RowRange, error_code: str) -> set[int]:
    """Return the numbers of those of the rows that have this error code."""
    found = unit.execute(
        "select row_number from mkt.import_rows where import_job_id = :job and part_no = :part_no"
        " and row_number between :first_row and :last_row and error_code = :code",
        {**rows.parameters(), "code": error_code},
    )
    return {row[0] for row in found}


def mended(unit: Unit, import_job_id: UUID) -> dict[str, int]:
    """Return how many of the job's rejected rows came in by jobs that mend them and were not undone, by their error code here."""
    found = unit.execute(
        "select p.error_code, count(*) from mkt.import_rows p where p.import_job_id = :job and p.parse_status = 'error'"
        " and (p.part_no, p.row_number) in (select c.mends_part, c.mends_row from mkt.import_jobs j"
        " join mkt.import_rows c on c.import_job_id = j.import_job_id"
        " where j.parent_job_id = :job and j.undo_requested_at is null and c.mends_row is not null and c.parse_status = 'ok') group by 1 order by 2 desc, 1",
        {"job": import_job_id},
    )
    return {row[0]: row[1] for row in found}


def warnings_by_code(unit: Unit, import_job_id: UUID) -> dict[str, int]:
    """Return how many rows carry each warning, the most frequent first."""
    found = unit.execute(
        "select w.code, count(distinct (r.part_no, r.row_number)) from mkt.import_rows r"
        " cross join lateral jsonb_to_recordset(r.warnings) as w (code text)"
        " where r.import_job_id = :job and r.warnings is not null group by 1 order by 2 desc, 1",
        {"job": import_job_id},
    )
    return {row[0]: row[1] for row in found}


@dataclass(frozen=True)
class RowFilter:
    """Which rows a person wants to see; None: all."""

    parse_status: str | None = None
    error_code: str | None = None
    duplicates: bool | None = None


def rows(unit: Unit, import_job_id: UUID, wanted: RowFilter, *, limit: int | None) -> Iterator[dict[str, Any]]:
    """Yield the job's rows in file order."""
    conditions = ["import_job_id = :job"]
    if wanted.parse_status:
        conditions.append("parse_status = :status")
    if wanted.error_code:
        conditions.append("error_code = :code")
    if wanted.duplicates is not None:
        conditions.append(f"duplicate_of_row is {'not ' if wanted.duplicates else ''}null")
    found = unit.execute(
        "select part_no, row_number, raw_email, raw_name, attributes, normalized_email, parse_status, error_code, error_detail,"
        f" duplicate_of_part, duplicate_of_row, warnings, opt_out, mends_part, mends_row from mkt.import_rows where {' and '.join(conditions)} order by part_no, row_number limit :limit",
        {"job": import_job_id, "status": wanted.parse_status, "code": wanted.error_code, "limit": limit},
    )
    for row in found:
        yield dict(row._mapping)  # noqa: SLF001 (SQLAlchemy's public name for it)


def errors_by_code(unit: Unit, import_job_id: UUID) -> dict[str, int]:
    """Return how many rows have each error code, the most frequent first."""
    found = unit.execute(
        "select error_code, count(*) from mkt.import_rows where import_job_id = :job and parse_status = 'error' group by 1 order by 2 desc, 1",
        {"job": import_job_id},
    )
    return {row[0]: row[1] for row in found}
