"""Something has run out: the job waits or fails with the reason, intake is refused in a sentence, and all goes on after it.

Faults 12 (Redis is full) and 29 (a disk is full), and what an operator's PostgreSQL does: no slot is free, nothing may be written.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from redis.exceptions import ResponseError

from config.endpoints import database_url
from db.jobs import Job
from db.statuses import JobStatus
from pipeline.control import retry
from tests.chaos.stand import Stand, stand
from tests.chaos.test_kills import assert_equals_oracle, contact_file, submit
from tests.conftest import Tenant, make_tenant
from tests.support.brokers import RedisBroker
from tests.support.crew import Crew
from tests.support.limits import SmallDisk, mkt, small_disk
from tests.support.servers import is_gone
from tests.support.waiting import until
from workers.servers import start, status

pytestmark = [pytest.mark.chaos, pytest.mark.slow]

#: Seconds within which what was held up must have ended.
END = 600
#: Attempts that people allow: trouble that is not the chunk's own must not use them up without a word.
ATTEMPTS = 5


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    with stand(tmp_path_factory.mktemp("limits") / "home", chunk_rows=200, max_attempts=ATTEMPTS) as made:
        yield made


@pytest.fixture
def tenant(here: Stand, tmp_path: Path) -> Tenant:
    return make_tenant(here.settings, here.crew.context.database, tmp_path)


def goes_on(team: Crew, tenant: Tenant, job_id: UUID, *words: str) -> Job:
    """Return the job when it has ended well: by itself, or after it failed with the reason and was taken up again."""
    job = team.wait(tenant.tenant_id, job_id, timeout=END)
    if job.status is JobStatus.FAILED:
        assert any(word in (job.failure_detail or "") for word in words), job.failure_detail
        retry(team.context, tenant.tenant_id, job_id)
        job = team.wait(tenant.tenant_id, job_id, timeout=END)
    assert (job.status, job.failure_detail) == (JobStatus.DONE, None)
    return job


def begin(here: Stand, tenant: Tenant, data: bytes) -> UUID:
    """Submit a file and wait until it is under way."""
    job_id = submit(here.crew, tenant, data)
    query = "select count(*) from mkt.import_chunks where import_job_id = %(job)s and kind = 'rows'"
    until(lambda: here.watch.query(query, {"job": job_id})[0][0] > 2, timeout=END, what="the job to begin")
    return job_id


def csv(folder: Path, rows: int) -> tuple[Path, bytes]:
    path, data = folder / "contacts.csv", contact_file(rows, seed=rows)
    path.write_bytes(data)
    return path, data


@contextmanager
def without_memory(broker: RedisBroker) -> Iterator[None]:
    """Give Redis less memory than it uses already."""
    with broker.client() as client:
        client.config_set("maxmemory", 1)
        try:
            with pytest.raises(ResponseError, match="maxmemory"):
                client.set("ballast", b"x")
            yield
        finally:
            client.config_set("maxmemory", 0)


@pytest.mark.fault(12)
def test_a_broker_without_memory_holds_jobs_up_and_loses_none(here: Stand, tenant: Tenant, tmp_path: Path) -> None:
    broker = here.broker
    assert isinstance(broker, RedisBroker)
    path, data = csv(tmp_path, 800)
    with without_memory(broker):
        answer = mkt(here.settings, tenant.slug, "import", str(path), "--audience", "people", "--detach", "--json")
        assert "Traceback" not in answer.err
        doctor = mkt(here.settings, tenant.slug, "doctor")
        assert (doctor.code, "Traceback" in doctor.err) == (1, False), doctor.err
        assert "maxmemory" in doctor.out
        query = "select import_job_id from mkt.import_jobs where tenant_id = %(t)s"
        jobs = here.watch.query(query, {"t": tenant.tenant_id})
        assert (answer.code == 0) == bool(jobs), "either it was taken, or it was refused and is not there"
    job_id = jobs[0][0] if jobs else submit(here.crew, tenant, data)
    goes_on(here.crew, tenant, job_id)
    assert_equals_oracle(here.crew, tenant, job_id, data)


@contextmanager
def read_only(here: Stand) -> Iterator[None]:
    """Have PostgreSQL take nothing, as a standby does that nobody has promoted yet."""
    with psycopg.connect(database_url(here.settings), autocommit=True) as owner:
        owner.execute("alter system set default_transaction_read_only = on")
        owner.execute("select pg_reload_conf()")
        try:
            yield
        finally:
            owner.execute("set default_transaction_read_only = off")
            owner.execute("alter system reset default_transaction_read_only")
            owner.execute("select pg_reload_conf()")


def test_a_database_that_takes_nothing_holds_jobs_up(here: Stand, tenant: Tenant, tmp_path: Path) -> None:
    path, data = csv(tmp_path, 2_000)
    job_id = begin(here, tenant, data)
    with read_only(here):
        here.last(6.0)
        answer = mkt(here.settings, tenant.slug, "import", str(path), "--audience", "people", "--again", "--detach")
        answer.assert_clear_refusal()
        assert "default_transaction_read_only" in mkt(here.settings, tenant.slug, "job", "show", str(job_id)).out
    goes_on(here.crew, tenant, job_id, "read-only")
    assert_equals_oracle(here.crew, tenant, job_id, data)
    assert here.watch.query(
        "select count(*) from mkt.import_jobs where tenant_id = %(t)s", {"t": tenant.tenant_id}
    ) == [(1,)]


def end_workers_sessions(here: Stand) -> None:
    here.watch.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where backend_type = 'client backend' and application_name = 'mkt'"
    )


@contextmanager
def no_slot(here: Stand) -> Iterator[None]:
    """Take every slot for a connection; the workers' own are taken from them."""
    with ExitStack() as held:
        for _ in range(3):
            end_workers_sessions(here)
            with suppress(psycopg.OperationalError):  # there is none left
                for _ in range(10_000):
                    held.enter_context(psycopg.connect(database_url(here.settings), connect_timeout=5))
        yield


