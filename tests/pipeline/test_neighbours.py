"""A trigger of another module that keeps out in silence what mkt writes: nothing counts as written that is not there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import UUID

import pytest

from config.settings import Settings
from db import audit, deliveries, suppressions
from db.deliveries import Event
from db.faults import PassedOverError
from db.statuses import DeliveryKind, JobKind, JobStatus, OnExisting, OptOutKind
from db.unit import Database
from pipeline import erasures, sending
from pipeline.control import retry
from pipeline.options import ImportOptions
from tests.conftest import Tenant
from tests.pipeline.imports import Desk
from tests.pipeline.neighbours import IN_SILENCE, guarded
from tests.support.campaigns import add_members, make_campaign, written_to
from tests.support.workers import Threads

PEOPLE = "email,name\n" + "".join(f"p{n}@uol.com.br,P {n}\n" for n in range(7))
WHOM = "p4@uol.com.br"


@pytest.fixture
def work(settings: Settings, database: Database, tenant: Tenant) -> Iterator[Desk]:
    """Two workers that give up soon."""
    soon = settings.model_copy(update={"chunk_rows": 4, "max_attempts": 2, "hint_delay": 0.05, "hint_delay_max": 0.05})
    with Threads(soon, 2) as threads:
        yield Desk(threads, tenant, database)


@contextmanager
def passed_over(
    work: Desk, settings: Settings, table: str, *, deed: str = "insert", which: str = "true"
) -> Iterator[None]:
    with guarded(settings, work.tenant, deed, IN_SILENCE, table=table, which=which):
        yield


def again(work: Desk, job_id: UUID) -> None:
    retry(work.threads.context, work.tenant.tenant_id, job_id)


@pytest.mark.parametrize("deed", ["insert", "update"])
def test_a_row_whose_contact_is_not_written_is_a_problem_of_the_file(work: Desk, settings: Settings, deed: str) -> None:
    if deed == "update":
        work.run(PEOPLE.replace(",P", ",Old"))
    with passed_over(work, settings, "mtrk.contatos", deed=deed, which=f"new.email = '{WHOM}'"):
        job = work.run(PEOPLE, ImportOptions(on_existing=OnExisting.OVERWRITE))
    report = work.report(job)
    assert (job.status, report.ok_rows, report.error_rows) == (JobStatus.DONE, 6, 1)
    assert (report.contacts_created, report.contacts_updated, report.contacts_unchanged) == (
        (6, 0, 0) if deed == "insert" else (0, 6, 0)
    )
    bad = work.query(
        "select normalized_email, error_code, error_detail from mkt.import_rows where import_job_id = :job and parse_status = 'error'",
        job=job.import_job_id,
    )
    assert [tuple(row[:2]) for row in bad] == [(WHOM, "poison_row")]
    assert "a trigger on mtrk.contatos passes over rows in silence: of 1 that were to be written 0 were" in bad[0][2]
    written = {email for email, (name, _) in work.contacts().items() if name is not None and name.startswith("P")}
    assert written == {f"p{n}@uol.com.br" for n in range(7)} - {WHOM}


@pytest.mark.parametrize("kind", [JobKind.IMPORT, JobKind.SUPPRESSION])
def test_no_opt_out_is_lost_in_silence(work: Desk, settings: Settings, kind: JobKind) -> None:
    said = PEOPLE.replace("name\n", "name,saiu\n").replace(",P 4", ",P 4,sim")
    options = ImportOptions(map={"saiu": "opt_out"}) if kind is JobKind.IMPORT else None
    with passed_over(work, settings, "ops.suppressions", which=f"new.email = '{WHOM}'"):
        job = work.run(said, options, kind=kind)
    assert (job.status, job.failure_code) == (JobStatus.FAILED, "attempts_exhausted")
    assert "a trigger on ops.suppressions passes over rows in silence" in str(job.failure_detail)
    assert (work.opted_out(), work.contacts()) == ([], {})
    again(work, job.import_job_id)
    assert work.finish(job.import_job_id).status is JobStatus.DONE
    assert (WHOM, "unsubscribe") in work.opted_out()


def test_a_message_that_is_kept_out_fails_the_send_which_goes_on_once_it_may(work: Desk, settings: Settings) -> None:
    people = [f"p{n}@uol.com.br" for n in range(9)]
    rids = add_members(work.database, work.tenant, people)
    cid = make_campaign(work.database, work.tenant)
    context, tenant = work.threads.context, work.tenant
    with passed_over(work, settings, "mtrk.mensagens", which=f"new.rid = {rids[WHOM]}"):
        job_id = sending.request(context, tenant.tenant_id, tenant.user_id, cid).import_job_id
        job = work.finish(job_id)
    assert (job.status, job.failure_code) == (JobStatus.FAILED, "attempts_exhausted")
    assert "a trigger on mtrk.mensagens passes over rows in silence" in str(job.failure_detail)
    decided = work.query("select count(*) as n from mkt.campaign_contacts where outcome = 'recipient'")[0].n
    assert decided == len(written_to(work.database, tenant, cid)) < len(people)
    again(work, job_id)
    assert work.finish(job_id).status is JobStatus.DONE
    assert len(written_to(work.database, tenant, cid)) == len(people)


def test_who_has_a_message_that_another_module_made_is_written_to(work: Desk) -> None:
    rids = add_members(work.database, work.tenant, [f"p{n}@uol.com.br" for n in range(9)])
    cid = make_campaign(work.database, work.tenant)
    context, tenant = work.threads.context, work.tenant
    with work.database.unit(tenant.tenant_id) as unit:
        unit.execute(
            "insert into mtrk.mensagens (tenant_id, cid, rid) values (:t, :cid, :rid)",
            {"t": tenant.tenant_id, "cid": cid, "rid": rids[WHOM]},
        )
    job = work.finish(sending.request(context, tenant.tenant_id, tenant.user_id, cid).import_job_id)
    assert (job.status, work.report(job).ok_rows) == (JobStatus.DONE, 9)


def test_what_single_deeds_write_is_seen_to_be_there(work: Desk, settings: Settings) -> None:
    database, tenant = work.database, work.tenant
    told = Event("e1", WHOM, DeliveryKind.BOUNCE_HARD, datetime(2026, 3, 1, tzinfo=UTC))

    def add() -> None:
        with database.unit(tenant.tenant_id) as unit:
            suppressions.add(
                unit, WHOM, OptOutKind.MANUAL, audience_id=None, source="operator", evidence={"reason": "x"}, user_id=tenant.user_id
            )  # fmt: skip

    def deliver() -> None:
        with database.unit(tenant.tenant_id) as unit:
            deliveries.record(unit, [told], repeated=3, now=told.occurred_at)

    def note() -> None:
        with database.unit(tenant.tenant_id) as unit:
            audit.record(unit, action="test", subject="test", user_id=None, details={})

    def erase() -> None:
        erasures.ask(work.threads.context, tenant.tenant_id, tenant.user_id, WHOM, "asked")

    deeds = (
        ("ops.suppressions", add),
        ("ops.suppressions", deliver),
        ("ops.suppressions", erase),
        ("ops.deliveries", deliver),
        ("audit.events", note),
    )
    written = (
        "select from ops.deliveries union all select from ops.suppressions union all select from audit.events"
        " union all select from mkt.import_jobs"
    )
    before = len(work.query(written))
    for table, deed in deeds:
        with passed_over(work, settings, table), pytest.raises(PassedOverError, match=f"a trigger on {table} "):
            deed()
        assert len(work.query(written)) == before, "all or nothing"
    for _, deed in deeds:
        deed()
