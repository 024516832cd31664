"""A send makes one message per contact and campaign, ever, and accounts for everybody whom the campaign chose."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy.exc import IntegrityError

from config.endpoints import database_url
from config.settings import Settings
from db import audiences, reports, sends
from db.statuses import FIRST_ROWS_CHUNK, SETTLE_CHUNK, AudienceStatus, ChunkStage, JobStatus
from db.unit import Database
from pipeline.campaigns import change_policy
from pipeline.control import ControlRefusedError, cancel, retry
from pipeline.sending import SendProblem, SendRefusedError, request
from tests.conftest import Tenant
from tests.pipeline.sends import PEOPLE, chunks_of, idle, opt_out, outcomes, planned, send, step
from tests.support.campaigns import add_members, left_out, make_campaign, written_to
from tests.support.opt_outs import suppress_in_plain_session
from tests.support.workers import Threads

TWINS = ["ana.silva@gmail.com", "anasilva@gmail.com", "anasilva+loja@gmail.com"]


def count(database: Database, tenant: Tenant) -> list[int]:
    """Return how many jobs, chunks, frozen people, messages and audit events there are."""
    tables = ("mkt.import_jobs", "mkt.import_chunks", "mkt.campaign_contacts", "mtrk.mensagens", "audit.events")
    with database.reading(tenant.tenant_id) as unit:
        return [unit.execute(f"select count(*) from {table}").scalar_one() for table in tables]


def judge(database: Database, tenant: Tenant, emails: list[str], status: str, reason: str) -> None:
    with database.unit(tenant.tenant_id) as unit:
        unit.execute(
            "insert into mkt.email_validations (rid, tenant_id, status, reason_code, score, validated_at, validator_version, next_validation_at)"
            " select rid, :t, :status, :reason, 50, now(), 'v', now() + interval '60 days' from mtrk.contatos where email = any(:emails)",
            {"t": tenant.tenant_id, "status": status, "reason": reason, "emails": emails},
        )


def test_outcomes_depend_on_neither_chunks_nor_workers_nor_order(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    """Law 4: many campaigns over the same people, each sent in another way, come out alike and as the rules say."""
    rids = add_members(database, tenant, [*PEOPLE, *TWINS])
    judge(database, tenant, PEOPLE[:9], "invalid", "domain_not_found")
    judge(database, tenant, PEOPLE[9:12], "risky", "disposable_domain")
    opt_out(database, tenant, PEOPLE[3])
    opt_out(database, tenant, PEOPLE[40])
    opt_out(database, tenant, PEOPLE[41])
    ways = ((1, 3, 1), (7, 2, 2), (20, 3, 3), (1_000, 1, 4))
    found = []
    for chunk_rows, workers, seed in ways:
        cid = make_campaign(database, tenant, name=f"way {seed}")
        with database.reading(tenant.tenant_id) as unit:
            said = {row.rid: row.rule for row in unit.execute("select * from mkt.judge_campaign(:cid)", {"cid": cid})}

        job = send(settings, tenant, cid, chunk_rows=chunk_rows, workers=workers, seed=seed)

        assert (job.status, job.failure_detail) == (JobStatus.DONE, None)
        found.append(outcomes(database, tenant, cid))
        assert {email: rule for email, (_, rule, _) in found[-1].items()} == {
            email: said[rid] for email, rid in rids.items()
        }
        with database.reading(tenant.tenant_id) as unit:
            report, told = reports.job(unit, job.import_job_id), sends.sent(unit, job.import_job_id)
        assert report is not None
        # Law 1: 9 invalid (one of them opted out before that), 3 risky, 2 more opted out, two twins.
        assert (report.records_seen, report.total_rows, report.ok_rows, report.error_rows) == (63, 63, 47, 16)
        assert (told.recipients, told.excluded, told.planned) == (47, 16, 0)
        assert told.exclusions == {"invalid": 8, "risky": 3, "unsubscribed": 3, "duplicate_mailbox": 2}
        assert told.reasons["invalid"] == {"domain_not_found": 8}
    assert all(each == found[0] for each in found)


@pytest.mark.parametrize("chunk_rows", [1, 2, 5])
def test_twins_of_one_mailbox_get_one_message_whatever_the_chunk_size(
    settings: Settings, database: Database, tenant: Tenant, chunk_rows: int
) -> None:
    twins = [spelling.format(number) for number in range(8) for spelling in ("ana{}", "a.na{}", "an.a{}", "ana{}+loja")]
    twins = [f"{local_part}@gmail.com" for local_part in twins]
    rids = add_members(database, tenant, twins)
    cid = make_campaign(database, tenant)

    send(settings, tenant, cid, chunk_rows=chunk_rows, workers=3, seed=chunk_rows)

    first = {min((rids[twin], twin) for twin in twins[n : n + 4])[1] for n in range(0, len(twins), 4)}
    assert set(written_to(database, tenant, cid)) == first
    assert {rule for rule, _ in left_out(database, tenant, cid).values()} == {"duplicate_mailbox"}


def test_an_opt_out_that_only_python_can_read_is_obeyed(settings: Settings, database: Database, tenant: Tenant) -> None:
    add_members(database, tenant, [*PEOPLE, "ana@xn--aa-4iaz.com.br"])
    cid = make_campaign(database, tenant)
    suppress_in_plain_session(settings, tenant, f"mailto:{PEOPLE[0]}?subject=unsubscribe")
    suppress_in_plain_session(settings, tenant, "Ana@A\u00c7A\u00cd.com.br")

    send(settings, tenant, cid)

    assert left_out(database, tenant, cid) == {
        PEOPLE[0]: ("unsubscribed", "unsubscribe"),
        "ana@xn--aa-4iaz.com.br": ("unsubscribed", "unsubscribe"),
    }


def test_a_campaign_is_sent_once(settings: Settings, database: Database, tenant: Tenant) -> None:
    add_members(database, tenant, PEOPLE)
    cid = make_campaign(database, tenant)
    job = send(settings, tenant, cid)
    add_members(database, tenant, ["nova@empresa.com.br"])
    before = count(database, tenant)

    with (
        idle(settings) as nobody,
        pytest.raises(SendRefusedError, match=f"sent by job {job.import_job_id}, with 60 ") as e,
    ):
        request(nobody.context, tenant.tenant_id, tenant.user_id, cid)

    assert e.value.problem is SendProblem.ALREADY_SENT
    assert count(database, tenant) == before


def test_twenty_who_send_at_once_make_one_job(settings: Settings, database: Database, tenant: Tenant) -> None:
    add_members(database, tenant, PEOPLE)
    cid = make_campaign(database, tenant)
    with idle(settings) as nobody, ThreadPoolExecutor(20) as pool:
        asked = [pool.submit(request, nobody.context, tenant.tenant_id, tenant.user_id, cid) for _ in range(20)]
        receipts = [each.result() for each in asked]
    with Threads(settings) as threads:
        threads.finish(tenant.tenant_id, receipts[0].import_job_id)
    assert len({receipt.import_job_id for receipt in receipts}) == 1
    assert sum(not receipt.reused for receipt in receipts) == 1
    assert written_to(database, tenant, cid) == sorted(PEOPLE)


def test_the_database_refuses_a_second_job_for_a_campaign(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    add_members(database, tenant, PEOPLE)
    cid = make_campaign(database, tenant)
    send(settings, tenant, cid)
    copy = (
        "insert into mkt.import_jobs (tenant_id, kind, cid, uploaded_by_user_id, file_name, file_hash, file_bytes, file_key, options_hash,"
        " chunk_rows, status, stage) select tenant_id, kind, cid, uploaded_by_user_id, file_name, file_hash, 1, '', 'other', 1, 'queued', 'plan'"
        " from mkt.import_jobs where cid = :cid"
    )
    with pytest.raises(IntegrityError, match="uq_import_jobs_send"), database.unit(tenant.tenant_id) as unit:
        unit.execute(copy, {"cid": cid})


def test_who_has_left_since_is_excluded_and_who_has_joined_since_is_not_in_it(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    rids = add_members(database, tenant, PEOPLE)
    cid = make_campaign(database, tenant)
    with idle(settings) as nobody:
        job_id = planned(nobody, tenant, cid)
        with database.unit(tenant.tenant_id) as unit:
            unit.execute(
                "update mkt.audience_contacts set removed_at = now() where rid = :rid", {"rid": rids[PEOPLE[0]]}
            )
        add_members(database, tenant, ["nova@empresa.com.br"])
    with Threads(settings) as threads:
        (job,) = threads.finish(tenant.tenant_id, job_id)
    assert job.status is JobStatus.DONE
    assert left_out(database, tenant, cid) == {PEOPLE[0]: ("left_audience", None)}
    assert written_to(database, tenant, cid) == sorted(PEOPLE[1:])


def test_everybody_of_a_chunk_stands_there_or_nobody(settings: Settings, database: Database, tenant: Tenant) -> None:
    """What plan writes it writes at once: an attempt that dies before its end leaves nothing, and is made again."""
    add_members(database, tenant, PEOPLE)
    cid = make_campaign(database, tenant)
    with idle(settings) as nobody:
        receipt = request(nobody.context, tenant.tenant_id, tenant.user_id, cid)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("pipeline.moves.failpoint", _dies("plan:before_commit"))
            assert not step(nobody, tenant, receipt.import_job_id, ChunkStage.PLAN, 0)
        assert count(database, tenant)[1:3] == [3, 0]
        assert step(nobody, tenant, receipt.import_job_id, ChunkStage.PLAN, 0)
        with database.reading(tenant.tenant_id) as unit:
            people, numbered = unit.execute(
                "select (select count(*) from mkt.campaign_contacts where cid = :cid),"
                " (select array_agg(n order by n) from mkt.import_chunks, generate_series(first_row, last_row) n where kind = 'rows')",
                {"cid": cid},
            ).one()
        assert (people, numbered) == (60, list(range(1, 61)))


def _dies(place: str, error: type[Exception] = ConnectionError) -> object:
    def failpoint(name: str) -> None:
        if name == place:
            raise error(name)

    return failpoint


def test_who_has_a_message_that_no_send_made_gets_no_second_one(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    rids = add_members(database, tenant, PEOPLE)
    cid = make_campaign(database, tenant)
    with database.unit(tenant.tenant_id) as unit:
        unit.execute(
            "insert into mtrk.mensagens (tenant_id, cid, rid) values (:t, :cid, :rid)",
            {"t": tenant.tenant_id, "cid": cid, "rid": rids[PEOPLE[0]]},
        )
    job = send(settings, tenant, cid)
    assert (job.status, job.total_rows) == (JobStatus.DONE, 60)
    assert written_to(database, tenant, cid) == sorted(PEOPLE)


def test_a_send_that_failed_is_taken_up_again_and_not_asked_for_again(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    add_members(database, tenant, PEOPLE)
    cid = make_campaign(database, tenant)
    own = settings.model_copy(update={"chunk_rows": 5, "max_attempts": 2, "hint_delay": 0.05, "hint_delay_max": 0.05})
    with Threads(own, 2) as threads:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("pipeline.moves.failpoint", _dies("send:before_commit", ValueError))
            receipt = request(threads.context, tenant.tenant_id, tenant.user_id, cid)
            (job,) = threads.finish(tenant.tenant_id, receipt.import_job_id)
        assert (job.status, job.failure_code) == (JobStatus.FAILED, "attempts_exhausted")
        assert written_to(database, tenant, cid) == []
        with pytest.raises(SendRefusedError) as refused:
            request(threads.context, tenant.tenant_id, tenant.user_id, cid)
        assert refused.value.problem is SendProblem.FAILED_BEFORE
        with pytest.raises(ControlRefusedError, match="has ended and cannot be cancelled"):
            cancel(threads.context, tenant.tenant_id, job.import_job_id)
        retry(threads.context, tenant.tenant_id, job.import_job_id)
        (job,) = threads.finish(tenant.tenant_id, job.import_job_id)
    assert (job.status, job.total_rows) == (JobStatus.DONE, 60)
    assert written_to(database, tenant, cid) == sorted(PEOPLE)


def test_everybody_is_judged_by_the_policy_that_held_when_they_were_frozen(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    add_members(database, tenant, PEOPLE)
    judge(database, tenant, PEOPLE, "risky", "implicit_mx")
    cid = make_campaign(database, tenant)
    with idle(settings) as nobody:
        job_id = planned(nobody, tenant, cid)
        change_policy(nobody.context, tenant.tenant_id, tenant.user_id, None, {"implicit_mx": "out"})
    with Threads(settings) as threads:
        (job,) = threads.finish(tenant.tenant_id, job_id)
    assert job.status is JobStatus.DONE
    assert written_to(database, tenant, cid) == sorted(PEOPLE)


def test_a_send_after_a_cancelled_one_reaches_nobody_by_an_audience_that_was_archived(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    add_members(database, tenant, PEOPLE)
    cid = make_campaign(database, tenant)
    with idle(settings) as nobody:
        job_id = planned(nobody, tenant, cid)
        assert step(nobody, tenant, job_id, ChunkStage.SEND, FIRST_ROWS_CHUNK)
        cancel(nobody.context, tenant.tenant_id, job_id)
        assert step(nobody, tenant, job_id, ChunkStage.SETTLE, SETTLE_CHUNK)
    reached = written_to(database, tenant, cid)
    assert 0 < len(reached) < len(PEOPLE)
    with database.unit(tenant.tenant_id) as unit:
        archived = audiences.set_status(
            unit, tenant.audience_id, AudienceStatus.ACTIVE, AudienceStatus.ARCHIVED, user_id=tenant.user_id
        )
        assert archived
        other = audiences.create(unit, "outros", "", user_id=tenant.user_id)
        unit.execute(
            "insert into mkt.campaign_audiences (tenant_id, cid, audience_id) values (:t, :cid, :audience)",
            {"t": tenant.tenant_id, "cid": cid, "audience": other},
        )
    job = send(settings, tenant, cid, chunk_rows=5)
    assert job.status is JobStatus.DONE
    assert written_to(database, tenant, cid) == reached
    assert set(left_out(database, tenant, cid).values()) == {("left_audience", None)}


def _as_owner(settings: Settings, statement: str, *values: object) -> None:
    with psycopg.connect(database_url(settings)) as connection:
        connection.execute(statement, values)


def test_a_chunk_of_the_usual_size_is_judged_at_one_go(settings: Settings, database: Database, tenant: Tenant) -> None:
    """Five thousand people are compared with what is known of them, and not one by one with each other: that takes minutes."""
    people = [f"pessoa{number}@empresa{number % 900}.com.br" for number in range(5_000)]
    add_members(database, tenant, people)
    judge(database, tenant, people[::10], "invalid", "domain_not_found")
    cid = make_campaign(database, tenant)
    with idle(settings, chunk_rows=5_000) as nobody:
        job_id = planned(nobody, tenant, cid)
        assert step(nobody, tenant, job_id, ChunkStage.SEND, FIRST_ROWS_CHUNK)
    assert len(written_to(database, tenant, cid)) == 4_500


def test_the_totals_add_up_at_every_moment(settings: Settings, database: Database, tenant: Tenant) -> None:
    """Law 1: what a job counts is what has an outcome, after every chunk."""
    add_members(database, tenant, PEOPLE)
    opt_out(database, tenant, PEOPLE[0])
    cid = make_campaign(database, tenant)
    with idle(settings, chunk_rows=10) as nobody:
        job_id = planned(nobody, tenant, cid)
        for chunk_no in chunks_of(database, tenant, job_id):
            assert step(nobody, tenant, job_id, ChunkStage.SEND, chunk_no)
            with database.reading(tenant.tenant_id) as unit:
                report, told = reports.job(unit, job_id), sends.sent(unit, job_id)
            assert report is not None
            assert (report.ok_rows, report.error_rows) == (told.recipients, told.excluded)
            assert report.total_rows == report.ok_rows + report.error_rows == 60 - told.planned
            assert len(written_to(database, tenant, cid)) == told.recipients


@pytest.mark.parametrize("fault", ["a message is missing", "a chunk has miscounted", "somebody is not decided about"])
def test_a_send_that_does_not_balance_fails(settings: Settings, database: Database, tenant: Tenant, fault: str) -> None:
    add_members(database, tenant, PEOPLE)
    opt_out(database, tenant, PEOPLE[0])
    cid = make_campaign(database, tenant)
    with idle(settings, chunk_rows=1_000) as nobody:
        job_id = planned(nobody, tenant, cid)
        assert step(nobody, tenant, job_id, ChunkStage.SEND, FIRST_ROWS_CHUNK)
        wrong = {
            "a message is missing": "delete from mtrk.mensagens where message_id = (select min(message_id) from mtrk.mensagens where cid = %s)",
            "a chunk has miscounted": "update mkt.import_chunks set ok_rows = ok_rows - 1, error_rows = error_rows + 1"
            " where chunk_no = 3 and import_job_id = (select import_job_id from mkt.import_jobs where cid = %s)",
            "somebody is not decided about": "update mkt.campaign_contacts set outcome = 'planned', decided_at = null"
            " , rule = null, reason = null where outcome = 'excluded' and cid = %s",
        }
        _as_owner(settings, wrong[fault], cid)
        assert step(nobody, tenant, job_id, ChunkStage.SETTLE, SETTLE_CHUNK)
    with database.reading(tenant.tenant_id) as unit:
        report = reports.job(unit, job_id)
    assert report is not None
    assert (report.status, report.failure_code) == (JobStatus.FAILED, "unbalanced")
    assert (report.failure_detail or "").startswith("the campaign chose 60 people")


def test_what_cannot_be_sent_is_refused_and_leaves_nothing(
    settings: Settings, database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    add_members(database, other_tenant, PEOPLE)
    none = make_campaign(database, tenant, "no such audience")
    nobody_in = make_campaign(database, tenant)
    foreign = make_campaign(database, other_tenant)
    cases = [
        (none, SendProblem.NO_AUDIENCES),
        (nobody_in, SendProblem.NOBODY),
        (foreign, SendProblem.NO_CAMPAIGN),
        (uuid4(), SendProblem.NO_CAMPAIGN),
    ]
    before = count(database, tenant)
    with idle(settings) as nobody:
        for cid, problem in cases:
            with pytest.raises(SendRefusedError) as refused:
                request(nobody.context, tenant.tenant_id, tenant.user_id, cid)
            assert refused.value.problem is problem
        with database.unit(tenant.tenant_id) as unit:
            unit.execute("update mkt.audiences set status = 'archived'")
        with pytest.raises(SendRefusedError) as refused:
            request(nobody.context, tenant.tenant_id, tenant.user_id, nobody_in)
        assert refused.value.problem is SendProblem.ONLY_ARCHIVED
    assert count(database, tenant) == before
    assert before[:4] == [0, 0, 0, 0]


def test_a_campaign_whose_people_all_left_before_they_were_frozen_ends_with_nobody(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    add_members(database, tenant, PEOPLE[:3])
    cid = make_campaign(database, tenant)
    with idle(settings) as nobody:
        receipt = request(nobody.context, tenant.tenant_id, tenant.user_id, cid)
        with database.unit(tenant.tenant_id) as unit:
            unit.execute("update mkt.audience_contacts set removed_at = now()")
    with Threads(settings) as threads:
        (job,) = threads.finish(tenant.tenant_id, receipt.import_job_id)
    assert (job.status, job.total_rows) == (JobStatus.DONE, 0)


def test_who_is_sent_to_may_receive_until_something_forbids_it(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    rids = add_members(database, tenant, PEOPLE[:3])
    opt_out(database, tenant, PEOPLE[2])
    cid = make_campaign(database, tenant)

    def answers() -> list[bool]:
        with database.reading(tenant.tenant_id) as unit:
            may = "select mkt.may_receive(:cid, :rid)"
            return [unit.execute(may, {"cid": cid, "rid": rids[email]}).scalar_one() for email in PEOPLE[:3]]

    assert answers() == [False, False, False]  # nobody is a recipient yet
    send(settings, tenant, cid)
    assert answers() == [True, True, False]
    opt_out(database, tenant, PEOPLE[0])
    assert answers() == [False, True, False]


def test_the_same_request_answers_with_the_same_job_whatever_became_of_it(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    add_members(database, tenant, PEOPLE)
    cid = make_campaign(database, tenant)
    with Threads(settings) as threads:
        first = request(threads.context, tenant.tenant_id, tenant.user_id, cid, request_id="crm-1")
        threads.finish(tenant.tenant_id, first.import_job_id)
        again = request(threads.context, tenant.tenant_id, tenant.user_id, cid, request_id="crm-1")
    assert (again.import_job_id, again.reused) == (first.import_job_id, True)


def test_the_audit_trail_says_who_sent_what_and_how_it_ended(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    add_members(database, tenant, PEOPLE)
    opt_out(database, tenant, PEOPLE[0])
    cid = make_campaign(database, tenant)
    job = send(settings, tenant, cid)
    with database.reading(tenant.tenant_id) as unit:
        about = "select action, subject, user_id, details from audit.events where action like 'send%' order by event_id"
        found = unit.execute(about).all()
    told = {"import_job_id": str(job.import_job_id)}
    assert [tuple(row) for row in found] == [
        ("send_requested", str(cid), tenant.user_id, {**told, "wait_verdicts": 0}),
        ("send_ended", str(cid), tenant.user_id, {**told, "status": "done", "messages": 59, "excluded": 1}),
    ]


def test_a_send_sees_one_tenant_only(
    settings: Settings, database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    add_members(database, tenant, PEOPLE[:5])
    add_members(database, other_tenant, PEOPLE)
    opt_out(database, other_tenant, PEOPLE[0])
    cid: UUID = make_campaign(database, tenant)
    send(settings, tenant, cid)
    assert written_to(database, tenant, cid) == sorted(PEOPLE[:5])
    assert chunks_of(database, other_tenant, cid) == []
