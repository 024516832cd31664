"""What jobs that have not ended wait for, as the rows of their chunks say it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from db.statements import statement
from db.unit import Unit


@dataclass(frozen=True)
class Held:
    """The chunk of a job that somebody has held the longest; ``claimed_by`` is ``host:pid``."""

    chunk_no: int
    stage: str
    claimed_by: str
    claimed_at: datetime
    attempt: int
    last_error: str | None
    is_half: bool  # one of several rows, in search of a bad one


@dataclass(frozen=True)
class Resting:
    """The chunk that rests after an error, and is the first to go on."""

    chunk_no: int
    stage: str
    until: datetime
    last_error: str


@dataclass(frozen=True)
class Waits:
    """One look at a job. Numbers are of chunks: hinted and not taken up, due and not hinted, due later."""

    import_job_id: UUID
    stage: str
    now: datetime
    cancel_asked_at: datetime | None
    paused_at: datetime | None
    paused_by: str | None
    failure_code: str | None
    jobs: tuple[str, ...]  # that must end before it
    paused_jobs: tuple[str, ...]  # those of them that somebody has paused
    held: int
    longest: Held | None
    hinted: int
    hinted_since: datetime | None
    due: int
    due_since: datetime | None
    later: int
    later_until: datetime | None
    resting: Resting | None
    is_read_only: bool  # the database takes no writes now


def of_job(unit: Unit, import_job_id: UUID) -> Waits | None:
    """Return what the job waits for; None: it has ended."""
    row = unit.execute(statement("job_waits"), {"job": import_job_id}).one_or_none()
    return None if row is None else _waits(row)


def of_all(connection: Connection) -> tuple[Waits, ...]:
    """Return what the oldest hundred jobs wait for, as the owner, over all tenants."""
    return tuple(map(_waits, connection.execute(text(statement("job_waits")), {"job": None})))


def _waits(row: Any) -> Waits:  # noqa: ANN401 (a row of job_waits.sql)
    held = resting = None
    if row.claimed_by is not None:
        held = Held(
            row.chunk_no,
            row.held_stage,
            row.claimed_by,
            row.claimed_at,
            row.stage_attempts,
            row.last_error,
            is_half=row.halvings > 0 and row.ok_rows != 1,
        )
    if row.resting_chunk is not None:
        resting = Resting(row.resting_chunk, row.resting_stage, row.resting_until, row.resting_error)
    return Waits(
        import_job_id=row.import_job_id,
        stage=row.stage,
        now=row.now,
        cancel_asked_at=row.cancel_requested_at,
        paused_at=row.pause_requested_at,
        paused_by=row.paused_by,
        failure_code=row.failure_code,
        jobs=tuple(row.jobs or ()),
        paused_jobs=tuple(row.paused_jobs),
        held=row.held,
        longest=held,
        hinted=row.hinted,
        hinted_since=row.hinted_since,
        due=row.due,
        due_since=row.due_since,
        later=row.later,
        later_until=row.later_until,
        resting=resting,
        is_read_only=row.is_read_only,
    )
