"""Halving a chunk that no attempt gets through, until a bad row is alone, and taking that row out of it."""

from __future__ import annotations

from db import contacts
from db.chunks import Claim
from db.row_ranges import RowRange
from db.statements import statement
from db.statuses import FIRST_HALF
from db.unit import Unit

#: Halves that one job may come to. Finding one bad row among 5,000 takes thirteen; a job in which everything is bad fails
#: for a reason of another kind, and must not be ground to dust first.
HALVES_OF_A_JOB = 500


def rows_that_count(unit: Unit, rows: RowRange) -> list[int]:
    """Return the numbers of the rows that stand for a contact, in their order: those that the steps behind mark are about."""
    found = unit.execute(
        "select row_number from mkt.import_rows where import_job_id = :job and part_no = :part_no"
        " and row_number between :first_row and :last_row and parse_status = 'ok' and duplicate_of_row is null order by 1",
        rows.parameters(),
    )
    return list(found.scalars())


def halve(unit: Unit, claim: Claim, *, cut_before: int, cut: int, records: int | None, error: str) -> bool:
    """Give the rows of a fenced chunk from ``cut`` on to a new one; both are due at once. False: the job has halves enough.

    ``records``: how many records go, where the ledger does not know it yet. The caller holds the job's lock: settle must
    not look at the job's chunks in between.
    """
    job = claim.ref.import_job_id
    halves, half_no = unit.execute(
        "select count(*), coalesce(max(chunk_no) + 1, :first) from mkt.import_chunks where import_job_id = :job and chunk_no >= :first",
        {"job": job, "first": FIRST_HALF},
    ).one()
    if halves >= HALVES_OF_A_JOB:
        return False
    unit.look_up_by_key()
    unit.execute(
        statement("halve_chunk"),
        {
            "job": job, "chunk_no": claim.ref.chunk_no, "half_no": half_no, "cut_before": cut_before, "cut": cut,
            "records": records, "error": error, "create": contacts.CREATE, "update": contacts.UPDATE,
        },
    )  # fmt: skip
    return True


def refuse_row(unit: Unit, claim: Claim, row_number: int, *, code: str, detail: str) -> None:
    """Make a row that stood for a contact a problem of the file, and the fenced chunk due again without it.

    What the chunk has counted of its contact is taken back with it: the row brings nobody in any more. Rows that are
    duplicates of it still point at it. The caller holds the job's lock and refreshes its totals.
    """
    key = {"job": claim.ref.import_job_id, "chunk_no": claim.ref.chunk_no, "part_no": claim.part_no, "row": row_number}
    unit.execute(
        "update mkt.import_rows set parse_status = 'error', error_code = :code, error_detail = :detail"
        " where import_job_id = :job and part_no = :part_no and row_number = :row and parse_status = 'ok'",
        {**key, "code": code, "detail": detail},
    )
    unit.execute(
        "update mkt.import_chunks set ok_rows = 0, error_rows = error_rows + 1, stage_attempts = 0, rests = 0,"
        " errors = coalesce(errors, '{}') || jsonb_build_object(cast(:code as text), coalesce((errors ->> :code)::int, 0) + 1),"
        " contacts_created = contacts_created * 0, contacts_updated = contacts_updated * 0, contacts_unchanged = contacts_unchanged * 0,"
        " foreseen = case when foreseen is not null then '' end, claimed_by = null, claimed_at = null,"
        " hinted_at = null, hints = 0, due_at = clock_timestamp(), updated_at = now()"
        " where import_job_id = :job and chunk_no = :chunk_no",
        {**key, "code": code},
    )
