"""Plan: everybody whom a campaign chose is written down, once and for all, and stands in a chunk."""

from __future__ import annotations

from typing import Final

import structlog

from db import chunks, jobs, sends, windows
from db.chunks import ChunkRef, Claim
from db.jobs import Job
from db.statuses import ChunkStage
from db.unit import Unit
from pipeline.attempts import effects, move_on
from pipeline.context import Context
from pipeline.sending import campaign_of, waits_until

log = structlog.get_logger()

#: Seconds between two looks at whose address has been judged meanwhile.
LOOK_AGAIN: Final = 5.0


def run(context: Context, claim: Claim, job: Job) -> None:
    """Freeze whom the campaign chose, all in one transaction; or come back later, where that waits for verdicts."""
    cid = campaign_of(job)

    def work(unit: Unit) -> list[ChunkRef]:
        left = _left(context, unit, job)
        if left > 0 and sends.is_unchecked(unit, cid):
            chunks.postpone(unit, claim, seconds=min(LOOK_AGAIN, left), in_window=False)
            return windows.fill_window(unit, context.hints)
        sends.hold(unit, cid)
        sends.freeze_policy(unit, cid)
        frozen = sends.freeze(unit, job, cid)
        jobs.set_option(unit, job.import_job_id, sends.DEALT, frozen.dealt)
        jobs.set_stage(unit, job.import_job_id, ChunkStage.SEND)
        log.info("campaign_frozen", cid=str(cid), contacts=frozen.people, chunks=frozen.chunks)
        return move_on(context, unit, claim, ChunkStage.DONE)

    effects(context, claim, work)


def _left(context: Context, unit: Unit, job: Job) -> float:
    """Return the seconds for which the send may still wait for verdicts."""
    until = waits_until(job)
    return 0.0 if until is None else (until - context.clock(unit)).total_seconds()
