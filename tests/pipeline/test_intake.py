"""Intake: the same request is the same job, whoever asks how often; and what cannot be taken leaves nothing behind."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import Settings
from db import audiences
from db.statuses import AudienceStatus, JobStatus, OnExisting
from db.unit import Database
from pipeline.context import Context
from pipeline.intake import ImportRequest, Receipt, intake, intake_url
from pipeline.intake_problems import IntakeRefusedError
from pipeline.options import ImportOptions
from pipeline.problems import FileProblem, FileProblemCode
from tests.conftest import Tenant
from tests.support.workers import Threads, tools

DATA = b"email,name\nana@empresa.com.br,Ana\nbia@empresa.com.br,Bia\n"


@pytest.fixture
def context(settings: Settings) -> Iterator[Context]:
    with tools(settings) as context:
        yield context


def request_of(tenant: Tenant, **changes: object) -> ImportRequest:
    values: dict[str, object] = {
        "tenant_id": tenant.tenant_id,
        "user_id": tenant.user_id,
        "audience": tenant.audience,
        "file_name": "a.csv",
    }
    return ImportRequest(**{**values, **changes})  # type: ignore[arg-type]


def counts(database: Database, tenant: Tenant) -> dict[str, int]:
    with database.reading(tenant.tenant_id) as unit:
        return {
            table: unit.execute(f"select count(*) from {table}").scalar_one()
            for table in (
                "mkt.import_jobs",
                "mkt.import_chunks",
                "mkt.import_rows",
                "mtrk.contatos",
                "mkt.audience_contacts",
                "mkt.email_validation_history",
            )
        }


@pytest.mark.fault(21)
def test_twenty_intakes_at_once_make_one_job(context: Context, database: Database, tenant: Tenant) -> None:
    receipts: list[Receipt] = []
    start = threading.Barrier(20)

    def ask() -> None:
        with tools(context.settings) as own:
            start.wait()
            receipts.append(intake(own, request_of(tenant), io.BytesIO(DATA)))

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({receipt.import_job_id for receipt in receipts}) == 1
    assert sorted(receipt.reused for receipt in receipts) == [False] + [True] * 19
    assert counts(database, tenant)["mkt.import_jobs"] == 1
    assert counts(database, tenant)["mkt.import_chunks"] == 3


def test_the_same_file_again_is_the_same_job_and_writes_nothing(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    with Threads(settings) as threads:
        first = intake(threads.context, request_of(tenant), io.BytesIO(DATA))
        threads.finish(tenant.tenant_id, first.import_job_id)
        before = counts(database, tenant)
        second = intake(threads.context, request_of(tenant, file_name="other-name.csv"), io.BytesIO(DATA))
    assert second == Receipt(first.import_job_id, reused=True)
    assert counts(database, tenant) == before


def test_the_same_rows_in_another_file_change_nothing_but_the_ledger(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    with Threads(settings) as threads:
        for data in (DATA, DATA.replace(b"\n", b"\r\n")):
            receipt = intake(threads.context, request_of(tenant), io.BytesIO(data))
            threads.finish(tenant.tenant_id, receipt.import_job_id)
    with database.reading(tenant.tenant_id) as unit:
        counters = unit.execute(
            "select contacts_created, contacts_updated, contacts_unchanged, links_added, links_existing from mkt.import_chunks"
            " where import_job_id = :job and kind = 'rows'",
            {"job": receipt.import_job_id},
        ).one()
        newest = unit.execute("select max(updated_at) = max(created_at) from mtrk.contatos").scalar_one()
    assert tuple(counters) == (0, 0, 2, 0, 2)
    assert newest


def test_other_options_or_another_audience_or_insisting_make_another_job(
    context: Context, database: Database, tenant: Tenant
) -> None:
    with database.unit(tenant.tenant_id) as unit:
        audiences.create(unit, "leads", "")
    wishes = [
        request_of(tenant),
        request_of(tenant, options=ImportOptions(on_existing=OnExisting.OVERWRITE)),
        request_of(tenant, options=ImportOptions(map={"email": "email"})),
        request_of(tenant, audience="leads"),
        request_of(tenant, again=True),
        request_of(tenant, again=True),
    ]
    receipts = [intake(context, wish, io.BytesIO(DATA)) for wish in wishes]
    assert len({receipt.import_job_id for receipt in receipts}) == len(wishes)
    assert intake(context, request_of(tenant), io.BytesIO(DATA)) == Receipt(receipts[-1].import_job_id, reused=True)


def test_the_same_request_id_is_answered_with_the_same_job_whatever_the_bytes(
    context: Context, tenant: Tenant, other_tenant: Tenant
) -> None:
    first = intake(context, request_of(tenant, request_id="r-1"), io.BytesIO(DATA))
    assert intake(context, request_of(tenant, request_id="r-1"), io.BytesIO(DATA + b"x@y.com,X\n")) == Receipt(
        first.import_job_id, reused=True
    )
    elsewhere = intake(context, request_of(other_tenant, request_id="r-1"), io.BytesIO(DATA))
    assert elsewhere.import_job_id != first.import_job_id
    assert not elsewhere.reused


@pytest.mark.fault(21)
def test_after_a_failed_job_the_same_file_is_a_new_job(settings: Settings, tenant: Tenant) -> None:
    bad = b"nothing,here\n1,2\n"
    with Threads(settings) as threads:
        first = intake(threads.context, request_of(tenant), io.BytesIO(bad))
        (job,) = threads.finish(tenant.tenant_id, first.import_job_id)
        second = intake(threads.context, request_of(tenant), io.BytesIO(bad))
        threads.finish(tenant.tenant_id, second.import_job_id)
    assert job.status is JobStatus.FAILED
    assert job.failure_code == FileProblemCode.NO_EMAIL_COLUMN
    assert second.import_job_id != first.import_job_id


def test_a_path_that_is_no_readable_file_is_refused_and_nothing_is_made(
    context: Context, database: Database, tenant: Tenant, tmp_path: Path
) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    for path, code in [
        (tmp_path / "missing.csv", FileProblemCode.FILE_MISSING),
        (tmp_path, FileProblemCode.FILE_IS_DIRECTORY),
        (fifo, FileProblemCode.FILE_UNREADABLE),
    ]:
        with pytest.raises(FileProblem) as caught:
            intake(context, request_of(tenant, file_name=path.name), path)
        assert caught.value.code is code
    assert counts(database, tenant)["mkt.import_jobs"] == 0


def test_a_file_over_the_limit_is_refused_while_it_is_read_and_leaves_no_bytes(
    settings: Settings, database: Database, tenant: Tenant, tmp_path: Path
) -> None:
    small = settings.model_copy(update={"max_file_bytes": 20, "store_url": tmp_path.as_uri()})
    with tools(small) as context, pytest.raises(FileProblem) as caught:
        intake(context, request_of(tenant), io.BytesIO(DATA))
    assert caught.value.code is FileProblemCode.FILE_TOO_LARGE
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert counts(database, tenant)["mkt.import_jobs"] == 0


def test_an_audience_that_is_unknown_archived_or_another_tenant_s_takes_nothing(
    context: Context, database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    with database.unit(tenant.tenant_id) as unit:
        archived = audiences.create(unit, "old", "")
        assert archived is not None
        audiences.set_status(unit, archived, AudienceStatus.ACTIVE, AudienceStatus.ARCHIVED)
    for audience, words in [
        ("nobody", "no audience"),
        ("old", "archived"),
        (str(other_tenant.audience_id), "no audience"),
    ]:
        with pytest.raises(IntakeRefusedError, match=words):
            intake(context, request_of(tenant, audience=audience), io.BytesIO(DATA))
    assert counts(database, tenant)["mkt.import_jobs"] == 0


def test_urls_are_read_only_within_the_configured_roots(settings: Settings, tenant: Tenant, tmp_path: Path) -> None:
    inside, outside = tmp_path / "in side", tmp_path / "in side-not"
    for folder in (inside, outside):
        folder.mkdir()
        (folder / "ç a.csv").write_bytes(DATA)
    (inside / "link.csv").symlink_to(outside / "ç a.csv")
    with tools(settings.model_copy(update={"import_roots": (inside.as_uri(),)})) as rooted:
        _only_within(rooted, tenant, inside, outside)


def _only_within(rooted: Context, tenant: Tenant, inside: Path, outside: Path) -> None:
    taken = intake_url(rooted, request_of(tenant), (inside / "ç a.csv").as_uri())
    assert not taken.reused
    for url in [
        (outside / "ç a.csv").as_uri(),
        (inside / "link.csv").as_uri(),
        inside.as_uri() + "/../in%20side-not/%C3%A7%20a.csv",
        inside.as_uri(),
        "s3://bucket/a.csv",
        "file://elsewhere/etc/passwd",
        "http://127.0.0.1/a.csv",
        "/etc/passwd",
    ]:
        with pytest.raises(FileProblem) as caught:
            intake_url(rooted, request_of(tenant), url)
        assert caught.value.code is FileProblemCode.URL_NOT_ALLOWED, url
    with pytest.raises(FileProblem) as caught:
        intake_url(rooted, request_of(tenant), inside.as_uri() + "/gone.csv")
    assert caught.value.code is FileProblemCode.FILE_MISSING


def test_a_file_in_s3_is_imported_from_its_url_and_kept_in_a_bucket(
    settings: Settings, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    import boto3  # noqa: PLC0415
    from moto.server import ThreadedMotoServer  # noqa: PLC0415

    for name, value in {
        "AWS_ACCESS_KEY_ID": "k",
        "AWS_SECRET_ACCESS_KEY": "s",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        endpoint = f"http://{host}:{port}"
        client = boto3.client("s3", endpoint_url=endpoint)
        for bucket in ("uploads", "other", "store"):
            client.create_bucket(Bucket=bucket)
        client.put_object(Bucket="uploads", Key="clients/a b.csv", Body=DATA)
        client.put_object(Bucket="other", Key="clients/a.csv", Body=DATA)
        s3 = settings.model_copy(
            update={"import_roots": ("s3://uploads/clients",), "store_url": "s3://store/mkt", "s3_endpoint": endpoint}
        )
        with Threads(s3) as threads:
            receipt = intake_url(threads.context, request_of(tenant), "s3://uploads/clients/a%20b.csv")
            (job,) = threads.finish(tenant.tenant_id, receipt.import_job_id)
            for url in (
                "s3://other/clients/a.csv",
                "s3://uploads/clients-2/a.csv",
                "s3://uploads/clients/../x.csv",
                "s3://uploads/clients",
            ):
                with pytest.raises(FileProblem):
                    intake_url(threads.context, request_of(tenant), url)
        client.close()
    finally:
        server.stop()
    assert job.status is JobStatus.DONE
    assert job.total_rows == 2
