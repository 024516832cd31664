"""The stages of a job, in the order in which a file goes through them, or a campaign.

Each module is one stage: ``run(context, claim, job)`` reads, judges and waits outside of transactions, then hands
its effects to ``pipeline.attempts.effects``. A stage never commits, never sends, and may be run again at any time.
"""

from typing import Final

from db.chunks import ChunkRef
from db.statuses import ChunkStage
from pipeline.attempts import Stage, attempt
from pipeline.context import Context
from pipeline.stages import deal, erase, link, mark, parse, plan, purge, send, settle, split, undo, upsert, validate

STAGES: Final[dict[ChunkStage, Stage]] = {
    ChunkStage.SPLIT: split.run,
    ChunkStage.PARSE: parse.run,
    ChunkStage.MARK: mark.run,
    ChunkStage.UPSERT: upsert.run,
    ChunkStage.LINK: link.run,
    ChunkStage.VALIDATE: validate.run,
    ChunkStage.PLAN: plan.run,
    ChunkStage.SEND: send.run,
    ChunkStage.DEAL: deal.run,
    ChunkStage.UNDO: undo.run,
    ChunkStage.ERASE: erase.run,
    ChunkStage.PURGE: purge.run,
    ChunkStage.SETTLE: settle.run,
}


def run(context: Context, ref: ChunkRef) -> bool:
    """Make one attempt at the stage that the hint names; False: nothing was due, or it did not succeed."""
    return attempt(context, ref, STAGES[ref.stage])
