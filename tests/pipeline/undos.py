"""Undoing imports in a test: to the undo's end, and what then stands in its lines."""

from __future__ import annotations

import io
from uuid import UUID

from db import audiences, undos
from db.jobs import Job
from db.statuses import JobStatus
from pipeline import undoing
from pipeline.intake import ImportRequest, intake
from pipeline.options import ImportOptions
from tests.pipeline.imports import Desk

#: The address, what the import did, what became of it, and why.
Told = tuple[str | None, str, str, str | None]


def undo(work: Desk, job: Job, *, again: bool = False) -> Job:
    """Take a job back, to the undo's end."""
    tenant = work.tenant
    receipt = undoing.request(work.threads.context, tenant.tenant_id, tenant.user_id, job.import_job_id, again=again)
    assert not receipt.reused
    ended = work.finish(receipt.import_job_id)
    assert (ended.status, ended.failure_detail) == (JobStatus.DONE, None)
    return ended


def lines(work: Desk, undone: Job) -> set[Told]:
    """Return the lines of an undo."""
    assert undone.parent_job_id is not None
    with work.database.reading(work.tenant.tenant_id) as unit:
        found = list(undos.lines(unit, undone.import_job_id, undone.parent_job_id, None))
    return {(line.email, str(line.thing), str(line.outcome), line.reason and str(line.reason)) for line in found}


def kept(work: Desk, job: Job, *, again: bool = False) -> dict[tuple[str | None, str], str | None]:
    """Undo a job, and return what was not taken back, with the reason. A dry run has said the same before."""
    tenant = work.tenant
    foreseen = undoing.forecast(work.threads.context, tenant.tenant_id, job.import_job_id, again=again)
    undone = undo(work, job, again=again)
    with work.database.reading(tenant.tenant_id) as unit:
        assert undos.summary(unit, undone.import_job_id) == foreseen
    return {(told[0], told[1]): told[3] for told in lines(work, undone) if told[2] != "reversed"}


def run_into(work: Desk, audience: str, data: str, options: ImportOptions | None = None) -> Job:
    """Import into another audience, which is made where there is none."""
    tenant = work.tenant
    with work.database.unit(tenant.tenant_id) as unit:
        if audiences.find(unit, audience) is None:
            audiences.create(unit, audience, "")
    request = ImportRequest(
        tenant.tenant_id, tenant.user_id, audience, "outro.csv", options or ImportOptions(), again=True
    )
    return work.finish(intake(work.threads.context, request, io.BytesIO(data.encode())).import_job_id)


def rid_of(work: Desk, email: str) -> int:
    return int(work.query("select rid from mtrk.contatos where email = :email", email=email)[0].rid)


def write_to(work: Desk, cid: UUID, email: str) -> None:
    """Make a message of a campaign to somebody."""
    with work.database.unit(work.tenant.tenant_id) as unit:
        unit.execute(
            "insert into mtrk.mensagens (tenant_id, cid, rid) values (:t, :cid, :rid)",
            {"t": work.tenant.tenant_id, "cid": cid, "rid": rid_of(work, email)},
        )
