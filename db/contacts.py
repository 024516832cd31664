"""Contacts, written set-based for one chunk of rows at a time; how they join audiences is in `db.memberships`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from db.contact_turns import share_contacts
from db.faults import see_written
from db.row_ranges import RowRange
from db.statements import statement
from db.statuses import FieldPolicy, OnExisting
from db.unit import Unit

#: The table, as errors name it.
CONTACTS: Final = "mtrk.contatos"
#: Stands in ``import_rows.normalized_name`` for the job's clear token; no contact is called so. An attribute has null.
CLEARED_NAME = " "
#: The key of the contact's name among the policies of fields; the others are names of attributes.
NAME = "name"


@dataclass(frozen=True)
class Policies:
    """What a job may change in contacts that are there already: one rule for all fields, and those of single ones."""

    on_existing: OnExisting
    fields: Mapping[str, FieldPolicy] = field(default_factory=dict)

    @property
    def changes_nothing(self) -> bool:
        """Whether no field of an existing contact can change."""
        return self._default is FieldPolicy.KEEP and all(policy is FieldPolicy.KEEP for policy in self.fields.values())

    @property
    def _default(self) -> FieldPolicy:
        return FieldPolicy.KEEP if self.on_existing is OnExisting.SKIP else FieldPolicy(self.on_existing)

    def parameters(self) -> dict[str, object]:
        """Return the policies as statement parameters."""
        return {
            "policy": self._default,
            "name_policy": self.fields.get(NAME, self._default),
            "policies": json.dumps({name: policy for name, policy in self.fields.items() if name != NAME}),
        }


def create_missing(unit: Unit, rows: RowRange) -> int:
    """Create the contacts of the chunk that do not exist yet; returns how many this transaction created.

    An address that another transaction is creating at the same moment is waited for and counted there, not here.
    Raises PassedOverError.
    """
    share_contacts(unit)
    unit.look_up_by_key()
    missing, created = unit.execute(statement("create_contacts"), rows.parameters()).one()
    if created < missing:
        # Others have created the rest meanwhile, and a new statement finds it: or somebody keeps it out.
        still_missing, more = unit.execute(statement("create_contacts"), rows.parameters()).one()
        see_written(CONTACTS, asked=still_missing, written=more)
        created += more
    if created:
        # Found by their addresses: a trigger may have changed these, too.
        noted = unit.execute(statement("note_created"), rows.parameters()).rowcount
        see_written(CONTACTS, asked=created, written=noted)
    return int(created)


def update_existing(unit: Unit, rows: RowRange, policies: Policies) -> int:
    """Change what the policies let the chunk change in contacts that exist; returns how many really changed.

    First their rows are locked in key order, then they are changed: two jobs with the same contacts take turns
    instead of deadlocking. What would not change is not written. Raises PassedOverError.
    """
    if policies.changes_nothing:
        return 0
    parameters = {**rows.parameters(), **policies.parameters()}
    locked = unit.execute(statement("lock_contacts"), parameters).scalars().all()
    if not locked:
        return 0
    # A new statement: it sees what those have written for whom we waited.
    values = {**parameters, "tenant": unit.tenant_id, "locked": locked}
    asked, written = unit.execute(statement("update_contacts"), values).one()
    see_written(CONTACTS, asked=asked, written=written)
    return int(written)


#: The letters of `forecast`.
CREATE, UPDATE = "c", "u"


def forecast(unit: Unit, rows: RowRange, policies: Policies) -> str:
    """Return what would be done with each contact of the chunk, were it upserted now: a letter each, in file order."""
    unit.look_up_by_key()
    return str(
        unit.execute(
            statement("forecast_contacts"),
            {**rows.parameters(), **policies.parameters(), "skip": policies.changes_nothing},
        ).scalar_one()
    )
