"""Cancel at a random moment of every stage, with real workers: one end, counters that balance, and silence after it.

`CANCEL_SEEDS=50` runs so many seeds of each stage.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from config.endpoints import database_url
from config.settings import Settings
from db.jobs import Job
from db.statuses import JobStatus
from db.tables import domain_checks, metadata, resolvers
from db.unit import Unit
from pipeline.control import ControlRefusedError, cancel
from tests.chaos.test_kills import IMPORTING, contact_file, submit
from tests.conftest import Tenant, make_tenant
from tests.support.crew import Crew, crew
from tests.support.queues import messages
from tests.support.waiting import until

SEEDS = int(os.environ.get("CANCEL_SEEDS", "2"))
#: Rows of the file, and of a chunk: enough of them that a job stands at every stage for a while.
ROWS, CHUNK_ROWS = 1_200, 60
#: What is written by all tenants' work, and no part of the job.
SHARED = (domain_checks, resolvers)


def checksums(settings: Settings) -> dict[str, tuple[object, ...]]:
    """Of every table that a job may write: its rows, and a sum over their text."""
    names = [table.fullname for table in metadata.sorted_tables if table not in SHARED]
    with psycopg.connect(database_url(settings)) as connection:
        connection.execute("set transaction isolation level repeatable read")
        return {
            name: connection.execute(f"select count(*), sum(hashtextextended(t::text, 0)) from {name} t").fetchone()
            or ()
            for name in names
        }


def reached(team: Crew, tenant: Tenant, job_id: UUID, stage: str, share: float) -> bool:
    """Whether so large a share of the job's chunks has got to the stage, or the job has ended."""

    def look(unit: Unit) -> tuple[int, int, bool]:
        found = unit.execute(
            "select count(*) filter (where c.attempts > 0 and c.stage = :stage), count(*) filter (where c.kind = :kind), bool_or(j.finished_at is not null)"
            " from mkt.import_jobs j join mkt.import_chunks c using (import_job_id) where import_job_id = :job",
            {"job": job_id, "stage": stage, "kind": stage if stage in ("split", "mark", "settle") else "rows"},
        ).one()
        return found[0], found[1], found[2]

    there, of, ended = team.context.database.in_unit(tenant.tenant_id, look)
    return ended or (there > 0 and there >= share * min(of, 4))


def balance(team: Crew, tenant: Tenant, job: Job) -> None:
    """Hold the job to law 1, and its counters to what is there."""
    with team.context.database.reading(tenant.tenant_id) as unit:
        rows, links, created, hinted, due = unit.execute(
            "select (select count(*) from mkt.import_rows where import_job_id = :job),"
            " (select count(*) from mkt.audience_contacts where import_job_id = :job),"
            " (select count(*) from mkt.contact_changes where import_job_id = :job and change = 'created'),"
            " (select count(*) from mkt.import_chunks where import_job_id = :job and hinted_at is not null),"
            " (select count(*) from mkt.import_chunks where import_job_id = :job and due_at is not null)",
            {"job": job.import_job_id},
        ).one()
        counted = unit.execute(
            "select j.total_rows, j.ok_rows + j.error_rows + j.duplicate_rows, coalesce(sum(c.links_added), 0), coalesce(sum(c.contacts_created), 0)"
            " from mkt.import_jobs j join mkt.import_chunks c using (import_job_id) where import_job_id = :job group by 1, 2",
            {"job": job.import_job_id},
        ).one()
    assert tuple(counted) == (rows, rows, links, created)
    assert (hinted, due) == (0, 0)


@pytest.fixture(scope="module")
def team(chaos_settings: Settings) -> Iterator[Crew]:
    with crew(chaos_settings.model_copy(update={"chunk_rows": CHUNK_ROWS})) as made:
        yield made


@pytest.mark.slow
@pytest.mark.chaos
@pytest.mark.brokers
@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize("stage", IMPORTING)
def test_a_cancelled_job_has_one_end_and_writes_nothing_after_it(
    team: Crew, tmp_path: Path, stage: str, seed: int
) -> None:
    chance = random.Random(f"{stage} {seed}")
    tenant = make_tenant(team.settings, team.context.database, tmp_path)
    job_id = submit(team, tenant, contact_file(ROWS, seed))
    share = chance.random()
    until(
        lambda: reached(team, tenant, job_id, stage, share), timeout=60, what=f"the job to be at {stage}", every=0.001
    )
    with suppress(ControlRefusedError):  # the job was quicker
        cancel(team.context, tenant.tenant_id, job_id, user_id=tenant.user_id)
    job = team.wait(tenant.tenant_id, job_id, timeout=60)
    assert job.status in (JobStatus.CANCELLED, JobStatus.DONE)
    before = checksums(team.settings)
    balance(team, tenant, job)
    until(lambda: is_quiet(team), timeout=60, what="every worker to be idle", every=0.2)
    assert checksums(team.settings) == before
    assert team.job(tenant.tenant_id, job_id).status == job.status


def is_quiet(team: Crew) -> bool:
    """Whether no message is under way or waits, and no worker is in a transaction."""
    with psycopg.connect(database_url(team.settings)) as connection:
        busy = connection.execute(
            "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'"
            " and backend_type = 'client backend'"
        ).fetchone()
    return busy == (0,) and not messages(team.settings)
