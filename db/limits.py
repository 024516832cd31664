"""What a tenant may take of what all share: its weight and limits, and how much of them it has taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from db.statements import statement
from db.statuses import FILE_KINDS
from db.unit import Unit

#: What can be set, by the names of its columns.
NAMES: Final = ("weight", "max_jobs", "max_rows_per_day", "max_file_bytes")


@dataclass(frozen=True)
class TenantLimits:
    """What was set for the tenant; None: the settings decide. Of jobs and rows 0 means any number."""

    weight: float | None = None
    max_jobs: int | None = None
    max_rows_per_day: int | None = None
    max_file_bytes: int | None = None


def load(unit: Unit) -> TenantLimits:
    """Return what was set for the unit's tenant."""
    row = unit.execute(
        f"select {', '.join(NAMES)} from mkt.tenant_limits where tenant_id = :tenant", {"tenant": unit.tenant_id}
    ).one_or_none()
    return TenantLimits() if row is None else TenantLimits(*row)


def save(unit: Unit, changed: Mapping[str, float | None]) -> None:
    """Set some limits of the unit's tenant, by their names; the others stay. Raises ValueError for a name that is none."""
    if unknown := changed.keys() - set(NAMES):
        msg = f"there are no limits {sorted(unknown)}"
        raise ValueError(msg)
    columns, values = ", ".join(changed), ", ".join(f":{name}" for name in changed)
    assignments = "".join(f"{name} = excluded.{name}, " for name in changed)
    unit.execute(
        f"insert into mkt.tenant_limits (tenant_id, {columns}) values (:tenant, {values})"
        f" on conflict (tenant_id) do update set {assignments} updated_at = now()",
        {"tenant": unit.tenant_id, **changed},
    )


def take_turns(unit: Unit) -> None:
    """Have what counts against the tenant's limits happen one after the other, to the end of the transaction."""
    unit.execute(
        "select pg_advisory_xact_lock(hashtext('mkt.limits'), hashtext(:tenant))", {"tenant": str(unit.tenant_id)}
    )


def open_jobs(unit: Unit) -> int:
    """Return how many jobs of files the tenant has that have not ended."""
    found = unit.execute(
        "select count(*) from mkt.import_jobs where finished_at is null and kind = any(:kinds)",
        {"kinds": sorted(FILE_KINDS)},
    )
    return int(found.scalar_one())


def rows_of_the_day(unit: Unit, timezone: str, *, of_job: object = None) -> int:
    """Return how many records the tenant's files have had since midnight in its time zone.

    With ``of_job``, all records of that job count, whenever they were read. A job that failed counts for nothing.
    """
    found = unit.execute(statement("rows_of_the_day"), {"timezone": timezone, "job": of_job})
    return int(found.scalar_one())
