"""Pause and resume: a job rests and goes on where it stood. Who asked, and when, stands with the job and in the audit trail."""

from __future__ import annotations

from enum import StrEnum, unique
from typing import Final
from uuid import UUID

from db import jobs, pauses
from db.chunks import ChunkRef
from db.jobs import Job
from db.statuses import Course, JobKind
from db.unit import Unit
from pipeline import texts
from pipeline.context import Context


@unique
class PauseRefusal(StrEnum):
    """Why a job is not paused or resumed; the sentence is ``cli.refused.pause.<refusal>``."""

    NO_JOB = "no_job"
    ENDED = "ended"
    ENDING = "ending"  # it was cancelled, or it fails, and has not ended yet
    ERASURE = "erasure"  # a person waits for it, with a date that a law sets
    NOT_PAUSED = "not_paused"


#: Courses of which a job is neither paused nor resumed.
_LATE: Final = {Course.ENDING: PauseRefusal.ENDING, Course.ENDED: PauseRefusal.ENDED}


class PauseRefusedError(Exception):
    """The job is not in a state for this; the text is the English sentence, ``key`` and ``params`` make another."""

    def __init__(self, refusal: PauseRefusal, **params: str) -> None:
        self.key, self.params = f"refused.pause.{refusal}", params
        super().__init__(texts.text(f"cli.{self.key}", "en", **params))


def pause(context: Context, tenant_id: UUID, import_job_id: UUID, *, user_id: UUID | None = None) -> None:
    """Have the job rest, within one chunk, until it is resumed, cancelled, or fails. Twice is once: the first one stands.

    Raises PauseRefusedError. A job whose last chunk was at work has nothing left to rest from, and ends.
    """

    def work(unit: Unit) -> None:
        # Its lock comes first: nothing ends, fails or is resumed between the look and the deed.
        job = _movable(unit, import_job_id)
        if job.kind is JobKind.ERASURE:
            raise PauseRefusedError(PauseRefusal.ERASURE, id=str(import_job_id))
        if job.course is not Course.PAUSED:
            pauses.request(unit, import_job_id, user_id)

    context.database.in_unit(tenant_id, work)


def resume(context: Context, tenant_id: UUID, import_job_id: UUID, *, user_id: UUID | None = None) -> None:
    """Let a paused job go on where it stood. Raises PauseRefusedError for one that does not rest."""

    def work(unit: Unit) -> list[ChunkRef]:
        if _movable(unit, import_job_id).course is not Course.PAUSED:
            raise PauseRefusedError(PauseRefusal.NOT_PAUSED, id=str(import_job_id))
        return pauses.lift(unit, import_job_id, user_id, context.hints)

    context.dispatch(context.database.in_unit(tenant_id, work))


def _movable(unit: Unit, import_job_id: UUID) -> Job:
    """Lock the job. Raises PauseRefusedError where it has ended, or is about to."""
    job = jobs.load(unit, import_job_id, lock=True)
    if job is None:
        raise PauseRefusedError(PauseRefusal.NO_JOB, id=str(import_job_id))
    if job.course in _LATE:
        raise PauseRefusedError(_LATE[job.course], id=str(import_job_id))
    return job
