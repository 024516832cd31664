"""The database goes away, and comes back read-only: workers live through it, say so once, burn no attempts, and go on."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from config.endpoints import database_url
from config.settings import Settings
from db.statuses import JobStatus
from tests.chaos.conftest import chaos_settings
from tests.chaos.test_kills import assert_equals_oracle, contact_file, submit
from tests.conftest import Tenant, make_tenant
from tests.support.crew import FAST, Crew, crew
from tests.support.servers import kill
from tests.support.waiting import until
from workers.servers import start

__all__ = ["chaos_settings"]
pytestmark = [pytest.mark.chaos, pytest.mark.slow]

#: Main processes and children never come to more that have a database to miss.
PROCESSES = 3


def begun(settings: Settings, trouble: str) -> int:
    """How often a process has said that this trouble began."""
    logs = [settings.home_path / "logs" / f"{name}.log" for name in ("worker", "dns")]
    lines = [line for log in logs if log.exists() for line in log.read_text(encoding="utf-8").splitlines()]
    return sum("trouble_began" in line and trouble in line for line in lines)


def claims(team: Crew, tenant: Tenant) -> int:
    with team.context.database.unit(tenant.tenant_id) as unit:
        return int(unit.execute("select coalesce(sum(attempts), 0) from mkt.import_chunks").scalar_one())


def test_an_import_outlives_a_database_that_dies_and_one_that_is_read_only(
    chaos_settings: Settings,
    tmp_path: Path,
) -> None:
    settings = chaos_settings.model_copy(update={"chunk_rows": 100, "max_attempts": 3})
    data = contact_file(4_000, seed=7)
    with crew(settings) as team:
        tenant = make_tenant(settings, team.context.database, tmp_path)
        job_id = submit(team, tenant, data)
        until(lambda: claims(team, tenant) > 10, timeout=60, what="the job to be under way")
        kill(settings, "PostgreSQL")
        until(lambda: begun(settings, "database_away"), timeout=60, what="a worker to notice")
        start(settings, extra_postgres=FAST)
        team.context.database.dispose()
        before = claims(team, tenant)
        until(lambda: claims(team, tenant) > before + 10, timeout=60, what="the job to go on")
        assert begun(settings, "database_away") <= PROCESSES

        with psycopg.connect(database_url(settings), autocommit=True) as owner:
            owner.execute("alter system set default_transaction_read_only = on")
            owner.execute("select pg_reload_conf()")
            until(lambda: begun(settings, "database_read_only"), timeout=60, what="a worker to be refused")
            owner.execute("set default_transaction_read_only = off")
            owner.execute("alter system reset default_transaction_read_only")
            owner.execute("select pg_reload_conf()")
        job = team.wait(tenant.tenant_id, job_id, timeout=180)
        assert (job.status, job.failure_detail) == (JobStatus.DONE, None)
        assert_equals_oracle(team, tenant, job_id, data)
        with team.context.database.unit(tenant.tenant_id) as unit:
            assert unit.execute("select count(*) from mkt.import_chunks where halvings > 0").scalar_one() == 0
        log = (settings.home_path / "logs" / "worker.log").read_text(encoding="utf-8")
        assert "Traceback" not in log
