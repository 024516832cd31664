"""Poison: a chunk that no attempt gets through, for a reason of its own, is halved until the bad row is alone.

That row becomes a problem of the file with the last error, and the rest of the file goes in (decision 23). An attempt
that ends with its process is one of its own as well: what kills the process is all that is known of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import structlog

from db import halves, import_rows, jobs, quality, validations, windows
from db.chunks import ChunkRef, Claim
from db.faults import sqlstate
from db.jobs import Job
from db.row_ranges import RowRange
from db.statuses import ChunkKind, ChunkStage
from db.unit import Unit
from db.validations import Contacts
from pipeline.classification import terms
from pipeline.context import Context
from pipeline.moves import move_on
from pipeline.problems import RowProblem, sentence
from pipeline.reading import canonical
from pipeline.troubles import trouble_of
from pipeline.verdicts import not_yet_checked

log = structlog.get_logger()

#: Attempts at a half that has several rows: halving once too often costs little, and a row is judged only when it is alone.
HALF_ATTEMPTS: Final = 2
#: Claims beyond the last attempt in which the row is looked for; if these end without a word too, the chunk gives up.
SEARCHES: Final = 3
#: Seconds until the clock looks again at a contact whose judging ends in an error: what mends it is a new release.
LOOK_AGAIN: Final = 30 * 86_400
#: Where the rows of a chunk do not depend on each other. The people of a send do: contacts of one mailbox are judged together.
STAGES: Final = frozenset({ChunkStage.PARSE, ChunkStage.UPSERT, ChunkStage.LINK, ChunkStage.VALIDATE})
#: Classes of SQLSTATE that speak of the schema or of our statements, whatever the rows.
_NOT_OF_ROWS: Final = ("0A", "26", "3D", "3F", "42")


class NotFoundError(Exception):
    """No row can be made out as the bad one: the chunk gives up as a whole."""


def attempts_allowed(context: Context, claim: Claim) -> int:
    """Return how many attempts at its stage the chunk has, before it gives up or is halved."""
    most = context.settings.max_attempts
    is_alone = claim.first_row == claim.last_row if claim.ref.stage is ChunkStage.PARSE else claim.ok_rows <= 1
    return min(HALF_ATTEMPTS, most) if claim.halvings and not is_alone else most


def is_of_rows(claim: Claim, error: Exception | None) -> bool:
    """Say whether a row of the chunk may be what ends every attempt; ``error`` None: the process was killed."""
    if claim.kind is not ChunkKind.ROWS or claim.ref.stage not in STAGES:
        return False
    if error is None:
        return True
    if isinstance(error, OSError) or type(error) is LookupError or trouble_of(error) is not None:
        return False  # its bytes are not there, or it was never split: no half would fare better
    return (sqlstate(error) or "").startswith(_NOT_OF_ROWS) is False


def isolation(context: Context, claim: Claim, job: Job, last: str) -> Callable[[Unit], list[ChunkRef]]:
    """Return the work, for the transaction behind the fence, that halves the chunk or takes its only row out of it.

    Raises NotFoundError, here or in the work.
    """
    stage = claim.ref.stage
    records = _records(context, claim) if stage is ChunkStage.PARSE else None

    def work(unit: Unit) -> list[ChunkRef]:
        rows = RowRange(job.import_job_id, claim.part_no, claim.first_row, claim.last_row)
        numbers = halves.rows_that_count(unit, rows) if records is None else records
        if not numbers:
            raise NotFoundError
        if len(numbers) == 1:
            log.warning("row_poisoned", stage=stage, part_no=claim.part_no, row_number=numbers[0], error=last)
            return _BURIALS.get(stage, _refuse)(context, unit, claim, job, numbers[0], last)
        middle = len(numbers) // 2
        cut = numbers[middle]
        moved = None if records is None else len(numbers) - middle
        cut_before = numbers[middle - 1] if records is not None else cut - 1
        jobs.load(unit, job.import_job_id, lock=True)
        if not halves.halve(unit, claim, cut_before=cut_before, cut=cut, records=moved, error=last):
            raise NotFoundError
        log.warning("chunk_halved", stage=stage, rows=len(numbers), error=last)
        return windows.fill_window(unit, context.hints)

    return work


def _records(context: Context, claim: Claim) -> list[int]:
    """Return the numbers of the chunk's records, from its bytes."""
    if claim.chunk_key is None:
        raise NotFoundError
    try:
        numbers = [number for number, _ in canonical.decode(context.store.get(claim.chunk_key))]
    except (ValueError, FileNotFoundError):
        raise NotFoundError from None
    return [number for number in numbers if claim.first_row <= number <= claim.last_row]


def _never_parsed(context: Context, unit: Unit, claim: Claim, job: Job, number: int, last: str) -> list[ChunkRef]:
    """Write the row without looking into it: neither is it known what it holds, nor of whom it speaks."""
    problem = RowProblem.POISON_ROW
    detail = sentence(problem, stage=claim.ref.stage, error=last)
    import_rows.add_refused(unit, job.import_job_id, claim.part_no, number, code=problem, detail=detail)
    quality.note_errors(unit, claim, {problem: 1})
    return move_on(context, unit, claim, ChunkStage.PARSED, {"ok_rows": 0, "error_rows": 1})


def _refuse(context: Context, unit: Unit, claim: Claim, job: Job, number: int, last: str) -> list[ChunkRef]:
    problem = RowProblem.POISON_ROW
    detail = sentence(problem, stage=claim.ref.stage, error=last)
    halves.refuse_row(unit, claim, number, code=problem, detail=detail)
    jobs.load(unit, job.import_job_id, lock=True)
    jobs.refresh_totals(unit, job.import_job_id)
    return windows.fill_window(unit, context.hints)


def _never_judged(context: Context, unit: Unit, claim: Claim, job: Job, _number: int, _last: str) -> list[ChunkRef]:
    """Leave the contact unknown: that we fail to judge an address says nothing of it (law 6)."""
    now = context.clock(unit)
    given = terms(now, fresh_at=now)
    contacts = Contacts.of_rows(RowRange(job.import_job_id, claim.part_no, claim.first_row, claim.last_row))
    unasked = not_yet_checked(LOOK_AGAIN)
    validations.await_verdicts(
        unit, validations.named(unit, contacts), given, score=unasked.score, retry_after=LOOK_AGAIN
    )
    quality.note(unit, claim.ref, contacts, job.audience, given)
    return move_on(context, unit, claim, ChunkStage.DONE)


_BURIALS: Final = {ChunkStage.PARSE: _never_parsed, ChunkStage.VALIDATE: _never_judged}
