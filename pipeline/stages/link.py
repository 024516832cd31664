"""Link: every contact of the chunk joins the audience, with the row it came from, whatever the policy."""

from __future__ import annotations

from db import contacts
from db.chunks import ChunkRef, Claim
from db.jobs import Job
from db.statuses import ChunkStage
from db.unit import Unit
from pipeline.attempts import effects, move_on
from pipeline.context import Context
from pipeline.stages.upsert import row_range


def run(context: Context, claim: Claim, job: Job) -> None:
    """Link the chunk's contacts; who is in the audience already stays as they joined."""

    def work(unit: Unit) -> list[ChunkRef]:
        added = contacts.link(unit, row_range(claim), job.audience_id)
        return move_on(
            context, unit, claim, ChunkStage.VALIDATE, {"links_added": added, "links_existing": claim.ok_rows - added}
        )

    effects(context, claim, work)
