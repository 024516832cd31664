"""People who must not be written to: what files say, added to ops.suppressions and never taken away by an import."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from db.row_ranges import RowRange
from db.statements import statement
from db.unit import Unit


@dataclass(frozen=True)
class Foreseen:
    """What a job's opt-outs would do: ``entries`` that are new, and ``reachable`` contacts who would be no longer."""

    entries: int
    reachable: int


def foresee(unit: Unit, import_job_id: UUID) -> Foreseen:
    """Return what the opt-outs of the job's rows would do, were they added now."""
    row = unit.execute(statement("foreseen_opt_outs"), {"job": import_job_id, "tenant": unit.tenant_id}).one()
    return Foreseen(row.entries, row.reachable)


def take_turns(unit: Unit) -> None:
    """Let nobody else add entries of the tenant until the unit ends: there is no unique key that would."""
    unit.execute(
        "select pg_advisory_xact_lock(hashtext('mkt.opt_outs'), hashtext(:tenant))", {"tenant": str(unit.tenant_id)}
    )


def add(unit: Unit, import_job_id: UUID) -> int:
    """Add the opt-outs of the job's rows; returns how many entries were not there. Two jobs of a tenant take turns."""
    take_turns(unit)
    return unit.execute(statement("add_opt_outs"), {"job": import_job_id, "tenant": unit.tenant_id}).rowcount


def reachable(unit: Unit) -> int:
    """Return how many contacts of the tenant are not opted out."""
    return int(
        unit.execute(
            "select count(*) from mtrk.contatos c where c.tenant_id = :tenant"
            " and not exists (select from ops.suppressions s where s.tenant_id = c.tenant_id and s.email = c.email)",
            {"tenant": unit.tenant_id},
        ).scalar_one()
    )


def protected(unit: Unit, rows: RowRange) -> int:
    """Return how many contacts of the chunk are opted out already, and stay so, although their row does not say it."""
    if not unit.execute("select exists (select from ops.suppressions)").scalar_one():
        return 0
    unit.look_up_by_key()
    return int(unit.execute(statement("protected_opt_outs"), rows.parameters()).scalar_one())
