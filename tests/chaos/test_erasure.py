"""An erasure whose workers die at every place of it, while an import of the same person runs: it ends, without a trace."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from config.settings import Settings
from db.statuses import ChunkStage, JobStatus
from pipeline.erasures import ask
from pipeline.intake import ImportRequest, intake
from tests.chaos.conftest import DOMAINS
from tests.conftest import make_tenant
from tests.privacy.traces import found
from tests.support.crew import crew

ADDRESS = f"olga.perdida@{DOMAINS[0]}"


@pytest.mark.slow
@pytest.mark.chaos
@pytest.mark.brokers
def test_a_death_at_every_place_of_an_erasure_leaves_no_trace(chaos_settings: Settings, tmp_path: Path) -> None:
    places = [
        f"{stage}:{place}"
        for stage in (ChunkStage.ERASE, ChunkStage.PURGE)
        for place in ("claimed", "before_commit", "committed")
    ]
    once = tmp_path / "once"
    once.mkdir()
    env = {"MKT_FAILPOINTS": ",".join(f"{place}=exit" for place in places), "MKT_FAILPOINT_ONCE": str(once)}
    rows = [f"p{n}@{DOMAINS[n % len(DOMAINS)]};Pessoa {n}" for n in range(600)]
    rows[300] = f"{ADDRESS};Olga Perdida"
    data = "\n".join(["email;nome", *rows]).encode()
    settings = chaos_settings.model_copy(update={"chunk_rows": 100})
    with crew(settings, env) as team:
        tenant = make_tenant(settings, team.context.database, tmp_path)
        request = ImportRequest(tenant.tenant_id, tenant.user_id, tenant.audience, "f.csv")
        imported = intake(team.context, request, io.BytesIO(data)).import_job_id
        erasure = ask(team.context, tenant.tenant_id, tenant.user_id, ADDRESS, "pedido").import_job_id
        assert team.wait(tenant.tenant_id, erasure, timeout=180).status is JobStatus.DONE
        job = team.wait(tenant.tenant_id, imported, timeout=1)
        assert (job.status, job.total_rows) == (JobStatus.DONE, 600)
        assert {path.name for path in once.iterdir()} == {place.replace(":", "-") for place in places}
        assert found(settings, ADDRESS, "Olga Perdida") == []
