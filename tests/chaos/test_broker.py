"""The broker loses, holds back, or brings what nobody sent: PostgreSQL alone says what there is to do."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from celery import Celery

from db.statuses import JobStatus
from tests.chaos.stand import Stand, stand
from tests.chaos.test_kills import assert_equals_oracle, contact_file, submit
from tests.conftest import Tenant, make_tenant
from tests.support.brokers import RedisBroker
from tests.support.waiting import until
from workers.celery_settings import celery_settings
from workers.dispatch import CeleryDispatch
from workers.names import QueueName, TaskName

pytestmark = [pytest.mark.chaos, pytest.mark.slow]

WINDOW = 6


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    with stand(tmp_path_factory.mktemp("broker") / "home", chunk_rows=100, tenant_window=WINDOW) as made:
        yield made


@pytest.fixture
def tenant(here: Stand, tmp_path: Path) -> Tenant:
    return make_tenant(here.settings, here.crew.context.database, tmp_path)


def redis_of(here: Stand) -> RedisBroker:
    assert isinstance(here.broker, RedisBroker)
    return here.broker


def ends_well(here: Stand, tenant: Tenant, data: bytes, job_id: object = None) -> None:
    """The job (or one that is submitted now) ends as the oracle says."""
    made = job_id or submit(here.crew, tenant, data)
    job = here.crew.wait(tenant.tenant_id, made, timeout=300)  # type: ignore[arg-type]
    assert (job.status, job.failure_detail) == (JobStatus.DONE, None)
    assert_equals_oracle(here.crew, tenant, made, data)  # type: ignore[arg-type]


@pytest.mark.fault(10)
def test_a_minute_without_a_broker_costs_a_minute(here: Stand, tenant: Tenant) -> None:
    data = contact_file(3_000, seed=21)
    job_id = submit(here.crew, tenant, data)
    here.broker.kill()
    here.last(60.0)
    here.broker.start()
    ends_well(here, tenant, data, job_id)


@pytest.mark.fault(11)
def test_a_broker_that_is_silent_holds_no_submission_up(here: Stand, tenant: Tenant) -> None:
    data = contact_file(500, seed=22)
    sender = Celery("behind the proxy", set_as_current=False)
    sender.config_from_object(celery_settings(here.crew.settings))
    behind = replace(here.crew, context=replace(here.crew.context, dispatch=CeleryDispatch(sender)))
    here.broker_net.swallow()
    job_id = submit(behind, tenant, data)  # returns: the hint is given up
    here.broker_net.heal()
    ends_well(here, tenant, data, job_id)


@pytest.mark.fault(11)
def test_a_paused_broker_holds_a_job_up_only_as_long_as_it_is_paused(here: Stand, tenant: Tenant) -> None:
    data = contact_file(2_000, seed=23)
    job_id = submit(here.crew, tenant, data)
    with redis_of(here).client() as client:
        client.execute_command("CLIENT", "PAUSE", 20_000)
    here.last(1.0)
    ends_well(here, tenant, data, job_id)


@pytest.mark.fault(24)
def test_a_huge_job_keeps_no_more_messages_than_its_window_and_lets_a_small_one_pass(
    here: Stand, tenant: Tenant, tmp_path: Path
) -> None:
    small_tenant = make_tenant(here.settings, here.crew.context.database, tmp_path)
    huge = submit(here.crew, tenant, contact_file(20_000, seed=24))
    query = "select count(*) from mkt.import_chunks where hinted_at is not null and tenant_id = %(t)s"
    # A part of the window is for small jobs alone.
    until(lambda: here.watch.query(query, {"t": tenant.tenant_id})[0][0] >= WINDOW - 1, timeout=300, what="a full lane")
    small = submit(here.crew, small_tenant, contact_file(100, seed=25))

    def small_is_done() -> bool:
        # A claim, an end and the hint that follows may each add one before the window is counted again.
        assert here.watch.query(query, {"t": tenant.tenant_id})[0][0] <= WINDOW + 3
        return here.crew.job(small_tenant.tenant_id, small).status is JobStatus.DONE

    until(small_is_done, timeout=300, what="the small job to be done")
    assert here.crew.job(tenant.tenant_id, huge).status is JobStatus.PROCESSING
    assert here.crew.wait(tenant.tenant_id, huge, timeout=300).status is JobStatus.DONE


@pytest.mark.fault(28)
def test_unknown_tasks_and_messages_of_other_versions_hurt_no_worker(here: Stand, tenant: Tenant) -> None:
    data = contact_file(1_000, seed=26)
    before = {process.pid for process in here.crew.mains()}
    sender = Celery("stranger", set_as_current=False)
    sender.config_from_object(celery_settings(here.settings))
    job_id = submit(here.crew, tenant, data)
    for queue in QueueName:
        sender.send_task("mkt.unheard_of", kwargs={"a": 1}, queue=str(queue))
    sender.send_task(str(TaskName.UPSERT_CHUNK), kwargs={"chunk": 1})  # as another version might spell it
    sender.send_task(str(TaskName.LINK_CHUNK), args=[1, 2, 3])
    ids = {"tenant_id": str(tenant.tenant_id), "import_job_id": str(job_id), "chunk_no": 3, "attempts": 0}
    sender.send_task(str(TaskName.PARSE_CHUNK), kwargs={**ids, "word_of_a_newer_version": True})
    ends_well(here, tenant, data, job_id)
    assert before == {process.pid for process in here.crew.mains()}


@pytest.mark.fault(28)
def test_bytes_that_are_no_message_cost_no_work(here: Stand, tenant: Tenant) -> None:
    """Bytes that are not JSON end the worker that takes them, in kombu; it is started again, and they are gone."""
    data = contact_file(1_000, seed=28)
    job_id = submit(here.crew, tenant, data)
    with redis_of(here).client() as client:
        for queue in QueueName:
            client.lpush(str(queue), b"\x00rubbish", b"{}", json.dumps({"body": "", "headers": {}}))
    ends_well(here, tenant, data, job_id)


@contextmanager
def deaf(here: Stand) -> Iterator[None]:
    """Cut the channel of the events as fast as it comes back."""
    over = threading.Event()

    def cut() -> None:
        with redis_of(here).client() as client:
            while not over.wait(0.2):
                client.execute_command("CLIENT", "KILL", "TYPE", "pubsub")

    thread = threading.Thread(target=cut, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@pytest.mark.fault(31)
def test_work_goes_on_although_nobody_hears_the_events(here: Stand, tenant: Tenant) -> None:
    with deaf(here):
        ends_well(here, tenant, contact_file(1_000, seed=27))
