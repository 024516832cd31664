"""How long after the death of a whole worker its chunks move again: its main process and all children, at once, by SIGKILL.

Real servers and processes with the settings that people run; imports keep them busy meanwhile.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

import psutil

from cli.demo.contacts import write_large_file
from cli.demo.zone import PROVIDERS
from db.unit import Database
from pipeline.intake import ImportRequest, intake
from tests.bench.brokers import broker_of, broker_url, titled
from tests.bench.zone import DOMAINS, zone
from tests.conftest import Tenant, make_tenant
from tests.support.crew import PROCFILE, Crew, crew, servers
from tests.support.waiting import until
from workers.procfile import ProcessSpec, parse_procfile

#: Deaths of one of two workers that read the same queues, and of the only one of its kind.
TRIES: Final = 24
ALONE_TRIES: Final = 8
#: Rows of an import, and imports under way at a time.
ROWS: Final = 100_000
BUSY: Final = 2
TWIN: Final = "twin"


class Held(NamedTuple):
    """A chunk that somebody held, at the attempt at which they did."""

    import_job_id: str
    chunk_no: int
    attempts: int
    stage: str


class Recovery(NamedTuple):
    """Seconds from a death to the next claim of each chunk that was held."""

    victim: str
    seconds: list[float]


def sections() -> Iterator[str]:
    """Measure, and yield the section of the page."""
    with tempfile.TemporaryDirectory(prefix="mkt-bench-") as folder, zone() as there, broker_url(Path(folder)) as url:
        path = Path(folder, "contacts.csv")
        write_large_file(path, ROWS, DOMAINS)
        home = Path(folder, "home")
        changes = {
            "dns_nameservers": (there.address,),
            "dns_canaries": tuple(PROVIDERS)[:3],
            "tenant_window": 16,
            "broker_url": url,
        }
        with servers(home, durable=True, **changes) as settings, crew(settings, more=[twin()]) as team:
            tenant = make_tenant(settings, team.context.database, path.parent)
            found = [
                deaths(team, tenant, path, victim, tries) for victim, tries in (("worker", TRIES), ("dns", ALONE_TRIES))
            ]
    yield render(broker_of(settings), *found)


def twin() -> ProcessSpec:
    """Return a second worker of the same queues."""
    worker = next(spec for spec in parse_procfile(PROCFILE) if spec.name == "worker")
    return replace(worker, name=TWIN, command=worker.command.replace("worker@%h", "twin@%h"))


def deaths(team: Crew, tenant: Tenant, path: Path, victim: str, tries: int) -> list[Recovery]:
    """Kill so often, each time when it holds something and everybody has been there for a while."""
    found = []
    for number in range(tries):
        name = TWIN if victim == "worker" and number % 2 else victim
        until(lambda name=name: is_at_work(team, tenant, path, name), timeout=300, what=f"{name} at work")  # type: ignore[misc]
        held = until(lambda name=name: held_by(team, tenant, name), timeout=120, what="a chunk to be held", every=0.01)  # type: ignore[misc]
        psutil.Process(team.supervisor.pids()[name]).kill()
        died = time.monotonic()
        moved: dict[Held, float] = {}

        def all_moved() -> bool:
            for chunk in held:  # noqa: B023 (called before the next turn)
                if chunk not in moved and has_moved(team.context.database, tenant, chunk):  # noqa: B023 (as above)
                    moved[chunk] = time.monotonic() - died  # noqa: B023 (as above)
            return len(moved) == len(held)  # noqa: B023 (as above)

        until(all_moved, timeout=180, what="the chunks to move", every=0.02)
        found.append(Recovery(name, list(moved.values())))
    return found


def is_at_work(team: Crew, tenant: Tenant, path: Path, name: str) -> bool:
    """Keep imports under way; say whether the process has its children, and nobody is just being started."""
    with team.context.database.unit(tenant.tenant_id) as unit:
        running = unit.execute("select count(*) from mkt.import_jobs where finished_at is null").scalar_one()
    for _ in range(BUSY - running):
        request = ImportRequest(tenant.tenant_id, tenant.user_id, tenant.audience, path.name, again=True)
        intake(team.context, request, path)
    others = {"worker", TWIN, "dns"}
    return all(children_of(team, each) for each in others) and bool(held_by(team, tenant, name))


def children_of(team: Crew, name: str) -> list[int]:
    """Return the processes that a worker's main process has made; none while it is being started."""
    pid = team.supervisor.pids().get(name)
    try:
        return [] if pid is None else [child.pid for child in psutil.Process(pid).children()]
    except psutil.NoSuchProcess:
        return []


def held_by(team: Crew, tenant: Tenant, name: str) -> list[Held]:
    """Return what the children of a process hold."""
    claimants = [f":{pid}" for pid in children_of(team, name)]
    with team.context.database.unit(tenant.tenant_id) as unit:
        rows = unit.execute(
            "select import_job_id, chunk_no, attempts, stage from mkt.import_chunks"
            " where claimed_by is not null and substring(claimed_by from ':[0-9]+$') = any(:pids)",
            {"pids": claimants},
        )
        return [Held(str(row[0]), row[1], row[2], row[3]) for row in rows]


def has_moved(database: Database, tenant: Tenant, chunk: Held) -> bool:
    """Whether somebody has claimed the chunk since, or its work was done before the death after all."""
    with database.unit(tenant.tenant_id) as unit:
        row = unit.execute(
            "select attempts, stage from mkt.import_chunks where import_job_id = :job and chunk_no = :no",
            {"job": chunk.import_job_id, "no": chunk.chunk_no},
        ).one()
    return bool(row.attempts > chunk.attempts or row.stage != chunk.stage)


def render(broker: str, twins: list[Recovery], alone: list[Recovery]) -> str:
    """Return the section of the page."""
    lines = [
        titled("Recovery", broker),
        "",
        "A whole worker is killed by SIGKILL, its main process and all children, while imports keep every process busy: the seconds until",
        "each chunk that it held is claimed again. Settings as people run them: the sweep comes every second, patience with silence is 3 s.",
        "",
        "| who dies | deaths | chunks held | median, s | worst, s |",
        "|---|---:|---:|---:|---:|",
        _line("one of two workers", twins),
        _line("the only worker of its kind, started again by its supervisor", alone),
        "",
    ]
    return "\n".join(lines)


def _line(who: str, found: list[Recovery]) -> str:
    seconds = [each for recovery in found for each in recovery.seconds]
    return f"| {who} | {len(found)} | {len(seconds)} | {statistics.median(seconds):.1f} | {max(seconds):.1f} |"
