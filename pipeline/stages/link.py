"""Link: every contact of the chunk joins the audience, with the row it came from, whatever the policy."""

from __future__ import annotations

from db import memberships, opt_outs, suggestions
from db.chunks import ChunkRef, Claim
from db.jobs import Job
from db.statuses import ChunkStage, JobKind
from db.unit import Unit
from pipeline.attempts import effects, move_on
from pipeline.consent import told
from pipeline.context import Context
from pipeline.stages.upsert import row_range


def run(context: Context, claim: Claim, job: Job) -> None:
    """Link the chunk's contacts; who is in the audience already stays as they joined. A dry run ends here.

    Whom a correction brings in leaves the audience under the old address in the same transaction.
    """
    dry = job.kind is JobKind.DRY_RUN

    def work(unit: Unit) -> list[ChunkRef]:
        rows = row_range(claim)
        said = told(unit, job.options)
        if dry:
            linked = memberships.forecast(unit, rows, job.audience, said)
        else:
            user_id = job.uploaded_by_user_id
            linked = memberships.link(unit, rows, job.audience, said, contacts=claim.ok_rows, user_id=user_id)
        followed = 0
        if job.kind is JobKind.CORRECTION and job.parent_job_id is not None:
            # Here, not where the rows are read: whatever opts somebody out until then goes along.
            followed = suggestions.follow(unit, rows, parent=job.parent_job_id)
            suggestions.retire(unit, rows, parent=job.parent_job_id, audience_id=job.audience)
        counters = {
            "links_added": linked.added,
            "links_existing": claim.ok_rows - linked.added - linked.kept_out,
            "links_kept_out": linked.kept_out,
            "consents_unstated": linked.unstated,
            "opt_outs_added": followed,
            "opt_outs_protected": opt_outs.protected(unit, rows, job.audience_id),
        }
        return move_on(context, unit, claim, ChunkStage.DONE if dry else ChunkStage.VALIDATE, counters)

    effects(context, claim, work)
