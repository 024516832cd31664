"""Law 3 for undo: whatever is killed, wherever, everything is taken back once, and the base is what it was."""

from __future__ import annotations

import io
import os
import random
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest

from config.settings import Settings
from db.statuses import JobStatus, OnExisting
from pipeline.intake import ImportRequest, intake
from pipeline.options import ImportOptions
from pipeline.undoing import request
from tests.conftest import Tenant, make_tenant
from tests.support.checksums import checksums
from tests.support.crew import Crew, crew
from tests.support.waiting import until

PLACES = ("claimed", "before_commit", "committed")
#: The stages that an undo goes through.
UNDOING = ("deal", "undo", "settle")


def people(count: int, name: str, *, every: int = 1) -> bytes:
    rows = "".join(f"pessoa{n}@empresa{n % 40}.com.br,{name} {n}\n" for n in range(0, count, every))
    return f"email,name\n{rows}".encode()


def take_in(team: Crew, tenant: Tenant, data: bytes) -> UUID:
    options = ImportOptions(on_existing=OnExisting.OVERWRITE)
    asked = ImportRequest(tenant.tenant_id, tenant.user_id, tenant.audience, "f.csv", options, again=True)
    job_id = intake(team.context, asked, io.BytesIO(data)).import_job_id
    assert team.wait(tenant.tenant_id, job_id, timeout=180).status is JobStatus.DONE
    return job_id


def assert_as_before(team: Crew, tenant: Tenant, job_id: UUID, before: dict[str, tuple[int, int]], things: int) -> None:
    job = team.wait(tenant.tenant_id, job_id, timeout=180)
    assert (job.status, job.failure_detail, job.total_rows) == (JobStatus.DONE, None, things)
    assert checksums(team.context.database, tenant.tenant_id) == before


@pytest.mark.slow
@pytest.mark.chaos
@pytest.mark.brokers
def test_kills_and_a_flushed_broker_leave_an_undo_complete(chaos_settings: Settings, tmp_path: Path) -> None:
    chance = random.Random(int(os.environ.get("SEED", "1")))
    with crew(chaos_settings.model_copy(update={"chunk_rows": 100})) as team:
        tenant = make_tenant(chaos_settings, team.context.database, tmp_path)
        take_in(team, tenant, people(6_000, "Antes", every=10))
        before = checksums(team.context.database, tenant.tenant_id)
        target = take_in(team, tenant, people(6_000, "Depois"))
        undo = request(team.context, tenant.tenant_id, tenant.user_id, target).import_job_id

        def has_passed(goal: int) -> bool:
            query = "select sum(attempts) > :goal from mkt.import_chunks where import_job_id = :job"
            with team.context.database.unit(tenant.tenant_id) as unit:
                return bool(unit.execute(query, {"job": undo, "goal": goal}).scalar_one())

        for fault in range(4):
            until(partial(has_passed, 10 * fault), timeout=120, what=f"the undo to go on after fault {fault}")
            team.kill_one(chance)
            if fault == 2:
                team.lose_messages()
        # Of 6,000 contacts one in ten was there: these are changed, the others created and linked.
        assert_as_before(team, tenant, undo, before, 600 + 2 * 5_400)


@pytest.mark.slow
@pytest.mark.chaos
@pytest.mark.brokers
def test_a_death_at_every_place_of_an_undo_is_survived(chaos_settings: Settings, tmp_path: Path) -> None:
    once = tmp_path / "once"
    once.mkdir()
    with crew(chaos_settings.model_copy(update={"chunk_rows": 100})) as team:
        tenant = make_tenant(chaos_settings, team.context.database, tmp_path)
        before = checksums(team.context.database, tenant.tenant_id)
        target = take_in(team, tenant, people(300, "Ana"))
    places = [f"{stage}:{place}" for stage in UNDOING for place in PLACES]
    env = {"MKT_FAILPOINTS": ",".join(f"{place}=exit" for place in places), "MKT_FAILPOINT_ONCE": str(once)}
    with crew(chaos_settings.model_copy(update={"chunk_rows": 100}), env) as team:
        undo = request(team.context, tenant.tenant_id, tenant.user_id, target).import_job_id
        assert_as_before(team, tenant, undo, before, 600)
        assert {path.name for path in once.iterdir()} == {place.replace(":", "-") for place in places}
