"""Jobs that overlap, doubled and late work, cancel and retry: everything happens once, and the end is defined."""

from __future__ import annotations

import io
import random
import threading
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import pytest

from config.settings import Settings
from db import chunks, jobs, validations
from db.chunks import ChunkRef
from db.statuses import ChunkStage, JobStatus
from db.unit import Database
from pipeline import stages
from pipeline.attempts import FencedError, effects
from pipeline.control import ControlRefusedError, cancel, retry
from pipeline.intake import ImportRequest, intake
from pipeline.stages import upsert
from pipeline.sweep import sweep
from tests.conftest import Tenant
from tests.support.waiting import until
from tests.support.workers import Threads, tools

SMALL_CHUNKS = {"chunk_rows": 40, "max_attempts": 3}


def people(count: int, seed: int = 0) -> bytes:
    rows = [f"p{n}@empresa{n % 7}.com.br,Pessoa {n}" for n in range(count)]
    random.Random(seed).shuffle(rows)
    return ("email,name\n" + "\n".join(rows) + "\n").encode()


def ask(threads: Threads, tenant: Tenant, data: bytes) -> UUID:
    request = ImportRequest(tenant.tenant_id, tenant.user_id, tenant.audience, "f.csv", again=True)
    return intake(threads.context, request, io.BytesIO(data)).import_job_id


