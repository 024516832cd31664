"""Giving a claimed chunk back before its work is done: at once, or after a rest. Neither counts as an attempt.

The fence stays raised: whatever the one who gives it back still had under way is not written.
"""

from __future__ import annotations

from db.chunks import ChunkRef, Claim
from db.unit import Unit

_STILL_OURS = " where import_job_id = :job and chunk_no = :chunk_no and stage = :stage and attempts = :attempts and failed_at is null"


def _key(claim: Claim) -> dict[str, object]:
    ref = claim.ref
    return {"job": ref.import_job_id, "chunk_no": ref.chunk_no, "stage": ref.stage, "attempts": ref.attempts}


def give_back(unit: Unit, claim: Claim) -> ChunkRef | None:
    """Make the chunk due now, for whoever comes first; None: it is not ours any more, or its stage is done."""
    row = unit.execute(
        "update mkt.import_chunks set stage_attempts = greatest(stage_attempts - 1, 0), claimed_by = null, claimed_at = null,"
        " hinted_at = now(), hints = 1, due_at = clock_timestamp(), updated_at = now()"
        f"{_STILL_OURS} returning attempts",
        _key(claim),
    ).one_or_none()
    return None if row is None else claim.ref


def rest(unit: Unit, claim: Claim, *, detail: str, first: float, longest: float) -> float | None:
    """Have the chunk rest for ``first`` seconds, twice as long after each rest in a row, at most ``longest``.

    Its place in the tenant's window goes to others meanwhile. Returns the seconds; None: it is not ours any more.
    """
    row = unit.execute(
        "update mkt.import_chunks c set stage_attempts = greatest(c.stage_attempts - 1, 0), rests = c.rests + 1, last_error = :detail,"
        " claimed_by = null, claimed_at = null, hinted_at = null, hints = 0, updated_at = now(),"
        " due_at = clock_timestamp() + make_interval(secs => r.seconds)"
        " from (select import_job_id, chunk_no, least(:first * power(2, least(rests, 20)), :longest) as seconds"
        f" from mkt.import_chunks{_STILL_OURS} for update) r"
        " where c.import_job_id = r.import_job_id and c.chunk_no = r.chunk_no returning r.seconds",
        {**_key(claim), "detail": detail, "first": first, "longest": longest},
    ).one_or_none()
    return None if row is None else float(row.seconds)
