"""What was kept long enough goes, and nothing else: files by the day, months of rows, and what belongs to nobody."""

from __future__ import annotations

import dataclasses
import io
import uuid
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from config.endpoints import database_url
from config.settings import Settings
from db import jobs, keeping
from db.jobs import Job
from db.statuses import JobKind, JobStatus
from db.unit import Unit
from pipeline import control
from pipeline.context import Context
from pipeline.control import ControlRefusedError
from pipeline.erasures import ask
from pipeline.intake import ImportRequest, carry_out, intake
from pipeline.intake_problems import IntakeRefusedError
from pipeline.options import ImportOptions
from pipeline.retention import drop_months, retain
from tests.pipeline.imports import Desk


def later(context: Context, **amount: float) -> Context:
    """Return the tools of a process whose clock is ahead."""

    def clock(_: Unit) -> datetime:
        return datetime.now(UTC) + timedelta(**amount)

    return dataclasses.replace(context, clock=clock)


def load(work: Desk, job: Job) -> Job:
    with work.database.unit(work.tenant.tenant_id) as unit:
        found = jobs.load(unit, job.import_job_id)
    assert found is not None
    return found


def stored(work: Desk, job: Job) -> list[str]:
    store = work.threads.context.store
    chunks = [each.key for each in store.listed(f"chunks/{work.tenant.tenant_id}/{job.import_job_id}")]
    return chunks + ([job.file_key] if store.exists(job.file_key) else [])


def test_files_go_after_their_days_and_the_job_says_so(work: Desk) -> None:
    job = work.run("email\nana@empresa.com.br\n")
    retain(later(work.threads.context, days=89))
    assert len(stored(work, job)) == 2

    retain(later(work.threads.context, days=91))

    assert stored(work, job) == []
    assert load(work, job).files_deleted_at is not None
    assert len(work.query("select 1 from mkt.import_rows")) == 1


def test_an_original_that_a_younger_job_still_wants_stays(work: Desk, settings: Settings) -> None:
    old = work.run("email\nana@empresa.com.br\n")
    with psycopg.connect(database_url(settings)) as connection:
        connection.execute(
            "update mkt.import_jobs set finished_at = now() - interval '91 days' where import_job_id = %s",
            [old.import_job_id],
        )
    young = work.run("email\nana@empresa.com.br\n")

    retain(work.threads.context)

    assert stored(work, old) == [old.file_key] == [young.file_key]
    assert len(stored(work, young)) == 2


def test_a_job_without_its_files_is_not_taken_up_again(work: Desk) -> None:
    failed = work.run("email\nana@empresa.com.br\n", ImportOptions(map={"nada": "email"}))
    plan = work.run("email\nana@empresa.com.br\n", kind=JobKind.DRY_RUN)
    assert failed.status is JobStatus.FAILED
    retain(later(work.threads.context, days=91))
    tenant = work.tenant
    with pytest.raises(ControlRefusedError, match="MKT_RETAIN_FILES_DAYS"):
        control.retry(work.threads.context, tenant.tenant_id, failed.import_job_id)
    with pytest.raises(IntakeRefusedError, match="MKT_RETAIN_FILES_DAYS"):
        carry_out(work.threads.context, tenant.tenant_id, tenant.user_id, plan.import_job_id)
    mending = ImportRequest(tenant.tenant_id, tenant.user_id, None, "m.csv", ImportOptions(mends=plan.import_job_id))
    with pytest.raises(IntakeRefusedError):
        intake(work.threads.context, mending, io.BytesIO(b"email\n"))


def test_a_job_that_has_not_ended_keeps_its_files(work: Desk) -> None:
    tenant, context = work.tenant, dataclasses.replace(work.threads.context, dispatch=lambda _: None)
    request = ImportRequest(tenant.tenant_id, tenant.user_id, tenant.audience, "f.csv", again=True)
    job_id = intake(context, request, io.BytesIO(b"email\nana@empresa.com.br\n")).import_job_id
    retain(later(context, days=900))
    assert work.finish(job_id).status is JobStatus.DONE


def test_what_no_job_names_goes_after_a_day(work: Desk) -> None:
    context, tenant = work.threads.context, work.tenant
    kept = work.run("email\nana@empresa.com.br\n")
    orphans = [
        f"incoming/{uuid.uuid4()}",
        f"files/{tenant.tenant_id}/{'0' * 64}",
        f"chunks/{tenant.tenant_id}/{uuid.uuid4()}/000003.csv",
    ]
    for key in orphans:
        context.store.put(key, b"ana@empresa.com.br")
    retain(context)
    assert all(map(context.store.exists, orphans))
    retain(later(context, days=2))
    assert not any(map(context.store.exists, orphans))
    assert len(stored(work, kept)) == 2


