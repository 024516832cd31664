"""A job that rests because somebody asked for it: no chunk of it is claimed, and it takes no room from others."""

from __future__ import annotations

from uuid import UUID

from db import audit
from db.chunks import ChunkRef, HintPolicy
from db.endings import rest_chunks
from db.unit import Unit
from db.windows import fill_window


def request(unit: Unit, import_job_id: UUID, user_id: UUID | None) -> None:
    """Have a job that is going rest, within one chunk. The caller holds its lock."""
    unit.execute(
        "update mkt.import_jobs set pause_requested_at = now(), pause_requested_by_user_id = :user where import_job_id = :job",
        {"job": import_job_id, "user": user_id},
    )
    rest_chunks(unit, import_job_id)
    audit.record(unit, action="job_paused", subject=str(import_job_id), user_id=user_id, details={})


def lift(unit: Unit, import_job_id: UUID, user_id: UUID | None, hints: HintPolicy) -> list[ChunkRef]:
    """Let a paused job go on; returns the hints to send, as many as the window has room for. The caller holds its lock."""
    unit.execute(
        "update mkt.import_jobs set pause_requested_at = null, pause_requested_by_user_id = null where import_job_id = :job",
        {"job": import_job_id},
    )
    # Whatever became due meanwhile is due now and stands in no window; what somebody still works on is left to them.
    unit.execute(
        "update mkt.import_chunks c set hinted_at = null, hints = 0, due_at = least(c.due_at, clock_timestamp())"
        " from (select import_job_id, chunk_no from mkt.import_chunks where import_job_id = :job and due_at is not null"
        " and claimed_by is null and kind <> 'settle' for update skip locked) idle"
        " where c.import_job_id = idle.import_job_id and c.chunk_no = idle.chunk_no",
        {"job": import_job_id},
    )
    audit.record(unit, action="job_resumed", subject=str(import_job_id), user_id=user_id, details={})
    return fill_window(unit, hints)


def is_asked_for(unit: Unit, import_job_id: UUID) -> bool:
    """Return whether the job is to rest, as of now."""
    return bool(
        unit.execute(
            "select pause_requested_at is not null from mkt.import_jobs where import_job_id = :job",
            {"job": import_job_id},
        ).scalar_one()
    )
