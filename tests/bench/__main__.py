"""How fast a large file goes in, and what it costs in memory: ``make bench`` writes ``docs/benchmarks.md``.

Real servers with the settings that people run, real workers, a DNS zone of 30,000 domains in a process of its own.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

from cli.demo.contacts import write_large_file
from cli.demo.zone import PROVIDERS
from config.endpoints import database_url
from config.settings import Settings
from db.statuses import JobStatus
from pipeline.intake import ImportRequest, intake
from tests.bench import reading
from tests.conftest import make_tenant
from tests.support.crew import Crew, crew, servers

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
SIZES = (100_000, 1_000_000)
DOMAINS = 30_000
COPY_RUNS = 5
MIB = 1 << 20


@dataclass(frozen=True)
class Run:
    """One import: its size, its time, and the largest resident size of any worker process."""

    rows: int
    seconds: float
    copy_seconds: float
    peak: int


def main() -> None:
    """Measure, print and write the page."""
    with tempfile.TemporaryDirectory(prefix="mkt-bench-") as folder, zone() as nameserver:
        files = {rows: Path(folder, f"{rows}.csv") for rows in SIZES}
        for rows, path in files.items():
            write_large_file(path, rows, DOMAINS)
        with servers(
            Path(folder, "home"), durable=True, dns_nameservers=(nameserver,), dns_canaries=tuple(PROVIDERS)[:3]
        ) as settings:
            plain = reading.measure(files[SIZES[0]])
            runs = []
            for rows, path in files.items():
                with crew(settings) as team:  # new processes for every size: a peak is that size's own
                    runs.append(measure(team, settings, path, rows))
    page = "\n".join([render(runs).rstrip(), *reading.render(plain)])
    PAGE.write_text(page, encoding="utf-8")
    sys.stdout.write(page)


@contextmanager
def zone() -> Iterator[str]:
    """Serve the domains in a process of its own; yields its address."""
    command = [sys.executable, "-m", "cli.demo.zone", "--domains", str(DOMAINS)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()


def measure(team: Crew, settings: Settings, path: Path, rows: int) -> Run:
    """Import the file and copy the same file into a bare table, one after the other."""
    copied = statistics.median(bare_copy(settings, path) for _ in range(COPY_RUNS))
    tenant = make_tenant(settings, team.context.database, path.parent)
    with memory_of(team) as peaks:
        begin = time.monotonic()
        request = ImportRequest(tenant.tenant_id, tenant.user_id, tenant.audience, path.name)
        job_id = intake(team.context, request, path).import_job_id
        job = team.wait(tenant.tenant_id, job_id, timeout=3600)
        seconds = time.monotonic() - begin
    if job.status is not JobStatus.DONE or job.total_rows != rows:
        msg = f"the import of {rows} rows ended {job.status} with {job.total_rows}: {job.failure_detail}"
        raise SystemExit(msg)
    return Run(rows, seconds, copied, max(peaks.values()))


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


@contextmanager
def memory_of(team: Crew) -> Iterator[dict[int, int]]:
    """Note the largest resident size of every worker process, five times a second."""
    peaks: dict[int, int] = {0: 0}
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.2):
            for process in team.celery_processes():
                try:
                    peaks[process.pid] = max(peaks.get(process.pid, 0), process.memory_info().rss)
                except psutil.NoSuchProcess:
                    continue  # it ended while we looked

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peaks
    finally:
        over.set()
        watcher.join()


def render(runs: list[Run]) -> str:
    """Return the page."""
    small, large = runs[0], runs[-1]
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`. Absolute figures are of one machine; the ratios were taken side by side in one run.",
        "",
        f"Machine: {os.cpu_count()} cores, {psutil.virtual_memory().total // (1 << 30)} GiB, Python {platform.python_version()}; the embedded PostgreSQL and",
        f"Redis as users run them (durable), two worker processes and one for DNS, the DNS server and all else on the same cores. {DOMAINS:,} domains,",
        "none of them known before the first import.",
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
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
