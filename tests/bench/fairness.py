"""How long a small import takes beside a very large one of another tenant, and what Redis holds meanwhile.

`FAIRNESS_ROWS` and `FAIRNESS_TRIES` make a shorter run of it.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from uuid import UUID

from cli.demo.contacts import write_large_file
from cli.demo.zone import PROVIDERS, numbered_domains
from config.settings import Settings
from db import reports
from db.statuses import FINISHED_STATUSES, JobStatus
from pipeline.control import cancel
from pipeline.intake import ImportRequest, intake
from tests.bench.brokers import RABBITMQ, REDIS, broker_of, broker_url, titled
from tests.bench.zone import DOMAINS, zone
from tests.conftest import Tenant, make_tenant
from tests.support.crew import Crew, crew, servers
from tests.support.queues import messages
from tests.support.waiting import until

LARGE: Final = int(os.environ.get("FAIRNESS_ROWS", "5_000_000"))
TRIES: Final = int(os.environ.get("FAIRNESS_TRIES", "20"))
SMALL: Final = 1_000
#: Small imports before anything is counted.
WARM_UP: Final = 2
#: The share of the large import's work that small ones are spread over: it must not end before the last of them.
WHOLE: Final = 0.9
#: Domains that nobody else asks for, of each small import.
OWN: Final = SMALL // 2


#: How often what a broker holds is looked at; workers of RabbitMQ must be asked what they have, and answer when they can.
LOOKED_AT: Final = {REDIS: "twenty times a second", RABBITMQ: "as often as the workers answered"}


@dataclass
class Figures:
    """Seconds of small imports, alone and beside the large one; the most messages that the broker held, and the windows."""

    alone: list[float] = field(default_factory=list)
    beside: list[float] = field(default_factory=list)
    broker: str = REDIS
    messages: int = 0
    window: int = 0
    done: float = 0.0  # the share of the large import's work that was done at the end
    cancelled: float = 0.0  # seconds from asking for its end to its end
    load: float = 0.0  # of the whole machine over the last quarter of an hour: others may have used it


def sections() -> Iterator[str]:
    """Measure, and yield the section of the page."""
    every = DOMAINS + (WARM_UP + 2 * TRIES) * OWN
    with (
        tempfile.TemporaryDirectory(prefix="mkt-bench-") as folder,
        zone("--domains", str(every)) as there,
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
        yield render(measure(team, settings, Path(folder), numbered_domains(every)[DOMAINS:]))


def measure(team: Crew, settings: Settings, folder: Path, domains: list[str]) -> Figures:
    """Import small files alone, then beside the large one, spread over its whole way."""
    figures = Figures(broker=broker_of(settings), window=settings.tenant_window)
    small, large = (make_tenant(settings, team.context.database, folder) for _ in range(2))
    files = iter(small_files(folder, domains))
    for _ in range(WARM_UP):
        take_in(team, small, next(files))
    figures.alone = [take_in(team, small, next(files)) for _ in range(TRIES)]
    path = folder / "large.csv"
    write_large_file(path, LARGE, DOMAINS)
    with most_messages(settings, figures):
        job_id = intake(
            team.context, ImportRequest(large.tenant_id, large.user_id, large.audience, path.name), path
        ).import_job_id
        for number in range(TRIES):
            at = WHOLE * (number + 0.5) / TRIES
            until(lambda at=at: progress(team, large, job_id) >= at, timeout=7200, every=0.2)  # type: ignore[misc]
            figures.beside.append(take_in(team, small, next(files)))
            if team.job(large.tenant_id, job_id).status in FINISHED_STATUSES:
                msg = f"the large import ended beside small import {number}: {team.job(large.tenant_id, job_id)}"
                raise SystemExit(msg)
        figures.load = os.getloadavg()[2]
        figures.done = progress(team, large, job_id)
    begin = time.monotonic()
    cancel(team.context, large.tenant_id, job_id)
    team.wait(large.tenant_id, job_id, timeout=300)
    figures.cancelled = time.monotonic() - begin
    return figures


def small_files(folder: Path, domains: list[str]) -> Iterator[Path]:
    """Write files of people whom nobody else has, half of them at large providers, half at a domain of their own."""
    providers = list(PROVIDERS)
    for number in range(len(domains) // OWN):
        path = folder / f"small-{number}.csv"
        own = domains[number * OWN : (number + 1) * OWN]
        people = [f"gente{number}x{n}@{domain}" for n, domain in enumerate(own)]
        people += [f"gente{number}y{n}@{providers[n % len(providers)]}" for n in range(SMALL - OWN)]
        path.write_text("\n".join(("email,name,city", *(f"{each},Ana Silva,Recife" for each in people))), "utf-8")
        yield path


def take_in(team: Crew, tenant: Tenant, path: Path) -> float:
    """Import a small file to its end; returns the seconds."""
    begin = time.monotonic()
    request = ImportRequest(tenant.tenant_id, tenant.user_id, tenant.audience, path.name)
    job_id = intake(team.context, request, path).import_job_id
    until(
        lambda: team.job(tenant.tenant_id, job_id).status in FINISHED_STATUSES,
        timeout=600,
        what="a small import to end",
        every=0.01,
    )
    seconds = time.monotonic() - begin
    job = team.job(tenant.tenant_id, job_id)
    if job.status is not JobStatus.DONE or job.total_rows != SMALL:
        msg = f"a small import ended {job.status}: {job.failure_detail}"
        raise SystemExit(msg)
    return seconds


def progress(team: Crew, tenant: Tenant, job_id: UUID) -> float:
    """Return which share of the large import's work is done: a quarter for each of its four steps."""
    with team.context.database.reading(tenant.tenant_id) as unit:
        found = reports.progress(unit, job_id)
    assert found is not None
    return (found.parsed + found.upserted + found.linked + found.judged) / (4 * LARGE)


@contextmanager
def most_messages(settings: Settings, figures: Figures) -> Iterator[None]:
    """Look at the broker all the while, and keep the most messages that it held."""
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.05):
            figures.messages = max(figures.messages, messages(settings))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def render(figures: Figures) -> str:
    """Return the section of the page."""
    usual = statistics.median(figures.alone)
    ratios = [seconds / usual for seconds in figures.beside]
    return "\n".join(
        [
            titled("Fairness", figures.broker),
            "",
            f"An import of {SMALL:,} rows ({OWN} domains that nobody has asked for) {TRIES} times alone, and {TRIES} times beside one of {LARGE:,} rows of another tenant,",
            f"spread over its way (the last when {figures.done:.0%} of its work was done). The processes of the Procfile; DNS and all else on the same cores,",
            f"whose load, with all that others did on the machine, was {figures.load:.0f} on average.",
            "",
            "| | p50 | p95 |",
            "|---|---:|---:|",
            f"| alone, s | {usual:.2f} | {high(figures.alone):.2f} |",
            f"| beside the large one, s | {statistics.median(figures.beside):.2f} | {high(figures.beside):.2f} |",
            f"| ratio to the median alone | {statistics.median(ratios):.2f} | {high(ratios):.2f} |",
            "",
            f"{figures.broker} held {figures.messages} messages at most (all queues but that of the clock, and those that workers had), looked at {LOOKED_AT[figures.broker]}; the",
            f"windows of the two tenants are {2 * figures.window}. Cancelled at the end, the large import took {figures.cancelled:.1f} s to end.",
            "",
        ]
    )


def high(values: list[float]) -> float:
    """Return the 95th percentile."""
    return statistics.quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else values[0]