def test_a_month_of_rows_goes_whole_and_only_when_nothing_of_it_can_be_taken_up(settings: Settings, work: Desk) -> None:
    old = datetime.now(UTC) - timedelta(days=800)
    month = f"{old:%Y_%m}"
    first = old.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    following = (first + timedelta(days=32)).replace(day=1)
    job = work.run("email\nana@empresa.com.br\n")
    with psycopg.connect(database_url(settings), autocommit=True) as connection:
        for table in ("import_rows", "email_validation_history"):
            bounds = f"mkt.uuid_floor('{first}')", f"mkt.uuid_floor('{following}')"
            if table != "import_rows":
                bounds = f"'{first}'", f"'{following}'"
            low, high = (connection.execute(f"select ({bound})::text").fetchone()[0] for bound in bounds)  # type: ignore[index]
            connection.execute(
                f"create table mkt.{table}_{month} partition of mkt.{table} for values from ('{low}') to ('{high}')"
            )
        moved = connection.execute("select mkt.uuid_floor(%s)", [old]).fetchone()
        assert moved is not None
        connection.execute(
            "insert into mkt.import_jobs (import_job_id, tenant_id, kind, audience_id, uploaded_by_user_id, file_name, file_hash, file_bytes,"
            " file_key, options_hash, chunk_rows, status, stage, finished_at) values (%s, %s, 'import', %s, %s, 'velho.csv', %s, 1, 'files/x', 'x', 1, 'done', 'settled', %s)",
            [moved[0], work.tenant.tenant_id, work.tenant.audience_id, work.tenant.user_id, "0" * 64, old],
        )

        def partitions() -> set[str]:
            found = connection.execute(
                "select relname from pg_class where relname like %s and relkind = 'r'", [f"%{month}"]
            )
            return {row[0] for row in found}

        assert keeping.look(database_url(settings), files_days=90, rows_months=24).overdue_months
        assert connection.execute("select partition, held_up from mkt.old_partitions(24) where held_up").fetchall() == [
            (f"import_rows_{month}", True)
        ]
        context = dataclasses.replace(
            work.threads.context, settings=settings.model_copy(update={"retain_rows_months": 0})
        )
        assert drop_months(context) == []  # for ever
        assert drop_months(work.threads.context) == [f"email_validation_history_{month}"]  # nothing holds that one up
        retain(work.threads.context)  # lets the files of that job go first, then both months
        assert partitions() == set()
    assert len(work.query("select 1 from mkt.import_rows where import_job_id = :job", job=job.import_job_id)) == 1


def test_the_files_of_an_import_that_named_an_erased_person_do_so_for_a_day_only(work: Desk) -> None:
    tenant, context = work.tenant, work.threads.context
    work.finish(ask(context, tenant.tenant_id, tenant.user_id, "rosa.fora@empresa.com.br", "pedido").import_job_id)
    job = work.run("email,obs\nrosa.fora@empresa.com.br,x\nbia@empresa.com.br,ver ROSA.fora@empresa.com.br\nruim,y\n")
    retain(context)
    assert len(stored(work, job)) == 2

    retain(later(context, days=2))
    retain(later(context, days=2))

    (chunk,) = stored(work, job)
    text = context.store.get(chunk).decode()
    assert text == "2,,\r\n3,bia@empresa.com.br,ver [erased]\r\n4,ruim,y\r\n"


def test_what_another_service_says_of_an_erased_person_loses_its_name(work: Desk, settings: Settings) -> None:
    tenant, context = work.tenant, work.threads.context
    for name in ("lia", "eva"):  # the one is erased, the other is not
        with psycopg.connect(database_url(settings)) as connection:
            connection.execute(
                "insert into ops.suppressions (tenant_id, email, kind, source, evidence) values (%s, %s, 'complaint', 'esp', '{\"said\": \"by x@y.com\"}')",
                [tenant.tenant_id, f"{name}.{tenant.slug}@empresa.com.br"],
            )
        if name == "lia":
            work.finish(
                ask(
                    context, tenant.tenant_id, tenant.user_id, f"eva.{tenant.slug}@empresa.com.br", "pedido"
                ).import_job_id
            )
    retain(context)
    found = work.query("select email, evidence from ops.suppressions where kind = 'complaint' order by suppression_id")
    assert [(row.email is None, row.evidence) for row in found] == [(False, {"said": "by x@y.com"}), (True, {})]


def test_the_settings_refuse_rows_that_go_before_files() -> None:
    with pytest.raises(ValueError, match="MKT_RETAIN_ROWS_MONTHS"):
        Settings(retain_rows_months=2, retain_files_days=90)
    assert Settings(retain_rows_months=0).retain_rows_months == 0
