"""People who must not be written to: what files say, added to ops.suppressions as evidence of its own, job by job.

Entries are added and lifted, never changed: `db.suppressions` has what people do with single ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from db.faults import see_written
from db.row_ranges import RowRange
from db.statements import statement
from db.unit import Unit

#: The table, as errors name it.
SUPPRESSIONS: Final = "ops.suppressions"


@dataclass(frozen=True)
class Foreseen:
    """What a job's opt-outs would do: ``entries`` that are new, and ``reachable`` contacts who would be no longer."""

    entries: int
    reachable: int


def foresee(unit: Unit, import_job_id: UUID, audience_id: UUID | None = None) -> Foreseen:
    """Return what the opt-outs of the job's rows would do, were they added now; for one audience, or (None) everywhere."""
    row = unit.execute(
        statement("foreseen_opt_outs"), {"job": import_job_id, "tenant": unit.tenant_id, "audience": audience_id}
    ).one()
    return Foreseen(row.entries, row.reachable)


def take_turns(unit: Unit) -> None:
    """Hold the tenant's opt-outs until the unit ends: nobody else adds or lifts one, and no message is made meanwhile."""
    unit.execute(
        "select pg_advisory_xact_lock(hashtext('mkt.opt_outs'), hashtext(:tenant))", {"tenant": str(unit.tenant_id)}
    )


def add(unit: Unit, import_job_id: UUID, audience_id: UUID | None = None) -> int:
    """Add the opt-outs of the job's rows, once; returns of how many addresses nobody had said it. Jobs of a tenant take turns."""
    take_turns(unit)
    return enter(unit, "add_opt_outs", {"job": import_job_id, "audience": audience_id})


def enter(unit: Unit, name: str, values: Mapping[str, object]) -> int:
    """Add entries by the statement of this name; returns of how many addresses nobody had said it. Raises PassedOverError.

    The caller holds the tenant's opt-outs.
    """
    row = unit.execute(statement(name), {"tenant": unit.tenant_id, **values}).one()
    see_written(SUPPRESSIONS, asked=row.asked, written=row.written)
    return int(row.new)


def reachable(unit: Unit, audience_id: UUID | None = None) -> int:
    """Return how many contacts, of the tenant or of one audience, are not opted out there."""
    return int(
        unit.execute(statement("reachable_contacts"), {"tenant": unit.tenant_id, "audience": audience_id}).scalar_one()
    )


def protected(unit: Unit, rows: RowRange, audience_id: UUID | None) -> int:
    """Return how many contacts of the chunk are opted out already, and stay so, although their row does not say it."""
    if not unit.execute("select exists (select from ops.suppressions)").scalar_one():
        return 0
    unit.look_up_by_key()
    values = {**rows.parameters(), "tenant": unit.tenant_id, "audience": audience_id}
    return int(unit.execute(statement("protected_opt_outs"), values).scalar_one())


def tenants_with_incomplete(unit: Unit) -> list[UUID]:
    """Return the tenants that have entries without a hash."""
    return [row[0] for row in unit.execute("select * from mkt.tenants_with_incomplete_opt_outs()")]


def incomplete(unit: Unit, *, after: int, limit: int) -> list[tuple[int, str]]:
    """Return (suppression_id, address) of the next entries that another service added, that have no hash, and nobody has read yet."""
    found = unit.execute(
        "select suppression_id, email from ops.suppressions where tenant_id = :tenant and mailbox_hash is null and not evidence ? 'unreadable'"
        " and suppression_id > :after order by suppression_id limit :limit",
        {"tenant": unit.tenant_id, "after": after, "limit": limit},
    )
    return [(row[0], row[1]) for row in found]


def are_unread(unit: Unit) -> bool:
    """Whether the tenant has entries of other services whose address nobody has brought into its form yet: they match nobody."""
    sql = "select exists (select from ops.suppressions where tenant_id = :tenant and mailbox_hash is null and not evidence ? 'unreadable'"
    return bool(unit.execute(f"{sql} and not mkt.is_stored_form(email))", {"tenant": unit.tenant_id}).scalar_one())


def complete(unit: Unit, entries: Sequence[tuple[int, str | None]]) -> int:
    """Give entries their address in its stored form, and their hash; returns how many have one now (none without a key).

    Where there is no address to be read (None), that is noted.
    """
    return int(
        unit.execute(
            "select mkt.complete_opt_outs(cast(:ids as bigint[]), cast(:addresses as text[]))",
            {"ids": [number for number, _ in entries], "addresses": [address for _, address in entries]},
        ).scalar_one()
    )
