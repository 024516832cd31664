"""The sweep: whatever is due and silent is hinted again. What makes lost messages cost seconds instead of rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import structlog
from sqlalchemy.exc import DBAPIError

from db import upkeep, windows
from db.chunks import ChunkRef
from db.unit import Unit
from pipeline.context import Context
from pipeline.troubles import Trouble, trouble_of

log = structlog.get_logger()


@dataclass(frozen=True)
class SweepReport:
    """What a sweep did; ``busy``: another one was at work and did it instead."""

    tenants: int = 0
    resent: int = 0
    hinted: int = 0
    busy: bool = False


#: Says how many messages the broker holds, or None where it cannot be asked.
Waiting = Callable[[], int | None]


def sweep(context: Context, waiting: Waiting = lambda: None) -> SweepReport:
    """Send again what is due and silent, and fill every tenant's window. Safe to run anywhere, at any time, twice.

    A hint that waits its turn is silent, too: without knowing what is ``waiting``, it would be sent again and again, and a
    long queue would become longer.
    Tenants are swept one by one, each in a transaction of its own: trouble with one holds up no other.
    """
    with context.database.unit(None) as unit:
        tenants = upkeep.tenants_with_due_chunks(unit)
        under_way = upkeep.hints_under_way(unit)
    held = waiting() if tenants else None
    lost = None if held is None else max(0, under_way - held)
    resent = hinted = taken = 0
    for tenant_id in tenants:
        try:
            hints = context.database.in_unit(tenant_id, partial(_sweep_tenant, context, lost), tries=1)
        except DBAPIError as error:
            if trouble_of(error) not in (None, Trouble.DATABASE_BUSY):
                raise  # it is everybody's, and the next one would meet it too
            log.exception("tenant_not_swept", tenant_id=str(tenant_id))
            continue
        if hints is None:
            taken += 1
            continue
        again, fresh = hints
        context.dispatch([*again, *fresh])
        lost = None if lost is None else max(0, lost - len(again))
        resent, hinted = resent + len(again), hinted + len(fresh)
    if resent:
        log.warning("hints_resent", hints=resent, tenants=len(tenants))
    return SweepReport(len(tenants), resent, hinted, busy=bool(tenants) and taken == len(tenants))


def _sweep_tenant(context: Context, lost: int | None, unit: Unit) -> tuple[list[ChunkRef], list[ChunkRef]] | None:
    if not upkeep.take_turn(unit, f"sweep {unit.tenant_id}"):
        return None  # another sweep is at it
    return windows.resend_silent(unit, context.hints, lost=lost), windows.fill_window(unit, context.hints, wait=False)


def upkeep_partitions(context: Context) -> int:
    """Make the partitions of the months ahead; returns how many rows no month was made for (an alarm above 0)."""
    with context.database.unit(None) as unit:
        stray = upkeep.rows_outside_partitions(unit)
    if stray:  # said first: a month whose rows lie in the default partition cannot be made any more
        log.error("rows_outside_partitions", rows=stray)
    with context.database.unit(None) as unit:
        upkeep.ensure_partitions(unit)
    return stray
