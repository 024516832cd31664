"""Mark: the only barrier. Which row of an address is the contact's is known only here, and nothing has been written yet.

So this is where a job is held back that would opt out too many, or that is no longer what its dry run has counted; and
where opt-outs are taken in, from every row, before any contact is touched.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import Final

from db import chunks, import_rows, jobs, memberships, opt_outs
from db.chunks import ChunkRef, Claim
from db.contacts import forecast
from db.jobs import Job
from db.row_ranges import RowRange
from db.statuses import ChunkStage, JobKind
from db.unit import Unit
from pipeline.attempts import effects, move_on
from pipeline.consent import told
from pipeline.context import Context
from pipeline.options import ImportOptions
from pipeline.problems import FileProblem, FileProblemCode
from pipeline.reading import FileReading

#: More reachable contacts than these are a flood: so many, or such a share of all. A handful never is.
FLOOD: Final = 1_000
FLOOD_SHARE: Final = 0.05
HANDFUL: Final = 5
#: Of a file that is all opt-outs, a flood is what more than this share of all reachable contacts stands in.
SUPPRESSION_SHARE: Final = 0.5
#: Share of a plan's contacts for which something else may come out than the dry run has counted.
DRIFT_SHARE: Final = 0.01


def run(context: Context, claim: Claim, job: Job) -> None:
    """Mark the job's duplicates, take its opt-outs, and open the way to its contacts, all in one transaction.

    A suppression has no contacts: it ends here. Raises FileProblem, with nothing written, for a flood of opt-outs or a plan that has been overtaken.
    """
    options = ImportOptions.from_json(job.options)

    def work(unit: Unit) -> list[ChunkRef]:
        added = _take_opt_outs(unit, job, options)
        import_rows.mark_duplicates(unit, job.import_job_id, options.duplicates)
        _hold_to_plan(unit, job, options)
        to = ChunkStage.DONE if job.kind is JobKind.SUPPRESSION else ChunkStage.UPSERT
        chunks.release_marked(unit, job.import_job_id, to)
        jobs.load(unit, job.import_job_id, lock=True)
        jobs.refresh_totals(unit, job.import_job_id)
        jobs.set_stage(unit, job.import_job_id, to)
        hints = move_on(context, unit, claim, ChunkStage.DONE, {"opt_outs_added": added})
        woken = jobs.wake_settle(unit, job.import_job_id, context.hints) if to is ChunkStage.DONE else None
        return [*([woken] if woken else []), *hints]

    effects(context, claim, work)


def _take_opt_outs(unit: Unit, job: Job, options: ImportOptions) -> int:
    """Add what the rows say to the tenant's opt-outs; in a dry run, only count it."""
    if not _may_opt_out(job):
        return 0
    audience_id = job.audience_id if job.kind is JobKind.SUPPRESSION else None  # what an import says holds everywhere
    foreseen = opt_outs.foresee(unit, job.import_job_id, audience_id)
    if foreseen.reachable > _allowed(unit, job, foreseen.reachable, options):
        raise FileProblem(
            FileProblemCode.OPT_OUT_FLOOD, file=job.file_name, count=foreseen.reachable, job=str(job.import_job_id)
        )
    return foreseen.entries if job.kind is JobKind.DRY_RUN else opt_outs.add(unit, job.import_job_id, audience_id)


def _may_opt_out(job: Job) -> bool:
    if job.kind is JobKind.SUPPRESSION:
        return True
    return job.reading is not None and any(part.opt_outs for part in FileReading.from_json(job.reading).parts)


def _allowed(unit: Unit, job: Job, count: int, options: ImportOptions) -> int:
    """Return how many reachable contacts the job may opt out."""
    if options.allow_opt_outs is not None:
        return options.allow_opt_outs
    if job.kind is JobKind.SUPPRESSION:
        # Somebody has said that the whole file is opt-outs: only a file that is the base itself is likely a mistake.
        return max(
            HANDFUL, count if count <= HANDFUL else int(SUPPRESSION_SHARE * opt_outs.reachable(unit, job.audience_id))
        )
    if count <= HANDFUL or count > FLOOD:
        return min(count, FLOOD)
    return max(HANDFUL, int(FLOOD_SHARE * opt_outs.reachable(unit)))


def _hold_to_plan(unit: Unit, job: Job, options: ImportOptions) -> None:
    """See that the base is still what the dry run counted on. Raises FileProblem where it is not."""
    if job.parent_job_id is None or options.mends is not None:
        return
    planned = jobs.plan_of(unit, job.parent_job_id)
    unit.execute("select set_config('enable_nestloop', 'on', true)")  # mark had it off
    drift, said = 0, told(unit, job.options)
    for chunk in planned:
        # The plan's rows, not the chunks of this job: each may have been halved where a row was bad.
        rows = RowRange(job.import_job_id, chunk.part_no, chunk.first_row, chunk.last_row)
        now = forecast(unit, rows, options.merging)
        moved = sum(a != b for a, b in zip_longest(now, chunk.foreseen))
        links = memberships.forecast(unit, rows, job.audience, said)
        drift += max(moved, abs(chunk.joined - links.added), abs(chunk.kept_out - links.kept_out))
    contacts = sum(len(chunk.foreseen) for chunk in planned)
    if drift > DRIFT_SHARE * contacts:
        raise FileProblem(FileProblemCode.PLAN_OUTDATED, file=job.file_name, count=drift, contacts=contacts)
