"""The window of hints of each tenant: which due chunks are hinted, and which are hinted again because nobody came."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from db.chunks import ChunkRef, HintPolicy, lane_of
from db.statements import statement
from db.statuses import ChunkStage
from db.unit import ResultRow, Unit


def fill_window(unit: Unit, hints: HintPolicy, *, wait: bool = True) -> list[ChunkRef]:
    """Hint as many due chunks of the tenant as its window has room for; returns the hints to send after the commit."""
    waiting = "select exists (select from mkt.import_chunks where due_at <= clock_timestamp() and hinted_at is null)"
    if not unit.execute(waiting).scalar_one():
        return []
    # One at a time, or two would see the same room. Always the last lock of a transaction, so nobody waits in a circle.
    # The sweep does not wait: a worker that was stopped while it held one tenant's must not stop it for all.
    lock = "pg_advisory_xact_lock" if wait else "pg_try_advisory_xact_lock"
    got = unit.execute(
        f"select {lock}(hashtext('mkt.window'), hashtext(:tenant))", {"tenant": str(unit.tenant_id)}
    ).scalar_one()
    if not wait and not got:
        return []
    rows = unit.execute(
        statement("fill_window"), {"window": hints.window, "reserve": hints.reserve, "delay": hints.delay}
    )
    return [replace(_ref(unit, row), lane=lane_of(row)) for row in rows]


def resend_silent(unit: Unit, hints: HintPolicy, *, lost: int | None = None) -> list[ChunkRef]:
    """Hint again what was hinted or claimed, is due, and that nobody holds; the delay doubles with every hint.

    What a session holds that is gone is due at once: its worker died, and its socket with it. ``lost``: so many messages
    of large jobs may be missing, and what else of them is silent is believed to wait in the broker until the longest delay
    is over; None: that is not known.
    These hints name no lane: whoever should have followed the first one may be gone, or there may be nobody yet.
    """
    rows = unit.execute(
        statement("resend_silent"),
        {"window": hints.window, "delay": hints.delay, "delay_max": hints.delay_max, "lost": lost},
    )
    return [replace(_ref(unit, row), is_urgent=row.is_abandoned) for row in rows]


def gives_way(unit: Unit, import_job_id: UUID, *, young: float) -> bool:
    """Return whether the job is a large one, and a small one of any tenant that came within the last ``young`` seconds has not ended."""
    asked = {"job": import_job_id, "young": young}
    return bool(unit.execute("select mkt.gives_way(:job, :young)", asked).scalar_one())


def _ref(unit: Unit, row: ResultRow) -> ChunkRef:
    return ChunkRef(unit.tenant_id, row.import_job_id, row.chunk_no, ChunkStage(row.stage), row.attempts)