def test_jobs_with_the_same_new_addresses_at_the_same_time_create_each_once(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    with Threads(settings.model_copy(update=SMALL_CHUNKS), workers=4) as threads:
        made = [ask(threads, tenant, people(1_000, seed)) for seed in range(3)]
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
    assert (contacts, created, unchanged, added, existing) == (1_000, 1_000, 2_000, 1_000, 2_000)
    assert tuple(by_job) == (1_000, 1_000)


def test_tenants_with_the_same_addresses_at_the_same_time_do_not_meet(
    settings: Settings, database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    with Threads(settings.model_copy(update=SMALL_CHUNKS), workers=4) as threads:
        made = [(one, ask(threads, one, people(500, seed))) for seed, one in enumerate((tenant, other_tenant))]
        for one, job_id in made:
            threads.finish(one.tenant_id, job_id, timeout=120)
    for one, job_id in made:
        with database.reading(one.tenant_id) as unit:
            assert unit.execute("select count(*) from mtrk.contatos").scalar_one() == 500
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
        job_id = ask(threads, tenant, people(1_500) + people(300)[11:])
        (job,) = threads.finish(tenant.tenant_id, job_id, timeout=120)
    over.set()
    watcher.join()
    assert job.status is JobStatus.DONE
    assert wrong == []
    assert len({total for total in looks if 0 < total < 1_800}) > 3, "the reader looked too late to see it grow"


@pytest.mark.parametrize("after_chunks", [0, 1, 3, 8, 15, 25, 40])
def test_cancel_ends_the_job_once_and_nothing_is_written_after(
    settings: Settings, database: Database, tenant: Tenant, after_chunks: int
) -> None:
    """Whenever it comes: cancelled with what was written until then, or done because there was nothing left to stop."""

    def moves() -> int:
        with database.unit(tenant.tenant_id) as unit:
            return int(unit.execute("select coalesce(sum(attempts), 0) from mkt.import_chunks").scalar_one())

    with Threads(settings.model_copy(update=SMALL_CHUNKS), workers=2) as threads:
        job_id = ask(threads, tenant, people(400))
        until(lambda: moves() >= after_chunks, what="the job to get so far", every=0.001)
        with suppress(ControlRefusedError):  # the job was quicker
            cancel(threads.context, tenant.tenant_id, job_id)
        (job,) = threads.finish(tenant.tenant_id, job_id)
        before = snapshot(database, tenant)
        with pytest.raises(ControlRefusedError, match="has ended"):
            cancel(threads.context, tenant.tenant_id, job_id)
    assert job.status in (JobStatus.CANCELLED, JobStatus.DONE)
    assert snapshot(database, tenant) == before
    with database.reading(tenant.tenant_id) as unit:
        assert unit.execute("select count(*) from mkt.import_chunks where due_at is not null").scalar_one() == 0
        linked, counted = unit.execute(
            "select (select count(*) from mkt.audience_contacts), (select coalesce(sum(links_added), 0) from mkt.import_chunks)"
        ).one()
    assert linked == counted
    assert job.total_rows <= 400


def snapshot(database: Database, tenant: Tenant) -> list[int]:
    tables = (
        "mkt.import_rows",
        "mtrk.contatos",
        "mkt.contact_changes",
        "mkt.audience_contacts",
        "mkt.email_validations",
        "mkt.email_validation_history",
    )
    with database.reading(tenant.tenant_id) as unit:
        return [unit.execute(f"select count(*) from {table}").scalar_one() for table in tables]


def test_a_stage_that_always_fails_ends_the_job_with_its_error_and_retry_does_the_rest(
    settings: Settings, database: Database, tenant: Tenant, tmp_path: Path
) -> None:
    own = settings.model_copy(
        update={**SMALL_CHUNKS, "store_url": tmp_path.as_uri(), "hint_delay": 0.05, "hint_delay_max": 0.05}
    )
    with Threads(own, workers=0) as idle:  # nobody works yet
        job_id = ask(idle, tenant, people(200))
        assert stages.run(idle.context, ChunkRef(tenant.tenant_id, job_id, 0, ChunkStage.SPLIT, 0))
    hidden = next(tmp_path.rglob("000005.csv"))
    elsewhere = hidden.rename(tmp_path / "away")
    with Threads(own) as threads:
        (job,) = threads.finish(tenant.tenant_id, job_id)
        assert (job.status, job.failure_code) == (JobStatus.FAILED, "attempts_exhausted")
        assert "gave up after 3 attempts at parse" in (job.failure_detail or "")
        assert "FileNotFoundError" in (job.failure_detail or "")
        assert snapshot(database, tenant)[1] == 0, "no contact before every row is known"
        elsewhere.rename(hidden)
        retry(threads.context, tenant.tenant_id, job_id)
        (job,) = threads.finish(tenant.tenant_id, job_id)
    assert (job.status, job.failure_code, job.total_rows) == (JobStatus.DONE, None, 200)
    assert snapshot(database, tenant)[:4] == [200, 200, 200, 200]


def test_retry_is_refused_where_the_same_file_was_imported_again_since(
    settings: Settings, tenant: Tenant, tmp_path: Path
) -> None:
    bad = b"no,address\n1,2\n"
    with Threads(settings.model_copy(update={"store_url": tmp_path.as_uri()})) as threads:
        request = ImportRequest(tenant.tenant_id, tenant.user_id, tenant.audience, "f.csv")
        first = intake(threads.context, request, io.BytesIO(bad)).import_job_id
        threads.finish(tenant.tenant_id, first)
    with Threads(settings.model_copy(update={"store_url": tmp_path.as_uri()}), workers=0) as idle:
        second = intake(idle.context, request, io.BytesIO(bad)).import_job_id
        assert second != first
        with pytest.raises(ControlRefusedError, match="imported again since"):
            retry(idle.context, tenant.tenant_id, first)
        with pytest.raises(ControlRefusedError, match="is queued and cannot be retried"):
            retry(idle.context, tenant.tenant_id, second)
        cancel(idle.context, tenant.tenant_id, second)


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
            effects(idle.context, late, lambda unit: chunks.fill_window(unit, idle.context.hints))
        assert snapshot(database, tenant) == before


def due(database: Database, tenant: Tenant, job_id: UUID, chunk_no: int, stage: ChunkStage) -> ChunkRef:
    with database.unit(tenant.tenant_id) as unit:
        attempts = unit.execute(
            "select attempts from mkt.import_chunks where import_job_id = :job and chunk_no = :chunk_no and stage = :stage",
            {"job": job_id, "chunk_no": chunk_no, "stage": stage},
        ).scalar_one()
    return ChunkRef(tenant.tenant_id, job_id, chunk_no, stage, attempts)


def test_the_last_two_chunks_that_end_together_end_the_job_every_time(settings: Settings, tenant: Tenant) -> None:
    with Threads(
        settings.model_copy(update={"chunk_rows": 1, "hint_delay": 60, "hint_delay_max": 60}), workers=4
    ) as threads:
        made = [ask(threads, tenant, people(4, seed)) for seed in range(25)]
        ended = threads.finish(tenant.tenant_id, *made)
    assert {job.status for job in ended} == {JobStatus.DONE}


def test_a_hint_with_another_tenant_s_id_touches_nothing(
    settings: Settings, database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    with tools(settings) as context:
        request = ImportRequest(tenant.tenant_id, tenant.user_id, tenant.audience, "f.csv")
        job_id = intake(context, request, io.BytesIO(people(3))).import_job_id
        assert not stages.run(context, ChunkRef(other_tenant.tenant_id, job_id, 0, ChunkStage.SPLIT, 0))
        with database.unit(tenant.tenant_id) as unit:
            assert unit.execute("select sum(attempts) from mkt.import_chunks").scalar_one() == 0


def failing_job(idle: Threads, tenant: Tenant, data: bytes, *, again: bool = False) -> UUID:
    """A job whose split has given up, and that settle has not ended yet."""
    request = ImportRequest(tenant.tenant_id, tenant.user_id, tenant.audience, "f.csv", again=again)
    job_id = intake(idle.context, request, io.BytesIO(data)).import_job_id
    stages.run(idle.context, ChunkRef(tenant.tenant_id, job_id, 0, ChunkStage.SPLIT, 0))
    return job_id


def test_a_job_that_was_cancelled_while_it_failed_can_be_retried(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    with Threads(settings, workers=0) as idle:
        job_id = failing_job(idle, tenant, b"no,address\n1,2\n")
        cancel(idle.context, tenant.tenant_id, job_id)
        assert stages.run(idle.context, due(database, tenant, job_id, 2, ChunkStage.SETTLE))
    with Threads(settings) as threads:
        retry(threads.context, tenant.tenant_id, job_id)
        (job,) = threads.finish(tenant.tenant_id, job_id)  # it fails again, but it ends
    assert (job.status, job.failure_code) == (JobStatus.FAILED, "no_email_column")


@pytest.mark.parametrize("end", ["failing", "cancelled"])
def test_the_same_file_again_is_a_new_job_as_soon_as_the_first_one_is_given_up(
    settings: Settings, database: Database, tenant: Tenant, end: str
) -> None:
    data = b"no,address\n1,2\n" if end == "failing" else people(3)
    request = ImportRequest(tenant.tenant_id, tenant.user_id, tenant.audience, "f.csv")
    with Threads(settings, workers=0) as idle:
        if end == "failing":
            first = failing_job(idle, tenant, data)
        else:
            first = intake(idle.context, request, io.BytesIO(data)).import_job_id
            cancel(idle.context, tenant.tenant_id, first)
        second = intake(idle.context, request, io.BytesIO(data))
        assert not second.reused
        assert second.import_job_id != first
        assert stages.run(idle.context, due(database, tenant, first, 2, ChunkStage.SETTLE))
    with Threads(settings) as threads:
        job, again = threads.finish(tenant.tenant_id, first, second.import_job_id)
    assert job.status is (JobStatus.FAILED if end == "failing" else JobStatus.CANCELLED)
    assert again.status is (JobStatus.FAILED if end == "failing" else JobStatus.DONE)


def test_retry_is_refused_after_an_insisted_on_repeat_did_the_work(settings: Settings, tenant: Tenant) -> None:
    with Threads(settings, workers=0) as idle:
        first = failing_job(idle, tenant, b"no,address\n1,2\n")
        failing_job(idle, tenant, b"no,address\n1,2\n", again=True)
    with Threads(settings) as threads:
        threads.finish(tenant.tenant_id, first)
    with Threads(settings, workers=0) as idle:
        request = ImportRequest(tenant.tenant_id, tenant.user_id, tenant.audience, "f.csv", again=True)
        intake(idle.context, request, io.BytesIO(b"no,address\n1,2\n"))
        with pytest.raises(ControlRefusedError, match="imported again since"):
            retry(idle.context, tenant.tenant_id, first)


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
    with database.unit(None) as unit:
        assert validations.claim_domains(unit, [domain], worker="dead", seconds=1.0, version="v") == [domain]
        assert validations.claim_domains(unit, [domain], worker="alive", seconds=5, version="v") == []

    def mine() -> list[str]:
        with database.unit(None) as unit:
            return validations.claim_domains(unit, [domain], worker="alive", seconds=5, version="v")

    assert until(mine, timeout=5) == [domain]
    with database.unit(None) as unit:
        validations.renew_claims(unit, domains=[domain], worker="dead", seconds=60)  # too late: they are another's
        assert unit.execute(
            "select claimed_until < clock_timestamp() + interval '30 s' from mkt.domain_checks where domain = :d",
            {"d": domain},
        ).scalar_one()
