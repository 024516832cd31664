"""What a tenant decided about addresses and domains, and what it chose where the rules of verdicts leave a choice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from db.statements import statement
from db.statuses import OverrideDecision
from db.unit import Unit


@dataclass(frozen=True)
class Decided:
    """A decision with who made it, when, and why."""

    entry: str
    decision: OverrideDecision
    note: str
    user: str
    decided_at: datetime


class Choices(NamedTuple):
    """A tenant's choices; as they are for one that has made none."""

    risky_roles: bool = False
    smtputf8: bool = False


def hold_evidence(unit: Unit, *, change: bool = False) -> None:
    """Keep what verdicts of the tenant are drawn from as it is until the unit ends; many may do so at a time.

    Who is going to ``change`` it waits for them and they for it. Otherwise a verdict that was drawn before the change
    could be written after it, and the contact would not be judged again for weeks.
    """
    mode = "" if change else "_shared"
    unit.execute(
        f"select pg_advisory_xact_lock{mode}(hashtext('mkt.evidence'), hashtext(:tenant))",
        {"tenant": str(unit.tenant_id)},
    )


def overrides_of(unit: Unit) -> dict[str, OverrideDecision]:
    """Return the tenant's decisions by entry, an address or a domain; they stay as they are until the unit ends."""
    hold_evidence(unit)
    found = unit.execute("select entry, decision from mkt.verdict_overrides")
    return {row.entry: OverrideDecision(row.decision) for row in found}


def policy_of(unit: Unit) -> Choices:
    """Return the tenant's choices; they stay as they are until the unit ends."""
    hold_evidence(unit)
    row = unit.execute("select risky_roles, smtputf8 from mkt.verdict_policies").one_or_none()
    return Choices() if row is None else Choices(row.risky_roles, row.smtputf8)


def everything(unit: Unit) -> list[Decided]:
    """Return the tenant's decisions, sorted by entry."""
    found = unit.execute(
        "select o.entry, o.decision, o.note, u.name, o.decided_at from mkt.verdict_overrides o"
        " join auth.users u on u.user_id = o.decided_by_user_id order by o.entry"
    )
    return [Decided(entry, OverrideDecision(decision), *rest) for entry, decision, *rest in found]


def decide(
    unit: Unit, entry: str, decision: OverrideDecision, *, note: str, user_id: UUID, now: datetime
) -> OverrideDecision | None:
    """Decide about an entry; returns what was decided before."""
    row = unit.execute(
        "insert into mkt.verdict_overrides as o (tenant_id, entry, decision, note, decided_by_user_id, decided_at)"
        " values (:tenant, :entry, :decision, :note, :user, :now)"
        " on conflict (tenant_id, entry) do update set decision = excluded.decision, note = excluded.note,"
        " decided_by_user_id = excluded.decided_by_user_id, decided_at = excluded.decided_at"
        " returning old.decision",
        {
            "tenant": unit.tenant_id,
            "entry": entry,
            "decision": decision,
            "note": note,
            "user": user_id,
            "now": now,
        },
    ).one()
    return None if row.decision is None else OverrideDecision(row.decision)


def forget(unit: Unit, entry: str) -> OverrideDecision | None:
    """Take a decision back; returns what it was. None: there was none."""
    row = unit.execute("delete from mkt.verdict_overrides where entry = :entry returning decision", {"entry": entry})
    decision = row.scalar_one_or_none()
    return None if decision is None else OverrideDecision(decision)


def choose(unit: Unit, choices: Choices, *, now: datetime) -> None:
    """Write the tenant's choices."""
    unit.execute(
        "insert into mkt.verdict_policies (tenant_id, risky_roles, smtputf8, updated_at)"
        " values (:tenant, :risky_roles, :smtputf8, :now) on conflict (tenant_id) do update"
        " set risky_roles = excluded.risky_roles, smtputf8 = excluded.smtputf8, updated_at = excluded.updated_at",
        {**choices._asdict(), "tenant": unit.tenant_id, "now": now},
    )


def make_due(unit: Unit, entry: str, *, now: datetime) -> int:
    """Have the contacts that an entry speaks of judged again as soon as can be; returns how many that are."""
    name = "due_by_address" if "@" in entry else "due_by_domain"
    return unit.execute(statement(name), {"tenant": unit.tenant_id, "entry": entry, "now": now}).rowcount


def make_due_by_choice(unit: Unit, *, roles: tuple[str, ...], smtputf8: bool, now: datetime) -> int:
    """Likewise the contacts with one of these flags or reasons, and with ``smtputf8`` those whose address is not ASCII."""
    return unit.execute(
        statement("due_by_choice"), {"tenant": unit.tenant_id, "roles": list(roles), "smtputf8": smtputf8, "now": now}
    ).rowcount
