"""What a job waits for: of all that its chunks are at, the one thing that somebody has to know at three in the morning."""

from __future__ import annotations

from enum import StrEnum, unique

from db.statuses import ChunkStage
from db.waits import Waits


@unique
class WaitsFor(StrEnum):
    """What a job waits for; the sentence is ``cli.doctor.waits.<state>``. In the order in which they are looked at."""

    READ_ONLY = "read_only"  # for the database to take writes again
    CANCELLED = "cancelled"  # somebody asked for its end, and a chunk is at work still
    FAILING = "failing"  # a chunk gave up, and settle has not written the end yet
    PAUSED = "paused"  # by somebody
    PAUSED_JOBS = "paused_jobs"  # an erasure: for jobs that began before it, and somebody has paused one of them
    JOBS = "jobs"  # an erasure: for jobs that began before it
    DNS = "dns"  # somebody asks about the domains of a chunk
    CHUNK = "chunk"  # somebody holds a chunk
    CHUNK_AGAIN = "chunk_again"  # the same, and an attempt failed before
    WORKER = "worker"  # chunks are hinted, and nobody takes them up
    REST = "rest"  # after an error, until a moment
    WINDOW = "window"  # chunks are due, and others of the tenant go first
    LATER = "later"  # the moment of the next step has not come
    NOTHING = "nothing"  # no chunk is due: a fault of ours


def waits_for(found: Waits) -> WaitsFor:  # noqa: C901, PLR0911 (one per state)
    """Return the first of the states that holds."""
    if found.is_read_only:
        return WaitsFor.READ_ONLY
    if found.cancel_asked_at is not None:
        return WaitsFor.CANCELLED
    if found.failure_code is not None:
        return WaitsFor.FAILING
    if found.paused_at is not None:
        return WaitsFor.PAUSED
    if found.paused_jobs:
        return WaitsFor.PAUSED_JOBS
    if found.jobs:
        return WaitsFor.JOBS
    if found.longest is not None:
        if found.longest.attempt > 1 and found.longest.last_error is not None:
            return WaitsFor.CHUNK_AGAIN
        return WaitsFor.DNS if found.longest.stage == ChunkStage.VALIDATE else WaitsFor.CHUNK
    if found.hinted:
        return WaitsFor.WORKER
    if found.resting is not None:
        return WaitsFor.REST
    if found.due:
        return WaitsFor.WINDOW
    return WaitsFor.LATER if found.later else WaitsFor.NOTHING
