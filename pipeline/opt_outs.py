"""What has to be done to opt-outs that other services added: their address in its stored form, and the hash of the mailbox.

The database does it at once where it can: not for addresses in other scripts, or with a name beside them, and not in a
session that has no key. The clock's tick does the rest.
"""

from __future__ import annotations

import time
from typing import Final
from uuid import UUID

import structlog

from db import opt_outs
from pipeline.addresses import judge_cell
from pipeline.context import Context

log = structlog.get_logger()

#: Entries that are completed in one transaction.
BATCH: Final = 5_000
#: Seconds for which one tick goes on.
TICK: Final = 60.0


def complete_opt_outs(context: Context) -> int:
    """Complete what lacks its hash, tenant by tenant; returns how many entries were. Safe to run anywhere, twice."""
    if context.keys is None:
        return 0
    with context.database.unit(None) as unit:
        tenants = opt_outs.tenants_with_incomplete(unit)
    until = time.monotonic() + TICK
    completed = sum(complete_of_tenant(context, tenant_id, until=until) for tenant_id in tenants)
    if completed:
        log.info("opt_outs_completed", entries=completed, tenants=len(tenants))
    return completed


def complete_of_tenant(context: Context, tenant_id: UUID, *, until: float) -> int:
    """Complete one tenant's entries, batch by batch, until that moment of the monotonic clock."""
    completed, after = 0, 0
    while time.monotonic() < until:
        with context.database.unit(tenant_id) as unit:
            found = opt_outs.incomplete(unit, after=after, limit=BATCH)
            if not found:
                break
            completed += opt_outs.complete(unit, [(number, stored_form(address)) for number, address in found])
            after = found[-1][0]
    return completed


def stored_form(address: str) -> str:
    """Return an address as contacts have it; what is no address stays as it was written."""
    return judge_cell(address).normalized or address
