"""Old and new code side by side: the schema moves under the workers of the release before, and both finish the job."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from uuid import UUID

import psycopg
import pytest

from config.endpoints import database_url
from config.settings import Settings
from db.statuses import JobStatus
from db.upgrade import upgrade
from tests.chaos.stand import DOMAINS, PACE
from tests.chaos.test_kills import assert_equals_oracle, contact_file
from tests.conftest import Tenant
from tests.house.repository import ROOT
from tests.support.crew import FAST, Crew, crew
from tests.support.dns import WORLD, Host, ScriptedDns
from tests.support.waiting import until
from workers.procfile import child_environment
from workers.servers import start, stop

#: The release before: the last commit before the newest migration. Moves on with every release that has one.
PREVIOUS: Final = "47be30a"
WORKED: Final = "Task mkt.upsert_chunk"


def unpack(folder: Path) -> Path:
    """Unpack the release before; skips the test where its history is not there."""
    archive = subprocess.run(
        ["git", "-C", str(ROOT), "archive", "--format=tar", PREVIOUS], capture_output=True, check=False
    )
    if archive.returncode != 0:
        pytest.skip(f"the history of {PREVIOUS} is not here: {archive.stderr.decode(errors='replace').strip()[:200]}")
    folder.mkdir()
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=True)
    return folder


def as_release(tree: Path, settings: Settings) -> dict[str, str]:
    """Return the environment in which Python runs that release's code, on the servers of these settings."""
    beat = {"MKT_BEAT_SCHEDULE": str(tree / "beat-schedule")}  # each beat has its own
    return {**child_environment(settings), "PYTHONPATH": str(tree), **beat}


def run(tree: Path, env: Mapping[str, str], *arguments: str) -> str:
    """Run Python with these arguments as that release."""
    done = subprocess.run([sys.executable, *arguments], env=env, cwd=tree, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def default_tenant(settings: Settings, files: Path) -> Tenant:
    with psycopg.connect(database_url(settings)) as connection:
        row = connection.execute(
            "select t.tenant_id, t.slug, u.user_id, a.name, a.audience_id from core.tenants t join auth.users u using (tenant_id)"
            " join mkt.audiences a using (tenant_id) where t.slug = 'default' and u.name = 'system'"
        ).fetchone()
    assert row is not None
    return Tenant(row[0], row[1], row[2], row[3], row[4], files)


def steps(team: Crew, tenant_id: UUID, job_id: UUID) -> int:
    query = (
        "select count(*) from mkt.import_chunks where import_job_id = :job and stage in ('link', 'validate', 'done')"
    )
    with team.context.database.unit(tenant_id) as unit:
        return int(unit.execute(query, {"job": job_id}).scalar_one())


@pytest.mark.fault(27)
@pytest.mark.slow
@pytest.mark.chaos
def test_workers_of_two_releases_share_a_job_while_the_schema_moves_on(tmp_path: Path) -> None:
    tree, home, file = unpack(tmp_path / "before"), tmp_path / "home", tmp_path / "contacts.csv"
    data = contact_file(15_000, seed=11)
    file.write_bytes(data)
    script = {**WORLD, **{domain: Host(mx=((10, f"mx.{domain}"),)) for domain in DOMAINS}}
    with ScriptedDns(script).serving() as address:
        settings = Settings(home=home).model_copy(update={**PACE, "dns_nameservers": (address,), "chunk_rows": 100})
        env = as_release(tree, settings)
        assert run(tree, env, "-c", "import workers; print(workers.__file__)") == str(tree / "workers" / "__init__.py")
        start(settings, extra_postgres=FAST)
        try:
            run(tree, env, "-m", "cli", "db", "upgrade", "--standalone")
            run(tree, env, "-m", "cli", "audience", "create", "people")
            with crew(settings, env, release=tree) as before:
                asked = run(tree, env, "-m", "cli", "import", str(file), "--audience", "people", "--detach", "--json")
                job_id = UUID(json.loads(asked)["import_job_id"])
                tenant = default_tenant(settings, tmp_path)
                until(lambda: steps(before, tenant.tenant_id, job_id) > 3, timeout=120, what="the old workers to begin")
                upgrade(database_url(settings), standalone=True)
                with crew(settings) as after:
                    job = after.wait(tenant.tenant_id, job_id, timeout=300)
                    assert (job.status, job.failure_detail) == (JobStatus.DONE, None)
                    assert_equals_oracle(after, tenant, job_id, data)
            for logs in (tree / "logs", home / "logs"):
                said = [log.read_text("utf-8") for log in logs.glob("*.log")]
                assert any(WORKED in each for each in said), f"{logs} shows no work"
        finally:
            stop(settings)
