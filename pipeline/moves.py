"""The second transaction of every attempt: behind the fence, effects, counters and the next stage together; then the hints."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from db import chunks, jobs, windows
from db.chunks import ChunkRef, Claim
from db.statuses import ChunkKind, ChunkStage
from db.unit import Limits, Unit
from pipeline.context import Context
from pipeline.failpoints import failpoint
from pipeline.limits import LIMITS


class FencedError(Exception):
    """Another worker has taken the chunk since we claimed it: whatever we have must not be written."""


def effects(context: Context, claim: Claim, work: Callable[[Unit], list[ChunkRef]]) -> None:
    """Run ``work`` in the transaction that the fence guards, then send the hints that it returns.

    Raises FencedError, with nothing written, when the chunk was taken from us.
    """

    def guarded(unit: Unit) -> list[ChunkRef]:
        if not chunks.fence(unit, claim):
            raise FencedError
        hints = work(unit)
        failpoint(f"{claim.ref.stage}:before_commit")
        return hints

    hints = context.database.in_unit(claim.ref.tenant_id, guarded, Limits(LIMITS[claim.ref.stage].transaction))
    failpoint(f"{claim.ref.stage}:committed")
    context.dispatch(hints)


def move_on(
    context: Context, unit: Unit, claim: Claim, to: ChunkStage, counters: Mapping[str, int] | None = None
) -> list[ChunkRef]:
    """Move the chunk to the next stage, open what it was the last to hold up, and use the room it leaves."""
    hint = chunks.advance(unit, claim, to, hints=context.hints, counters=counters)
    if hint is not None:
        return [hint]
    woken = None
    if claim.kind in (ChunkKind.SPLIT, ChunkKind.ROWS):
        # The job's lock comes last, and is held only to the commit: chunks that end together take turns here.
        jobs.load(unit, claim.ref.import_job_id, lock=True)
        if (
            to is not ChunkStage.DONE
            or claim.kind is ChunkKind.SPLIT
            or claim.ref.stage in (ChunkStage.SEND, ChunkStage.UNDO)
        ):
            jobs.refresh_totals(unit, claim.ref.import_job_id)
            woken = jobs.wake_mark(unit, claim.ref.import_job_id, context.hints)
        if woken is None and to is ChunkStage.DONE:
            # Where there is no file there is no mark, and this may have been all that there was to do.
            woken = jobs.wake_settle(unit, claim.ref.import_job_id, context.hints)
    return [*([woken] if woken else []), *windows.fill_window(unit, context.hints)]
