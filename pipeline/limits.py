"""How long each stage may take and be silent: one table, from which time-outs of all kinds are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from db.statuses import ChunkStage


@dataclass(frozen=True)
class StageLimits:
    """Bounds of one stage; seconds but for ``patience``.

    ``patience``: silence after a claim, or after a sign of progress, before the chunk is believed abandoned, as a
    multiple of ``MKT_CLAIM_GRACE`` (a worker inside a transaction holds a lock and is never believed dead).
    ``transaction``: PostgreSQL ends the transaction of a worker that was stopped, also in the middle of a COPY.
    ``task``: the process that runs the stage is killed.
    """

    patience: float
    transaction: float
    task: float


LIMITS: Final[dict[ChunkStage, StageLimits]] = {
    # One pass over the whole file, in short transactions of one chunk each.
    ChunkStage.SPLIT: StageLimits(patience=2, transaction=30, task=3600),
    # Reads its bytes and judges them before the transaction.
    ChunkStage.PARSE: StageLimits(patience=2, transaction=60, task=120),
    # One transaction over all rows of the job: the only stage whose time grows with the file.
    ChunkStage.MARK: StageLimits(patience=1, transaction=900, task=960),
    ChunkStage.UPSERT: StageLimits(patience=1, transaction=120, task=150),
    ChunkStage.LINK: StageLimits(patience=1, transaction=120, task=150),
    # Waits for DNS outside of transactions, and says every second that it is alive.
    ChunkStage.VALIDATE: StageLimits(patience=2, transaction=120, task=240),
    # One pass over everybody whom a campaign chose.
    ChunkStage.PLAN: StageLimits(patience=2, transaction=900, task=960),
    ChunkStage.SEND: StageLimits(patience=1, transaction=120, task=150),
    # One pass over everybody whom an import touched.
    ChunkStage.DEAL: StageLimits(patience=2, transaction=900, task=960),
    ChunkStage.UNDO: StageLimits(patience=1, transaction=120, task=150),
    # Looks through the whole ledger of a tenant for one person.
    ChunkStage.ERASE: StageLimits(patience=2, transaction=900, task=960),
    ChunkStage.PURGE: StageLimits(patience=2, transaction=60, task=600),
    ChunkStage.SETTLE: StageLimits(patience=1, transaction=300, task=330),
}

#: No task may be delivered a second time while it can still run: three times the longest.
VISIBILITY_TIMEOUT: Final = 3 * max(limits.task for limits in LIMITS.values())
