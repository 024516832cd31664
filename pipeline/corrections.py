"""Corrections: who came in under a mistyped address comes in under the one that was meant, and leaves under the old one.

A correction is a job like any other. Its file says which rows of the parent job were meant otherwise; what is known of the
person now (name, attributes, consent, and every opt-out but a bounce, which is the mailbox's) comes along. The old contact
stays, in no audience of this job's any more, so that the parent's rows go on telling the truth and all of it can be taken
back.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final
from uuid import UUID

from db import audit, jobs, reports, row_ranges, suggestions
from db.jobs import Job
from db.statuses import JobKind, OnExisting
from db.suggestions import Original, Suggestion
from pipeline.context import Context
from pipeline.intake import ImportRequest, Receipt, intake
from pipeline.intake_problems import IntakeProblem, IntakeRefusedError
from pipeline.options import ImportOptions
from pipeline.problems import RowProblem, sentence
from pipeline.reading import Field, FileReading, Picked, Reading

#: What stands for every suggestion that mends a domain. One that mends the part before the @ must be named to be taken.
ALL: Final = "all"

#: How the file of a correction is read: we wrote it.
READING: Final = FileReading(
    (
        Reading(
            columns=("part_no", "row_number", "email"),
            mapping={
                "part_no": Field.REJECTED_PART,
                "row_number": Field.REJECTED_ROW,
                "email": Field.EMAIL,
            },
            header_row=1,
        ),
    )
)


def accept(context: Context, tenant_id: UUID, user_id: UUID, parent: UUID, chosen: Sequence[str]) -> Receipt:
    """Create the job that applies the chosen suggestions (what was written, or `ALL`) to the parent's contacts.

    Raises IntakeRefusedError for a parent that has no contacts, and for what is not suggested.
    """
    with context.database.unit(tenant_id, reports.LIMITS) as unit:
        job = jobs.load(unit, parent)
        if job is None or job.kind not in (JobKind.IMPORT, JobKind.CORRECTION) or job.reading is None:
            raise IntakeRefusedError(IntakeProblem.NOTHING_TO_CORRECT, id=str(parent))
        accepted = _accepted(suggestions.of_job(unit, parent, job.audience), chosen, parent)
    with tempfile.TemporaryDirectory(prefix="mkt-correction-") as folder:
        file = Path(folder, "correction.csv")
        _write(context, job, accepted, file)
        request = ImportRequest(
            tenant_id,
            user_id,
            str(job.audience),
            job.file_name,
            ImportOptions(on_existing=OnExisting.FILL, mends=parent),
            kind=JobKind.CORRECTION,
        )
        receipt = intake(context, request, file)
    if not receipt.reused:
        pairs = [
            {"written": _shown(each.written), "meant": _shown(each.meant), "contacts": each.contacts}
            for each in accepted
        ]
        with context.database.unit(tenant_id) as unit:
            audit.record(
                unit,
                action="suggestions_accepted",
                subject=str(receipt.import_job_id),
                user_id=user_id,
                details={"parent_job_id": str(parent), "suggestions": pairs},
            )
    return receipt


def fill(context: Context, job: Job, parent: UUID, found: Iterable[tuple[int, Picked]]) -> list[tuple[int, Picked]]:
    """Give the rows of a correction what is known of the people they are about; who has left meanwhile is left alone."""
    picked = list(found)
    wanted = [row.mends for _, row in picked if row.mends is not None]
    with context.database.unit(job.tenant_id) as unit:
        there = suggestions.originals(
            unit, parent=parent, job=job.import_job_id, audience_id=job.audience, wanted=wanted
        )
    return [(number, _filled(row, there.get(row.mends or (-1, -1)))) for number, row in picked]


def _filled(row: Picked, original: Original | None) -> Picked:
    if original is None:
        problem = RowProblem.NOTHING_TO_CORRECT
        return row._replace(problem=problem, detail=sentence(problem))
    name = original.name or ""
    return row._replace(
        raw_email=original.email,  # as it was written; the row's own is what was meant
        raw_name=name,
        name=name,
        attributes=original.attributes,
        consent=original.consent,
    )


def _accepted(there: list[Suggestion], chosen: Sequence[str], parent: UUID) -> list[Suggestion]:
    known = {each.written for each in there}
    chosen = [written.lower() for written in chosen]
    for written in chosen:
        if written != ALL and written not in known:
            raise IntakeRefusedError(IntakeProblem.NOT_SUGGESTED, written=written, id=str(parent))
    accepted = [each for each in there if each.written in chosen or (ALL in chosen and "@" not in each.written)]
    if not accepted:
        raise IntakeRefusedError(IntakeProblem.NOTHING_SUGGESTED, id=str(parent))
    return accepted


def _write(context: Context, job: Job, accepted: Sequence[Suggestion], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file, context.database.reading(job.tenant_id) as unit:
        writer = csv.writer(file)
        writer.writerow(READING.parts[0].columns)
        for chunk in row_ranges.of_job(unit, job.import_job_id):
            writer.writerows(suggestions.rows(unit, chunk, job.audience, accepted))


def _shown(written: str) -> str:
    """Return what may stand in the audit trail: a domain, or what an address was corrected in, without the address."""
    return f"*@{written.rpartition('@')[2]}" if "@" in written else written
