"""Addresses that were meant: what the verdicts of a job's contacts suggest, and what a correction needs to apply it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from db import opt_outs
from db.row_ranges import RowRange
from db.statements import statement
from db.unit import Unit


@dataclass(frozen=True)
class Suggestion:
    """``written`` was typed where ``meant`` was meant: two domains, or two addresses of one domain."""

    written: str
    meant: str
    contacts: int


@dataclass(frozen=True)
class Original:
    """Who is in the audience under the address as it was written."""

    email: str
    name: str | None
    attributes: Mapping[str, str]
    consent: dict[str, str] | None


def of_job(unit: Unit, import_job_id: UUID, audience_id: UUID | None) -> list[Suggestion]:
    """Return what is suggested for contacts that the job brought and that are in its audience (None: nothing), the most frequent first."""
    found = unit.execute(statement("suggestions_of_job"), {"job": import_job_id, "audience": audience_id})
    return [Suggestion(row.written, row.meant, row.contacts) for row in found]


def rows(unit: Unit, chunk: RowRange, audience_id: UUID, accepted: Sequence[Suggestion]) -> list[tuple[int, int, str]]:
    """Return (part_no, row_number, address that was meant) of the chunk's rows that the accepted suggestions concern."""
    unit.look_up_by_key()
    found = unit.execute(
        statement("suggested_rows"),
        {
            **chunk.parameters(),
            "audience": audience_id,
            "written": [each.written for each in accepted],
            "meant": [each.meant for each in accepted],
        },
    )
    return [(row[0], row[1], row[2]) for row in found]


def originals(
    unit: Unit, *, parent: UUID, job: UUID, audience_id: UUID, wanted: Iterable[tuple[int, int]]
) -> dict[tuple[int, int], Original]:
    """Return who came in by these rows (part_no, row_number) of the parent and has not left the audience since."""
    unit.look_up_by_key()
    keys = sorted(set(wanted))
    values: dict[str, Any] = {"parts": [part for part, _ in keys], "numbers": [number for _, number in keys]}
    found = unit.execute(
        statement("corrected_originals"), {**values, "parent": parent, "job": job, "audience": audience_id}
    )
    return {(row.part_no, row.row_number): Original(row.email, row.name, row.attributes, row.consent) for row in found}


def follow(unit: Unit, chunk: RowRange, *, parent: UUID) -> int:
    """Opt those whom the chunk brings in out as they are under their old addresses; returns how many entries are new.

    Jobs of a tenant that add opt-outs take turns until the unit ends.
    """
    opt_outs.take_turns(unit)
    unit.look_up_by_key()
    return opt_outs.enter(unit, "follow_opt_outs", {**chunk.parameters(), "parent": parent})


def retire(unit: Unit, chunk: RowRange, *, parent: UUID, audience_id: UUID) -> int:
    """End the memberships, under the old addresses, of those whom the chunk brought in under the new; returns how many."""
    unit.look_up_by_key()
    return unit.execute(
        statement("retire_corrected"), {**chunk.parameters(), "parent": parent, "audience": audience_id}
    ).rowcount


def retired(unit: Unit, import_job_id: UUID) -> int:
    """Return how many memberships the correction has ended."""
    return int(
        unit.execute(
            "select count(*) from mkt.audience_contacts a join mkt.import_jobs j on j.audience_id = a.audience_id"
            " where j.import_job_id = :job and a.removed_by_job_id = :job",
            {"job": import_job_id},
        ).scalar_one()
    )
