"""A send that waits, is cancelled, and is gone on with: nobody is written to twice, and nobody is left out unsaid."""

from __future__ import annotations

import dataclasses
from contextlib import suppress
from uuid import UUID

import pytest

from config.settings import Settings
from db import reports, sends
from db.statuses import SETTLE_CHUNK, SPLIT_CHUNK, ChunkStage, JobStatus
from db.unit import Database, database_clock
from pipeline.control import ControlRefusedError, cancel
from pipeline.sending import SendProblem, SendRefusedError, request
from tests.conftest import Tenant
from tests.pipeline.sends import PEOPLE, chunks_of, idle, outcomes, planned, send, step
from tests.pipeline.world import StoppedClock
from tests.support.campaigns import add_members, left_out, make_campaign, written_to
from tests.support.examples import few
from tests.support.waiting import until
from tests.support.workers import Threads


@pytest.mark.parametrize("after_attempts", few([0, 1, 2, 4, 7, 11, 14], 3))
def test_a_cancelled_send_keeps_what_it_made_and_another_one_does_the_rest(
    settings: Settings, database: Database, tenant: Tenant, after_attempts: int
) -> None:
    add_members(database, tenant, PEOPLE)
    cid = make_campaign(database, tenant)

    def attempts() -> int:
        with database.unit(tenant.tenant_id) as unit:
            return int(unit.execute("select coalesce(sum(attempts), 0) from mkt.import_chunks").scalar_one())

    with Threads(settings.model_copy(update={"chunk_rows": 5}), 2) as threads:
        receipt = request(threads.context, tenant.tenant_id, tenant.user_id, cid)
        until(lambda: attempts() >= after_attempts, what="the send to get so far", every=0.001)
        with suppress(ControlRefusedError):  # it was quicker
            cancel(threads.context, tenant.tenant_id, receipt.import_job_id)
        (job,) = threads.finish(tenant.tenant_id, receipt.import_job_id)
    messages = written_to(database, tenant, cid)
    with database.reading(tenant.tenant_id) as unit:
        report, told = reports.job(unit, job.import_job_id), sends.sent(unit, job.import_job_id)
        assert unit.execute("select count(*) from mkt.import_chunks where due_at is not null").scalar_one() == 0
    assert report is not None
    assert report.ok_rows == told.recipients == len(messages) == len(set(messages))
    assert told.planned == report.records_seen - report.total_rows
    if job.status is JobStatus.CANCELLED:
        job = send(settings, tenant, cid, seed=after_attempts)
        assert job.total_rows == len(PEOPLE) - len(messages)
    assert job.status is JobStatus.DONE
    assert written_to(database, tenant, cid) == sorted(PEOPLE)


