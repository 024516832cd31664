"""Import jobs as the stages see them: the one function that writes a status, totals and barriers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func

from db.chunks import ChunkRef, HintPolicy, wake
from db.statements import statement
from db.statuses import (
    FINISHED_STATUSES,
    JOB_TRANSITIONS,
    MARK_CHUNK,
    SETTLE_CHUNK,
    ChunkStage,
    Course,
    JobKind,
    JobStatus,
    Lane,
)
from db.tables import import_jobs
from db.unit import ResultRow, Unit


@dataclass(frozen=True)
class Job:
    """An import job as the stages see it."""

    tenant_id: UUID
    import_job_id: UUID
    kind: JobKind
    parent_job_id: UUID | None
    audience_id: UUID | None
    cid: UUID | None
    uploaded_by_user_id: UUID
    status: JobStatus
    file_name: str
    file_key: str
    options: Mapping[str, Any]
    chunk_rows: int
    reading: Mapping[str, Any] | None
    total_rows: int
    records_seen: int
    blank_rows: int
    created_at: datetime
    started_at: datetime | None
    pause_requested_at: datetime | None
    cancel_requested_at: datetime | None
    undo_requested_at: datetime | None
    failure_code: str | None
    failure_detail: str | None
    erased_at: datetime | None
    files_deleted_at: datetime | None

    @property
    def course(self) -> Course:
        """Whether the job gives its chunks out, as of the moment when it was loaded."""
        if self.status in FINISHED_STATUSES:
            return Course.ENDED
        if self.cancel_requested_at is not None or self.failure_code is not None:
            return Course.ENDING
        return Course.GOING if self.pause_requested_at is None else Course.PAUSED

    @property
    def audience(self) -> UUID:
        """The audience that the job is about. Raises LookupError where it is about none."""
        if self.audience_id is None:
            msg = f"a {self.kind} job is about no audience"
            raise LookupError(msg)
        return self.audience_id


_COLUMNS = (
    "tenant_id, import_job_id, kind, parent_job_id, audience_id, cid, uploaded_by_user_id, status, file_name, file_key, options, chunk_rows, reading, total_rows,"
    " records_seen, blank_rows, created_at, started_at, pause_requested_at, cancel_requested_at, undo_requested_at, failure_code, failure_detail, erased_at,"
    " files_deleted_at"
)


def load(unit: Unit, import_job_id: UUID, *, lock: bool = False) -> Job | None:
    """Return the tenant's job, or None; with ``lock``, held against others who would move it.

    The lock is ``for no key update``: chunks that point at the job must not wait for it.
    """
    row = unit.execute(
        f"select {_COLUMNS} from mkt.import_jobs where import_job_id = :job" + (" for no key update" if lock else ""),
        {"job": import_job_id},
    ).one_or_none()
    return None if row is None else _job(row)


def _job(row: ResultRow) -> Job:
    return Job(**{**row._mapping, "kind": JobKind(row.kind), "status": JobStatus(row.status)})  # noqa: SLF001 (SQLAlchemy's public name for it)


def parent_of(unit: Unit, import_job_id: UUID) -> UUID | None:
    """Return the job that this one corrects, mends or takes back; None: there is none."""
    return unit.execute(
        "select parent_job_id from mkt.import_jobs where import_job_id = :job", {"job": import_job_id}
    ).scalar_one_or_none()


def set_status(unit: Unit, import_job_id: UUID, from_: JobStatus, to: JobStatus, **values: Any) -> bool:  # noqa: ANN401 (columns of the job)
    """Move the job from one status to another; False: it was not there any more. The only writer of a status.

    Raises ValueError for a move that `JOB_TRANSITIONS` does not know.
    """
    if (from_, to) not in JOB_TRANSITIONS:
        msg = f"a job cannot go from {from_} to {to}"
        raise ValueError(msg)
    table = import_jobs
    times: dict[str, Any] = {"finished_at": func.now() if to in FINISHED_STATUSES else None}
    if to in FINISHED_STATUSES:  # a job that has ended rests from nothing
        times |= {"pause_requested_at": None, "pause_requested_by_user_id": None}
    if from_ is JobStatus.QUEUED and to is JobStatus.PROCESSING:
        times["started_at"] = func.now()
    done = unit.execute(
        table.update()
        .where(table.c.import_job_id == import_job_id, table.c.status == from_)
        .values(status=to, **times, **values)
    )
    return done.rowcount == 1


def set_reading(unit: Unit, import_job_id: UUID, reading: Mapping[str, Any]) -> None:
    """Keep how the file was understood."""
    unit.execute(
        "update mkt.import_jobs set reading = cast(:reading as jsonb) where import_job_id = :job",
        {"job": import_job_id, "reading": json.dumps(reading)},
    )


def widen(unit: Unit, import_job_id: UUID) -> bool:
    """Move a job that is larger than it seemed out of the lane of small ones; False: it is out of it already."""
    done = unit.execute(
        "update mkt.import_jobs set lane = :bulk where import_job_id = :job and lane = :express",
        {"job": import_job_id, "bulk": Lane.BULK, "express": Lane.EXPRESS},
    )
    return done.rowcount == 1


def set_option(unit: Unit, import_job_id: UUID, name: str, value: Any) -> None:  # noqa: ANN401 (a JSON value)
    """Add to what was asked of the job; what it is recognised by stays as it was."""
    unit.execute(
        "update mkt.import_jobs set options = options || jsonb_build_object(cast(:name as text), cast(:value as jsonb)) where import_job_id = :job",
        {"job": import_job_id, "name": name, "value": json.dumps(value)},
    )


def set_stage(unit: Unit, import_job_id: UUID, stage: ChunkStage) -> None:
    """Keep, for people, the step that the job has reached."""
    unit.execute(
        "update mkt.import_jobs set stage = :stage where import_job_id = :job", {"job": import_job_id, "stage": stage}
    )


def refresh_totals(unit: Unit, import_job_id: UUID) -> None:
    """Set the job's counters to the sums over its chunks, in the transaction that changed a chunk's.

    The caller holds the job's lock, so this statement sees every chunk that was counted before; a repeat adds nothing.
    """
    unit.execute(statement("refresh_totals"), {"job": import_job_id})


@dataclass(frozen=True)
class PlannedChunk:
    """What a dry run has foreseen for some rows: a letter for each contact, how many would join the audience, and stay out."""

    part_no: int
    first_row: int
    last_row: int
    foreseen: str
    joined: int
    kept_out: int


def plan_of(unit: Unit, import_job_id: UUID) -> list[PlannedChunk]:
    """Return what a dry run that is done has foreseen, chunk by chunk in file order."""
    found = unit.execute(
        "select part_no, first_row, last_row, coalesce(foreseen, ''), coalesce(links_added, 0), links_kept_out"
        " from mkt.import_chunks where import_job_id = :job and kind = 'rows' order by part_no, first_row",
        {"job": import_job_id},
    )
    return [PlannedChunk(*row) for row in found]


def wake_mark(unit: Unit, import_job_id: UUID, hints: HintPolicy) -> ChunkRef | None:
    """Make mark due if split is done and every rows chunk is parsed. The caller holds the job's lock."""
    return _wake_after(
        unit,
        import_job_id,
        MARK_CHUNK,
        ChunkStage.MARK,
        "kind = 'split' and stage <> 'done' or kind = 'rows' and stage = 'parse'",
        hints,
    )


def wake_settle(unit: Unit, import_job_id: UUID, hints: HintPolicy) -> ChunkRef | None:
    """Make settle due if every other chunk is done. The caller holds the job's lock."""
    return _wake_after(
        unit, import_job_id, SETTLE_CHUNK, ChunkStage.SETTLE, "kind <> 'settle' and stage <> 'done'", hints
    )


def _wake_after(
    unit: Unit, job: UUID, chunk_no: int, to: ChunkStage, unfinished: str, hints: HintPolicy
) -> ChunkRef | None:
    open_ = unit.execute(
        f"select exists (select from mkt.import_chunks where import_job_id = :job and ({unfinished}))", {"job": job}
    ).scalar_one()
    hint = None if open_ else wake(unit, job, chunk_no, to, hints=hints)
    if hint is not None:
        set_stage(unit, job, to)
    return hint
