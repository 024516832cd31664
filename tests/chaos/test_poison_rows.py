"""A row that kills whoever takes it up, at every step of one import: it is found, and the rest of the file goes in."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.settings import Settings
from db.statuses import JobStatus
from tests.chaos.test_kills import submit
from tests.conftest import make_tenant
from tests.pipeline.test_poison import POISON, contact_file, rest_of_the_file
from tests.support.crew import crew


@pytest.mark.slow
@pytest.mark.chaos
def test_rows_that_kill_their_process_become_problems_and_the_rest_goes_in(
    chaos_settings: Settings, tmp_path: Path
) -> None:
    settings = chaos_settings.model_copy(update={"chunk_rows": 10, "max_attempts": 2})
    env = {"MKT_FAILPOINT_ROWS": ",".join(f"{stage}:{row}=exit" for stage, row in POISON.items())}
    with crew(settings, env) as team:
        tenant = make_tenant(settings, team.context.database, tmp_path)
        job_id = submit(team, tenant, contact_file())
        job = team.wait(tenant.tenant_id, job_id, timeout=240)
        assert (job.status, job.failure_detail) == (JobStatus.DONE, None)
        base, expected = rest_of_the_file(POISON)
        with team.context.database.reading(tenant.tenant_id) as unit:
            ledger = unit.execute(
                "select row_number, raw_email, raw_name, attributes, normalized_email, parse_status, duplicate_of_row"
                " from mkt.import_rows order by row_number"
            ).all()
            told = unit.execute(
                "select row_number, error_detail from mkt.import_rows where error_code = 'poison_row' order by 1"
            ).all()
            contacts = set(unit.execute("select email from mtrk.contatos").scalars())
            links = set(
                unit.execute("select email from mkt.audience_contacts join mtrk.contatos using (rid)").scalars()
            )
            unjudged = unit.execute(
                "select row_number from mkt.import_rows r join mtrk.contatos c on c.email = r.normalized_email"
                " join mkt.email_validations v using (rid) where v.reason_code = 'not_yet_checked' and r.duplicate_of_row is null"
            ).scalars()
            assert list(unjudged) == [POISON["validate"]]
    assert [tuple(row) for row in ledger] == expected.rows
    assert [row.row_number for row in told] == [POISON["parse"], POISON["upsert"], POISON["link"]]
    assert all("WorkerLost" in row.error_detail for row in told)
    assert contacts == set(base)
    assert links == {email for email, contact in base.items() if contact.audiences}
