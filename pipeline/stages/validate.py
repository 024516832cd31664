"""Validate: every contact of the chunk gets a state; a judgement where DNS answered, "not yet checked" where not."""

from __future__ import annotations

import time

from db import chunks, validations
from db.chunks import ChunkRef, Claim
from db.jobs import Job
from db.statuses import ChunkStage
from db.unit import Unit
from pipeline.attempts import FencedError, effects, move_on
from pipeline.context import Context
from pipeline.domains import Search
from pipeline.stages.upsert import row_range
from pipeline.verdicts import NOT_YET_CHECKED, VALIDATOR_VERSION


def run(context: Context, claim: Claim, job: Job) -> None:
    """Ask DNS for what is not known, for a bounded time; then judge the chunk's contacts in one transaction."""
    del job  # every job is validated alike
    rows = row_range(claim)
    if context.domains is not None:
        context.domains.answer(context.database, _search(context, claim))

    def work(unit: Unit) -> list[ChunkRef]:
        validations.judge_contacts(unit, rows, version=VALIDATOR_VERSION)
        validations.await_verdicts(
            unit,
            rows,
            version=VALIDATOR_VERSION,
            reason=str(NOT_YET_CHECKED.reason_code),
            score=NOT_YET_CHECKED.score,
            retry_after=NOT_YET_CHECKED.retry_after,
        )
        return move_on(context, unit, claim, ChunkStage.DONE)

    effects(context, claim, work)


def _search(context: Context, claim: Claim) -> Search:
    rows = row_range(claim)

    def missing() -> list[str]:
        with context.database.unit(claim.ref.tenant_id) as unit:
            return validations.domains_to_check(unit, rows, version=VALIDATOR_VERSION)

    def alive() -> None:
        with context.database.unit(claim.ref.tenant_id) as unit:
            if not chunks.touch(unit, claim, grace=context.grace(ChunkStage.VALIDATE)):
                raise FencedError

    return Search(missing, alive, time.monotonic() + context.settings.dns_chunk_deadline)
