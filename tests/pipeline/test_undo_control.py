"""Who can ask for an undo, what cancel and retry do to one, and what it does beside others who are at the same contacts."""

from __future__ import annotations

import io
import threading
from uuid import UUID

import pytest
from sqlalchemy.exc import DBAPIError

from config.settings import Settings
from db import audiences, contact_turns, jobs
from db.jobs import Job
from db.statuses import (
    FIRST_ROWS_CHUNK,
    SETTLE_CHUNK,
    SPLIT_CHUNK,
    ChunkStage,
    JobKind,
    JobStatus,
    OnExisting,
    OptOutKind,
)
from db.unit import Database
from pipeline import control, erasures, sending
from pipeline.control import ControlRefusedError
from pipeline.corrections import ALL, accept
from pipeline.intake import ImportRequest, intake
from pipeline.intake_problems import IntakeRefusedError
from pipeline.options import ImportOptions, SuppressionOptions
from pipeline.problems import FileProblem, FileProblemCode
from pipeline.undoing import UndoProblem, UndoRefusedError, forecast, request
from tests.conftest import Tenant
from tests.pipeline.imports import Desk
from tests.pipeline.sends import idle, is_somebody_waiting, outcomes, planned, step
from tests.pipeline.steps import ask
from tests.pipeline.undos import kept, lines, undo
from tests.support.campaigns import make_campaign
from tests.support.checksums import checksums
from tests.support.waiting import until
from tests.support.workers import Threads

PEOPLE = "email\n" + "".join(f"pessoa{number}@uol.com.br\n" for number in range(10))


def refusal(work: Desk, job_id: UUID, tenant: Tenant | None = None, *, again: bool = False) -> UndoProblem:
    """Return why a job cannot be undone; a dry run says the same."""
    tenant = tenant or work.tenant
    with pytest.raises(UndoRefusedError) as refused:
        request(work.threads.context, tenant.tenant_id, tenant.user_id, job_id, again=again)
    with pytest.raises(UndoRefusedError) as foreseen:
        forecast(work.threads.context, tenant.tenant_id, job_id, again=again)
    assert foreseen.value.problem is refused.value.problem
    return refused.value.problem


def test_what_is_no_import_that_has_ended_is_refused_with_the_reason(
    work: Desk, settings: Settings, other_tenant: Tenant
) -> None:
    context, tenant = work.threads.context, work.tenant
    done = work.run(PEOPLE)
    send = sending.request(context, tenant.tenant_id, tenant.user_id, make_campaign(work.database, tenant))
    work.finish(send.import_job_id)
    erasure = erasures.ask(context, tenant.tenant_id, tenant.user_id, "pessoa1@uol.com.br", "")
    work.finish(erasure.import_job_id)
    suppression = work.run(
        "email\nx@uol.com.br\n", SuppressionOptions(suppress=OptOutKind.MANUAL), kind=JobKind.SUPPRESSION
    )
    gone = work.run("email\nninguem@uol.com.br\n")
    undo(work, gone)
    undone = undo(work, done)
    dry_run = work.run(PEOPLE, kind=JobKind.DRY_RUN)
    with idle(settings) as nobody:  # nobody sweeps from here on
        running = ask(nobody, tenant, PEOPLE.encode())
    assert refusal(work, UUID(int=0)) is UndoProblem.NO_JOB
    assert refusal(work, done.import_job_id, other_tenant) is UndoProblem.NO_JOB
    assert refusal(work, dry_run.import_job_id) is UndoProblem.DRY_RUN
    assert refusal(work, send.import_job_id) is UndoProblem.SEND
    assert refusal(work, erasure.import_job_id) is UndoProblem.ERASURE
    assert refusal(work, suppression.import_job_id) is UndoProblem.SUPPRESSION
    assert refusal(work, undone.import_job_id) is UndoProblem.UNDO
    assert refusal(work, running) is UndoProblem.RUNNING
    assert refusal(work, done.import_job_id) is UndoProblem.UNDONE
    assert refusal(work, gone.import_job_id, again=True) is UndoProblem.NOTHING_LEFT


def test_an_import_with_corrections_is_refused_until_they_are_undone(work: Desk) -> None:
    parent = work.run("email\nana@gamil.com\n")
    with work.database.unit(work.tenant.tenant_id) as unit:
        unit.execute('update mkt.email_validations set details_json = \'{"suggestion": "ana@gmail.com"}\'')
    context, tenant = work.threads.context, work.tenant
    correction = accept(context, tenant.tenant_id, tenant.user_id, parent.import_job_id, [ALL]).import_job_id
    work.finish(correction)
    assert refusal(work, parent.import_job_id) is UndoProblem.CORRECTED
    with pytest.raises(UndoRefusedError, match=str(correction)):
        request(context, tenant.tenant_id, tenant.user_id, parent.import_job_id)
    undo(work, work.finish(correction))
    undo(work, parent)
    with pytest.raises(IntakeRefusedError, match="nothing"):
        accept(context, tenant.tenant_id, tenant.user_id, parent.import_job_id, [ALL])


