"""Jobs that overlap, doubled and late work: everything happens once, and the end is defined."""

from __future__ import annotations

import io
import threading

import pytest

from config.settings import Settings
from db import chunks, domain_checks, jobs, windows
from db.chunks import ChunkRef
from db.statuses import ChunkStage, JobStatus
from db.unit import Database, Unit, database_clock
from pipeline import stages
from pipeline.attempts import FencedError, effects
from pipeline.control import cancel
from pipeline.intake import ImportRequest, intake
from pipeline.stages import upsert
from pipeline.sweep import sweep
from tests.conftest import Tenant
from tests.pipeline.steps import SMALL_CHUNKS, ask, due, people, snapshot
from tests.support.waiting import until
from tests.support.workers import Threads, tools


@pytest.mark.fault(22)
def test_jobs_with_the_same_new_addresses_at_the_same_time_create_each_once(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    with Threads(settings.model_copy(update=SMALL_CHUNKS), workers=4) as threads:
        made = [ask(threads, tenant, people(500, seed)) for seed in range(3)]
        ended = threads.finish(tenant.tenant_id, *made, timeout=120)
    assert {job.status for job in ended} == {JobStatus.DONE}
    with database.reading(tenant.tenant_id) as unit:
        created, unchanged, added, existing = unit.execute(
            "select sum(contacts_created), sum(contacts_unchanged + contacts_updated), sum(links_added), sum(links_existing) from mkt.import_chunks"
        ).one()
        contacts = unit.execute("select count(*) from mtrk.contatos").scalar_one()
        by_job = unit.execute(
            "select count(*), count(distinct rid) from mkt.contact_changes where change = 'created'"
        ).one()
    assert (contacts, created, unchanged, added, existing) == (500, 500, 1_000, 500, 1_000)
    assert tuple(by_job) == (500, 500)


def test_tenants_with_the_same_addresses_at_the_same_time_do_not_meet(
    settings: Settings, database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    with Threads(settings.model_copy(update=SMALL_CHUNKS), workers=4) as threads:
        made = [(one, ask(threads, one, people(250, seed))) for seed, one in enumerate((tenant, other_tenant))]
        for one, job_id in made:
            threads.finish(one.tenant_id, job_id, timeout=120)
    for one, job_id in made:
        with database.reading(one.tenant_id) as unit:
            assert unit.execute("select count(*) from mtrk.contatos").scalar_one() == 250
            assert unit.execute("select distinct import_job_id from mkt.audience_contacts").scalar_one() == job_id


def test_at_every_moment_the_totals_are_what_a_reader_can_count(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    looks, wrong, over = [], [], threading.Event()

    def watch() -> None:
        while not over.is_set():
            with database.reading(tenant.tenant_id) as unit:  # one snapshot
                look = unit.execute(
                    "select j.total_rows, j.ok_rows + j.error_rows + j.duplicate_rows,"
                    " (select count(*) from mkt.import_rows r where r.import_job_id = j.import_job_id),"
                    " (select count(*) from mkt.import_rows r where r.import_job_id = j.import_job_id and duplicate_of_row is not null), j.duplicate_rows"
                    " from mkt.import_jobs j"
                ).one_or_none()
            if look is not None:
                looks.append(look[0])
                if not (look[0] == look[1] == look[2] and look[3] == look[4]):
                    wrong.append(tuple(look))

    watcher = threading.Thread(target=watch)
    watcher.start()
    with Threads(settings.model_copy(update={"chunk_rows": 20}), workers=3) as threads:
        job_id = ask(threads, tenant, people(1_000) + people(200)[11:])
        (job,) = threads.finish(tenant.tenant_id, job_id, timeout=120)
    over.set()
    watcher.join()
    assert job.status is JobStatus.DONE
    assert wrong == []
    assert len({total for total in looks if 0 < total < 1_200}) > 3, "the reader looked too late to see it grow"


@pytest.mark.fault(5)
def test_a_worker_that_comes_back_after_another_took_its_chunk_writes_nothing(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    with Threads(settings.model_copy(update={"chunk_rows": 1000}), workers=0) as idle:
        job_id = ask(idle, tenant, people(100))
        for chunk_no, stage in [(0, ChunkStage.SPLIT), (3, ChunkStage.PARSE), (1, ChunkStage.MARK)]:
            assert stages.run(idle.context, due(database, tenant, job_id, chunk_no, stage))
        ref = due(database, tenant, job_id, 3, ChunkStage.UPSERT)
        with database.unit(tenant.tenant_id) as unit:
            late = chunks.claim(unit, ref, worker="late", grace=0)
            job = jobs.load(unit, job_id)
        assert late is not None
        assert job is not None
        assert not stages.run(idle.context, ref), "the same hint again finds another attempt number"
        assert stages.run(idle.context, late.ref), "the sweep's hint carries the new one"
        before = snapshot(database, tenant)
        with pytest.raises(FencedError):
            upsert.run(idle.context, late, job)
        with pytest.raises(FencedError):
            effects(idle.context, late, lambda unit: windows.fill_window(unit, idle.context.hints))
        assert snapshot(database, tenant) == before


@pytest.mark.fault(18)
def test_the_last_two_chunks_that_end_together_end_the_job_every_time(settings: Settings, tenant: Tenant) -> None:
    with Threads(
        settings.model_copy(update={"chunk_rows": 1, "hint_delay": 60, "hint_delay_max": 60}), workers=4
    ) as threads:
        made = [ask(threads, tenant, people(4, seed)) for seed in range(12)]
        ended = threads.finish(tenant.tenant_id, *made)
    assert {job.status for job in ended} == {JobStatus.DONE}


@pytest.mark.fault(30)
def test_a_hint_with_another_tenant_s_id_touches_nothing(
    settings: Settings, database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    with tools(settings) as context:
        request = ImportRequest(tenant.tenant_id, tenant.user_id, tenant.audience, "f.csv")
        job_id = intake(context, request, io.BytesIO(people(3))).import_job_id
        assert not stages.run(context, ChunkRef(other_tenant.tenant_id, job_id, 0, ChunkStage.SPLIT, 0))
        with database.unit(tenant.tenant_id) as unit:
            assert unit.execute("select sum(attempts) from mkt.import_chunks").scalar_one() == 0


def test_one_tenant_s_held_window_stops_no_other_tenant_s_sweep(
    settings: Settings, database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    with Threads(settings.model_copy(update={"chunk_rows": 10}), workers=0, lose=1.0) as idle:
        made = [(one, ask(idle, one, people(20, seed))) for seed, one in enumerate((tenant, other_tenant))]
        with database.unit(tenant.tenant_id) as held:
            held.execute(
                "select pg_advisory_xact_lock(hashtext('mkt.window'), hashtext(:tenant))",
                {"tenant": str(tenant.tenant_id)},
            )
            with database.unit(other_tenant.tenant_id) as unit:
                unit.execute("update mkt.import_chunks set hinted_at = null, due_at = now() where chunk_no = 0")
            sweep(idle.context)
            with database.unit(other_tenant.tenant_id) as unit:
                assert unit.execute(
                    "select hinted_at is not null from mkt.import_chunks where chunk_no = 0"
                ).scalar_one()
        for one, job_id in made:
            cancel(idle.context, one.tenant_id, job_id)


def test_a_killed_resolver_process_holds_its_domains_up_only_until_its_claims_lapse(
    database: Database, tenant: Tenant
) -> None:
    domain = f"held-{tenant.slug}.com.br"

    def claim(unit: Unit, worker: str, seconds: float) -> list[str]:
        now = database_clock(unit)
        claims = domain_checks.claim_domains(unit, [domain], worker=worker, seconds=seconds, now=now)
        return [claim.domain for claim in claims]

    with database.unit(None) as unit:
        assert claim(unit, "dead", 1.0) == [domain]
        assert claim(unit, "alive", 5) == []

    def mine() -> list[str]:
        with database.unit(None) as unit:
            return claim(unit, "alive", 5)

    assert until(mine, timeout=5) == [domain]
    with database.unit(None) as unit:
        domain_checks.renew_claims(unit, domains=[domain], worker="dead", seconds=60)  # too late: they are another's
        assert unit.execute(
            "select claimed_until < clock_timestamp() + interval '30 s' from mkt.domain_checks where domain = :d",
            {"d": domain},
        ).scalar_one()
