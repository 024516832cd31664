"""The clock in real processes: beat says when, a DNS worker asks and judges, and a killed one is made good."""

from __future__ import annotations

import io
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import psutil
import pytest

from config.settings import Settings
from db.statuses import JobStatus
from pipeline.intake import ImportRequest, intake
from tests.chaos.conftest import DOMAINS
from tests.conftest import Tenant, make_tenant
from tests.support.crew import Crew, crew
from tests.support.waiting import until

PEOPLE = 200


def judged(team: Crew, tenant_id: UUID) -> tuple[int, int, int]:
    """Return how many contacts have a good verdict, how many are due, and how many judgements there were."""
    with team.context.database.reading(tenant_id) as unit:
        row = unit.execute(
            "select count(*) filter (where reason_code = 'mx_ok'), count(*) filter (where next_validation_at <= now()),"
            " (select count(*) from mkt.email_validation_history) from mkt.email_validations"
        ).one()
    return row[0], row[1], row[2]


def make_due(team: Crew, tenant: Tenant) -> None:
    with team.context.database.unit(tenant.tenant_id) as unit:
        unit.execute("update mkt.email_validations set next_validation_at = now()")


@pytest.mark.fault(27)
@pytest.mark.slow
@pytest.mark.chaos
def test_beat_has_judged_again_what_is_due_also_when_the_worker_is_killed(
    chaos_settings: Settings, tmp_path: Path
) -> None:
    with crew(chaos_settings.model_copy(update={"revalidation_interval": 0.5, "revalidation_batch": 50})) as team:
        tenant = make_tenant(chaos_settings, team.context.database, tmp_path)
        rows = "\n".join(f"ana{n}@{DOMAINS[n % len(DOMAINS)]}" for n in range(PEOPLE))
        request = ImportRequest(tenant.tenant_id, tenant.user_id, tenant.audience, "f.csv", again=True)
        receipt = intake(team.context, request, io.BytesIO(f"email\n{rows}".encode()))
        job = team.wait(tenant.tenant_id, receipt.import_job_id, timeout=60)
        assert job.status is JobStatus.DONE
        for time in (2, 3):
            make_due(team, tenant)
            if time == 3:
                for process in team.celery_processes():
                    with suppress(psutil.NoSuchProcess):  # a child that went with its parent
                        process.kill()
            until(lambda time=time: judged(team, tenant.tenant_id)[2] >= time * PEOPLE, timeout=60, what="the clock")  # type: ignore[misc]
            assert judged(team, tenant.tenant_id) == (PEOPLE, 0, time * PEOPLE)
