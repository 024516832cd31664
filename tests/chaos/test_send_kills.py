"""Law 3 for sends: whatever is killed, wherever, one message per contact, ever, and everybody accounted for."""

from __future__ import annotations

import os
import random
import signal
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest

from config.settings import Settings
from db.statuses import JobStatus
from pipeline.sending import request
from tests.chaos.test_kills import findings
from tests.conftest import Tenant, make_tenant
from tests.support.campaigns import add_members, left_out, make_campaign, written_to
from tests.support.crew import Crew, crew
from tests.support.waiting import until

PLACES = ("claimed", "before_commit", "committed")
#: The stages that a send goes through.
SENDING = ("plan", "send", "settle")


def people(count: int) -> list[str]:
    return [f"pessoa{number}@empresa{number % 40}.com.br" for number in range(count)]


def opt_out(team: Crew, tenant: Tenant, emails: list[str]) -> None:
    with team.context.database.unit(tenant.tenant_id) as unit:
        unit.execute(
            "insert into ops.suppressions (tenant_id, email, kind, source) select :t, e, 'unsubscribe', 'test' from unnest(cast(:emails as text[])) e",
            {"t": tenant.tenant_id, "emails": emails},
        )


def campaign(team: Crew, tenant: Tenant, everybody: list[str]) -> UUID:
    """Make a campaign over everybody; one in ten has opted out."""
    add_members(team.context.database, tenant, everybody)
    opt_out(team, tenant, everybody[::10])
    return make_campaign(team.context.database, tenant)


def assert_sent_once(team: Crew, tenant: Tenant, cid: UUID, job_id: UUID, everybody: list[str]) -> None:
    database, out = team.context.database, everybody[::10]
    assert written_to(database, tenant, cid) == sorted(set(everybody) - set(out))
    assert left_out(database, tenant, cid) == dict.fromkeys(out, ("unsubscribed", "unsubscribe"))
    with database.reading(tenant.tenant_id) as unit:
        counts = unit.execute(
            "select j.records_seen, j.total_rows, j.ok_rows, j.error_rows, sum(c.last_row - c.first_row + 1)"
            " from mkt.import_jobs j join mkt.import_chunks c using (import_job_id) where import_job_id = :job and c.kind = 'rows' group by 1, 2, 3, 4",
            {"job": job_id},
        ).one()
    assert tuple(counts) == (len(everybody), len(everybody), len(everybody) - len(out), len(out), len(everybody))


@pytest.mark.slow
@pytest.mark.chaos
@pytest.mark.brokers
def test_kills_and_a_flushed_broker_lose_nobody_and_write_to_nobody_twice(
    chaos_settings: Settings, tmp_path: Path
) -> None:
    chance = random.Random(int(os.environ.get("SEED", "1")))
    everybody = people(8_000)
    with crew(chaos_settings.model_copy(update={"chunk_rows": 100})) as team:
        tenant = make_tenant(chaos_settings, team.context.database, tmp_path)
        cid = campaign(team, tenant, everybody)
        receipt = request(team.context, tenant.tenant_id, tenant.user_id, cid)

        def has_passed(goal: int) -> bool:
            query = "select sum(attempts) > :goal from mkt.import_chunks where import_job_id = :job"
            with team.context.database.unit(tenant.tenant_id) as unit:
                return bool(unit.execute(query, {"job": receipt.import_job_id, "goal": goal}).scalar_one())

        for fault in range(5):
            until(partial(has_passed, 12 * fault), timeout=120, what=f"the send to go on after fault {fault}")
            team.kill_one(chance)
            if fault == 2:
                team.lose_messages()
        job = team.wait(tenant.tenant_id, receipt.import_job_id, timeout=60)
        assert (job.status, job.failure_detail) == (JobStatus.DONE, None)
        assert_sent_once(team, tenant, cid, receipt.import_job_id, everybody)


@pytest.mark.slow
@pytest.mark.fault(15)
@pytest.mark.fault(17)
@pytest.mark.chaos
@pytest.mark.brokers
def test_a_death_at_every_place_of_a_send_is_survived(chaos_settings: Settings, tmp_path: Path) -> None:
    """After the claim, under the lock of opt-outs, before the commit, between the commit and the next message."""
    places = [*(f"{stage}:{place}" for stage in SENDING for place in PLACES), "send:heeding"]
    once = tmp_path / "once"
    once.mkdir()
    env = {"MKT_FAILPOINTS": ",".join(f"{place}=exit" for place in places), "MKT_FAILPOINT_ONCE": str(once)}
    everybody = people(500)
    with crew(chaos_settings.model_copy(update={"chunk_rows": 100}), env) as team:
        tenant = make_tenant(chaos_settings, team.context.database, tmp_path)
        cid = campaign(team, tenant, everybody)
        receipt = request(team.context, tenant.tenant_id, tenant.user_id, cid)
        job = team.wait(tenant.tenant_id, receipt.import_job_id, timeout=180)
        assert (job.status, job.failure_detail) == (JobStatus.DONE, None)
        assert_sent_once(team, tenant, cid, receipt.import_job_id, everybody)
        assert {path.name for path in once.iterdir()} == {place.replace(":", "-") for place in places}


@pytest.mark.slow
@pytest.mark.chaos
@pytest.mark.brokers
def test_a_worker_that_is_stopped_while_it_sends_holds_up_no_opt_out_for_long_and_writes_nothing_later(
    chaos_settings: Settings, tmp_path: Path
) -> None:
    once = tmp_path / "once"
    once.mkdir()
    everybody = people(300)
    env = {"MKT_FAILPOINTS": "send:before_commit=stop", "MKT_FAILPOINT_ONCE": str(once)}
    with crew(chaos_settings.model_copy(update={"chunk_rows": 1_000}), env) as team:
        tenant = make_tenant(chaos_settings, team.context.database, tmp_path)
        cid = campaign(team, tenant, [])
        add_members(team.context.database, tenant, everybody)
        receipt = request(team.context, tenant.tenant_id, tenant.user_id, cid)
        zombie = until(team.stopped_process, timeout=60, what="a stopped worker")
        opt_out(team, tenant, everybody[::10])  # waits until PostgreSQL has ended the transaction of the worker
        job = team.wait(tenant.tenant_id, receipt.import_job_id, timeout=60)
        assert job.status is JobStatus.DONE
        before = findings(chaos_settings)
        zombie.send_signal(signal.SIGCONT)
        until(lambda: findings(chaos_settings) > before, what="the resumed worker to find out")
        assert_sent_once(team, tenant, cid, receipt.import_job_id, everybody)