def test_a_failed_correction_of_an_import_that_was_undone_is_not_taken_up_again(work: Desk) -> None:
    parent = work.run("email\nana@gamil.com\n")
    with work.database.unit(work.tenant.tenant_id) as unit:
        unit.execute('update mkt.email_validations set details_json = \'{"suggestion": "ana@gmail.com"}\'')
    context, tenant = work.threads.context, work.tenant
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.stages.mark.import_rows.mark_duplicates", _fails)
        correction = work.finish(
            accept(context, tenant.tenant_id, tenant.user_id, parent.import_job_id, [ALL]).import_job_id
        )
    assert correction.status is JobStatus.FAILED
    undo(work, parent)
    with pytest.raises(ControlRefusedError, match="corrects an import that was undone"):
        control.retry(context, tenant.tenant_id, correction.import_job_id)
    assert work.contacts() == {}


def _fails(*_: object, **__: object) -> None:
    raise FileProblem(FileProblemCode.FILE_DAMAGED, file="f.csv")


def test_rows_that_are_kept_no_more_cannot_be_undone(work: Desk) -> None:
    job = work.run(PEOPLE)
    with work.database.unit(work.tenant.tenant_id) as unit:
        # Retention drops whole months of rows; here the job never had any.
        empty = unit.execute(
            "insert into mkt.import_jobs (tenant_id, kind, audience_id, uploaded_by_user_id, file_name, file_hash, file_bytes, file_key, options_hash, chunk_rows, status,"
            " stage, total_rows, ok_rows, records_seen, finished_at) select tenant_id, kind, audience_id, uploaded_by_user_id, 'old', file_hash, 1, '', 'old', 1, 'done',"
            " 'settled', 1, 1, 1, now() from mkt.import_jobs where import_job_id = :job returning import_job_id",
            {"job": job.import_job_id},
        ).scalar_one()
    assert refusal(work, empty) is UndoProblem.ROWS_GONE


def test_the_same_file_comes_in_anew_and_the_undone_job_is_not_taken_up_again(work: Desk) -> None:
    context, tenant = work.threads.context, work.tenant
    asked = ImportRequest(tenant.tenant_id, tenant.user_id, tenant.audience, "f.csv")
    first = work.finish(intake(context, asked, io.BytesIO(PEOPLE.encode())).import_job_id)
    assert intake(context, asked, io.BytesIO(PEOPLE.encode())).reused
    undo(work, first)
    again = intake(context, asked, io.BytesIO(PEOPLE.encode()))
    assert not again.reused
    assert again.import_job_id != first.import_job_id
    assert work.finish(again.import_job_id).status is JobStatus.DONE
    assert len(work.contacts()) == 10
    with pytest.raises(ControlRefusedError, match="undone"):
        control.retry(context, tenant.tenant_id, first.import_job_id)


