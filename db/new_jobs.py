"""The making of import jobs: under the key of the same content, or the caller's own request, whoever comes second finds the first's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from db import audit
from db.chunks import ChunkRef, HintPolicy
from db.statements import statement
from db.statuses import (
    FILE_KINDS,
    MARK_CHUNK,
    OPENINGS,
    SETTLE_CHUNK,
    SPLIT_CHUNK,
    ChunkKind,
    ChunkStage,
    JobKind,
    Lane,
)
from db.tables import import_chunks
from db.unit import Unit


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
