"""Mistyped addresses are corrected by a job: the person moves, with everything known of her, and nothing is rewritten."""

from __future__ import annotations

import json
from uuid import UUID

import pytest

from config.settings import Settings
from db import suggestions
from db.jobs import Job
from db.statuses import FIRST_ROWS_CHUNK, SPLIT_CHUNK, ChunkStage, JobKind, JobStatus
from pipeline import stages
from pipeline.corrections import ALL, accept
from pipeline.intake_problems import IntakeRefusedError
from pipeline.options import ImportOptions
from tests.pipeline.imports import Desk
from tests.pipeline.steps import due
from tests.support.workers import tools

FILE = """email,nome,cidade,optin source
ana@gamil.com,Ana,Recife,site
bia@gamil.com,Bia,Natal,evento
caio@hotmal.com,Caio,,
joao@gmial.com,João,,
joao@gamil.com,,Olinda,
jose.antonio@gmail.com,José,,
dora@empresa.com.br,Dora,,
"""
MEANT = {
    "ana@gamil.com": "ana@gmail.com",
    "bia@gamil.com": "bia@gmail.com",
    "caio@hotmal.com": "caio@hotmail.com",
    "joao@gmial.com": "joao@gmail.com",
    "joao@gamil.com": "joao@gmail.com",
    "jose.antonio@gmail.com": "jose.antonia@gmail.com",
}


@pytest.fixture
def parent(work: Desk) -> Job:
    """An import whose verdicts suggest `MEANT`."""
    job = work.run(FILE, ImportOptions(map={"optin source": "consent_source"}))
    assert job.status is JobStatus.DONE
    with work.database.unit(work.tenant.tenant_id) as unit:
        for written, meant in MEANT.items():
            unit.execute(
                "update mkt.email_validations v set details_json = cast(:details as jsonb) from mtrk.contatos c"
                " where c.rid = v.rid and c.email = :email",
                {"details": json.dumps({"suggestion": meant}), "email": written},
            )
    return job


def suggested(work: Desk, job: Job) -> list[tuple[str, str, int]]:
    with work.database.reading(work.tenant.tenant_id) as unit:
        found = suggestions.of_job(unit, job.import_job_id, job.audience_id)
    return [(each.written, each.meant, each.contacts) for each in found]


def correct(work: Desk, job: Job, *chosen: str) -> Job:
    tenant = work.tenant
    receipt = accept(work.threads.context, tenant.tenant_id, tenant.user_id, job.import_job_id, chosen)
    assert not receipt.reused
    return work.finish(receipt.import_job_id)


def members(work: Desk) -> dict[str, UUID | None]:
    """Who is in the audience, and by which job."""
    return {
        row.email: row.import_job_id
        for row in work.query(
            "select c.email, a.import_job_id from mkt.audience_contacts a join mtrk.contatos c using (rid) where a.removed_at is null"
        )
    }


def suppress(work: Desk, email: str, kind: str) -> None:
    with work.database.unit(work.tenant.tenant_id) as unit:
        unit.execute(
            "insert into ops.suppressions (tenant_id, email, kind, source) values (:tenant, :email, :kind, 'test')",
            {"tenant": work.tenant.tenant_id, "email": email, "kind": kind},
        )


def test_suggestions_are_listed_by_what_was_written(work: Desk, parent: Job) -> None:
    assert suggested(work, parent) == [
        ("gamil.com", "gmail.com", 3),
        ("gmial.com", "gmail.com", 1),
        ("hotmal.com", "hotmail.com", 1),
        ("jose.antonio@gmail.com", "jose.antonia@gmail.com", 1),
    ]