def test_failed_and_cancelled_imports_are_undone_as_far_as_they_went(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    with idle(settings, chunk_rows=3) as nobody:
        job_id = ask(nobody, tenant, PEOPLE.encode())
        for chunk_no, stage in ((SPLIT_CHUNK, ChunkStage.SPLIT), *((FIRST_ROWS_CHUNK + n, ChunkStage.PARSE) for n in range(4)), (1, ChunkStage.MARK)):  # fmt: skip
            assert step(nobody, tenant, job_id, stage, chunk_no)
        for chunk_no in (FIRST_ROWS_CHUNK, FIRST_ROWS_CHUNK + 1):
            assert step(nobody, tenant, job_id, ChunkStage.UPSERT, chunk_no)
        assert step(nobody, tenant, job_id, ChunkStage.LINK, FIRST_ROWS_CHUNK)
        control.cancel(nobody.context, tenant.tenant_id, job_id)
        assert step(nobody, tenant, job_id, ChunkStage.SETTLE, SETTLE_CHUNK)
    with Threads(settings, 2) as threads:
        work = Desk(threads, tenant, database)
        assert len(work.contacts()) == 6
        undone = undo(work, work.finish(job_id))
        assert work.contacts() == {}
        assert undone.total_rows == 9  # six contacts, three memberships


def test_an_undo_that_is_cancelled_says_what_it_did_and_another_goes_on(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    with Threads(settings, 2) as threads:
        first = Desk(threads, tenant, database).run(PEOPLE)
    with idle(settings, chunk_rows=3) as nobody:
        undo_id = dealt(nobody, tenant, first)
        assert step(nobody, tenant, undo_id, ChunkStage.UNDO, FIRST_ROWS_CHUNK + 1)
        control.cancel(nobody.context, tenant.tenant_id, undo_id)
        with pytest.raises(UndoRefusedError) as refused:
            request(nobody.context, tenant.tenant_id, tenant.user_id, first.import_job_id)
        assert refused.value.problem is UndoProblem.BEING_CANCELLED
        assert step(nobody, tenant, undo_id, ChunkStage.SETTLE, SETTLE_CHUNK)
        with database.reading(tenant.tenant_id) as unit:
            cancelled = jobs.load(unit, undo_id)
            assert cancelled is not None
            assert (cancelled.status, cancelled.total_rows) == (JobStatus.CANCELLED, 6)
    with Threads(settings.model_copy(update={"chunk_rows": 3}), 2) as threads:
        work = Desk(threads, tenant, database)
        assert len(work.contacts()) == 7
        assert kept(work, first) == {}
        assert work.contacts() == {}


def test_twenty_who_ask_at_once_get_one_undo(work: Desk) -> None:
    job, tenant = work.run(PEOPLE), work.tenant
    told: list[UUID] = []
    with idle(work.threads.context.settings) as nobody:

        def once() -> None:
            told.append(request(nobody.context, tenant.tenant_id, tenant.user_id, job.import_job_id).import_job_id)

        threads = [threading.Thread(target=once) for _ in range(20)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    assert len(told) == 20
    assert len(set(told)) == 1
    assert work.finish(told[0]).status is JobStatus.DONE


def test_nothing_is_taken_away_but_by_an_undo_at_work_for_its_own_tenant(
    settings: Settings, database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    with Threads(settings, 2) as threads:
        job = Desk(threads, tenant, database).run(PEOPLE)
    with idle(settings) as nobody:
        undo_id = dealt(nobody, tenant, job)
    call = "select mkt.take_away_undone(:job, 0, 1000000000)"
    for bound, asked in ((other_tenant, undo_id), (tenant, job.import_job_id)):
        with pytest.raises(DBAPIError, match="no undo"), database.unit(bound.tenant_id) as unit:
            unit.execute(call, {"job": asked})
    with database.reading(other_tenant.tenant_id) as unit:
        assert unit.execute("select count(*) from mkt.undo_items").scalar_one() == 0


def dealt(threads: Threads, tenant: Tenant, job: Job) -> UUID:
    """Ask for an undo and deal it, no more."""
    undo_id = request(threads.context, tenant.tenant_id, tenant.user_id, job.import_job_id).import_job_id
    assert step(threads, tenant, undo_id, ChunkStage.DEAL, SPLIT_CHUNK)
    return undo_id


def test_an_undo_waits_for_whoever_creates_links_or_freezes_contacts_and_they_for_it(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    with Threads(settings, 2) as threads:
        job = Desk(threads, tenant, database).run(PEOPLE)
    with idle(settings, chunk_rows=100) as nobody:
        undo_id = dealt(nobody, tenant, job)
        with database.unit(tenant.tenant_id) as unit:
            contact_turns.share_contacts(unit)
            at_work = threading.Thread(target=step, args=(nobody, tenant, undo_id, ChunkStage.UNDO, FIRST_ROWS_CHUNK))
            at_work.start()
            until(lambda: is_somebody_waiting(database), what="the undo to wait")
        at_work.join()
        with database.reading(tenant.tenant_id) as unit:
            assert unit.execute("select count(*) from mtrk.contatos").scalar_one() == 0


def test_imports_that_overlapped_in_time_go_in_the_order_in_which_they_wrote(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    """The one that began first writes last; what the other had written comes back with the time at which it did."""
    overwrite = ImportOptions(on_existing=OnExisting.OVERWRITE)
    asked = ImportRequest(tenant.tenant_id, tenant.user_id, tenant.audience, "f.csv", overwrite)
    with Threads(settings, 2) as threads:
        Desk(threads, tenant, database).run("email,cidade\nana@uol.com.br,Recife\n")
    before = checksums(database, tenant.tenant_id)
    parsed = ((SPLIT_CHUNK, ChunkStage.SPLIT), (FIRST_ROWS_CHUNK, ChunkStage.PARSE), (1, ChunkStage.MARK))
    with idle(settings, chunk_rows=100) as nobody:
        late, early = (
            intake(
                nobody.context,
                asked,
                io.BytesIO(f"email,cidade\nana@uol.com.br,{city}\ndora@uol.com.br,{city}\n".encode()),
            ).import_job_id
            for city in ("Natal", "Olinda")
        )
        for job_id in (late, early):
            for chunk_no, stage in parsed:
                assert step(nobody, tenant, job_id, stage, chunk_no)
        for job_id in (early, late):
            assert step(nobody, tenant, job_id, ChunkStage.UPSERT, FIRST_ROWS_CHUNK)
            assert step(nobody, tenant, job_id, ChunkStage.LINK, FIRST_ROWS_CHUNK)
    with Threads(settings, 2) as threads:
        work = Desk(threads, tenant, database)
        assert work.contacts()["dora@uol.com.br"][1] == {"cidade": "Natal"}
        assert kept(work, work.finish(late)) == {}
        assert work.contacts()["dora@uol.com.br"][1] == {"cidade": "Olinda"}
        assert kept(work, work.finish(early)) == {}
    assert checksums(database, tenant.tenant_id) == before


@pytest.mark.parametrize("audience", ["people", "second"])
def test_an_import_between_upsert_and_link_keeps_the_contacts_that_it_found(
    settings: Settings, database: Database, tenant: Tenant, audience: str
) -> None:
    with Threads(settings, 2) as threads:
        first = Desk(threads, tenant, database).run(PEOPLE)
    with database.unit(tenant.tenant_id) as unit:
        audiences.create(unit, "second", "")
    asked = ImportRequest(tenant.tenant_id, tenant.user_id, audience, "f.csv")
    with idle(settings, chunk_rows=100) as nobody:
        second = intake(
            nobody.context, asked, io.BytesIO(b"email\npessoa1@uol.com.br\nnova@uol.com.br\n")
        ).import_job_id
        for chunk_no, stage in ((SPLIT_CHUNK, ChunkStage.SPLIT), (FIRST_ROWS_CHUNK, ChunkStage.PARSE), (1, ChunkStage.MARK), (FIRST_ROWS_CHUNK, ChunkStage.UPSERT)):  # fmt: skip
            assert step(nobody, tenant, second, stage, chunk_no)
        undo_id = dealt(nobody, tenant, first)
        assert step(nobody, tenant, undo_id, ChunkStage.UNDO, FIRST_ROWS_CHUNK)
    with Threads(settings, 2) as threads:
        work = Desk(threads, tenant, database)
        assert work.finish(second).status is JobStatus.DONE
        stays = {told for told in lines(work, work.finish(undo_id)) if told[2] != "reversed"}
        things = ("contact", "link") if audience == "people" else ("contact",)
        assert stays == {("pessoa1@uol.com.br", thing, "kept", "imported_again") for thing in things}
        assert sorted(work.contacts()) == ["nova@uol.com.br", "pessoa1@uol.com.br"]
        assert len(work.query("select from mkt.audience_contacts")) == 2


@pytest.mark.parametrize("sent_first", [True, False])
def test_whom_a_send_has_written_down_stays_and_receives_only_what_was_decided_before(
    settings: Settings,
    database: Database,
    tenant: Tenant,
    sent_first: bool,  # noqa: FBT001 (a parameter of the test)
) -> None:
    with Threads(settings, 2) as threads:
        job = Desk(threads, tenant, database).run(PEOPLE)
    cid = make_campaign(database, tenant)
    with idle(settings, chunk_rows=100) as nobody:
        send_id = planned(nobody, tenant, cid)
        undo_id = dealt(nobody, tenant, job)
        turns = [(send_id, ChunkStage.SEND), (undo_id, ChunkStage.UNDO)]
        for job_id, stage in turns if sent_first else reversed(turns):
            assert step(nobody, tenant, job_id, stage, FIRST_ROWS_CHUNK)
    with Threads(settings, 2) as threads:
        work = Desk(threads, tenant, database)
        assert work.finish(send_id).status is JobStatus.DONE
        told = {told[1:] for told in lines(work, work.finish(undo_id))}
    assert told == {("contact", "kept", "messaged" if sent_first else "in_campaign"), ("link", "reversed", None)}
    decided = set(outcomes(database, tenant, cid).values())
    assert decided == {("recipient", None, None) if sent_first else ("excluded", "left_audience", None)}
    assert len(work.contacts()) == 10


def test_the_end_of_an_undo_is_in_the_audit_trail_and_lifts_a_quarantine(work: Desk) -> None:
    job = work.run(PEOPLE, ImportOptions())
    with work.database.unit(work.tenant.tenant_id) as unit:
        unit.execute(
            'insert into mkt.quarantines (import_job_id, tenant_id, rules) values (:job, :t, \'[{"rule": "invalid"}]\')',
            {"job": job.import_job_id, "t": work.tenant.tenant_id},
        )
    undone = undo(work, job)
    events = work.query("select action, details from audit.events where subject = :job", job=str(job.import_job_id))
    told = {row.action: row.details for row in events}
    assert told["import_undone"] == {
        "import_job_id": str(undone.import_job_id), "status": "done", "reversed": 20, "kept": 0, "failed": 0,
    }  # fmt: skip
    assert {"undo_requested", "quarantine_lifted"} <= told.keys()
    assert work.query("select from mkt.quarantines") == []
