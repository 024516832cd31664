"""Who is taken out of an audience stays out, until somebody brings them back."""

from __future__ import annotations

from db import memberships
from db.statuses import JobKind, JobStatus
from pipeline.intake import carry_out
from pipeline.options import ImportOptions
from pipeline.problems import FileProblemCode
from tests.pipeline.imports import Desk

FILE = "email\nana@empresa.com.br\nbia@empresa.com.br\ncaio@empresa.com.br\n"
LINKS = ("ok_rows", "links_added", "links_existing", "links_kept_out", "consents_unstated")


def remove(work: Desk, email: str, reason: str = "") -> bool:
    with work.database.unit(work.tenant.tenant_id) as unit:
        return memberships.remove(unit, work.tenant.audience_id, email, reason=reason, user_id=work.tenant.user_id)


def readmit(work: Desk, email: str) -> bool:
    with work.database.unit(work.tenant.tenant_id) as unit:
        return memberships.readmit(unit, work.tenant.audience_id, email, user_id=work.tenant.user_id)


def members(work: Desk) -> list[str]:
    found = work.query(
        "select c.email from mkt.audience_contacts a join mtrk.contatos c using (rid) where a.removed_at is null order by 1"
    )
    return [row.email.partition("@")[0] for row in found]


def links(work: Desk, *asked: ImportOptions) -> list[list[int]]:
    """Import the file in a dry run, and then really; return what each counted."""
    jobs = [work.run(FILE, *asked, kind=kind) for kind in (JobKind.DRY_RUN, JobKind.IMPORT)]
    assert [job.status for job in jobs] == [JobStatus.DONE] * 2
    return [[getattr(work.report(job), name) for name in LINKS] for job in jobs]


def test_who_was_taken_out_stays_out_of_every_import_and_is_counted(work: Desk) -> None:
    work.run(FILE)
    assert remove(work, "bia@empresa.com.br", "asked to ana@empresa.com.br")
    assert not remove(work, "bia@empresa.com.br")
    assert not remove(work, "nobody@empresa.com.br")
    assert links(work) == [[3, 0, 2, 1, 0]] * 2
    assert members(work) == ["ana", "caio"]
    (row,) = work.query(
        "select removed_by_user_id, removal_reason from mkt.audience_contacts where removed_at is not null"
    )
    assert tuple(row) == (work.tenant.user_id, "asked to ana@empresa.com.br")


def test_they_come_back_where_it_is_said(work: Desk) -> None:
    work.run(FILE)
    assert remove(work, "bia@empresa.com.br")
    assert links(work, ImportOptions(readmit=True)) == [[3, 1, 2, 0, 1]] * 2
    assert members(work) == ["ana", "bia", "caio"]
    (event,) = work.query("select details from audit.events where action = 'members_readmitted'")
    assert event.details == {"audience_id": str(work.tenant.audience_id), "contacts": 1}
    assert remove(work, "bia@empresa.com.br")
    assert readmit(work, "bia@empresa.com.br")
    assert not readmit(work, "bia@empresa.com.br")
    assert links(work) == [[3, 0, 3, 0, 0]] * 2
    (row,) = work.query(
        "select removed_at, removed_by_user_id, removal_reason from mkt.audience_contacts a join mtrk.contatos c using (rid) where c.email like 'bia%'"
    )
    assert tuple(row) == (None, None, None)


def test_who_comes_back_by_an_import_takes_what_it_says_of_consent(work: Desk) -> None:
    work.run(FILE)
    remove(work, "bia@empresa.com.br")
    work.run("email\nbia@empresa.com.br\n", ImportOptions(readmit=True, basis="consentimento"))
    found = work.query(
        "select legal_basis from mkt.audience_contacts a join mtrk.contatos c using (rid) order by c.email"
    )
    assert [row.legal_basis for row in found] == ["nao_informada", "consentimento", "nao_informada"]


def test_a_plan_is_outdated_by_who_was_taken_out_since(work: Desk) -> None:
    work.run(FILE)
    planned = work.run(FILE, kind=JobKind.DRY_RUN)
    remove(work, "bia@empresa.com.br")
    receipt = carry_out(work.threads.context, work.tenant.tenant_id, work.tenant.user_id, planned.import_job_id)
    job = work.finish(receipt.import_job_id)
    assert (job.status, job.failure_code) == (JobStatus.FAILED, FileProblemCode.PLAN_OUTDATED)


def test_a_membership_that_a_correction_ended_is_no_removal(work: Desk) -> None:
    job = work.run(FILE)
    with work.database.unit(work.tenant.tenant_id) as unit:
        unit.execute(
            "update mkt.audience_contacts a set removed_at = now(), removed_by_job_id = :job from mtrk.contatos c"
            " where c.rid = a.rid and c.email like 'bia%'",
            {"job": job.import_job_id},
        )
    remove(work, "caio@empresa.com.br")
    assert links(work) == [[3, 0, 2, 1, 0]] * 2
    assert links(work, ImportOptions(readmit=True)) == [[3, 1, 2, 0, 1]] * 2
    assert not readmit(work, "bia@empresa.com.br")
    assert members(work) == ["ana", "caio"]