def test_a_send_that_is_being_cancelled_is_not_asked_for_again(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    add_members(database, tenant, PEOPLE)
    cid = make_campaign(database, tenant)
    with idle(settings) as nobody:
        job_id = planned(nobody, tenant, cid)
        cancel(nobody.context, tenant.tenant_id, job_id)
        with pytest.raises(SendRefusedError) as refused:
            request(nobody.context, tenant.tenant_id, tenant.user_id, cid)
        assert refused.value.problem is SendProblem.BEING_CANCELLED
        assert step(nobody, tenant, job_id, ChunkStage.SETTLE, SETTLE_CHUNK)
        assert not request(nobody.context, tenant.tenant_id, tenant.user_id, cid).reused


def half_sent(settings: Settings, database: Database, tenant: Tenant, cid: UUID, *, chunk_rows: int) -> list[str]:
    """Send the first half of the chunks, cancel the rest; returns who has a message."""
    with idle(settings, chunk_rows=chunk_rows) as nobody:
        job_id = planned(nobody, tenant, cid)
        there = chunks_of(database, tenant, job_id)
        for chunk_no in there[: len(there) // 2]:
            assert step(nobody, tenant, job_id, ChunkStage.SEND, chunk_no)
        cancel(nobody.context, tenant.tenant_id, job_id)
        assert step(nobody, tenant, job_id, ChunkStage.SETTLE, SETTLE_CHUNK)
    return written_to(database, tenant, cid)


@pytest.mark.parametrize("sizes", few([(3, 3), (3, 1), (2, 10), (10, 2)], 2))
def test_who_joins_after_a_cancelled_send_is_in_the_next_one_but_no_mailbox_is_written_to_twice(
    settings: Settings, database: Database, tenant: Tenant, sizes: tuple[int, int]
) -> None:
    """Whatever the sizes of chunks: the twin of somebody who has a message from the first send meets it in the second."""
    before, after = sizes
    people = [f"ana{number}@gmail.com" for number in range(24)]
    twins = {email: email.replace("ana", "a.n.a") for email in people}
    add_members(database, tenant, people)
    cid = make_campaign(database, tenant)
    first = half_sent(settings, database, tenant, cid, chunk_rows=before)
    assert 0 < len(first) < len(people)
    add_members(database, tenant, [*twins.values(), *(f"bia{number}@gmail.com" for number in range(30))])

    job = send(settings, tenant, cid, chunk_rows=after)

    messages = written_to(database, tenant, cid)
    assert (job.status, job.failure_detail) == (JobStatus.DONE, None)
    assert set(first) <= set(messages)
    assert sorted(messages) == sorted([*people, *(f"bia{number}@gmail.com" for number in range(30))])
    assert left_out(database, tenant, cid) == dict.fromkeys(twins.values(), ("duplicate_mailbox", None))


def test_a_twin_that_joins_gets_its_own_message_where_the_policy_says_so(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    people = [f"ana{number}@gmail.com" for number in range(12)]
    add_members(database, tenant, people)
    policy = {"unknown": "in", "not_yet_checked": "in", "duplicate_mailbox": "in"}
    cid = make_campaign(database, tenant, policy=policy)
    half_sent(settings, database, tenant, cid, chunk_rows=2)
    twins = [email.replace("ana", "a.n.a") for email in people]
    add_members(database, tenant, twins)
    send(settings, tenant, cid)
    assert written_to(database, tenant, cid) == sorted([*people, *twins])


def test_what_was_decided_stays_decided(settings: Settings, database: Database, tenant: Tenant) -> None:
    rids = add_members(database, tenant, PEOPLE)
    cid = make_campaign(database, tenant)
    half_sent(settings, database, tenant, cid, chunk_rows=5)
    before = {email: told for email, told in outcomes(database, tenant, cid).items() if told[0] != "planned"}
    with database.unit(tenant.tenant_id) as unit:
        unit.execute(
            "update mkt.audience_contacts set removed_at = now() where rid = any(:rids)", {"rids": list(rids.values())}
        )
    send(settings, tenant, cid)
    after = outcomes(database, tenant, cid)
    assert {email: told for email, told in after.items() if email in before} == before
    assert {told for email, told in after.items() if email not in before} == {("excluded", "left_audience", None)}


def test_a_send_waits_for_verdicts_at_no_cost_and_no_longer_than_it_was_told(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    add_members(database, tenant, PEOPLE[:2])
    cid = make_campaign(database, tenant, policy={})
    with database.unit(None) as unit:
        clock = StoppedClock(database_clock(unit))
    with idle(settings, max_attempts=2) as nobody:
        context = dataclasses.replace(nobody.context, clock=clock)
        nobody.context = context
        receipt = request(context, tenant.tenant_id, tenant.user_id, cid, wait_verdicts=30)
        for _ in range(5):  # more often than it may fail
            clock.pass_by(minutes=5)
            assert step(nobody, tenant, receipt.import_job_id, ChunkStage.PLAN, SPLIT_CHUNK)
            assert waiting_chunk(database, tenant, receipt.import_job_id) == ("plan", 0, True, False, None)
        clock.pass_by(minutes=6)
        assert step(nobody, tenant, receipt.import_job_id, ChunkStage.PLAN, SPLIT_CHUNK)
    with Threads(settings) as threads:
        (job,) = threads.finish(tenant.tenant_id, receipt.import_job_id)
    assert job.status is JobStatus.DONE
    assert {rule for rule, _ in left_out(database, tenant, cid).values()} == {"not_yet_checked"}


def waiting_chunk(database: Database, tenant: Tenant, job_id: UUID) -> tuple[object, ...]:
    """Return stage, failed attempts, whether it is due later, whether it takes room in the window, and its last error."""
    with database.reading(tenant.tenant_id) as unit:
        row = unit.execute(
            "select stage, stage_attempts, due_at > clock_timestamp(), hinted_at is not null, last_error from mkt.import_chunks"
            " where import_job_id = :job and chunk_no = 0",
            {"job": job_id},
        ).one()
    return tuple(row)


def test_a_send_goes_on_as_soon_as_everybody_has_been_looked_at(
    settings: Settings, database: Database, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.stages.plan.LOOK_AGAIN", 0.1)
    rids = add_members(database, tenant, PEOPLE[:2])
    cid = make_campaign(database, tenant, policy={})
    with Threads(settings) as threads:
        receipt = request(threads.context, tenant.tenant_id, tenant.user_id, cid, wait_verdicts=30)

        def has_waited() -> bool:
            with database.reading(tenant.tenant_id) as unit:
                count = "select attempts >= 1 and claimed_by is null from mkt.import_chunks where import_job_id = :job and chunk_no = 0"
                return bool(unit.execute(count, {"job": receipt.import_job_id}).scalar_one())

        until(has_waited, what="the send to wait")
        with database.unit(tenant.tenant_id) as unit:
            assert sends.unchecked(unit, cid) == 2
            unit.execute(
                "insert into mkt.email_validations (rid, tenant_id, status, reason_code, score, validator_version, validated_at, next_validation_at)"
                " select r, :t, 'valid', 'mx_ok', 95, 'v', now(), now() + interval '60 days' from unnest(cast(:rids as bigint[])) r",
                {"t": tenant.tenant_id, "rids": list(rids.values())},
            )
        (job,) = threads.finish(tenant.tenant_id, receipt.import_job_id)
    assert job.status is JobStatus.DONE
    assert written_to(database, tenant, cid) == sorted(PEOPLE[:2])


def test_a_send_that_waits_can_be_cancelled(settings: Settings, database: Database, tenant: Tenant) -> None:
    add_members(database, tenant, PEOPLE)
    cid = make_campaign(database, tenant, policy={})
    with Threads(settings) as threads:
        receipt = request(threads.context, tenant.tenant_id, tenant.user_id, cid, wait_verdicts=30)
        until(
            lambda: waiting_chunk(database, tenant, receipt.import_job_id)[2:4] == (True, False),
            what="the send to wait",
        )
        cancel(threads.context, tenant.tenant_id, receipt.import_job_id)
        (job,) = threads.finish(tenant.tenant_id, receipt.import_job_id)
    assert (job.status, job.records_seen) == (JobStatus.CANCELLED, 0)
    assert outcomes(database, tenant, cid) == {}


def test_sends_that_wait_take_no_room_from_other_jobs(settings: Settings, database: Database, tenant: Tenant) -> None:
    add_members(database, tenant, PEOPLE)
    waiting = [make_campaign(database, tenant, name=f"waits {n}", policy={}) for n in range(3)]
    cid = make_campaign(database, tenant, name="goes")
    with Threads(settings.model_copy(update={"tenant_window": 2}), 1) as threads:
        asked = [
            request(threads.context, tenant.tenant_id, tenant.user_id, each, wait_verdicts=60).import_job_id
            for each in waiting
        ]
        until(
            lambda: all(waiting_chunk(database, tenant, job)[2:4] == (True, False) for job in asked),
            what="the sends to wait",
        )
        receipt = request(threads.context, tenant.tenant_id, tenant.user_id, cid)
        (job,) = threads.finish(tenant.tenant_id, receipt.import_job_id)
        for each in asked:
            cancel(threads.context, tenant.tenant_id, each)
        threads.finish(tenant.tenant_id, *asked)
    assert job.status is JobStatus.DONE
    assert job.total_rows == len(PEOPLE)