def test_a_database_without_a_free_slot_holds_jobs_up(here: Stand, tenant: Tenant, tmp_path: Path) -> None:
    path, data = csv(tmp_path, 2_000)
    job_id = begin(here, tenant, data)
    with no_slot(here):
        here.last(6.0)
        answer = mkt(here.settings, tenant.slug, "import", str(path), "--audience", "people", "--again", "--detach")
        answer.assert_clear_refusal()
        doctor = mkt(here.settings, tenant.slug, "doctor")
        assert doctor.code == 1
        assert "pg_stat_activity" in doctor.out, "it runs, and must not be started"
    goes_on(here.crew, tenant, job_id, "connection", "slots", "clients")
    assert_equals_oracle(here.crew, tenant, job_id, data)


@pytest.mark.fault(29)
def test_a_store_without_room_refuses_a_file_and_leaves_nothing_of_it(tmp_path: Path) -> None:
    with (
        small_disk(tmp_path / "disk", 1) as disk,
        stand(tmp_path / "home", store_url=disk.path.as_uri(), max_attempts=ATTEMPTS) as here,
    ):
        tenant = make_tenant(here.settings, here.crew.context.database, tmp_path)
        path, _ = csv(tmp_path, 60_000)
        answer = mkt(here.settings, tenant.slug, "import", str(path), "--audience", "people", "--detach")
        answer.assert_clear_refusal()
        assert here.watch.query("select count(*) from mkt.import_jobs") == [(0,)]
        assert [each for each in disk.path.rglob("*") if each.is_file()] == []


@pytest.mark.fault(29)
def test_a_store_that_runs_full_under_a_job_holds_it_up(tmp_path: Path) -> None:
    data = contact_file(12_000, seed=5)
    with (
        small_disk(tmp_path / "disk", 1) as disk,
        stand(tmp_path / "home", store_url=disk.path.as_uri(), chunk_rows=1_000, max_attempts=ATTEMPTS) as here,
    ):
        tenant = make_tenant(here.settings, here.crew.context.database, tmp_path)
        job_id = submit(here.crew, tenant, data)
        until(lambda: has_trouble(here, job_id), timeout=END, what="the store to be full")
        disk.resize(64)
        goes_on(here.crew, tenant, job_id, "No space left")
        assert_equals_oracle(here.crew, tenant, job_id, data)


def has_trouble(here: Stand, job_id: UUID) -> bool:
    """Whether the job says that something is the matter."""
    found = here.watch.query(
        "select 1 from mkt.import_chunks where import_job_id = %(job)s and last_error is not null"
        " union all select 1 from mkt.import_jobs where import_job_id = %(job)s and failure_code is not null",
        {"job": job_id},
    )
    return bool(found)


@pytest.mark.fault(29)
def test_a_database_without_room_stops_and_goes_on_when_it_has_some(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with (
        small_disk(home / "postgresql", 400) as disk,
        stand(home, chunk_rows=500, max_attempts=ATTEMPTS) as here,
    ):
        tenant = make_tenant(here.settings, here.crew.context.database, tmp_path)
        data = contact_file(6_000, seed=6)
        job_id = begin(here, tenant, data)
        filler = disk.fill(leave=64 * 1024)
        here.last(8.0)
        doctor = mkt(here.settings, tenant.slug, "doctor")
        assert (doctor.code, "Traceback" in doctor.err) == (1, False), doctor.err
        assert f"The disk is full at {disk.path}" in doctor.out
        filler.unlink()
        revive(here, disk)
        goes_on(here.crew, tenant, job_id, "No space left", "could not")
        assert_equals_oracle(here.crew, tenant, job_id, data)


@pytest.mark.fault(29)
def test_a_broker_without_room_refuses_a_file_and_holds_jobs_up(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with small_disk(home / "redis", 4) as disk, stand(home, chunk_rows=500, max_attempts=ATTEMPTS) as here:
        tenant = make_tenant(here.settings, here.crew.context.database, tmp_path)
        path, data = csv(tmp_path, 6_000)
        job_id = begin(here, tenant, data)
        filler = disk.fill(leave=1)
        until(lambda: not writes(here), timeout=END, what="Redis to be without room")
        answer = mkt(here.settings, tenant.slug, "import", str(path), "--audience", "people", "--again", "--detach")
        answer.assert_clear_refusal("takes no message", "No space left")
        assert mkt(here.settings, tenant.slug, "job", "show", str(job_id)).code == 0
        doctor = mkt(here.settings, tenant.slug, "doctor")
        assert "takes no message" in doctor.out
        assert f"The disk is full at {disk.path}" in doctor.out
        filler.unlink()
        goes_on(here.crew, tenant, job_id)
        assert_equals_oracle(here.crew, tenant, job_id, data)


def writes(here: Stand) -> bool:
    """Whether Redis keeps what it is given."""
    assert isinstance(here.broker, RedisBroker)
    with here.broker.client() as client:
        try:
            client.set("ballast", b"x" * 4096)
        except ResponseError:
            return False
    return True


def revive(here: Stand, disk: SmallDisk) -> None:
    """Start PostgreSQL again if it stopped for want of room, as `mkt up` does."""
    del disk
    if any(each.pid is None or is_gone(each.pid) for each in status(here.settings)):
        start(here.settings)
