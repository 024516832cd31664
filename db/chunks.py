"""Chunks: the unit of work, of retry and of hints. Claim, fence, advance, give up.

Messages are only hints that a chunk is due. What makes an effect happen exactly once is here: a claim raises the
attempt number; the transaction with the effects locks the chunk again *where* stage and attempt are still the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from db.statements import statement
from db.statuses import CHUNK_TRANSITIONS, FIRST_HALF, FIRST_ROWS_CHUNK, IDLE_STAGES, ChunkKind, ChunkStage, Lane
from db.unit import ResultRow, Unit


@dataclass(frozen=True)
class ChunkRef:
    """What a hint says: this chunk was due for this stage when it had made so many attempts.

    ``lane`` is where the hint is sent, and no part of what it says; None: to the queue of its stage.
    ``is_urgent``: somebody had begun and is gone, so it has had its turn in the queue. No part of what the hint says.
    """

    tenant_id: UUID
    import_job_id: UUID
    chunk_no: int
    stage: ChunkStage
    attempts: int
    lane: Lane | None = field(default=None, compare=False)
    is_urgent: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class Claim:
    """A chunk that a worker has taken; ``ref.attempts`` is its fence."""

    ref: ChunkRef
    kind: ChunkKind
    stage_attempts: int
    last_error: str | None
    chunk_key: str | None
    part_no: int
    first_row: int
    last_row: int
    ok_rows: int
    halvings: int = 0
    first_rid: int = 0  # of an undo: the contacts that it is about, from and to
    last_rid: int = 0


@dataclass(frozen=True)
class HintPolicy:
    """How hints are paced. Delays in seconds; the window counts chunks of one tenant that are hinted and unfinished.

    The window is that of a tenant of weight 1; of ``reserve``, a share of it, each lane has as much to itself.
    """

    window: int
    delay: float
    delay_max: float
    reserve: float = 0.25


def claim(unit: Unit, ref: ChunkRef, *, worker: str, grace: float) -> Claim | None:
    """Take the chunk for one attempt, or return None: it is not due for this any more, or another one has it.

    A doubled message finds another attempt number; a job that is paused, cancelled or failing gives nothing out but
    its settle chunk. ``grace`` is the silence in seconds after which the sweep believes the claimant dead.
    """
    row = unit.execute(
        statement("claim_chunk"),
        {
            "job": ref.import_job_id,
            "chunk_no": ref.chunk_no,
            "stage": ref.stage,
            "attempts": ref.attempts,
            "worker": worker,
            "grace": grace,
        },
    ).one_or_none()
    return None if row is None else _claim(ref, row)


def _claim(ref: ChunkRef, row: ResultRow) -> Claim:
    return Claim(
        ref=ChunkRef(ref.tenant_id, ref.import_job_id, ref.chunk_no, ref.stage, row.attempts, lane_of(row)),
        kind=ChunkKind(row.kind),
        stage_attempts=row.stage_attempts,
        last_error=row.last_error,
        chunk_key=row.chunk_key,
        part_no=row.part_no or 0,
        first_row=row.first_row or 0,
        last_row=row.last_row or 0,
        ok_rows=row.ok_rows,
        halvings=row.halvings,
        first_rid=row.first_rid or 0,
        last_rid=row.last_rid or 0,
    )


def fence(unit: Unit, claim: Claim) -> bool:
    """Lock the claimed chunk for the transaction with the effects; False: it was taken from us, write nothing."""
    ref = claim.ref
    return (
        unit.execute(
            "select 1 from mkt.import_chunks where import_job_id = :job and chunk_no = :chunk_no"
            " and stage = :stage and attempts = :attempts and failed_at is null for update",
            {"job": ref.import_job_id, "chunk_no": ref.chunk_no, "stage": ref.stage, "attempts": ref.attempts},
        ).one_or_none()
        is not None
    )


def touch(unit: Unit, claim: Claim, *, grace: float, progress: bool = False) -> bool:
    """Say that a long attempt goes on; False: it was taken from us.

    With ``progress``, a part of its work has just been written: what happened before does not count against it.
    """
    ref = claim.ref
    done = unit.execute(
        "update mkt.import_chunks set due_at = clock_timestamp() + make_interval(secs => :grace), updated_at = now(),"
        " claimed_pid = pg_backend_pid(), stage_attempts = case when :progress then 1 else stage_attempts end,"
        " rests = case when :progress then 0 else rests end"
        " where import_job_id = :job and chunk_no = :chunk_no and stage = :stage and attempts = :attempts and failed_at is null",
        {
            "job": ref.import_job_id,
            "chunk_no": ref.chunk_no,
            "stage": ref.stage,
            "attempts": ref.attempts,
            "grace": grace,
            "progress": progress,
        },
    )
    return done.rowcount == 1


def advance(
    unit: Unit, claim: Claim, to: ChunkStage, *, hints: HintPolicy, counters: Mapping[str, int] | None = None
) -> ChunkRef | None:
    """Move a fenced chunk to its next stage, with the counters of what was done.

    Returns the hint to send after the commit, or None where the next stage waits for something else.
    """
    ref = claim.ref
    if (ref.stage, to) not in CHUNK_TRANSITIONS[claim.kind]:
        msg = f"a {claim.kind} chunk cannot go from {ref.stage} to {to}"
        raise ValueError(msg)
    idle = to in IDLE_STAGES
    counted = dict(counters or {})
    assignments = "".join(f", {name} = :{name}" for name in sorted(counted))
    unit.execute(
        "update mkt.import_chunks set stage = :to, stage_attempts = 0, rests = 0, last_error = null, claimed_by = null, claimed_at = null,"
        " updated_at = now(), hints = :hints, hinted_at = case when :idle then null else now() end,"
        " due_at = case when :idle then null else clock_timestamp() + make_interval(secs => :delay) end"
        f"{assignments} where import_job_id = :job and chunk_no = :chunk_no and stage = :stage and attempts = :attempts",
        {
            "to": to, "idle": idle, "hints": 0 if idle else 1, "delay": hints.delay,
            "job": ref.import_job_id, "chunk_no": ref.chunk_no, "stage": ref.stage, "attempts": ref.attempts, **counted,
        },
    )  # fmt: skip
    return None if idle else ChunkRef(ref.tenant_id, ref.import_job_id, ref.chunk_no, to, ref.attempts, ref.lane)


def foresee(unit: Unit, claim: Claim, foreseen: str) -> None:
    """Keep what a dry run has found about each contact of a fenced chunk."""
    unit.execute(
        "update mkt.import_chunks set foreseen = :foreseen where import_job_id = :job and chunk_no = :chunk_no",
        {"job": claim.ref.import_job_id, "chunk_no": claim.ref.chunk_no, "foreseen": foreseen},
    )


def release_marked(unit: Unit, import_job_id: UUID, to: ChunkStage = ChunkStage.UPSERT) -> None:
    """Open the barrier: every parsed chunk of the job is due for its contacts, or (a suppression's) done.

    Called by mark, in its transaction. Raises ValueError for a stage that nothing parsed can go to.
    """
    if (ChunkStage.PARSED, to) not in CHUNK_TRANSITIONS[ChunkKind.ROWS]:
        msg = f"a parsed chunk cannot go to {to}"
        raise ValueError(msg)
    unit.execute(
        "update mkt.import_chunks set stage = :to, stage_attempts = 0, due_at = case when :idle then null else now() end,"
        " hinted_at = null, hints = 0, updated_at = now()"
        " where import_job_id = :job and kind = 'rows' and stage = 'parsed'",
        {"job": import_job_id, "to": to, "idle": to in IDLE_STAGES},
    )


def wake(unit: Unit, import_job_id: UUID, chunk_no: int, to: ChunkStage, *, hints: HintPolicy) -> ChunkRef | None:
    """Make a waiting mark or settle chunk due, once; returns the hint to send, or None if it was awake already.

    The caller holds the job's lock: two chunks that end together must not both think that the other will do it.
    """
    row = unit.execute(
        "update mkt.import_chunks set stage = :to, stage_attempts = 0, hinted_at = now(), hints = 1, updated_at = now(),"
        " due_at = clock_timestamp() + make_interval(secs => :delay)"
        " where import_job_id = :job and chunk_no = :chunk_no and stage = 'waiting'"
        " returning attempts, (select lane from mkt.import_jobs where import_job_id = :job) as lane",
        {"job": import_job_id, "chunk_no": chunk_no, "to": to, "delay": hints.delay},
    ).one_or_none()
    return None if row is None else ChunkRef(unit.tenant_id, import_job_id, chunk_no, to, row.attempts, lane_of(row))


def postpone(unit: Unit, claim: Claim, *, seconds: float, in_window: bool = True) -> None:
    """Give a fenced chunk back, due again later: its moment has not come. That costs no attempt.

    ``in_window`` False: it may be long until then, so its place in the tenant's window goes to others meanwhile.
    """
    ref = claim.ref
    unit.execute(
        "update mkt.import_chunks set due_at = clock_timestamp() + make_interval(secs => :seconds), claimed_by = null, claimed_at = null,"
        " updated_at = now(), stage_attempts = 0, rests = 0, hints = case when :in_window then hints else 0 end,"
        " hinted_at = case when :in_window then hinted_at end"
        " where import_job_id = :job and chunk_no = :chunk_no and attempts = :attempts",
        {
            "job": ref.import_job_id,
            "chunk_no": ref.chunk_no,
            "attempts": ref.attempts,
            "seconds": seconds,
            "in_window": in_window,
        },
    )


def record_error(unit: Unit, claim: Claim, *, detail: str, seconds: float) -> None:
    """Note why an attempt failed and when the next one is due; a claim that was fenced off notes nothing."""
    ref = claim.ref
    unit.execute(
        "update mkt.import_chunks set last_error = :detail, claimed_by = null, claimed_at = null, updated_at = now(),"
        " due_at = clock_timestamp() + make_interval(secs => :seconds)"
        " where import_job_id = :job and chunk_no = :chunk_no and stage = :stage and attempts = :attempts and failed_at is null",
        {
            "job": ref.import_job_id,
            "chunk_no": ref.chunk_no,
            "stage": ref.stage,
            "attempts": ref.attempts,
            "detail": detail,
            "seconds": seconds,
        },
    )


def give_up(unit: Unit, claim: Claim, *, code: str, detail: str) -> bool:
    """Write that the chunk failed for good, with its reason; False: it was taken from us."""
    ref = claim.ref
    done = unit.execute(
        "update mkt.import_chunks set failed_at = now(), failure_code = :code, failure_detail = :detail, last_error = :detail,"
        " due_at = null, hinted_at = null, claimed_by = null, claimed_at = null, updated_at = now()"
        " where import_job_id = :job and chunk_no = :chunk_no and stage = :stage and attempts = :attempts and failed_at is null",
        {
            "job": ref.import_job_id,
            "chunk_no": ref.chunk_no,
            "stage": ref.stage,
            "attempts": ref.attempts,
            "code": code,
            "detail": detail,
        },
    )
    return done.rowcount == 1


def add_rows_chunk(
    unit: Unit,
    import_job_id: UUID,
    chunk_no: int,
    *,
    chunk_key: str,
    part_no: int,
    first_row: int,
    last_row: int,
    records: int,
    blank: int,
) -> None:
    """Add the next chunk of the file; its bytes must be durable by now."""
    unit.execute(
        "insert into mkt.import_chunks (import_job_id, chunk_no, tenant_id, kind, stage, due_at, chunk_key, part_no, first_row, last_row, records_seen, blank_rows)"
        " values (:job, :chunk_no, :tenant, 'rows', 'parse', now(), :chunk_key, :part_no, :first_row, :last_row, :records, :blank)",
        {
            "job": import_job_id, "chunk_no": chunk_no, "tenant": unit.tenant_id, "chunk_key": chunk_key, "part_no": part_no,
            "first_row": first_row, "last_row": last_row, "records": records, "blank": blank,
        },
    )  # fmt: skip


def last_rows_chunk(unit: Unit, import_job_id: UUID) -> tuple[int, int, int]:
    """Return (number, part, last row) behind which a killed split goes on; before the first chunk: row 0.

    A chunk that was halved meanwhile has the number that split gave it, and ends at another row: its other halves have
    numbers of their own, from `FIRST_HALF` on.
    """
    row = unit.execute(
        "select part_no, last_row, (select max(chunk_no) from mkt.import_chunks"
        " where import_job_id = :job and kind = 'rows' and chunk_no < :halves) as chunk_no"
        " from mkt.import_chunks where import_job_id = :job and kind = 'rows' order by part_no desc, last_row desc limit 1",
        {"job": import_job_id, "halves": FIRST_HALF},
    ).one_or_none()
    return (FIRST_ROWS_CHUNK - 1, 0, 0) if row is None else (row.chunk_no, row.part_no, row.last_row)


def lane_of(row: ResultRow) -> Lane | None:
    """Return the lane of the job that a row is about."""
    return None if row.lane is None else Lane(row.lane)
