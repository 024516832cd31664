"""What an undo takes back and what it keeps, thing by thing, each with its reason; and who can ask for one."""

from __future__ import annotations

from uuid import UUID

from db import undos
from db.jobs import Job
from db.statuses import JobKind, JobStatus, OnExisting
from pipeline import undoing
from pipeline.options import ImportOptions
from tests.pipeline.imports import Desk

PEOPLE = "email,name,cidade\nana@uol.com.br,Ana,Recife\nbia@uol.com.br,Bia,Natal\ncaio@uol.com.br,Caio,Belém\n"


def undo(work: Desk, job: Job) -> Job:
    """Take a job back, to the undo's end."""
    tenant = work.tenant
    receipt = undoing.request(work.threads.context, tenant.tenant_id, tenant.user_id, job.import_job_id)
    ended = work.finish(receipt.import_job_id)
    assert ended.status is JobStatus.DONE, ended.failure_detail
    return ended


def lines(work: Desk, undone: Job) -> set[tuple[str | None, str, str, str | None]]:
    assert undone.parent_job_id is not None
    with work.database.reading(work.tenant.tenant_id) as unit:
        found = list(undos.lines(unit, undone.import_job_id, undone.parent_job_id, None))
    return {(line.email, line.thing, line.outcome, line.reason) for line in found}


def test_contacts_that_an_import_created_go_with_all_that_hangs_on_them(work: Desk) -> None:
    job = work.run(PEOPLE)
    undone = undo(work, job)
    assert work.contacts() == {}
    for table in (
        "mkt.audience_contacts",
        "mkt.contact_changes",
        "mkt.email_validations",
        "mkt.email_validation_history",
    ):
        assert work.query(f"select from {table}") == []
    assert {line[1:] for line in lines(work, undone)} == {("contact", "reversed", None), ("link", "reversed", None)}
    assert work.query("select count(*) from mkt.import_rows")[0][0] == 3


def test_changed_fields_get_their_values_back(work: Desk) -> None:
    work.run(PEOPLE)
    before = work.query("select rid, email, name, attributes, created_at, updated_at from mtrk.contatos order by rid")
    job = work.run(
        "email,name,cidade,cargo\nana@uol.com.br,Ana Maria,Olinda,chefe\nbia@uol.com.br,Bia,Natal,\n",
        ImportOptions(on_existing=OnExisting.OVERWRITE),
    )
    assert work.contacts()["ana@uol.com.br"] == ("Ana Maria", {"cidade": "Olinda", "cargo": "chefe"})
    undone = undo(work, job)
    assert (
        work.query("select rid, email, name, attributes, created_at, updated_at from mtrk.contatos order by rid")
        == before
    )
    assert lines(work, undone) == {("ana@uol.com.br", "fields", "reversed", None)}
