"""Small jobs overtake large ones within their tenant's window, and neither waits for the other to end."""

from __future__ import annotations

import gzip
import io
from collections import Counter
from collections.abc import Sequence
from uuid import UUID

import pytest

from config.settings import Settings
from db import chunks, limits, upkeep, windows
from db.chunks import ChunkRef, HintPolicy
from db.statuses import ChunkStage, JobStatus, Lane
from db.unit import Database
from pipeline import stages
from pipeline.control import cancel
from pipeline.intake import ImportRequest, intake
from pipeline.sweep import sweep
from tests.conftest import Tenant
from tests.pipeline.steps import ask, due, people
from tests.support.waiting import until
from tests.support.workers import Threads
from workers.dispatch import queue_of
from workers.names import QueueName

#: Two records are small; what is larger has more than two chunks.
TWO_ROWS = {"chunk_rows": 1, "express_rows": 2, "tenant_window": 8}


def lane(database: Database, tenant: Tenant, job_id: UUID) -> str | None:
    with database.reading(tenant.tenant_id) as unit:
        found = unit.execute("select lane from mkt.import_jobs where import_job_id = :job", {"job": job_id})
        return found.scalar_one()  # type: ignore[no-any-return]


def split(idle: Threads, database: Database, tenant: Tenant, rows: int, seed: int = 0) -> UUID:
    """A job whose file is split and of which no chunk has been hinted."""
    job_id = ask(idle, tenant, people(rows, seed))
    assert stages.run(idle.context, due(database, tenant, job_id, 0, ChunkStage.SPLIT))
    return job_id


def empty_window(database: Database, tenant: Tenant, *job_ids: UUID) -> None:
    """Have every chunk of the jobs due, and none hinted."""
    with database.unit(tenant.tenant_id) as unit:
        unit.execute(
            "update mkt.import_chunks set hinted_at = null, due_at = clock_timestamp()"
            " where due_at is not null and import_job_id = any(:jobs)",
            {"jobs": list(job_ids)},
        )


def filled(database: Database, tenant: Tenant, hints: HintPolicy) -> list[ChunkRef]:
    with database.unit(tenant.tenant_id) as unit:
        return windows.fill_window(unit, hints)


