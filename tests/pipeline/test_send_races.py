"""No message is committed after an opt-out that was committed: whoever comes first, the other one waits."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from config.settings import Settings
from db.statuses import FIRST_ROWS_CHUNK, ChunkStage
from db.unit import Database
from pipeline.sending import request
from tests.conftest import Tenant
from tests.pipeline.sends import PEOPLE, idle, is_somebody_waiting, opt_out, opt_out_in, planned, step
from tests.support.campaigns import UNJUDGED, add_members, left_out, make_campaign, written_to
from tests.support.examples import few
from tests.support.waiting import until
from tests.support.workers import Threads


def test_who_opts_out_between_the_freeze_and_the_chunk_has_no_message(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    add_members(database, tenant, PEOPLE)
    cid = make_campaign(database, tenant)
    with idle(settings) as nobody:
        job_id = planned(nobody, tenant, cid)
        opt_out(database, tenant, PEOPLE[0])
    with Threads(settings) as threads:
        threads.finish(tenant.tenant_id, job_id)
    assert written_to(database, tenant, cid) == sorted(PEOPLE[1:])
    assert left_out(database, tenant, cid) == {PEOPLE[0]: ("unsubscribed", "unsubscribe")}


def test_a_chunk_waits_for_an_opt_out_that_is_about_to_be_committed_and_obeys_it(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    add_members(database, tenant, PEOPLE)
    cid = make_campaign(database, tenant)
    with idle(settings, chunk_rows=1_000) as nobody, ThreadPoolExecutor(1) as pool:
        job_id = planned(nobody, tenant, cid)
        with database.unit(tenant.tenant_id) as unit:
            opt_out_in(unit, PEOPLE[0])
            sending = pool.submit(step, nobody, tenant, job_id, ChunkStage.SEND, FIRST_ROWS_CHUNK)
            until(lambda: is_somebody_waiting(database), what="the chunk to wait")
            assert not sending.done()
        assert sending.result(timeout=30)
    assert written_to(database, tenant, cid) == sorted(PEOPLE[1:])


def test_an_opt_out_waits_for_a_chunk_that_has_begun_to_judge(
    settings: Settings, database: Database, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is committed after the message, never before it: whoever told us of it was told so only then."""
    add_members(database, tenant, PEOPLE)
    cid = make_campaign(database, tenant)
    judging, go_on = threading.Event(), threading.Event()

    def stop(place: str) -> None:
        if place == "send:before_commit":
            judging.set()
            assert go_on.wait(30)

    monkeypatch.setattr("pipeline.moves.failpoint", stop)
    with idle(settings, chunk_rows=1_000) as nobody, ThreadPoolExecutor(2) as pool:
        job_id = planned(nobody, tenant, cid)
        sending = pool.submit(step, nobody, tenant, job_id, ChunkStage.SEND, FIRST_ROWS_CHUNK)
        assert judging.wait(30)
        late = pool.submit(opt_out, database, tenant, PEOPLE[0])
        until(lambda: is_somebody_waiting(database) or late.done(), what="the opt-out to wait")
        assert not late.done()
        assert written_to(database, tenant, cid) == []
        go_on.set()
        assert sending.result(timeout=30)
        late.result(timeout=30)
    assert PEOPLE[0] in written_to(database, tenant, cid)
    with database.reading(tenant.tenant_id) as unit:
        before = unit.execute(
            "select cast(cast(m.xmin as text) as bigint) < cast(cast(s.xmin as text) as bigint) from mtrk.mensagens m, ops.suppressions s, mtrk.contatos c"
            " where m.cid = :cid and c.rid = m.rid and c.email = s.email",
            {"cid": cid},
        ).scalar_one()
    assert before


def test_chunks_do_not_wait_for_each_other(
    settings: Settings, database: Database, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock is shared: two chunks are judged at the same moment."""
    add_members(database, tenant, PEOPLE)
    cid = make_campaign(database, tenant)
    meeting = threading.Barrier(2)

    def meet(place: str) -> None:
        if place == "send:heeding":
            meeting.wait(30)

    monkeypatch.setattr("pipeline.stages.send.failpoint", meet)
    with idle(settings, chunk_rows=30) as nobody, ThreadPoolExecutor(2) as pool:
        job_id = planned(nobody, tenant, cid)
        two = [pool.submit(step, nobody, tenant, job_id, ChunkStage.SEND, FIRST_ROWS_CHUNK + n) for n in range(2)]
        assert all(each.result(timeout=60) for each in two)
    assert written_to(database, tenant, cid) == sorted(PEOPLE)


def test_campaigns_that_count_messages_take_turns_and_do_not_exceed_the_cap_together(
    settings: Settings, database: Database, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two that are sent at once end as one after the other would: the second sees the messages of the first."""
    add_members(database, tenant, PEOPLE)
    capped = {**UNJUDGED, "frequency_cap": {"messages": 1, "days": 7}}
    cids = [make_campaign(database, tenant, name=f"campaign {n}", policy=capped) for n in range(2)]
    judging, go_on = threading.Event(), threading.Event()

    def stop(place: str) -> None:
        if place == "send:before_commit" and not judging.is_set():
            judging.set()
            assert go_on.wait(30)

    with idle(settings, chunk_rows=1_000) as nobody, ThreadPoolExecutor(2) as pool:
        jobs = [planned(nobody, tenant, cid) for cid in cids]
        monkeypatch.setattr("pipeline.moves.failpoint", stop)
        first = pool.submit(step, nobody, tenant, jobs[0], ChunkStage.SEND, FIRST_ROWS_CHUNK)
        assert judging.wait(30)
        second = pool.submit(step, nobody, tenant, jobs[1], ChunkStage.SEND, FIRST_ROWS_CHUNK)
        until(lambda: is_somebody_waiting(database) or second.done(), what="the second to wait")
        go_on.set()
        assert first.result(timeout=30)
        assert second.result(timeout=30)
    assert [len(written_to(database, tenant, cid)) for cid in cids] == [60, 0]
    assert {rule for rule, _ in left_out(database, tenant, cids[1]).values()} == {"frequency_cap"}


@pytest.mark.parametrize("seed", few(range(3), 1))
def test_opt_outs_that_rain_on_a_send_leave_no_message_behind_them(
    settings: Settings, database: Database, tenant: Tenant, seed: int
) -> None:
    people = [f"p{seed}x{number}@gmail.com" for number in range(200)]
    add_members(database, tenant, people)
    cid = make_campaign(database, tenant)
    written_before: dict[str, bool] = {}

    def leave(email: str) -> None:
        """Opt out, and look at once: what is not there now must never come."""
        opt_out(database, tenant, email.replace("@", "+other@"))  # another spelling of the mailbox
        written_before[email] = email in written_to(database, tenant, cid)

    with Threads(settings.model_copy(update={"chunk_rows": 5}), 3, seed=seed, double=0.3) as threads:
        receipt = request(threads.context, tenant.tenant_id, tenant.user_id, cid)
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(leave, people[::4]))
        threads.finish(tenant.tenant_id, receipt.import_job_id)
    messages = written_to(database, tenant, cid)
    assert {email for email, before in written_before.items() if not before} & set(messages) == set()
    assert {email for email, before in written_before.items() if before} <= set(messages)
    assert len(messages) == len(set(messages)) == 200 - sum(not before for before in written_before.values())
