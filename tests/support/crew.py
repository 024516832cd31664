"""Real workers as processes, on servers of their own: what the tests that kill need."""

from __future__ import annotations

import random
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import psutil
from celery import Celery

from config.endpoints import database_url
from config.settings import Settings
from db import jobs
from db.jobs import Job
from db.statuses import FINISHED_STATUSES
from db.upgrade import upgrade
from pipeline.context import Context
from tests.support.queues import WORKERS, lose_messages
from tests.support.waiting import until
from tests.support.workers import tools
from workers.celery_settings import celery_settings
from workers.dispatch import CeleryDispatch
from workers.procfile import ProcessSpec, child_environment, parse_procfile
from workers.servers import start, stop
from workers.supervisor import Supervisor

PROCFILE = Path(__file__).resolve().parents[2] / "Procfile"
APP = "workers.app"
#: Nothing here must survive a power cut; but what was committed must survive a crash, so commits are written before they are told.
FAST = {"fsync": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Crew:
    """The processes of one home, and a context to ask and look with."""

    settings: Settings
    context: Context
    supervisor: Supervisor

    def mains(self) -> list[psutil.Process]:
        """Return the main processes of the workers."""
        found = []
        for name, pid in self.supervisor.pids().items():
            if name in WORKERS:
                with suppress(psutil.NoSuchProcess):  # it is being started again
                    found.append(psutil.Process(pid))
        return found

    def children(self) -> list[psutil.Process]:
        """Return the processes that do the work, of all workers."""
        found = []
        for main in self.mains():
            with suppress(psutil.NoSuchProcess):
                found += main.children(recursive=True)
        return found

    def celery_processes(self) -> list[psutil.Process]:
        """Return the main processes and children of the workers."""
        return [*self.mains(), *self.children()]

    def stopped_process(self) -> psutil.Process | None:
        """Return a process of the workers that was stopped, if there is one."""
        for process in self.celery_processes():
            with suppress(psutil.NoSuchProcess):  # it ended while we looked
                if process.status() == psutil.STATUS_STOPPED:
                    return process
        return None

    def kill_one(self, chance: random.Random) -> None:
        """Kill a random worker process, child or main, as the system's memory killer would."""
        victim = chance.choice(until(self.celery_processes, what="a worker process"))
        with suppress(psutil.NoSuchProcess):  # it was quicker
            victim.kill()

    def lose_messages(self) -> None:
        """Lose every message at once."""
        lose_messages(self.settings)

    def job(self, tenant_id: UUID, job_id: UUID) -> Job:
        with self.context.database.unit(tenant_id) as unit:
            job = jobs.load(unit, job_id)
        assert job is not None
        return job

    def wait(self, tenant_id: UUID, job_id: UUID, *, timeout: float) -> Job:
        until(
            lambda: self.job(tenant_id, job_id).status in FINISHED_STATUSES,
            timeout=timeout,
            what="the job to end",
            every=0.1,
        )
        return self.job(tenant_id, job_id)


@contextmanager
def servers(home: Path, *, durable: bool = False, **changes: object) -> Iterator[Settings]:
    """Start the embedded servers of a home of its own, with the schema; ``durable``: as people run them."""
    settings = Settings(home=home).model_copy(update=changes)
    start(settings, extra_postgres={} if durable else FAST)
    try:
        upgrade(database_url(settings), standalone=True)
        yield settings
    finally:
        stop(settings)


@contextmanager
def crew(
    settings: Settings,
    env: Mapping[str, str] | None = None,
    *,
    seen_from: Settings | None = None,
    app: str = APP,
    release: Path | None = None,
    more: Sequence[ProcessSpec] = (),
) -> Iterator[Crew]:
    """Run the Procfile's workers and beat, supervised, with more environment.

    ``seen_from``: settings of who looks, where the workers reach their servers in another way. ``app``: another Celery app
    than the product's. ``release``: the tree of another release, whose code the workers run by its own Procfile; it has logs of its own there.
    ``more``: processes beside them.
    """
    runs = f"-A {app}" if release is None else f"--workdir {shlex.quote(str(release))} -A {app}"
    specs = [
        replace(spec, command=spec.command.replace(f"-A {APP}", runs))
        for spec in parse_procfile(PROCFILE if release is None else release / PROCFILE.name)
        if spec.name != "flower"
    ] + list(more)
    quick = settings.model_copy(update={"soft_shutdown": 1.0})
    supervisor = Supervisor(
        specs, env={**child_environment(quick), **(env or {})}, log_folder=(release or settings.home_path) / "logs"
    )
    supervisor.start()
    try:
        # Who only looks may take the time to compare a large table.
        looking = (seen_from or settings).model_copy(update={"idle_transaction_limit": 60.0})
        with tools(looking) as silent:
            sender = Celery("crew", set_as_current=False)
            sender.config_from_object(celery_settings(looking))
            context = replace(silent, dispatch=CeleryDispatch(sender))
            yield Crew(settings, context, supervisor)
    finally:
        supervisor.stop()
