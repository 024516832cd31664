"""Old and new code side by side: the schema moves under the workers of the release before, and both finish the job."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from uuid import UUID

import pytest

from config.endpoints import database_url
from config.settings import Settings
from db.statuses import JobStatus
from db.upgrade import upgrade
from tests.chaos.stand import DOMAINS, PACE
from tests.chaos.test_kills import assert_equals_oracle, contact_file, submit
from tests.conftest import make_tenant
from tests.house.repository import ROOT
from tests.support.crew import FAST, Crew, crew
from tests.support.dns import WORLD, Host, ScriptedDns
from tests.support.waiting import until
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


def as_release(tree: Path, home: Path) -> dict[str, str]:
    """Return the environment in which Python runs that release's code."""
    return {"PYTHONPATH": str(tree), "MKT_BEAT_SCHEDULE": str(home / "beat-schedule-before")}


def run(tree: Path, env: Mapping[str, str], code: str) -> str:
    """Run a piece of Python as that release."""
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **env}, cwd=tree, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def steps(team: Crew, tenant_id: UUID, job_id: UUID) -> int:
    query = (
        "select count(*) from mkt.import_chunks where import_job_id = :job and stage in ('link', 'validate', 'done')"
    )
    with team.context.database.unit(tenant_id) as unit:
        return int(unit.execute(query, {"job": job_id}).scalar_one())


@pytest.mark.slow
@pytest.mark.chaos
def test_workers_of_two_releases_share_a_job_while_the_schema_moves_on(tmp_path: Path) -> None:
    tree = unpack(tmp_path / "before")
    home = tmp_path / "home"
    env = as_release(tree, home)
    assert run(tree, env, "import workers; print(workers.__file__)") == str(tree / "workers" / "__init__.py")
    script = {**WORLD, **{domain: Host(mx=((10, f"mx.{domain}"),)) for domain in DOMAINS}}
    with ScriptedDns(script).serving() as address:
        settings = Settings(home=home).model_copy(update={**PACE, "dns_nameservers": (address,), "chunk_rows": 100})
        start(settings, extra_postgres=FAST)
        try:
            run(tree, env, f"from db.upgrade import upgrade; upgrade({database_url(settings)!r}, standalone=True)")
            with crew(settings, env, release=tree) as before:
                tenant = make_tenant(settings, before.context.database, tmp_path)
                data = contact_file(8_000, seed=11)
                job_id = submit(before, tenant, data)
                until(lambda: steps(before, tenant.tenant_id, job_id) > 3, timeout=120, what="the old workers to begin")
                upgrade(database_url(settings), standalone=True)
                with crew(settings) as after:
                    job = after.wait(tenant.tenant_id, job_id, timeout=300)
                    assert (job.status, job.failure_detail) == (JobStatus.DONE, None)
                    assert_equals_oracle(after, tenant, job_id, data)
            for log in (tree / "logs" / "worker.log", home / "logs" / "worker.log"):
                assert WORKED in log.read_text("utf-8"), f"{log} shows no work"
        finally:
            stop(settings)
