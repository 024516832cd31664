"""Mark: the only barrier. The first row of an address in the file wins; every later one points at it."""

from __future__ import annotations

from db import chunks, import_rows, jobs
from db.chunks import ChunkRef, Claim
from db.jobs import Job
from db.statuses import ChunkStage
from db.unit import Unit
from pipeline.attempts import effects, move_on
from pipeline.context import Context


def run(context: Context, claim: Claim, job: Job) -> None:
    """Mark the job's duplicates and open the way to its contacts, all in one transaction."""

    def work(unit: Unit) -> list[ChunkRef]:
        import_rows.mark_duplicates(unit, job.import_job_id)
        chunks.release_marked(unit, job.import_job_id)
        jobs.load(unit, job.import_job_id, lock=True)
        jobs.refresh_totals(unit, job.import_job_id)
        jobs.set_stage(unit, job.import_job_id, ChunkStage.UPSERT)
        return move_on(context, unit, claim, ChunkStage.DONE)

    effects(context, claim, work)
