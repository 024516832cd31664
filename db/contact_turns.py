"""Turns at a tenant's contacts: those who create and link some, or write them down for a send, and those who take some away.

An import finds a contact in one transaction and counts on it in the next. So what names the contact is committed before an undo
looks, or the import comes after the undo and creates the contact anew: never in between.
"""

from __future__ import annotations

from typing import Final

from db.unit import Unit

#: So many chunks of undos of a tenant work at a time; whoever creates or links contacts shares all of their turns.
TURNS: Final = 4


def share_contacts(unit: Unit) -> None:
    """Have no undo take contacts of the tenant away until the unit ends; others who create or link some may do so meanwhile."""
    unit.execute(
        "select pg_advisory_xact_lock_shared(hashtext('mkt.contacts'), hashtext(:tenant || turn)) from generate_series(1, :turns) turn",
        {"tenant": str(unit.tenant_id), "turns": TURNS},
    )


def hold_contacts(unit: Unit, chunk_no: int) -> None:
    """Have nobody create or link contacts of the tenant until the unit ends; other chunks of undos may work meanwhile."""
    unit.execute(
        "select pg_advisory_xact_lock(hashtext('mkt.contacts'), hashtext(:tenant || cast(:turn as int)))",
        {"tenant": str(unit.tenant_id), "turn": chunk_no % TURNS + 1},
    )
