"""Quarantine: settle puts imports into it that the gate does not let through; people take them out."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from config.settings import Settings
from db import audit, jobs, quality, quarantines
from db import unit as db_unit
from db.jobs import Job
from db.statuses import ChunkStage, JobKind
from db.unit import Unit
from db.validations import Contacts
from pipeline.classification import terms
from pipeline.context import Context
from pipeline.gate import GateRule, Limits, broken
from pipeline.limits import LIMITS

#: Kinds of jobs that bring contacts into an audience.
GATED: Final = frozenset({JobKind.IMPORT, JobKind.CORRECTION})
#: Chunks that are measured anew in one transaction.
MOST_CHUNKS: Final = 20


class NotQuarantinedError(Exception):
    """There is nothing to release."""


def limits_of(settings: Settings) -> Limits:
    """Return the limits of this installation."""
    return Limits(settings.gate_invalid, settings.gate_typos, settings.gate_known_bounces, settings.gate_floor)


def judge(unit: Unit, job: Job, limits: Limits, *, lift: bool = True) -> None:
    """Put the job into quarantine if what came in by it breaks a rule, in the transaction that ends it.

    However the job ends: what a failed or cancelled one has linked stays. One that was taken up again is judged anew (``lift``:
    also for the better), and what people have released stays released. The caller holds the job's lock.
    """
    if job.kind not in GATED or job.undo_requested_at is not None:
        return
    found = quality.measured(unit, job.import_job_id)
    rules = [each.to_json() for each in broken(found.contacts, found.verdicts, found.findings, limits)]
    if found.contacts and job.parent_job_id is not None and quarantines.is_held(unit, job.parent_job_id):
        rules.append({"rule": str(GateRule.INHERITED), "import_job_id": str(job.parent_job_id)})
    if rules:
        if quarantines.put(unit, job.import_job_id, rules):
            _record(unit, "import_quarantined", job.import_job_id, None, {"rules": rules})
    elif lift and quarantines.lift(unit, job.import_job_id):
        _record(unit, "quarantine_lifted", job.import_job_id, None, {})


def look_again(context: Context, tenant_id: UUID) -> int:
    """Measure anew what was waiting for DNS when its job ended, and judge those jobs once more; returns how many.

    A chunk is looked at after ten minutes, then after twice the time, for thirty days; until nobody in it waits any more.
    """

    def work(unit: Unit) -> int:
        now = context.clock(unit)
        jobs_ = set()
        for chunk in quality.waiting(unit, now, most=MOST_CHUNKS):
            quality.note(unit, chunk.ref, Contacts.of_rows(chunk.rows), chunk.audience_id, terms(now))
            jobs_.add(chunk.ref.import_job_id)
        for import_job_id in sorted(jobs_):
            job = jobs.load(unit, import_job_id, lock=True)
            if job is not None:
                judge(unit, job, limits_of(context.settings), lift=False)
        return len(jobs_)

    return context.database.in_unit(tenant_id, work, db_unit.Limits(LIMITS[ChunkStage.VALIDATE].transaction))


def release(context: Context, tenant_id: UUID, user_id: UUID, import_job_id: UUID, note: str) -> list[UUID]:
    """Let campaigns have the contacts of a job, and those of jobs that mend it; returns the jobs, this one first.

    Raises NotQuarantinedError.
    """
    with context.database.unit(tenant_id) as unit:
        released = quarantines.release(unit, import_job_id, user_id=user_id, note=note, inherited=GateRule.INHERITED)
        if released is None:
            raise NotQuarantinedError
        for job in released:
            _record(unit, "quarantine_released", job, user_id, {"asked_for": str(import_job_id)})
    return released


def _record(unit: Unit, action: str, job: UUID, user_id: UUID | None, details: dict[str, Any]) -> None:
    audit.record(unit, action=action, subject=str(job), user_id=user_id, details=details)
