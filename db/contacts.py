"""Contacts and their links to audiences, written set-based for one chunk of rows at a time."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from db.statements import statement
from db.statuses import OnExisting
from db.unit import Unit


@dataclass(frozen=True)
class RowRange:
    """The rows of one chunk: consecutive records of one part."""

    import_job_id: UUID
    part_no: int
    first_row: int
    last_row: int

    def parameters(self) -> dict[str, object]:
        """Return the range as statement parameters."""
        return {
            "job": self.import_job_id,
            "part_no": self.part_no,
            "first_row": self.first_row,
            "last_row": self.last_row,
        }


def create_missing(unit: Unit, rows: RowRange) -> int:
    """Create the contacts of the chunk that do not exist yet; returns how many this transaction created.

    An address that another transaction is creating at the same moment is waited for and counted there, not here.
    """
    unit.look_up_by_key()
    created = unit.execute(statement("create_contacts"), rows.parameters()).rowcount
    if created:
        unit.execute(statement("note_created"), rows.parameters())
    return created


def update_existing(unit: Unit, rows: RowRange, policy: OnExisting) -> int:
    """Change what the policy lets the chunk change in contacts that exist; returns how many really changed.

    First their rows are locked in key order, then they are changed: two jobs with the same contacts take turns
    instead of deadlocking. What would not change is not written.
    """
    if policy is OnExisting.SKIP:
        return 0
    parameters = {**rows.parameters(), "overwrite": policy is OnExisting.OVERWRITE}
    if not unit.execute(statement("lock_contacts"), parameters).rowcount:
        return 0
    return unit.execute(statement("update_contacts"), parameters).rowcount


def link(unit: Unit, rows: RowRange, audience_id: UUID) -> int:
    """Put every contact of the chunk into the audience, with the row it came from; returns how many joined.

    Who is in it already keeps the provenance of the first time.
    """
    unit.look_up_by_key()
    return unit.execute(statement("link_contacts"), {**rows.parameters(), "audience": audience_id}).rowcount
