"""Deal: everybody whom an import touched stands in a chunk of the undo, in the order of their keys."""

from __future__ import annotations

import structlog

from db import jobs, undos
from db.chunks import ChunkRef, Claim
from db.jobs import Job
from db.statuses import ChunkStage
from db.unit import Unit
from pipeline.attempts import effects, move_on
from pipeline.context import Context
from pipeline.undoing import load_target

log = structlog.get_logger()


def run(context: Context, claim: Claim, job: Job) -> None:
    """Deal them all in one transaction; the import has ended, so that it touches nobody else."""

    def work(unit: Unit) -> list[ChunkRef]:
        dealt = undos.deal(unit, job, load_target(unit, job))
        jobs.set_stage(unit, job.import_job_id, ChunkStage.UNDO)
        log.info("undo_dealt", import_job_id=str(job.import_job_id), chunks=dealt)
        return move_on(context, unit, claim, ChunkStage.DONE)

    effects(context, claim, work)
