"""Validate: every contact of the chunk gets a state; a judgement where there is evidence, "not yet checked" where not."""

from __future__ import annotations

from db import chunks, domain_checks, quality
from db.chunks import ChunkRef, Claim
from db.jobs import Job
from db.statuses import ChunkStage
from db.unit import Unit
from db.validations import Contacts
from pipeline.attempts import FencedError, effects, move_on
from pipeline.classification import classify, hear, terms
from pipeline.context import Context
from pipeline.stages.upsert import row_range


def run(context: Context, claim: Claim, job: Job) -> None:
    """Ask DNS for what is not known, for a bounded time; then judge the chunk's contacts in one transaction."""
    rows = row_range(claim)

    def alive() -> None:
        with context.database.unit(claim.ref.tenant_id) as unit:
            if not chunks.touch(unit, claim, grace=context.grace(ChunkStage.VALIDATE)):
                raise FencedError

    with context.database.unit(claim.ref.tenant_id) as unit:
        began, domains = context.clock(unit), domain_checks.domains_of_rows(unit, rows)
    hear(context, claim.ref.tenant_id, domains, alive=alive)

    def work(unit: Unit) -> list[ChunkRef]:
        given, contacts = terms(context.clock(unit), fresh_at=began), Contacts.of_rows(rows)
        classify(unit, contacts, given)
        quality.note(unit, claim.ref, contacts, job.audience, given)
        return move_on(context, unit, claim, ChunkStage.DONE)

    effects(context, claim, work)
