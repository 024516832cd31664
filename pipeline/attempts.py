"""One mechanism for every chunk: claim, work, fence, effects, next hint; and what happens when an attempt fails.

Transaction 1 claims the chunk and raises its attempt number. The stage then reads, judges, waits for the network,
outside of any transaction. Transaction 2 (``pipeline.moves``) locks the chunk again where the number is still the same,
writes the effects, the counters and the next stage together, and commits. Hints go out after that.

An attempt that fails by itself counts, and the last one gives up, or looks for the row that is to blame
(``pipeline.poison``). One that ends because of something else does not: the chunk rests while what surrounds it is in
trouble, and is given back at once where its process is told to end (decision 24).
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from typing import Final, TypeVar

import structlog

from db import chunks, endings, holds, jobs
from db.chunks import ChunkRef, Claim
from db.jobs import Job
from db.statuses import ChunkKind, ChunkStage, JobStatus
from db.unit import Unit
from pipeline import poison
from pipeline.context import Context
from pipeline.failpoints import failpoint, row_failpoint
from pipeline.limits import LIMITS
from pipeline.moves import FencedError, effects, move_on
from pipeline.outages import one_line, outage
from pipeline.problems import FileProblem
from pipeline.troubles import Trouble, trouble_of

__all__ = ["ATTEMPTS_EXHAUSTED", "FencedError", "Stage", "attempt", "effects", "move_on"]

log = structlog.get_logger()

#: Failure code of a chunk that was claimed again and again and never finished; the detail has its last error.
ATTEMPTS_EXHAUSTED: Final = "attempts_exhausted"
#: Seconds of a chunk's first rest; each further one in a row is twice as long, up to MKT_HINT_DELAY_MAX.
FIRST_REST: Final = 1.0
#: What is known of an attempt that left nothing behind.
KILLED: Final = "every attempt ended without a word: its process was killed"

T = TypeVar("T")
Stage = Callable[[Context, Claim, Job], None]


def attempt(context: Context, ref: ChunkRef, stage: Stage) -> bool:
    """Make one attempt at what the hint speaks of; False: there was nothing to do, or it did not succeed.

    Raises for trouble with the claim alone: after it, the chunk's row says what happened and when it is due again.
    """
    context.give_way(ref.import_job_id)
    taken = _take(context, ref)
    if taken is None:
        return False
    claim, job = taken
    failpoint(f"{ref.stage}:claimed")
    try:
        if claim.stage_attempts > poison.attempts_allowed(context, claim) and claim.kind is not ChunkKind.SETTLE:
            # The one before was the last; it cannot say so any more.
            _end_of_attempts(context, claim, job, claim.stage_attempts - 1, claim.last_error or KILLED)
            return False
        row_failpoint(str(ref.stage), claim.first_row, claim.last_row, is_empty=_is_empty(claim))
        stage(context, claim, job)
    except FencedError:
        log.warning("chunk_fenced", stage=ref.stage, attempts=claim.ref.attempts)
    except FileProblem as problem:
        _give_up(context, claim, code=str(problem.code), detail=str(problem))
    except Exception as error:  # noqa: BLE001 (whatever it is, the chunk must say so)
        _failed(context, claim, job, error)
    except BaseException:
        # The process is told to end, and the time to finish is over.
        _give_back(context, claim)
        raise
    else:
        return True
    return False


def _take(context: Context, ref: ChunkRef) -> tuple[Claim, Job] | None:
    def work(unit: Unit) -> tuple[Claim, Job] | None:
        claim = chunks.claim(unit, ref, worker=context.worker, grace=context.grace(ref.stage))
        if claim is None:
            return None
        job = jobs.load(unit, ref.import_job_id)
        if job is None:
            return None
        if claim.kind is ChunkKind.SPLIT and job.status is JobStatus.QUEUED:
            jobs.set_status(unit, job.import_job_id, JobStatus.QUEUED, JobStatus.PROCESSING)
        return claim, job

    taken = context.database.in_unit(ref.tenant_id, work)
    if taken is None:
        log.info("hint_skipped", stage=ref.stage, attempts=ref.attempts)
    return taken


def _is_empty(claim: Claim) -> bool:
    return claim.ref.stage is not ChunkStage.PARSE and claim.ok_rows == 0


def _failed(context: Context, claim: Claim, job: Job, error: Exception) -> None:
    """Write why the attempt failed, and when the next one is due; after the last one allowed, give up."""
    detail, trouble = one_line(error), trouble_of(error)
    if trouble is not None:
        _rest(context, claim, trouble, detail)
        return
    # Where and what, without the values that PostgreSQL quotes: addresses must not reach the log.
    trace = "".join(traceback.format_tb(error.__traceback__))
    log.error("chunk_attempt_failed", stage=claim.ref.stage, attempts=claim.ref.attempts, error=detail, trace=trace)
    # Settle is never given up: a job whose end cannot be written stays visible as processing.
    if claim.stage_attempts >= poison.attempts_allowed(context, claim) and claim.kind is not ChunkKind.SETTLE:
        _end_of_attempts(context, claim, job, claim.stage_attempts, detail, error)
        return
    seconds = min(2.0 ** (claim.stage_attempts - 1), context.settings.hint_delay_max)
    _persist(context, claim, lambda unit: chunks.record_error(unit, claim, detail=detail, seconds=seconds))


def _end_of_attempts(
    context: Context, claim: Claim, job: Job, attempts: int, last: str, error: Exception | None = None
) -> None:
    """Look for the row that is to blame, or give up: the chunk, and with it the job, which says why."""
    allowed = poison.attempts_allowed(context, claim)
    if poison.is_of_rows(claim, error) and claim.stage_attempts <= allowed + poison.SEARCHES:
        try:
            effects(context, claim, poison.isolation(context, claim, job, last))
        except FencedError:
            log.warning("chunk_fenced", stage=claim.ref.stage, attempts=claim.ref.attempts)
            return
        except poison.NotFoundError:
            pass
        except Exception as searching:
            if (trouble := trouble_of(searching)) is not None:
                _rest(context, claim, trouble, one_line(searching))
                return
            log.exception("poison_not_isolated", stage=claim.ref.stage)
        else:
            return
    detail = f"gave up after {attempts} attempts at {claim.ref.stage}; the last error: {last}"
    _give_up(context, claim, code=ATTEMPTS_EXHAUSTED, detail=detail)


def _give_up(context: Context, claim: Claim, *, code: str, detail: str) -> None:
    def work(unit: Unit) -> list[ChunkRef]:
        if not chunks.give_up(unit, claim, code=code, detail=detail):
            return []
        hint = endings.fail(unit, claim.ref.import_job_id, code=code, detail=detail, hints=context.hints)
        return [hint] if hint else []

    log.warning("chunk_gave_up", stage=claim.ref.stage, code=code)
    context.dispatch(_persist(context, claim, work) or [])


def _rest(context: Context, claim: Claim, trouble: Trouble, detail: str) -> None:
    """Have the chunk rest until what is in trouble may be well again; it costs no attempt."""
    longest = context.settings.hint_delay_max
    seconds = _persist(
        context, claim, lambda unit: holds.rest(unit, claim, detail=detail, first=FIRST_REST, longest=longest)
    )
    log.info("chunk_rests", stage=claim.ref.stage, trouble=str(trouble), seconds=seconds)


def _give_back(context: Context, claim: Claim) -> None:
    hint = context.database.in_unit(claim.ref.tenant_id, lambda unit: holds.give_back(unit, claim))
    log.info("chunk_given_back", stage=claim.ref.stage, attempts=claim.ref.attempts)
    context.dispatch([hint] if hint else [])


def _persist(context: Context, claim: Claim, work: Callable[[Unit], T]) -> T | None:
    """Write what became of an attempt, also where the database is away for a while; None: it was for too long.

    Half of the time that the stage's process has; then the sweep finds the chunk, as that of a worker that died.
    """
    deadline = time.monotonic() + LIMITS[claim.ref.stage].task / 2
    while True:
        try:
            written = context.database.in_unit(claim.ref.tenant_id, work)
        except Exception as error:
            trouble = trouble_of(error)
            if trouble is None or time.monotonic() > deadline:
                raise
            outage.wait(trouble, one_line(error))
        else:
            outage.over()
            return written
