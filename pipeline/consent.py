"""What is said of consent when a file comes in: by whoever brings it, beside what its rows say."""

from __future__ import annotations

from datetime import datetime

from db import tenants
from db.memberships import Told
from db.unit import Unit
from pipeline.options import EARLIEST_COLLECTION, ImportOptions


def told(unit: Unit, options: ImportOptions) -> Told:
    """Return what the options say of consent, times placed in the tenant's zone."""
    collected = options.collected_at and options.collected(tenants.this(unit).timezone)
    return Told(options.basis, options.source, collected, options.readmit)


def is_plausible(collected_at: datetime | None, now: datetime) -> bool:
    """Say whether addresses can have been collected then: not in the future, and not before anybody did."""
    return collected_at is None or EARLIEST_COLLECTION <= collected_at <= now
