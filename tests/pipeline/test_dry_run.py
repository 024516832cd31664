"""A dry run counts what would happen; committed, exactly that happens, or nothing where the base has moved."""

from __future__ import annotations

import pytest

from config.settings import Settings
from db.statuses import JobKind, JobStatus
from db.unit import Database
from pipeline.intake import carry_out
from pipeline.intake_problems import IntakeRefusedError
from pipeline.options import ImportOptions
from pipeline.problems import FileProblemCode
from tests.conftest import Tenant
from tests.pipeline.imports import Desk, desk
from tests.pipeline.undos import undo

FILE = "email;nome;cidade\nana@empresa.com.br;Ana;Recife\nbia@empresa.com.br;Bia;\nana@empresa.com.br;;\nsem;X;\n"
COUNTERS = (
    *("total_rows", "ok_rows", "error_rows", "duplicate_rows", "contacts_created", "contacts_updated"),
    *("contacts_unchanged", "links_added", "links_existing", "opt_outs_added", "opt_outs_protected"),
)


def test_a_dry_run_touches_no_contact_and_its_commit_does_what_it_counted(work: Desk) -> None:
    work.run("email;nome\nbia@empresa.com.br;\n")
    planned = work.run(FILE, kind=JobKind.DRY_RUN)
    assert (planned.status, planned.kind) == (JobStatus.DONE, JobKind.DRY_RUN)
    assert set(work.contacts()) == {"bia@empresa.com.br"}
    assert (
        work.query("select 1 from mkt.email_validations v join mtrk.contatos c using (rid) where c.email like 'ana%'")
        == []
    )
    receipt = carry_out(work.threads.context, work.tenant.tenant_id, work.tenant.user_id, planned.import_job_id)
    job = work.finish(receipt.import_job_id)
    assert (job.status, job.parent_job_id, job.reading) == (JobStatus.DONE, planned.import_job_id, planned.reading)
    foreseen, done = work.report(planned), work.report(job)
    assert {name: getattr(done, name) for name in COUNTERS} == {name: getattr(foreseen, name) for name in COUNTERS}
    assert (done.contacts_created, done.contacts_updated) == (1, 1)
    again = carry_out(work.threads.context, work.tenant.tenant_id, work.tenant.user_id, planned.import_job_id)
    assert (again.import_job_id, again.reused) == (job.import_job_id, True)


def test_a_plan_that_was_overtaken_is_refused_before_any_effect(work: Desk) -> None:
    planned = work.run(FILE, kind=JobKind.DRY_RUN)
    work.run("email;nome\nana@empresa.com.br;Outra Ana\n")
    before = work.contacts()
    receipt = carry_out(work.threads.context, work.tenant.tenant_id, work.tenant.user_id, planned.import_job_id)
    job = work.finish(receipt.import_job_id)
    assert (job.status, job.failure_code) == (JobStatus.FAILED, FileProblemCode.PLAN_OUTDATED)
    assert work.contacts() == before


def test_a_hundredth_of_the_contacts_may_have_moved(settings: Settings, database: Database, tenant: Tenant) -> None:
    data = "email\n" + "".join(f"p{n}@empresa.com.br\n" for n in range(150))
    with desk(settings, database, tenant, chunk_rows=40) as work:
        planned = work.run(data, kind=JobKind.DRY_RUN)
        work.run("email;nome\np7@empresa.com.br;Sete\n")
        receipt = carry_out(work.threads.context, tenant.tenant_id, tenant.user_id, planned.import_job_id)
        assert work.finish(receipt.import_job_id).status is JobStatus.DONE


def test_contacts_that_change_places_are_seen(work: Desk) -> None:
    work.run("email;nome\n" + "".join(f"p{n}@empresa.com.br;{'Pessoa' if n % 2 else ''}\n" for n in range(12)))
    data = "email;nome\n" + "".join(f"p{n}@empresa.com.br;Pessoa\n" for n in range(12))
    planned = work.run(data, ImportOptions(on_existing="overwrite"), kind=JobKind.DRY_RUN)
    assert work.report(planned).contacts_updated == 6
    swapped = "".join(f"p{n}@empresa.com.br;{'Outra' if n % 2 else 'Pessoa'}\n" for n in range(12))
    work.run("email;nome\n" + swapped, ImportOptions(on_existing="overwrite"))
    receipt = carry_out(work.threads.context, work.tenant.tenant_id, work.tenant.user_id, planned.import_job_id)
    assert work.finish(receipt.import_job_id).failure_code == FileProblemCode.PLAN_OUTDATED


def test_an_older_import_of_the_same_content_is_no_answer_to_a_commit(work: Desk) -> None:
    older = work.run(FILE)
    planned = work.run(FILE, kind=JobKind.DRY_RUN)
    receipt = carry_out(work.threads.context, work.tenant.tenant_id, work.tenant.user_id, planned.import_job_id)
    job = work.finish(receipt.import_job_id)
    assert (receipt.reused, job.import_job_id != older.import_job_id) == (False, True)
    assert (job.status, work.report(job).contacts_unchanged) == (JobStatus.DONE, 2)


def test_a_dry_run_of_the_same_file_is_made_anew_each_time(work: Desk) -> None:
    first = work.run(FILE, kind=JobKind.DRY_RUN)
    second = work.run(FILE, kind=JobKind.DRY_RUN)
    assert first.import_job_id != second.import_job_id


def test_a_dry_run_whose_import_was_undone_is_no_more_to_be_committed(work: Desk) -> None:
    planned = work.run("email\nana@uol.com.br\n", kind=JobKind.DRY_RUN)
    tenant = work.tenant
    job_id = carry_out(work.threads.context, tenant.tenant_id, tenant.user_id, planned.import_job_id).import_job_id
    undo(work, work.finish(job_id))
    with pytest.raises(
        IntakeRefusedError, match=f"Job {job_id}, which carried out the dry run {planned.import_job_id}, was undone"
    ):
        carry_out(work.threads.context, tenant.tenant_id, tenant.user_id, planned.import_job_id)


def test_only_a_dry_run_that_is_done_can_be_committed(work: Desk) -> None:
    job = work.run(FILE)
    with pytest.raises(IntakeRefusedError, match="no dry run"):
        carry_out(work.threads.context, work.tenant.tenant_id, work.tenant.user_id, job.import_job_id)
