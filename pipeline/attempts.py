"""One mechanism for every chunk: claim, work, fence, effects, next hint; and what happens when an attempt fails.

Transaction 1 claims the chunk and raises its attempt number. The stage then reads, judges, waits for the network,
outside of any transaction. Transaction 2 locks the chunk again where the number is still the same, writes the
effects, the counters and the next stage together, and commits. Hints go out after that.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping

import structlog

from db import chunks, endings, jobs
from db.chunks import ChunkRef, Claim
from db.jobs import Job
from db.statuses import ChunkKind, ChunkStage, JobStatus
from db.unit import Limits, Unit
from pipeline.context import Context
from pipeline.failpoints import failpoint
from pipeline.limits import LIMITS
from pipeline.problems import FileProblem

log = structlog.get_logger()

#: Failure code of a chunk that was claimed again and again and never finished; the detail has its last error.
ATTEMPTS_EXHAUSTED = "attempts_exhausted"

Stage = Callable[[Context, Claim, Job], None]


class FencedError(Exception):
    """Another worker has taken the chunk since we claimed it: whatever we have must not be written."""


def attempt(context: Context, ref: ChunkRef, stage: Stage) -> bool:
    """Make one attempt at what the hint speaks of; False: there was nothing to do, or it did not succeed.

    Never raises for trouble with the work: the chunk's row says what happened and when it is due again.
    """
    taken = _take(context, ref)
    if taken is None:
        return False
    claim, job = taken
    failpoint(f"{ref.stage}:claimed")
    try:
        _refuse_endless(context, claim)
        stage(context, claim, job)
    except FencedError:
        log.warning("chunk_fenced", stage=ref.stage, attempts=claim.ref.attempts)
    except FileProblem as problem:
        _give_up(context, claim, code=str(problem.code), detail=str(problem))
    except Exception as error:  # noqa: BLE001 (whatever it is, the chunk must say so)
        # Where and what, without the values that PostgreSQL quotes: addresses must not reach the log.
        trace = "".join(traceback.format_tb(error.__traceback__))
        log.error(  # noqa: TRY400 (see above)
            "chunk_attempt_failed", stage=ref.stage, attempts=claim.ref.attempts, error=_one_line(error), trace=trace
        )
        _note(context, claim, error)
    else:
        return True
    return False


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
    return [*([woken] if woken else []), *chunks.fill_window(unit, context.hints)]


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


def _refuse_endless(context: Context, claim: Claim) -> None:
    # Settle is never given up: a job whose end cannot be written stays visible as processing.
    if claim.stage_attempts > context.settings.max_attempts and claim.kind is not ChunkKind.SETTLE:
        last = claim.last_error or "every attempt ended without a word: its process was killed"
        raise _ExhaustedError(claim.stage_attempts - 1, claim.ref.stage, last)


class _ExhaustedError(Exception):
    def __init__(self, attempts: int, stage: ChunkStage, last: str) -> None:
        super().__init__(f"gave up after {attempts} attempts at {stage}; the last error: {last}")


def _note(context: Context, claim: Claim, error: Exception) -> None:
    """Write why the attempt failed; after the last one allowed, give up."""
    detail = _one_line(error)
    if isinstance(error, _ExhaustedError):
        _give_up(context, claim, code=ATTEMPTS_EXHAUSTED, detail=detail)
    elif claim.stage_attempts >= context.settings.max_attempts and claim.kind is not ChunkKind.SETTLE:
        _give_up(
            context,
            claim,
            code=ATTEMPTS_EXHAUSTED,
            detail=str(_ExhaustedError(claim.stage_attempts, claim.ref.stage, detail)),
        )
    else:
        seconds = min(2.0 ** (claim.stage_attempts - 1), context.settings.hint_delay_max)
        context.database.in_unit(
            claim.ref.tenant_id, lambda unit: chunks.record_error(unit, claim, detail=detail, seconds=seconds)
        )


def _give_up(context: Context, claim: Claim, *, code: str, detail: str) -> None:
    def work(unit: Unit) -> list[ChunkRef]:
        if not chunks.give_up(unit, claim, code=code, detail=detail):
            return []
        hint = endings.fail(unit, claim.ref.import_job_id, code=code, detail=detail, hints=context.hints)
        return [hint] if hint else []

    log.warning("chunk_gave_up", stage=claim.ref.stage, code=code)
    context.dispatch(context.database.in_unit(claim.ref.tenant_id, work))


def _one_line(error: Exception) -> str:
    """Return the error as one line without bound values: addresses must not reach logs or job lists."""
    original = getattr(error, "orig", None) or error
    text = str(original).strip().splitlines()
    return f"{type(original).__name__}: {text[0] if text else 'no message'}"[:500]
