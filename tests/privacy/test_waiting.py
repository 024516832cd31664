"""An erasure beside imports, kills and other tenants: it waits for who may hold the person, and ends without a trace."""

from __future__ import annotations

import io
from uuid import UUID

import pytest
from sqlalchemy.exc import DBAPIError

from cli.waiting import sentence
from cli.words import Words
from config.settings import Settings
from db import erasures, jobs, validations, waits
from db.statuses import ChunkStage, JobKind, JobStatus
from db.unit import Database
from db.validations import Contact, Contacts
from pipeline import control, stages
from pipeline.classification import terms
from pipeline.control import ControlRefusedError
from pipeline.erasures import ask
from pipeline.intake import ImportRequest, carry_out, intake
from pipeline.intake_problems import IntakeRefusedError
from pipeline.options import ImportOptions
from pipeline.pausing import pause, resume
from pipeline.spellings import Spellings
from pipeline.waits import WaitsFor, waits_for
from tests.conftest import Tenant
from tests.pipeline.imports import Desk
from tests.pipeline.steps import due
from tests.privacy.traces import found
from tests.support.examples import few
from tests.support.workers import Threads, tools


def address(tenant: Tenant) -> str:
    """Return an address of this test alone: others leave theirs in the same database."""
    return f"olga.{tenant.slug}@empresa.com.br"


def file(tenant: Tenant) -> str:
    return f"email,nome\n{address(tenant)},Olga {tenant.slug}\nbia@empresa.com.br,Bia\n"


def traces(settings: Settings, tenant: Tenant) -> list[str]:
    return found(settings, address(tenant), f"Olga {tenant.slug}")


def begin(settings: Settings, tenant: Tenant, of: Tenant | None = None) -> UUID:
    """Make a job that nobody works at."""
    with tools(settings) as context:
        request = ImportRequest(tenant.tenant_id, tenant.user_id, tenant.audience, "f.csv", again=True)
        return intake(context, request, io.BytesIO(file(of or tenant).encode())).import_job_id


def request_erasure(settings: Settings, tenant: Tenant) -> UUID:
    with tools(settings) as context:
        return ask(context, tenant.tenant_id, tenant.user_id, address(tenant), "pedido").import_job_id


def step(settings: Settings, database: Database, tenant: Tenant, job: UUID, chunk: int, stage: ChunkStage) -> bool:
    with tools(settings) as context:
        return stages.run(context, due(database, tenant, job, chunk, stage))


