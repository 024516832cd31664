"""A worker that is told to stop gives its work back at once, uncounted: deploys under load burn no attempts."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from config.settings import Settings
from db.statuses import JobStatus
from tests.chaos.conftest import DOMAINS
from tests.chaos.test_kills import assert_equals_oracle, contact_file, submit
from tests.conftest import Tenant, make_tenant
from tests.support.crew import Crew, crew, servers
from tests.support.dns import CANARIES, WORLD, Host, ScriptedDns
from tests.support.waiting import until

pytestmark = [pytest.mark.chaos, pytest.mark.slow]


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Servers with so much patience that nothing but a chunk that was given back goes on within the test."""
    # Answers take longer than a worker has to finish: whoever asks when it is stopped has to give its chunk back.
    script = {**WORLD, **{domain: Host(mx=((10, f"mx.{domain}"),), delay=1.5) for domain in DOMAINS}}
    with (
        ScriptedDns(script).serving() as address,
        servers(
            tmp_path_factory.mktemp("calm"),
            dns_nameservers=(address,),
            dns_canaries=CANARIES,
            chunk_rows=300,
            claim_grace=120.0,
            max_attempts=1,
            express_rows=1,  # a large job: the process of small ones has nothing of it
        ) as settings,
    ):
        yield settings


def attempts(team: Crew, tenant: Tenant) -> tuple[int, int]:
    """How many claims there were in all, and the most that count against a chunk."""
    with team.context.database.unit(tenant.tenant_id) as unit:
        row = unit.execute(
            "select coalesce(sum(attempts), 0), coalesce(max(stage_attempts), 0) from mkt.import_chunks"
        ).one()
    return int(row[0]), int(row[1])


def test_rolling_restarts_under_load_burn_no_attempts_and_lose_nothing(calm: Settings, tmp_path: Path) -> None:
    """With one attempt allowed per step, a single one that counted would end the job or isolate a row."""
    data = contact_file(3_000, seed=6)
    with crew(calm) as team:
        tenant = make_tenant(calm, team.context.database, tmp_path)
        job_id = submit(team, tenant, data)
        for name in ("worker", "worker", "dns", "dns"):
            until(lambda: holds(team, tenant, name), timeout=120, what=f"{name} to hold a chunk", every=0.005)  # noqa: B023
            main = team.supervisor.pids()[name]
            os.kill(main, signal.SIGTERM)
            until(lambda: not psutil.pid_exists(main), timeout=60, what="the worker to stop")  # noqa: B023
            until(lambda: team.supervisor.pids().get(name), timeout=60, what="its successor")  # noqa: B023
            assert attempts(team, tenant)[1] <= 1
        log = (calm.home_path / "logs" / "dns.log").read_text(encoding="utf-8")
        job = team.wait(tenant.tenant_id, job_id, timeout=240)
        assert (job.status, job.failure_detail) == (JobStatus.DONE, None)
        assert_equals_oracle(team, tenant, job_id, data)
        with team.context.database.unit(tenant.tenant_id) as unit:
            assert unit.execute("select count(*) from mkt.import_chunks where halvings > 0").scalar_one() == 0
    assert log.count("chunk_given_back") > 0


def holds(team: Crew, tenant: Tenant, name: str) -> bool:
    pid = team.supervisor.pids().get(name)
    if pid is None:
        return False
    try:
        children = [f":{child.pid}" for child in psutil.Process(pid).children()]
    except psutil.NoSuchProcess:
        return False
    with team.context.database.unit(tenant.tenant_id) as unit:
        return bool(
            unit.execute(
                "select exists (select from mkt.import_chunks where claimed_by is not null"
                " and substring(claimed_by from ':[0-9]+$') = any(:pids))",
                {"pids": children},
            ).scalar_one()
        )
