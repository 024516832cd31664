"""Undo: what the import did with the contacts of a chunk is taken back, or kept with a reason, as of this moment."""

from __future__ import annotations

from db import undos
from db.chunks import ChunkRef, Claim
from db.jobs import Job
from db.statuses import ChunkStage
from db.unit import Unit
from pipeline.attempts import effects, move_on
from pipeline.context import Context
from pipeline.undoing import load_target


def run(context: Context, claim: Claim, job: Job) -> None:
    """Judge and take back in one transaction, which waits for whoever creates, links or writes to these contacts, and they for it."""

    def work(unit: Unit) -> list[ChunkRef]:
        undone = undos.undo(unit, claim, load_target(unit, job))
        stays = undone.kept + undone.failed
        counters = {"records_seen": undone.reversed + stays, "ok_rows": undone.reversed, "error_rows": stays}
        return move_on(context, unit, claim, ChunkStage.DONE, counters)

    effects(context, claim, work)
