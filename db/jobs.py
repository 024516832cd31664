"""Import jobs: creation under the same-content key, the one function that writes a status, totals and barriers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert

from db import audit
from db.chunks import ChunkRef, HintPolicy, wake
from db.statements import statement
from db.statuses import (
    FILE_KINDS,
    FINISHED_STATUSES,
    JOB_TRANSITIONS,
    MARK_CHUNK,
    OPENINGS,
    SETTLE_CHUNK,
    SPLIT_CHUNK,
    ChunkKind,
    ChunkStage,
    Course,
    JobKind,
    JobStatus,
    Lane,
)
from db.tables import import_chunks, import_jobs
from db.unit import ResultRow, Unit


@dataclass(frozen=True)
class NewJob:
    """What intake knows of a job before it exists. ``options_hash`` covers what was asked for, not who asked."""

    kind: JobKind
    audience_id: UUID | None
    uploaded_by_user_id: UUID
    request_id: str | None
    file_name: str
    file_hash: str
    file_bytes: int
    file_key: str
    options: Mapping[str, Any]
    options_hash: str
    chunk_rows: int
    parent_job_id: UUID | None = None
    reading: Mapping[str, Any] | None = None  # decided already, by the dry run that this job carries out
    cid: UUID | None = None  # of a send: its campaign
    lane: Lane | None = None


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


def find_by_request(unit: Unit, request_id: str) -> UUID | None:
    """Return the job that was made for this request of the caller, if any."""
    return unit.execute(
        "select import_job_id from mkt.import_jobs where request_id = :request", {"request": request_id}
    ).scalar_one_or_none()


def find_same_content(unit: Unit, new: NewJob) -> UUID | None:
    """Return the newest job that was asked to do the same with the same bytes and was neither given up nor taken back."""
    return unit.execute(
        "select import_job_id from mkt.import_jobs where audience_id is not distinct from :audience and kind = :kind and file_hash = :hash"
        " and options_hash = :options and (status = 'done' or status not in ('failed', 'cancelled')"
        " and cancel_requested_at is null and failure_code is null) and undo_requested_at is null order by import_job_id desc limit 1",
        {"audience": new.audience_id, "kind": new.kind, "hash": new.file_hash, "options": new.options_hash},
    ).scalar_one_or_none()


def parent_of(unit: Unit, import_job_id: UUID) -> UUID | None:
    """Return the job that this one corrects, mends or takes back; None: there is none."""
    return unit.execute(
        "select parent_job_id from mkt.import_jobs where import_job_id = :job", {"job": import_job_id}
    ).scalar_one_or_none()


def create(unit: Unit, new: NewJob, *, again: bool, hints: HintPolicy) -> tuple[UUID, ChunkRef | None]:
    """Create the job with its split, mark and settle chunks, or find the one that was there first.

    Returns its id and the hint to send; no hint where another one made it. Safe under any number of callers: the
    unique keys decide, and the loser reads the winner's job in a new statement.
    """
    repeat_no = _next_repeat(unit, new) if again else 0
    opening = OPENINGS.get(new.kind, ChunkStage.SPLIT)
    row = unit.execute(
        statement("create_job"),
        {
            "tenant": unit.tenant_id, "kind": new.kind, "audience": new.audience_id, "user": new.uploaded_by_user_id,
            "request": new.request_id, "file_name": new.file_name, "file_hash": new.file_hash, "file_bytes": new.file_bytes,
            "file_key": new.file_key, "options": json.dumps(dict(new.options)), "options_hash": new.options_hash,
            "repeat_no": repeat_no, "chunk_rows": new.chunk_rows, "parent": new.parent_job_id,
            "reading": None if new.reading is None else json.dumps(new.reading), "cid": new.cid, "stage": opening, "lane": new.lane,
        },
    ).one_or_none()  # fmt: skip
    if row is None:
        existing = (find_by_request(unit, new.request_id) if new.request_id else None) or find_same_content(unit, new)
        if existing is None:
            # The winner failed or was cancelled between our two statements: ours is wanted after all.
            return create(unit, new, again=again, hints=hints)
        return existing, None
    job_id: UUID = row.import_job_id
    marking = ChunkStage.WAITING if new.kind in FILE_KINDS else ChunkStage.DONE
    common = {"import_job_id": job_id, "tenant_id": unit.tenant_id}
    unit.execute(
        insert(import_chunks).values(
            [
                {**common, "chunk_no": MARK_CHUNK, "kind": ChunkKind.MARK, "stage": marking},
                {**common, "chunk_no": SETTLE_CHUNK, "kind": ChunkKind.SETTLE, "stage": ChunkStage.WAITING},
            ]
        )
    )
    unit.execute(
        "insert into mkt.import_chunks (import_job_id, tenant_id, chunk_no, kind, stage, hinted_at, hints, due_at)"
        " values (:job, :tenant, :chunk_no, 'split', :stage, now(), 1, clock_timestamp() + make_interval(secs => :delay))",
        {"job": job_id, "tenant": unit.tenant_id, "chunk_no": SPLIT_CHUNK, "stage": opening, "delay": hints.delay},
    )
    _record_creation(unit, job_id, new)
    return job_id, ChunkRef(unit.tenant_id, job_id, SPLIT_CHUNK, opening, 0, new.lane)


def _record_creation(unit: Unit, import_job_id: UUID, new: NewJob) -> None:
    about = {"audience_id": new.audience_id, "cid": new.cid, "parent_job_id": new.parent_job_id}
    said = {name: str(value) for name, value in about.items() if value is not None}
    details = {"kind": str(new.kind), **said}
    audit.record(
        unit, action="job_created", subject=str(import_job_id), user_id=new.uploaded_by_user_id, details=details
    )


def like(unit: Unit, import_job_id: UUID, *, kind: JobKind, user_id: UUID, request_id: str | None) -> NewJob:
    """Return a job with the file, options and reading of another, which becomes its parent."""
    row = unit.execute(
        "select audience_id, file_name, file_hash, file_bytes, file_key, options, options_hash, chunk_rows, reading"
        " from mkt.import_jobs where import_job_id = :job",
        {"job": import_job_id},
    ).one()
    return NewJob(
        kind=kind,
        uploaded_by_user_id=user_id,
        request_id=request_id,
        parent_job_id=import_job_id,
        **row._mapping,  # noqa: SLF001 (SQLAlchemy's public name for it)
    )


def _next_repeat(unit: Unit, new: NewJob) -> int:
    """Return the number of the next insisted-on repeat of the same content; callers who insist take turns."""
    unit.execute(
        "select pg_advisory_xact_lock(hashtext('mkt.repeat'), hashtext(:key))",
        {"key": f"{new.audience_id}{new.file_hash}"},
    )
    return int(
        unit.execute(
            "select coalesce(max(repeat_no) + 1, 0) from mkt.import_jobs where audience_id is not distinct from :audience and kind = :kind"
            " and file_hash = :hash and options_hash = :options",
            {"audience": new.audience_id, "kind": new.kind, "hash": new.file_hash, "options": new.options_hash},
        ).scalar_one()
    )


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
