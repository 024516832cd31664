"""Law 3: whatever is killed, wherever, a job ends complete and once, equal to the sequential oracle."""

from __future__ import annotations

import io
import os
import random
import signal
from dataclasses import replace
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from celery import Celery

from config.settings import Settings
from db.statuses import JobStatus, OnExisting
from pipeline.intake import ImportRequest, intake
from pipeline.options import ImportOptions
from tests.chaos.conftest import DOMAINS
from tests.conftest import Tenant, make_tenant
from tests.support.crew import Crew, crew
from tests.support.oracle import Contact, How, apply, rows_of
from tests.support.waiting import until
from workers.dispatch import CeleryDispatch

PLACES = ("claimed", "before_commit", "committed")
#: The stages that an import goes through.
IMPORTING = ("split", "parse", "mark", "upsert", "link", "validate", "settle")


def contact_file(rows: int, seed: int) -> bytes:
    """Addresses, repeats of them, broken ones and blank lines, over a few dozen domains."""
    chance = random.Random(seed)
    lines = ["email;nome;city"]
    for number in range(rows):
        kind = chance.random()
        if kind < 0.90:
            lines.append(f"pessoa{number}@{chance.choice(DOMAINS)};Pessoa  {number};Recife")
        elif kind < 0.95:
            lines.append(f"PESSOA{chance.randrange(number + 1)}@{DOMAINS[0]};Outra;")
        elif kind < 0.98:
            lines.append(f"pessoa{number};Sem endereço;")
        else:
            lines.append(";;")
    return "\n".join(lines).encode()


def submit(team: Crew, tenant: Tenant, data: bytes, policy: OnExisting = OnExisting.FILL) -> UUID:
    request = ImportRequest(
        tenant.tenant_id, tenant.user_id, tenant.audience, "f.csv", ImportOptions(on_existing=policy), again=True
    )
    receipt = intake(team.context, request, io.BytesIO(data))
    return receipt.import_job_id


def assert_equals_oracle(team: Crew, tenant: Tenant, job_id: UUID, data: bytes) -> None:
    base: dict[str, Contact] = {}
    rows, blank = rows_of(data, ";", columns=3)
    expected = apply(base, rows, blank=blank, audience=tenant.audience, how=How())
    with team.context.database.reading(tenant.tenant_id) as unit:
        ledger = unit.execute(
            "select row_number, raw_email, raw_name, attributes, normalized_email, parse_status, duplicate_of_row from mkt.import_rows"
            " where import_job_id = :job order by row_number",
            {"job": job_id},
        ).all()
        contacts = {
            row.email: (row.name, row.attributes)
            for row in unit.execute("select email, name, attributes from mtrk.contatos")
        }
        links = {
            row.email: row.row_number
            for row in unit.execute(
                "select c.email, l.row_number from mkt.audience_contacts l join mtrk.contatos c using (rid)"
            )
        }
        counts = unit.execute(
            "select sum(contacts_created), sum(contacts_updated + contacts_unchanged), sum(links_added), sum(links_existing) from mkt.import_chunks where kind = 'rows'"
        ).one()
        judged = unit.execute("select count(*) from mkt.email_validation_history").scalar_one()
        created = unit.execute("select count(*) from mkt.contact_changes").scalar_one()
    assert [tuple(row) for row in ledger] == expected.rows
    assert contacts == {email: (contact.name, contact.attributes) for email, contact in base.items()}
    assert links == {email: contact.audiences[tenant.audience] for email, contact in base.items()}
    assert tuple(counts) == (len(base), 0, len(base), 0)
    assert (judged, created) == (len(base), len(base))


