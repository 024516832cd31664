"""Sends that a test takes apart: people who opt out, a send that nobody works at yet, one attempt at one chunk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from config.settings import Settings
from db import opt_outs
from db.jobs import Job
from db.statuses import SPLIT_CHUNK, ChunkStage
from db.unit import Database, Unit
from pipeline import stages
from pipeline.sending import request
from tests.conftest import Tenant
from tests.pipeline.steps import due
from tests.support.workers import Threads

PEOPLE = [f"pessoa{number}@empresa{number % 7}.com.br" for number in range(60)]


def opt_out_in(unit: Unit, email: str) -> None:
    """Add an opt-out; it holds when the unit has committed."""
    opt_outs.take_turns(unit)
    unit.execute(
        "insert into ops.suppressions (tenant_id, email, kind, source) values (:t, :email, 'unsubscribe', 'test')",
        {"t": unit.tenant_id, "email": email},
    )


def opt_out(database: Database, tenant: Tenant, email: str) -> None:
    """Add an opt-out that holds when this returns."""
    with database.unit(tenant.tenant_id) as unit:
        opt_out_in(unit, email)


def send(settings: Settings, tenant: Tenant, cid: UUID, *, chunk_rows: int = 7, workers: int = 2, seed: int = 0) -> Job:
    """Send a campaign to the job's end, over hints that are lost and doubled."""
    own = settings.model_copy(update={"chunk_rows": chunk_rows})
    with Threads(own, workers, seed=seed, lose=0.1, double=0.3) as threads:
        receipt = request(threads.context, tenant.tenant_id, tenant.user_id, cid)
        return threads.finish(tenant.tenant_id, receipt.import_job_id)[0]


@contextmanager
def idle(settings: Settings, *, chunk_rows: int = 5, **changes: object) -> Iterator[Threads]:
    """Nobody works: the test makes the attempts."""
    with Threads(settings.model_copy(update={"chunk_rows": chunk_rows, **changes}), workers=0) as threads:
        yield threads


def step(threads: Threads, tenant: Tenant, job_id: UUID, stage: ChunkStage, chunk_no: int) -> bool:
    """Make one attempt at one chunk; its hints go nowhere."""
    database = threads.context.database
    return stages.run(threads.context, due(database, tenant, job_id, chunk_no, stage))


def planned(threads: Threads, tenant: Tenant, cid: UUID) -> UUID:
    """Ask for a send and freeze its people, no more."""
    receipt = request(threads.context, tenant.tenant_id, tenant.user_id, cid)
    assert step(threads, tenant, receipt.import_job_id, ChunkStage.PLAN, SPLIT_CHUNK)
    return receipt.import_job_id


def chunks_of(database: Database, tenant: Tenant, job_id: UUID) -> list[int]:
    """Return the numbers of the chunks that are due to be sent."""
    with database.reading(tenant.tenant_id) as unit:
        found = unit.execute(
            "select chunk_no from mkt.import_chunks where import_job_id = :job and stage = 'send' order by 1",
            {"job": job_id},
        )
        return [row[0] for row in found]


def outcomes(database: Database, tenant: Tenant, cid: UUID) -> dict[str, tuple[str, str | None, str | None]]:
    """Return outcome, rule and reason of everybody whom the campaign chose, by address."""
    with database.reading(tenant.tenant_id) as unit:
        found = unit.execute(
            "select c.email, k.outcome, k.rule, k.reason from mkt.campaign_contacts k join mtrk.contatos c using (rid) where k.cid = :cid",
            {"cid": cid},
        )
        return {row.email: (row.outcome, row.rule, row.reason) for row in found}


def is_somebody_waiting(database: Database) -> bool:
    """Whether a session waits for a lock that stands for something else than a row."""
    with database.reading(None) as unit:
        waiting = "select exists (select from pg_locks where locktype = 'advisory' and not granted)"
        return bool(unit.execute(waiting).scalar_one())
