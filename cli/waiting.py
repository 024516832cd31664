"""What a job waits for, in one sentence for people and in one object for programs."""

from __future__ import annotations

from typing import Any

from cli.session import Session
from cli.words import ENGLISH, Words
from config.settings import Settings
from db import waits
from db.reports import JobReport
from db.waits import Waits
from pipeline.poison import HALF_ATTEMPTS
from pipeline.waits import WaitsFor, waits_for


def looked_up(session: Session, report: JobReport) -> Waits | None:
    """Return what the job waits for; None: it has ended."""
    if report.finished_at is not None:
        return None
    with session.context.database.reading(session.tenant.tenant_id) as unit:
        return waits.of_job(unit, report.import_job_id)


def params(found: Waits, settings: Settings) -> dict[str, object]:
    """Return what fills in the sentence of any state; times and numbers as they are."""
    said: dict[str, object] = {"id": str(found.import_job_id), "stage": found.stage, "jobs": ", ".join(found.jobs)}
    said["paused_jobs"] = ", ".join(found.paused_jobs)
    said |= {
        "paused": found.paused_at or "-",
        "paused_by": found.paused_by or "-",
        "asked": found.cancel_asked_at or "-",
    }
    said |= {"code": found.failure_code or "-", "held": found.held, "hinted": found.hinted, "due": found.due}
    said |= {
        "hinted_since": found.hinted_since or "-",
        "due_since": found.due_since or "-",
        "until": found.later_until or "-",
    }
    if (held := found.longest) is not None:
        said |= {
            "chunk": str(held.chunk_no),
            "chunk_stage": held.stage,
            "by": held.claimed_by,
            "seconds": Words(ENGLISH).seconds(max(0.0, (found.now - held.claimed_at).total_seconds())),
            "attempt": held.attempt,
            "most": min(HALF_ATTEMPTS, settings.max_attempts) if held.is_half else settings.max_attempts,
            "error": held.last_error or "-",
        }
    if (resting := found.resting) is not None and found.longest is None:
        said |= {
            "chunk": str(resting.chunk_no),
            "chunk_stage": resting.stage,
            "until": resting.until,
            "error": resting.last_error,
        }
    return said


def waiting_document(found: Waits | None, settings: Settings) -> dict[str, Any] | None:
    """Return the object ``waits_for`` of a job; None: it has ended, and waits for nothing."""
    if found is None:
        return None
    state, held, resting = waits_for(found), found.longest, found.resting
    return {
        "state": str(state),
        "sentence": sentence(Words(ENGLISH), found, settings),
        "chunk_no": held.chunk_no if held else resting.chunk_no if resting else None,
        "chunk_stage": held.stage if held else resting.stage if resting else None,
        "claimed_by": held and held.claimed_by,
        "claimed_at": held and held.claimed_at,
        "attempt": held and held.attempt,
        "last_error": held.last_error if held else resting.last_error if resting else None,
        "until": resting.until if resting else found.later_until,
        "paused_by": found.paused_by,
        "held": found.held,
        "hinted": found.hinted,
        "due": found.due,
    }


def sentence(words: Words, found: Waits, settings: Settings) -> str:
    """Say what the job waits for."""
    return words.say(f"doctor.waits.{waits_for(found)}", **params(found, settings))


#: States that somebody should look at.
ODD = frozenset(
    {WaitsFor.READ_ONLY, WaitsFor.PAUSED, WaitsFor.PAUSED_JOBS, WaitsFor.CHUNK_AGAIN, WaitsFor.REST, WaitsFor.NOTHING}
)