def kill_through(
    settings: Settings, tmp_path: Path, *, rows: int, chunk_rows: int, kills: int, seed: int, limit: float
) -> None:
    """Run one import and kill on the way; after the last fault it must be done within ``limit`` seconds."""
    chance = random.Random(seed)
    data = contact_file(rows, seed)
    own = settings.model_copy(update={"chunk_rows": chunk_rows})
    with crew(own) as team:
        tenant = make_tenant(own, team.context.database, tmp_path)
        job_id = submit(team, tenant, data)

        def has_passed(goal: int) -> bool:
            query = "select sum(attempts) > :goal from mkt.import_chunks where import_job_id = :job"
            with team.context.database.unit(tenant.tenant_id) as unit:
                return bool(unit.execute(query, {"job": job_id, "goal": goal}).scalar_one())

        steps = 4 * (rows // chunk_rows)
        flush_at = kills // 2
        for fault in range(kills):
            until(
                partial(has_passed, steps * fault // (kills + 2)),
                timeout=120,
                what=f"the job to go on after fault {fault}",
            )
            team.kill_one(chance)
            if fault == flush_at:
                team.lose_messages()
        job = team.wait(tenant.tenant_id, job_id, timeout=limit)
        assert (job.status, job.failure_detail) == (JobStatus.DONE, None)
        assert_equals_oracle(team, tenant, job_id, data)


@pytest.mark.fault(1)
@pytest.mark.fault(2)
@pytest.mark.fault(9)
@pytest.mark.slow
@pytest.mark.chaos
@pytest.mark.brokers
def test_ten_kills_and_a_flushed_broker_lose_nothing_and_double_nothing(
    chaos_settings: Settings, tmp_path: Path
) -> None:
    kill_through(
        chaos_settings, tmp_path, rows=8_000, chunk_rows=200, kills=10, seed=int(os.environ.get("SEED", "1")), limit=60
    )


@pytest.mark.slow
@pytest.mark.chaos
@pytest.mark.brokers
def test_ten_kills_during_four_hundred_thousand_rows(chaos_settings: Settings, tmp_path: Path) -> None:
    kill_through(
        chaos_settings,
        tmp_path,
        rows=400_000,
        chunk_rows=5_000,
        kills=10,
        seed=int(os.environ.get("SEED", "2")),
        limit=60,
    )


@pytest.mark.fault(15)
@pytest.mark.fault(17)
@pytest.mark.slow
@pytest.mark.chaos
@pytest.mark.brokers
def test_a_death_at_every_place_of_every_stage_is_survived(chaos_settings: Settings, tmp_path: Path) -> None:
    """After the claim, before the commit, between the commit and the next message."""
    places = [f"{stage}:{place}" for stage in IMPORTING for place in PLACES]
    once = tmp_path / "once"
    once.mkdir()
    env = {"MKT_FAILPOINTS": ",".join(f"{place}=exit" for place in places), "MKT_FAILPOINT_ONCE": str(once)}
    data = contact_file(1_000, seed=3)
    settings = chaos_settings.model_copy(update={"chunk_rows": 300})
    with crew(settings, env) as team:
        tenant = make_tenant(settings, team.context.database, tmp_path)
        job_id = submit(team, tenant, data)
        job = team.wait(tenant.tenant_id, job_id, timeout=180)
        assert (job.status, job.failure_detail) == (JobStatus.DONE, None)
        assert_equals_oracle(team, tenant, job_id, data)
        assert {path.name for path in once.iterdir()} == {place.replace(":", "-") for place in places}


def findings(settings: Settings) -> int:
    """Count the attempts at the first rows chunk that a worker, of large jobs or of small ones, had to give up."""
    logs = (settings.home_path / "logs").glob("*.log")
    lines = [line for log in logs for line in log.read_text(encoding="utf-8").splitlines()]
    return sum('"chunk_no": 3' in line and ("chunk_fenced" in line or "chunk_attempt_failed" in line) for line in lines)


@pytest.mark.fault(5)
@pytest.mark.slow
@pytest.mark.chaos
@pytest.mark.brokers
@pytest.mark.parametrize("place", ["upsert:before_commit", "link:claimed"])
def test_a_stopped_worker_that_is_resumed_after_its_limit_writes_nothing(
    chaos_settings: Settings, tmp_path: Path, place: str
) -> None:
    once = tmp_path / "once"
    once.mkdir()
    data = contact_file(400, seed=4)
    with crew(chaos_settings, {"MKT_FAILPOINTS": f"{place}=stop", "MKT_FAILPOINT_ONCE": str(once)}) as team:
        tenant = make_tenant(chaos_settings, team.context.database, tmp_path)
        job_id = submit(team, tenant, data)
        zombie = until(team.stopped_process, timeout=60, what="a stopped worker")
        job = team.wait(tenant.tenant_id, job_id, timeout=60)
        assert job.status is JobStatus.DONE
        assert_equals_oracle(team, tenant, job_id, data)
        before = findings(chaos_settings)
        assert zombie is not None
        zombie.send_signal(signal.SIGCONT)
        until(lambda: findings(chaos_settings) > before, what="the resumed worker to find out")
        assert_equals_oracle(team, tenant, job_id, data)


@pytest.mark.fault(15)
@pytest.mark.chaos
@pytest.mark.brokers
def test_a_hint_that_cannot_be_sent_is_sent_by_the_sweep(chaos_settings: Settings, tmp_path: Path) -> None:
    """Intake while the broker is away: the job is there, and runs as soon as somebody sweeps."""
    away = Celery("away", broker="redis://127.0.0.1:1/0", set_as_current=False)
    away.conf.update(broker_transport_options={"socket_connect_timeout": 1}, task_publish_retry=False)
    with crew(chaos_settings) as team:
        tenant = make_tenant(chaos_settings, team.context.database, tmp_path)
        data = contact_file(50, seed=5)
        cut_off = replace(team, context=replace(team.context, dispatch=CeleryDispatch(away)))
        job_id = submit(cut_off, tenant, data)
        assert team.wait(tenant.tenant_id, job_id, timeout=60).status is JobStatus.DONE
        assert_equals_oracle(team, tenant, job_id, data)