def test_an_accepted_domain_moves_its_people_and_nobody_else(work: Desk, parent: Job) -> None:
    before = members(work)

    job = correct(work, parent, "hotmal.com")

    assert (job.kind, job.status, job.parent_job_id) == (JobKind.CORRECTION, JobStatus.DONE, parent.import_job_id)
    report = work.report(job)
    assert (report.total_rows, report.ok_rows, report.contacts_created) == (1, 1, 1)
    after = {email: by for email, by in before.items() if email != "caio@hotmal.com"}
    assert members(work) == after | {"caio@hotmail.com": job.import_job_id}
    assert "caio@hotmal.com" in work.contacts()  # the parent's rows go on telling the truth
    assert ("hotmal.com", "hotmail.com", 1) not in suggested(work, parent)


def test_what_is_known_of_a_person_comes_along(work: Desk, parent: Job) -> None:
    correct(work, parent, "gamil.com")

    contacts = work.contacts()
    assert contacts["ana@gmail.com"] == contacts["ana@gamil.com"]
    assert contacts["ana@gmail.com"][0] == "Ana"
    assert contacts["ana@gmail.com"][1]["cidade"] == "Recife"
    consent = {
        row.email: row.consent_source
        for row in work.query(
            "select c.email, a.consent_source from mkt.audience_contacts a join mtrk.contatos c using (rid)"
        )
    }
    assert consent["bia@gmail.com"] == consent["bia@gamil.com"] == "event"


def test_consent_that_was_said_later_comes_along_as_plain_words(work: Desk, parent: Job) -> None:
    work.run("email\nana@gamil.com\n", ImportOptions(basis="consentimento", consent_form="Landing page 3"))

    job = correct(work, parent, "gamil.com")

    (member,) = work.query(
        "select a.legal_basis, a.consent_source, a.consent_form from mkt.audience_contacts a join mtrk.contatos c using (rid)"
        " where c.email = 'ana@gmail.com'"
    )
    assert tuple(member) == ("consentimento", "web_form", "Landing page 3")
    rows = work.query("select consent from mkt.import_rows where import_job_id = :job", job=job.import_job_id)
    assert all(isinstance(value, str) for row in rows for value in row.consent.values())


def test_opt_outs_follow_the_person_but_a_bounce_is_the_mailbox(work: Desk, parent: Job) -> None:
    suppress(work, "ana@gamil.com", "complaint")
    suppress(work, "bia@gamil.com", "bounce")
    suppress(work, "caio@hotmal.com", "manual")

    correct(work, parent, ALL)

    assert set(work.opted_out()) == {
        ("ana@gamil.com", "complaint"),
        ("ana@gmail.com", "complaint"),
        ("bia@gamil.com", "bounce"),
        ("caio@hotmal.com", "manual"),
        ("caio@hotmail.com", "manual"),
    }


def test_an_opt_out_that_arrives_while_the_correction_is_under_way_goes_along(
    settings: Settings, work: Desk, parent: Job
) -> None:
    tenant = work.tenant
    with tools(settings.model_copy(update={"chunk_rows": 3})) as alone:
        receipt = accept(alone, tenant.tenant_id, tenant.user_id, parent.import_job_id, ["gamil.com"])
        job = receipt.import_job_id
        assert stages.run(alone, due(work.database, tenant, job, SPLIT_CHUNK, ChunkStage.SPLIT))
        assert stages.run(alone, due(work.database, tenant, job, FIRST_ROWS_CHUNK, ChunkStage.PARSE))
    suppress(work, "ana@gamil.com", "unsubscribe")

    assert work.finish(job).status is JobStatus.DONE

    assert work.opted_out() == [("ana@gamil.com", "unsubscribe"), ("ana@gmail.com", "unsubscribe")]


def test_whom_the_tenant_denies_is_left_alone(work: Desk, parent: Job) -> None:
    with work.database.unit(work.tenant.tenant_id) as unit:
        unit.execute(
            "insert into mkt.verdict_overrides (tenant_id, entry, decision, decided_by_user_id)"
            " values (:tenant, 'ana@gamil.com', 'deny', :user)",
            {"tenant": work.tenant.tenant_id, "user": work.tenant.user_id},
        )

    report = work.report(correct(work, parent, "gamil.com"))

    assert (report.ok_rows, report.error_rows) == (2, 1)
    there = members(work)
    assert "ana@gamil.com" in there
    assert "ana@gmail.com" not in there