def test_each_lane_has_a_part_of_the_window_that_the_other_never_gets(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    with Threads(settings.model_copy(update=TWO_ROWS), workers=0) as idle:
        large = split(idle, database, tenant, 30)
        empty_window(database, tenant, large)
        first = filled(database, tenant, idle.context.hints)
        assert Counter((ref.import_job_id, ref.lane) for ref in first) == {(large, Lane.BULK): 6}
        assert filled(database, tenant, idle.context.hints) == []
        # The large one fills its part of the window, and a small one comes: it need not wait for a chunk to end.
        small = split(idle, database, tenant, 2, seed=1)
        empty_window(database, tenant, small)
        assert {(ref.import_job_id, ref.lane) for ref in filled(database, tenant, idle.context.hints)} == {
            (small, Lane.EXPRESS)
        }
        for job_id in (large, small):
            cancel(idle.context, tenant.tenant_id, job_id)


def test_small_jobs_go_first_and_leave_large_ones_their_part(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    with Threads(settings.model_copy(update=TWO_ROWS), workers=0) as idle:
        large = split(idle, database, tenant, 30)
        many = [split(idle, database, tenant, 2, seed) for seed in range(1, 8)]
        empty_window(database, tenant, large)  # the chunks of the large one have been due for longest
        empty_window(database, tenant, *many)
        found = Counter(ref.lane for ref in filled(database, tenant, idle.context.hints))
        assert found == {Lane.EXPRESS: 6, Lane.BULK: 2}
        for job_id in (large, *many):
            cancel(idle.context, tenant.tenant_id, job_id)


@pytest.mark.parametrize(("weight", "window"), [(None, 6), (2.0, 12), (0.5, 3), (0.01, 1)])
def test_a_tenant_s_window_has_its_weight(
    settings: Settings, database: Database, tenant: Tenant, weight: float | None, window: int
) -> None:
    with Threads(settings.model_copy(update=TWO_ROWS), workers=0) as idle:
        job_id = split(idle, database, tenant, 30)
        empty_window(database, tenant, job_id)
        with database.unit(tenant.tenant_id) as unit:
            limits.save(unit, {"weight": weight})
        assert len(filled(database, tenant, idle.context.hints)) == window
        cancel(idle.context, tenant.tenant_id, job_id)


def test_a_file_that_is_larger_than_it_seems_leaves_the_lane_of_small_ones(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    own = settings.model_copy(update={"chunk_rows": 50, "express_rows": 100})
    packed = gzip.compress(people(400))
    assert len(packed) < own.express_rows * 100
    request = ImportRequest(tenant.tenant_id, tenant.user_id, tenant.audience, "f.csv.gz")
    with Overheard(own, 0) as idle:
        job_id = intake(idle.context, request, io.BytesIO(packed)).import_job_id
        assert lane(database, tenant, job_id) == "express"
        with database.reading(tenant.tenant_id) as unit:
            assert unit.execute("select count(*) from mkt.import_chunks").scalar_one() == 3
        # The split itself leaves, too: its process is the one that small jobs wait for.
        idle.sent.clear()
        assert stages.run(idle.context, due(database, tenant, job_id, 0, ChunkStage.SPLIT))
        assert [queue_of(ref) for ref in idle.sent if ref.stage is ChunkStage.SPLIT] == [QueueName.INTAKE]
    with Threads(own) as threads:
        (job,) = threads.finish(tenant.tenant_id, job_id)
        assert (job.status, job.total_rows) == (JobStatus.DONE, 400)
        assert lane(database, tenant, job_id) == "bulk"
        (plain,) = threads.finish(tenant.tenant_id, ask(threads, tenant, people(100)))
    assert lane(database, tenant, plain.import_job_id) == "express"


class Overheard(Threads):
    """Threads that keep every hint that is sent."""

    def __init__(self, settings: Settings, workers: int) -> None:
        self.sent: list[ChunkRef] = []
        super().__init__(settings, workers)

    def dispatch(self, refs: Sequence[ChunkRef]) -> None:
        self.sent += refs
        super().dispatch(refs)


def test_every_stage_of_a_small_job_goes_to_the_queue_of_small_jobs(settings: Settings, tenant: Tenant) -> None:
    with Overheard(settings, 2) as threads:
        (job,) = threads.finish(tenant.tenant_id, ask(threads, tenant, people(10)))
    assert job.status is JobStatus.DONE
    assert [ref.stage for ref in threads.sent] == list(map(ChunkStage, ("split", "parse", "mark", "upsert", "link", "validate", "settle")))  # fmt: skip
    assert {queue_of(ref) for ref in threads.sent} == {QueueName.EXPRESS}


def test_a_hint_that_is_sent_again_goes_where_everybody_looks(settings: Settings, tenant: Tenant) -> None:
    """Whoever should have followed the first one may be gone, or there is nobody yet."""
    with Overheard(settings, 0) as idle:
        job_id = ask(idle, tenant, people(11))
        until(lambda: sweep(idle.context).resent, what="the sweep to send it again")
        assert [queue_of(ref) for ref in idle.sent[:2]] == [QueueName.EXPRESS, QueueName.INTAKE]
        cancel(idle.context, tenant.tenant_id, job_id)


def test_what_waits_its_turn_in_the_broker_is_not_sent_again_but_after_the_longest_delay(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    with Overheard(settings.model_copy(update={"hint_delay_max": 100.0, "express_rows": 2}), 0) as idle:
        job_id = ask(idle, tenant, people(11))

        def is_silent() -> bool:
            query = "select due_at <= clock_timestamp() from mkt.import_chunks where due_at is not null and import_job_id = :job"
            with database.reading(tenant.tenant_id) as unit:
                return bool(unit.execute(query, {"job": job_id}).scalar_one())

        def resent(waiting: int | None) -> int:
            until(is_silent, what="the hint to be silent for its delay")
            idle.sent.clear()
            sweep(idle.context, lambda: waiting)
            return sum(ref.import_job_id == job_id for ref in idle.sent)

        assert resent(waiting=1_000_000) == 0
        assert resent(waiting=0) == 1, "the broker may have lost it"
        assert resent(waiting=None) == 1, "nobody knows"
        with database.unit(tenant.tenant_id) as unit:
            unit.execute(
                "update mkt.import_chunks set hinted_at = hinted_at - interval '101 seconds' where hinted_at is not null"
            )
        assert resent(waiting=1_000_000) == 1, "it has waited for too long"
        cancel(idle.context, tenant.tenant_id, job_id)


def test_what_waits_in_a_queue_that_perhaps_nobody_reads_is_sent_again_whatever_the_broker_holds(
    settings: Settings, tenant: Tenant
) -> None:
    with Overheard(settings.model_copy(update={"hint_delay_max": 100.0}), 0) as idle:
        job_id = ask(idle, tenant, people(2))
        idle.sent.clear()

        def is_sent_again() -> bool:
            sweep(idle.context, lambda: 1_000_000)
            return any(ref.import_job_id == job_id for ref in idle.sent)

        until(is_sent_again, what="the sweep to send it again")
        cancel(idle.context, tenant.tenant_id, job_id)


def test_no_more_is_sent_again_than_may_be_missing(settings: Settings, database: Database, tenant: Tenant) -> None:
    with Threads(settings.model_copy(update={"hint_delay_max": 100.0, **TWO_ROWS}), 0) as idle:
        job_id = split(idle, database, tenant, 6)
        empty_window(database, tenant, job_id)
        with database.unit(tenant.tenant_id) as unit:
            hinted = windows.fill_window(unit, idle.context.hints)
            unit.execute("update mkt.import_chunks set due_at = clock_timestamp() where hinted_at is not null")
            assert len(hinted) > 2
            assert [len(windows.resend_silent(unit, idle.context.hints, lost=lost)) for lost in (0, 1)] == [0, 1]
        cancel(idle.context, tenant.tenant_id, job_id)


def test_the_hint_of_what_a_dead_worker_had_begun_is_sent_again_whatever_the_broker_holds(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    """It went to a queue of its own; and it may have died with whoever was taking it, as the one before."""
    with Overheard(settings.model_copy(update={"hint_delay_max": 100.0, "express_rows": 2}), 0) as idle:
        job_id = ask(idle, tenant, people(11))
        with database.unit(tenant.tenant_id) as unit:
            under_way = upkeep.hints_under_way(unit)
            assert chunks.claim(unit, due(database, tenant, job_id, 0, ChunkStage.SPLIT), worker="gone", grace=60.0)
            # The session of a worker that is dead: no process has this number.
            unit.execute("update mkt.import_chunks set claimed_pid = 4194304 where claimed_by = 'gone'")

        def is_sent_again() -> bool:
            sweep(idle.context, lambda: 1_000_000)
            return any(ref.import_job_id == job_id for ref in idle.sent)

        idle.sent.clear()
        until(is_sent_again, what="the sweep to send it again")
        with database.unit(tenant.tenant_id) as unit:
            assert upkeep.hints_under_way(unit) == under_way - 1, "it stands in no queue of those that wait"
        idle.sent.clear()
        until(is_sent_again, what="the sweep to send it again")
        cancel(idle.context, tenant.tenant_id, job_id)


def test_a_chunk_whose_moment_never_came_waits_no_longer_for_a_hint_that_was_lost(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    """Every attempt had its message: that it was postponed often is no sign that messages wait for long."""
    with Threads(settings.model_copy(update={"hint_delay_max": 1000.0}), 0) as idle:
        job_id = ask(idle, tenant, people(2))
        policy = idle.context.hints
        for _ in range(8):
            ref = due(database, tenant, job_id, 0, ChunkStage.SPLIT)
            with database.unit(tenant.tenant_id) as unit:
                claimed = chunks.claim(unit, ref, worker="busy", grace=60.0)
                assert claimed is not None
                chunks.postpone(unit, claimed, seconds=0)
                assert windows.resend_silent(unit, policy)
        with database.reading(tenant.tenant_id) as unit:
            query = "select extract(epoch from due_at - clock_timestamp()) from mkt.import_chunks where import_job_id = :job and chunk_no = 0"
            assert 0 < unit.execute(query, {"job": job_id}).scalar_one() <= 2 * policy.delay
        cancel(idle.context, tenant.tenant_id, job_id)