def test_an_erasure_that_a_paused_job_holds_up_says_which_must_be_resumed_or_cancelled(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    other, held_up = begin(settings, tenant), begin(settings, tenant)
    erasure = request_erasure(settings, tenant)
    step(settings, database, tenant, erasure, 0, ChunkStage.ERASE)

    def waits_now() -> tuple[WaitsFor, str]:
        with database.reading(tenant.tenant_id) as unit:
            found = waits.of_job(unit, erasure)
        assert found is not None
        assert set(found.jobs) == {str(other), str(held_up)}
        return waits_for(found), sentence(Words("en"), found, settings)

    with tools(settings) as context:
        pause(context, tenant.tenant_id, held_up)
        state, said = waits_now()
        assert state is WaitsFor.PAUSED_JOBS
        assert str(held_up) in said
        assert str(other) not in said
        assert "`mkt job resume`" in said
        resume(context, tenant.tenant_id, held_up)
        assert waits_now()[0] is WaitsFor.JOBS
        for job in (other, held_up):
            control.cancel(context, tenant.tenant_id, job)


def test_an_erasure_waits_for_an_import_that_had_begun_and_burns_no_attempts(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    job = begin(settings, tenant)
    step(settings, database, tenant, job, 0, ChunkStage.SPLIT)
    erasure = request_erasure(settings, tenant)
    for _ in range(10):  # more often than there are attempts
        step(settings, database, tenant, erasure, 0, ChunkStage.ERASE)
    with database.unit(tenant.tenant_id) as unit:
        waiting = jobs.load(unit, erasure)
    assert waiting is not None
    assert (waiting.status, waiting.options["waits_for"]) == (JobStatus.PROCESSING, [str(job)])

    with Threads(settings) as threads:
        done = threads.finish(tenant.tenant_id, job, erasure)
    assert [each.status for each in done] == [JobStatus.DONE, JobStatus.DONE]
    assert traces(settings, tenant) == []


def test_an_import_that_was_asked_for_later_does_not_hold_the_erasure_up(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    erasure = request_erasure(settings, tenant)
    step(settings, database, tenant, erasure, 0, ChunkStage.ERASE)
    later = begin(settings, tenant)
    step(settings, database, tenant, erasure, 0, ChunkStage.PURGE)
    step(settings, database, tenant, erasure, 2, ChunkStage.SETTLE)
    with database.unit(tenant.tenant_id) as unit:
        states = [job.status for each in (erasure, later) if (job := jobs.load(unit, each)) is not None]
    assert states == [JobStatus.DONE, JobStatus.QUEUED]


def test_a_failed_import_is_not_taken_up_again_with_the_person_in_it(work: Desk, settings: Settings) -> None:
    tenant = work.tenant
    broken = work.run(file(tenant), ImportOptions(map={"nada": "email"}))  # fails before its first row
    plan = work.run(file(work.tenant), kind=JobKind.DRY_RUN)
    job = ask(work.threads.context, tenant.tenant_id, tenant.user_id, address(tenant), "pedido").import_job_id
    assert work.finish(job).status is JobStatus.DONE

    assert broken.status is JobStatus.FAILED
    with pytest.raises(ControlRefusedError, match="held a person who was erased"):
        control.retry(work.threads.context, tenant.tenant_id, broken.import_job_id)
    with pytest.raises(IntakeRefusedError, match="held a person who was erased"):
        carry_out(work.threads.context, tenant.tenant_id, tenant.user_id, plan.import_job_id)
    assert traces(settings, tenant) == []


def test_an_erasure_is_not_cancelled_and_a_second_one_of_the_same_person_is_the_same(
    settings: Settings, tenant: Tenant
) -> None:
    first = request_erasure(settings, tenant)
    assert request_erasure(settings, tenant) == first
    with tools(settings) as context, pytest.raises(ControlRefusedError, match="is not cancelled"):
        control.cancel(context, tenant.tenant_id, first)
    with Threads(settings) as threads:
        threads.finish(tenant.tenant_id, first)
    second = request_erasure(settings, tenant)
    assert second != first
    with Threads(settings) as threads:
        assert threads.finish(tenant.tenant_id, second)[0].status is JobStatus.DONE


def test_another_tenant_loses_nothing(
    settings: Settings, database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    with Threads(settings) as threads:
        for each in (tenant, other_tenant):
            threads.finish(each.tenant_id, begin(settings, each, of=tenant))
        threads.finish(tenant.tenant_id, request_erasure(settings, tenant))
    with database.reading(other_tenant.tenant_id) as unit:
        assert (
            unit.execute("select count(*) from mtrk.contatos where email = :a", {"a": address(tenant)}).scalar_one()
            == 1
        )
        assert unit.execute("select erased_at from mkt.import_jobs").scalar_one() is None
        kept = unit.execute("select raw_email, normalized_email from mkt.import_rows order by row_number limit 1").one()
        assert tuple(kept) == (address(tenant), address(tenant))
    with database.unit(other_tenant.tenant_id) as unit:
        assert erasures.erased_among(unit, {address(tenant)}) == set()
    with database.unit(tenant.tenant_id) as unit:
        assert erasures.erased_among(unit, {address(tenant)}) == {address(tenant)}


def test_the_contact_that_is_left_is_blocked_itself(work: Desk) -> None:
    """A campaign may have chosen it before, and looks it up by the address that it has now."""
    work.run(file(work.tenant))
    (rid,) = [row.rid for row in work.query("select rid from mtrk.contatos where email = :a", a=address(work.tenant))]
    work.finish(
        ask(
            work.threads.context, work.tenant.tenant_id, work.tenant.user_id, address(work.tenant), "pedido"
        ).import_job_id
    )
    stand_in = f"erased+{rid}@erased.invalid"
    with work.database.unit(work.tenant.tenant_id) as unit:
        assert erasures.erased_among(unit, {stand_in, "bia@empresa.com.br"}) == {stand_in}


def test_nobody_erases_without_an_erasure_at_work(
    database: Database, tenant: Tenant, other_tenant: Tenant, settings: Settings
) -> None:
    begin(settings, other_tenant)
    theirs = request_erasure(settings, other_tenant)
    step(settings, database, other_tenant, theirs, 0, ChunkStage.ERASE)  # at work, and waiting
    person = Spellings.of(address(tenant)).parameters()
    for job in (theirs, UUID(int=0)):
        with pytest.raises(DBAPIError, match="no erasure"), database.unit(tenant.tenant_id) as unit:
            erasures.erase(unit, job, person)


def test_a_verdict_that_was_on_its_way_is_not_written_with_the_address(work: Desk) -> None:
    """The clock reads an address, asks DNS for a while, and writes what came of it."""
    work.run(file(work.tenant))
    (rid,) = [row.rid for row in work.query("select rid from mtrk.contatos where email = :a", a=address(work.tenant))]
    job = ask(
        work.threads.context, work.tenant.tenant_id, work.tenant.user_id, address(work.tenant), "pedido"
    ).import_job_id
    work.finish(job)
    with work.database.unit(work.tenant.tenant_id) as unit:
        now = terms(work.threads.context.clock(unit))
        stale = Contacts.given([Contact(rid, address(work.tenant))])
        assert validations.contacts_to_judge(unit, stale, now) == []


@pytest.mark.parametrize(
    "place", few(["erase:before_commit", "erase:committed", "purge:committed", "purge:before_commit"], 2)
)
def test_whatever_fails_in_between_it_ends_without_a_trace(
    settings: Settings, tenant: Tenant, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    with Threads(settings) as threads:
        threads.finish(tenant.tenant_id, begin(settings, tenant))
    erasure = request_erasure(settings, tenant)
    died: list[str] = []

    def die(name: str) -> None:
        if name == place and not died:
            died.append(name)
            raise RuntimeError(name)

    monkeypatch.setattr("pipeline.attempts.failpoint", die)
    monkeypatch.setattr("pipeline.moves.failpoint", die)
    with Threads(settings) as threads:
        assert threads.finish(tenant.tenant_id, erasure)[0].status is JobStatus.DONE
    assert died == [place]
    assert traces(settings, tenant) == []


def test_a_file_that_only_mentions_the_person_in_a_column_nobody_read_goes_too(work: Desk, settings: Settings) -> None:
    tenant = work.tenant
    unread = work.run(
        f"email,segredo\ncaio@empresa.com.br,{address(tenant)}\n", ImportOptions(map={"segredo": "ignored"})
    )
    clean = work.run("email\ncaio@empresa.com.br\n")
    assert [name for name in traces(settings, tenant) if name.startswith("store/")]
    work.finish(
        ask(
            work.threads.context, work.tenant.tenant_id, work.tenant.user_id, address(work.tenant), "pedido"
        ).import_job_id
    )

    assert traces(settings, tenant) == []
    gone = {
        row.import_job_id for row in work.query("select import_job_id from mkt.import_jobs where erased_at is not null")
    }
    assert gone == {unread.import_job_id}
    assert work.threads.context.store.exists(clean.file_key)