def test_the_rows_of_a_correction_tell_what_was_written_and_what_was_meant(work: Desk, parent: Job) -> None:
    job = correct(work, parent, "hotmal.com")

    rows = work.query(
        "select raw_email, normalized_email, mends_part, mends_row from mkt.import_rows where import_job_id = :job",
        job=job.import_job_id,
    )
    assert [tuple(row) for row in rows] == [("caio@hotmal.com", "caio@hotmail.com", 0, 4)]


def test_two_misspellings_of_one_address_become_one_contact(work: Desk, parent: Job) -> None:
    report = work.report(correct(work, parent, ALL))

    assert (report.total_rows, report.ok_rows, report.duplicate_rows) == (5, 4, 1)
    there = members(work)
    assert "joao@gmail.com" in there
    assert not {"joao@gamil.com", "joao@gmial.com"} & set(there)


def test_all_means_every_domain_and_never_a_part_before_the_at(work: Desk, parent: Job) -> None:
    correct(work, parent, ALL)

    assert suggested(work, parent) == [("jose.antonio@gmail.com", "jose.antonia@gmail.com", 1)]
    assert "jose.antonio@gmail.com" in members(work)


def test_a_named_address_is_corrected(work: Desk, parent: Job) -> None:
    correct(work, parent, "jose.antonio@gmail.com")

    assert "jose.antonia@gmail.com" in members(work)


def test_a_contact_that_is_there_already_keeps_what_it_has(work: Desk, parent: Job) -> None:
    work.run("email,nome,cidade\nana@gmail.com,Ana Maria,\n")

    job = correct(work, parent, "gamil.com")

    assert work.contacts()["ana@gmail.com"][0] == "Ana Maria"
    assert work.contacts()["ana@gmail.com"][1]["cidade"] == "Recife"
    assert work.report(job).contacts_created == 2


def test_what_nobody_suggested_is_refused_and_changes_nothing(work: Desk, parent: Job) -> None:
    before = members(work)
    tenant = work.tenant

    for chosen in ("gmail.com", "empresa.com.br", ""):
        with pytest.raises(IntakeRefusedError, match="Nothing is suggested"):
            accept(work.threads.context, tenant.tenant_id, tenant.user_id, parent.import_job_id, [chosen])

    assert members(work) == before


def test_what_was_accepted_once_is_not_there_to_accept_again(work: Desk, parent: Job) -> None:
    correct(work, parent, ALL)

    with pytest.raises(IntakeRefusedError, match="Nothing is suggested"):
        correct(work, parent, "gamil.com")


def test_the_job_holds_what_it_takes_to_take_it_back(work: Desk, parent: Job) -> None:
    before = members(work)
    job = correct(work, parent, ALL)

    added = {
        row.email
        for row in work.query(
            "select c.email from mkt.audience_contacts a join mtrk.contatos c using (rid) where a.import_job_id = :job",
            job=job.import_job_id,
        )
    }
    ended = {
        row.email
        for row in work.query(
            "select c.email from mkt.audience_contacts a join mtrk.contatos c using (rid) where a.removed_by_job_id = :job",
            job=job.import_job_id,
        )
    }

    assert (set(members(work)) - added) | ended == set(before)


def test_it_is_in_the_audit_trail_without_an_address(work: Desk, parent: Job) -> None:
    job = correct(work, parent, "gamil.com", "jose.antonio@gmail.com")

    (event,) = work.query("select subject, details from audit.events where action = 'suggestions_accepted'")
    assert event.subject == str(job.import_job_id)
    assert {"written": "gamil.com", "meant": "gmail.com", "contacts": 3} in event.details["suggestions"]
    assert "jose" not in json.dumps(event.details)
