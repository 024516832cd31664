"""Fault 33: without the fence, the sweep or the sorting the invariants go red. With them, the same story leaves them green."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from db.statuses import JobStatus, OnExisting
from pipeline.context import nobody
from pipeline.intake import ImportRequest, intake
from pipeline.options import ImportOptions
from tests.chaos.invariants import Limits
from tests.chaos.load import COLUMNS, person
from tests.chaos.stand import Stand, stand
from tests.conftest import Tenant, make_tenant
from tests.support.crew import APP
from tests.support.waiting import until

pytestmark = [pytest.mark.chaos, pytest.mark.slow, pytest.mark.fault(33)]

both_ways = pytest.mark.parametrize("guarded", [True, False], ids=["with", "without"])


@contextmanager
def lacking(guard: str, home: Path, *, guarded: bool, **env: str) -> Iterator[Stand]:
    """Put up a stand whose workers lack the guard, unless they are guarded."""
    app = APP if guarded else "tests.chaos.sabotage"
    with stand(home, {**env, "SABOTAGE": guard}, app=app) as here:
        yield here


def ask(here: Stand, tenant: Tenant, rows: list[str]) -> UUID:
    options = ImportOptions(on_existing=OnExisting.OVERWRITE)
    request = ImportRequest(tenant.tenant_id, tenant.user_id, tenant.audience, "f.csv", options, again=True)
    return intake(here.crew.context, request, io.BytesIO("\n".join([COLUMNS, *rows]).encode())).import_job_id


def names(here: Stand, tenant: Tenant) -> set[str]:
    found = here.watch.query("select name from mtrk.contatos where tenant_id = %(t)s", {"t": tenant.tenant_id})
    return {row[0].split()[0] for row in found}


def fenced(here: Stand) -> int:
    """How many attempts found out that their chunk was taken from them."""
    logs = (here.settings.home_path / "logs").glob("*.log")
    return sum(log.read_text("utf-8").count("chunk_fenced") for log in logs)


@both_ways
def test_without_the_fence_a_zombie_writes_over_what_came_later(tmp_path: Path, *, guarded: bool) -> None:
    once = tmp_path / "once"
    once.mkdir()
    arms = {"MKT_FAILPOINTS": "upsert:claimed=stop", "MKT_FAILPOINT_ONCE": str(once)}
    with lacking("fence", tmp_path / "home", guarded=guarded, **arms) as here:
        tenant = make_tenant(here.settings, here.crew.context.database, tmp_path)
        old, new = ([person(n, name) for n in range(200)] for name in ("Velho", "Novo"))
        with here.crew.context.database.unit(tenant.tenant_id) as unit:  # so that the first import changes nothing
            for row in old:
                email, name, city = row.split(";")
                unit.execute(
                    "insert into mtrk.contatos (tenant_id, email, name, attributes) values (:t, :email, :name, jsonb_build_object('city', cast(:city as text)))",
                    {"t": tenant.tenant_id, "email": email, "name": name, "city": city},
                )
        first = ask(here, tenant, old)
        zombie = until(here.crew.stopped_process, timeout=300, what="a stopped worker")
        assert here.crew.wait(tenant.tenant_id, first, timeout=300).status is JobStatus.DONE
        second = ask(here, tenant, new)
        assert here.crew.wait(tenant.tenant_id, second, timeout=300).status is JobStatus.DONE
        assert names(here, tenant) == {"Novo"}
        before = fenced(here)  # where the machine is slow others were, too
        zombie.resume()
        until(
            lambda: fenced(here) > before if guarded else names(here, tenant) != {"Novo"},
            what="the resumed worker to find out or to write",
        )
        red = here.watch.at_rest().keys()
        assert (names(here, tenant) == {"Novo"}) == guarded
        assert ("I4 something was written after its job had ended" in red) != guarded, red


@both_ways
def test_without_the_sweep_a_lost_message_is_a_lost_job(tmp_path: Path, *, guarded: bool) -> None:
    with lacking("sweep", tmp_path / "home", guarded=guarded) as here:
        tenant = make_tenant(here.settings, here.crew.context.database, tmp_path)
        warm = ask(here, tenant, [person(0)])
        if guarded:  # the workers are up; without the sweep that job may wait for ever itself, where they came later
            here.crew.wait(tenant.tenant_id, warm, timeout=300)
        here.watch.limits = Limits(patience=5.0, attempts=here.settings.max_attempts)
        silent = replace(here.crew.context, dispatch=nobody)
        job_id = ask(replace(here, crew=replace(here.crew, context=silent)), tenant, [person(1)])

        def decided() -> bool:
            here.watch.look()
            ended = here.crew.job(tenant.tenant_id, job_id).status is JobStatus.DONE
            return ended or bool(here.watch.findings)

        until(decided, timeout=300, what="the job to end or to be missed")
        assert ("I6 a chunk is due and nobody looks" in here.watch.findings) != guarded
        assert ("I3 a job has not ended" in here.watch.at_rest()) != guarded


@both_ways
def test_without_the_sorting_statements_deadlock(tmp_path: Path, *, guarded: bool) -> None:
    deadlocks = "I8 statements deadlocked"
    with lacking("sorting", tmp_path / "home", guarded=guarded) as here:
        tenant = make_tenant(here.settings, here.crew.context.database, tmp_path)
        for turn in range(4 if guarded else 25):
            people = [person(n) for n in range(turn * 4_000, (turn + 1) * 4_000)]
            for job_id in [ask(here, tenant, people), ask(here, tenant, people[::-1])]:
                job = here.crew.wait(tenant.tenant_id, job_id, timeout=300)
                assert job.status is JobStatus.DONE, "a deadlock must cost no job: it is tried again"
            if deadlocks in here.watch.at_rest():
                break
        assert (deadlocks in here.watch.at_rest()) != guarded
