"""Send: the people of a chunk are judged by what is known at this moment; each has a message or an exclusion afterwards."""

from __future__ import annotations

from db import sends
from db.chunks import ChunkRef, Claim
from db.jobs import Job
from db.statuses import ChunkStage
from db.unit import Unit
from pipeline.attempts import effects, move_on
from pipeline.context import Context
from pipeline.failpoints import failpoint
from pipeline.sending import campaign_of


def run(context: Context, claim: Claim, job: Job) -> None:
    """Judge the chunk's people and make the messages, in one transaction that opt-outs wait for, or that has waited for them."""
    cid = campaign_of(job)

    def work(unit: Unit) -> list[ChunkRef]:
        sends.heed_opt_outs(unit, cid)
        failpoint("send:heeding")
        recipients, excluded = sends.send(unit, claim, cid)
        return move_on(context, unit, claim, ChunkStage.DONE, {"ok_rows": recipients, "error_rows": excluded})

    effects(context, claim, work)
