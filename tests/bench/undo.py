"""What it takes to undo a large import beside what the import took, while workers are killed; and that the base is as before."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple
from uuid import UUID

import psutil

from cli.demo.contacts import write_large_file
from cli.demo.zone import PROVIDERS
from db import undos
from db.statuses import JobStatus, OnExisting, UndoOutcome
from pipeline.intake import ImportRequest, intake
from pipeline.options import ImportOptions
from pipeline.undoing import forecast, request
from tests.bench.brokers import broker_of, broker_url, titled
from tests.bench.zone import DOMAINS, zone
from tests.conftest import Tenant, make_tenant
from tests.support.checksums import checksums
from tests.support.crew import Crew, crew, servers
from tests.support.waiting import until

ROWS: Final = 1_000_000
#: One row in so many names somebody who is there already, under another name.
KNOWN: Final = 10
#: How many times all workers are killed.
KILLS: Final = 2


class Run(NamedTuple):
    """The seconds of each, and how many things the undo took back of how many."""

    broker: str
    rows: int
    imported: float
    foreseen: float
    undone: float
    interrupted: float
    reversed: int
    things: int


def sections() -> Iterator[str]:
    """Measure, and yield the section of the page."""
    with (
        tempfile.TemporaryDirectory(prefix="mkt-bench-") as folder,
        zone() as there,
        broker_url(Path(folder)) as url,
        servers(
            Path(folder, "home"),
            durable=True,
            dns_nameservers=(there.address,),
            dns_canaries=tuple(PROVIDERS)[:3],
            broker_url=url,
        ) as settings,
        crew(settings) as team,
    ):
        yield render(measure(team, make_tenant(settings, team.context.database, Path(folder)), Path(folder), ROWS))


def measure(team: Crew, tenant: Tenant, folder: Path, rows: int) -> Run:
    """Import and undo twice: once in peace, and once with all workers killed on the way."""
    base, file = folder / "base.csv", folder / "large.csv"
    write_large_file(file, rows, DOMAINS)
    with file.open(encoding="utf-8") as lines, base.open("w", encoding="utf-8") as known:
        known.write(next(lines))
        known.writelines(line.replace(",", ",Antes ", 1) for number, line in enumerate(lines) if number % KNOWN == 1)
    _import(team, tenant, base)
    before = checksums(team.context.database, tenant.tenant_id)
    imported, job_id = _import(team, tenant, file)
    began = time.monotonic()
    forecast(team.context, tenant.tenant_id, job_id)
    foreseen = time.monotonic() - began
    undone, *_ = _undo(team, tenant, job_id, before, kills=0)
    _, job_id = _import(team, tenant, file)
    interrupted, reversed_, things = _undo(team, tenant, job_id, before, kills=KILLS)
    return Run(broker_of(team.settings), rows, imported, foreseen, undone, interrupted, reversed_, things)


def _import(team: Crew, tenant: Tenant, file: Path) -> tuple[float, UUID]:
    options = ImportOptions(on_existing=OnExisting.OVERWRITE)
    began = time.monotonic()
    job_id = intake(
        team.context, ImportRequest(tenant.tenant_id, tenant.user_id, tenant.audience, file.name, options), file
    ).import_job_id
    job = team.wait(tenant.tenant_id, job_id, timeout=3600)
    if job.status is not JobStatus.DONE:
        msg = f"the import ended {job.status}: {job.failure_detail}"
        raise SystemExit(msg)
    return time.monotonic() - began, job_id


def _undo(
    team: Crew, tenant: Tenant, import_job_id: UUID, before: dict[str, tuple[int, int]], *, kills: int
) -> tuple[float, int, int]:
    began = time.monotonic()
    job_id = request(team.context, tenant.tenant_id, tenant.user_id, import_job_id).import_job_id
    for kill in range(1, kills + 1):
        goal = kill / (kills + 1)
        until(partial(_has_done, team, tenant, job_id, goal), timeout=600, what=f"the undo to go on before kill {kill}")
        for process in team.celery_processes():
            with suppress(psutil.NoSuchProcess):
                process.kill()
    job = team.wait(tenant.tenant_id, job_id, timeout=3600)
    seconds = time.monotonic() - began
    after = checksums(team.context.database, tenant.tenant_id)
    if job.status is not JobStatus.DONE or after != before:
        differing = sorted(table for table in before if before[table] != after[table])
        msg = f"the undo ended {job.status} ({job.failure_detail}); other than before: {differing}"
        raise SystemExit(msg)
    with team.context.database.reading(tenant.tenant_id) as unit:
        lines = undos.summary(unit, job_id)
    return seconds, sum(line.things for line in lines if line.outcome is UndoOutcome.REVERSED), job.total_rows


def _has_done(team: Crew, tenant: Tenant, job_id: UUID, share: float) -> bool:
    with team.context.database.reading(tenant.tenant_id) as unit:
        done, chunks = unit.execute(
            "select count(*) filter (where stage = 'done'), count(*) from mkt.import_chunks where import_job_id = :job and kind = 'rows'",
            {"job": job_id},
        ).one()
    return bool(chunks) and bool(done / chunks >= share)


def render(run: Run) -> str:
    """Return the section of the page."""
    lines = [
        titled("Undo", run.broker),
        "",
        f"An import of {run.rows:,} rows into a base that had a tenth of their people, whose names it changed; then its undo: {run.things:,} things",
        f"(contacts created and changed, memberships), of which {run.reversed:,} were taken back. After each undo every table but jobs, ledger, audit trail,",
        "history and domain checks has the checksum that it had before the import. *Interrupted*: all worker processes were killed (SIGKILL)",
        f"{KILLS} times on the way.",
        "",
        "| | seconds | ratio to the import |",
        "|---|---:|---:|",
    ]
    told = (
        ("import", run.imported),
        ("dry run of the undo", run.foreseen),
        ("undo", run.undone),
        (f"undo, interrupted {KILLS} times", run.interrupted),
    )
    lines += [f"| {what} | {seconds:.1f} | {seconds / run.imported:.2f} |" for what, seconds in told]
    return "\n".join([*lines, ""])
