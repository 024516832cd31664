"""The sweep: whatever is due and silent is hinted again. What makes lost messages cost seconds instead of rows."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from db import chunks, upkeep
from db.chunks import ChunkRef
from db.unit import Unit
from pipeline.context import Context

log = structlog.get_logger()


@dataclass(frozen=True)
class SweepReport:
    """What a sweep did; ``busy``: another one was at work and did it instead."""

    tenants: int = 0
    resent: int = 0
    hinted: int = 0
    busy: bool = False


def sweep(context: Context) -> SweepReport:
    """Send again what is due and silent, and fill every tenant's window. Safe to run anywhere, at any time, twice."""
    with context.database.unit(None) as unit:
        if not upkeep.take_turn(unit, "sweep"):
            return SweepReport(busy=True)
        tenants = upkeep.tenants_with_due_chunks(unit)
        resent = hinted = 0
        for tenant_id in tenants:

            def work(tenant_unit: Unit) -> tuple[list[ChunkRef], list[ChunkRef]]:
                return chunks.resend_silent(tenant_unit, context.hints), chunks.fill_window(tenant_unit, context.hints)

            again, fresh = context.database.in_unit(tenant_id, work)
            context.dispatch([*again, *fresh])
            resent, hinted = resent + len(again), hinted + len(fresh)
        if resent:
            log.warning("hints_resent", hints=resent, tenants=len(tenants))
        return SweepReport(len(tenants), resent, hinted)


def upkeep_partitions(context: Context) -> int:
    """Make the partitions of the months ahead; returns how many rows no month was made for (an alarm above 0)."""
    with context.database.unit(None) as unit:
        upkeep.ensure_partitions(unit)
        stray = upkeep.rows_outside_partitions(unit)
    if stray:
        log.error("rows_outside_partitions", rows=stray)
    return stray
