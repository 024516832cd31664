"""Upsert: the chunk's addresses become contacts, under the job's policy for those that exist."""

from __future__ import annotations

from db import chunks, contacts
from db.chunks import ChunkRef, Claim
from db.jobs import Job
from db.row_ranges import RowRange
from db.statuses import ChunkStage, JobKind
from db.unit import Unit
from pipeline.attempts import effects, move_on
from pipeline.context import Context
from pipeline.options import ImportOptions


def row_range(claim: Claim) -> RowRange:
    """Return the rows of the claimed chunk."""
    return RowRange(claim.ref.import_job_id, claim.part_no, claim.first_row, claim.last_row)


def run(context: Context, claim: Claim, job: Job) -> None:
    """Create what is missing, then change what may be changed; every contact is counted in exactly one way."""
    policies = ImportOptions.from_json(job.options).merging

    def work(unit: Unit) -> list[ChunkRef]:
        rows = row_range(claim)
        foreseen = None
        if job.kind is JobKind.DRY_RUN:
            foreseen = contacts.forecast(unit, rows, policies)
            created, updated = foreseen.count(contacts.CREATE), foreseen.count(contacts.UPDATE)
        else:
            created = contacts.create_missing(unit, rows)
            # New statements: they see contacts that another job created while ours waited for it.
            updated = contacts.update_existing(unit, rows, policies) if created < claim.ok_rows else 0
        counters = {
            "contacts_created": created,
            "contacts_updated": updated,
            "contacts_unchanged": claim.ok_rows - created - updated,
        }
        if foreseen is not None:
            chunks.foresee(unit, claim, foreseen)
        return move_on(context, unit, claim, ChunkStage.LINK, counters)

    effects(context, claim, work)
