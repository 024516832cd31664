"""How fast a large file goes in, what that costs in memory, and how often DNS is asked for it.

Real servers with the settings that people run, real workers, the zone's server in a process of its own.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import psycopg

from cli.demo.contacts import write_large_file
from cli.demo.zone import PROVIDERS
from config.endpoints import database_url
from config.settings import Settings
from db.statuses import JobStatus
from pipeline.intake import ImportRequest, intake
from tests.bench import reading
from tests.bench.memory import MIB, peaks_of
from tests.bench.zone import DOMAINS, Zone, zone
from tests.conftest import make_tenant
from tests.support.crew import Crew, crew, servers

SIZES = (100_000, 1_000_000)
COPY_RUNS = 5


class Run(NamedTuple):
    """One import: its size, its time, the largest resident size of any worker process, and what DNS was asked.

    ``questions``: by type, and ``names`` of how many different names.
    """

    rows: int
    seconds: float
    copy_seconds: float
    peak: int
    questions: Counter[str]
    names: Counter[str]


def sections() -> Iterator[str]:
    """Measure, and yield the sections of the page."""
    runs = []
    with tempfile.TemporaryDirectory(prefix="mkt-bench-") as folder:
        files = {rows: Path(folder, f"{rows}.csv") for rows in SIZES}
        for rows, path in files.items():
            write_large_file(path, rows, DOMAINS)
        plain = reading.measure(files[SIZES[0]])
        for rows, path in files.items():
            # New servers and processes for every size: a peak is that size's own, and so is what DNS is asked.
            with (
                zone() as there,
                servers(
                    Path(folder, f"home-{rows}"),
                    durable=True,
                    dns_nameservers=(there.address,),
                    dns_canaries=tuple(PROVIDERS)[:3],
                ) as settings,
                crew(settings) as team,
            ):
                runs.append(measure(team, settings, there, path, rows))
    yield render(runs)
    yield reading.render(plain)


def measure(team: Crew, settings: Settings, there: Zone, path: Path, rows: int) -> Run:
    """Import the file and copy the same file into a bare table, one after the other."""
    copied = statistics.median(bare_copy(settings, path) for _ in range(COPY_RUNS))
    tenant = make_tenant(settings, team.context.database, path.parent)
    with peaks_of(team.celery_processes) as peaks:
        begin = time.monotonic()
        request = ImportRequest(tenant.tenant_id, tenant.user_id, tenant.audience, path.name)
        job_id = intake(team.context, request, path).import_job_id
        job = team.wait(tenant.tenant_id, job_id, timeout=3600)
        seconds = time.monotonic() - begin
    if job.status is not JobStatus.DONE or job.total_rows != rows:
        msg = f"the import of {rows} rows ended {job.status} with {job.total_rows}: {job.failure_detail}"
        raise SystemExit(msg)
    return Run(rows, seconds, copied, max(peaks.values()), Counter(there.questions()), Counter(there.names()))


def bare_copy(settings: Settings, path: Path) -> float:
    """Return the seconds that COPY takes to put the file into a table of text columns without any index."""
    with psycopg.connect(database_url(settings)) as connection, connection.cursor() as cursor:
        cursor.execute("create table public.bare (email text, name text, city text, source text)")
        connection.commit()
        begin = time.monotonic()
        with cursor.copy("copy public.bare from stdin with (format csv, header)") as copy, path.open("rb") as file:
            while piece := file.read(MIB):
                copy.write(piece)
        connection.commit()
        seconds = time.monotonic() - begin
        cursor.execute("drop table public.bare")
    return seconds


def render(runs: list[Run]) -> str:
    """Return the section of the page."""
    small, large = runs[0], runs[-1]
    domains = DOMAINS + len(PROVIDERS)
    lines = [
        "## Imports",
        "",
        f"Two worker processes and one for DNS, the DNS server and all else on the same cores. {DOMAINS:,} domains and {len(PROVIDERS)} large providers,",
        "none of them known before the import.",
        "",
        "| rows | import, s | rows/s | bare COPY, s | import : COPY | largest worker process, MiB |",
        "|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {run.rows:,} | {run.seconds:.1f} | {run.rows / run.seconds:,.0f} | {run.copy_seconds:.2f} | {run.seconds / run.copy_seconds:.0f} | {run.peak / MIB:.0f} |"
        for run in runs
    ]
    lines += [
        "",
        f"Memory at {large.rows:,} rows is {large.peak / small.peak:.2f} times that at {small.rows:,}.",
        "",
        f"*Bare COPY* is the median of {COPY_RUNS} runs of `COPY … FROM STDIN` of the same file into a table of text columns with no key, no index and no",
        "policy: the least that any importer pays. The import splits, judges every address, writes the ledger with its key, finds duplicates, creates",
        "contacts with two unique keys, notes what it changed, links with two foreign keys, asks DNS, and writes each verdict and its history.",
        "",
        f"Each domain is asked for once, over all workers: for {large.rows:,} rows the DNS server counted {large.questions['MX'] / domains:.3f} questions for MX per domain",
        f"({large.questions['MX']:,} for {large.names['MX']:,} names; {domains:,} domains, the others are canaries), and {large.questions.total() / domains:.3f} questions of any type.",
        "",
    ]
    return "\n".join(lines)
