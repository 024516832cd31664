"""The contract in docs/neighbours.md is enough: its own SQL, run on tables made by others, lets an import through."""

from __future__ import annotations

import io
import re
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import Connection, Engine, create_engine, make_url, text

from config.endpoints import database_url, worker_database_url
from config.settings import Settings
from db import audiences, tenants
from db.deliveries import Event, Recorded
from db.engines import as_sqlalchemy_url
from db.statuses import DeliveryKind, JobStatus
from db.tables import NEIGHBOURS, metadata
from db.upgrade import expected_revisions, upgrade
from pipeline import sending, undoing
from pipeline.deliveries import record
from pipeline.intake import ImportRequest, intake
from tests.house.repository import ROOT
from tests.support.workers import Threads

OWNER = "mkt_plain_owner"
BLOCKS = re.findall(r"^```sql\n(.*?)^```", (ROOT / "docs/neighbours.md").read_text("utf-8"), re.DOTALL | re.MULTILINE)


def build(connection: Connection) -> None:
    """Make the neighbours' tables as other modules would: with columns of their own, and nothing granted to mkt."""
    for schema in sorted({str(table.schema) for table in NEIGHBOURS}):
        connection.execute(text(f"create schema {schema}"))
    metadata.create_all(connection, tables=list(NEIGHBOURS))
    for table in NEIGHBOURS:
        connection.execute(text(f"alter table {table.fullname} add column of_its_own text not null default 'x'"))
        connection.execute(text(f"alter table {table.fullname} enable row level security"))
    connection.execute(text(f"create role {OWNER} login"))
    connection.execute(text(f"grant mkt_worker, mkt_reader to {OWNER} with admin option"))
    connection.execute(text(f"grant create on database {connection.engine.url.database} to {OWNER}"))


def apply_contract(connection: Connection) -> None:
    owner, roles, policy = BLOCKS
    connection.execute(text(re.sub(r"\bmkt_owner\b", OWNER, owner)))
    connection.execute(text(roles))
    for table in NEIGHBOURS:
        connection.execute(text(policy.replace("mtrk.contatos", table.fullname)))


@pytest.fixture
def platform(settings: Settings) -> Iterator[tuple[Engine, Settings]]:
    """A database with neighbours, and the settings of an mkt that is installed beside them."""
    url = make_url(as_sqlalchemy_url(database_url(settings)))
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    name = f"platform_{uuid.uuid4().hex[:8]}"
    with admin.connect() as connection:
        connection.execute(text(f"create database {name}"))
    engine = create_engine(url.set(database=name))
    with engine.begin() as connection:
        build(connection)
    plain = url.set(database=name, username=OWNER, drivername="postgresql").render_as_string(hide_password=False)
    yield engine, settings.model_copy(update={"database_url": plain})
    engine.dispose()
    with admin.connect() as connection:
        connection.execute(text(f"drop database {name} with (force)"))
        connection.execute(text(f"drop role {OWNER}"))
    admin.dispose()


def test_an_import_runs_beside_the_tables_of_other_modules(platform: tuple[Engine, Settings]) -> None:
    engine, settings = platform
    tenant_id, user_id = UUID(int=1), UUID(int=2)
    with engine.begin() as connection:
        apply_contract(connection)
        connection.execute(
            text("insert into core.tenants (tenant_id, slug, name) values (:t, 'acme', 'Acme')"), {"t": tenant_id}
        )
        connection.execute(
            text("insert into auth.users (user_id, tenant_id, name) values (:u, :t, 'ana')"),
            {"u": user_id, "t": tenant_id},
        )
    assert upgrade(database_url(settings), standalone=False) == [expected_revisions()["mkt"]]
    assert "mkt_worker" in worker_database_url(settings)

    with Threads(settings) as workers:
        with workers.context.database.unit(None) as unit:
            assert tenants.find(unit, "acme") == tenants.Tenant(tenant_id, "acme", "pt-BR", "America/Sao_Paulo")
        with workers.context.database.unit(tenant_id) as unit:
            audiences.create(unit, "people", "")
        request = ImportRequest(tenant_id, user_id, "people", "people.csv")
        receipt = intake(
            workers.context, request, io.BytesIO(b"email,name\nana@empresa.com.br,Ana\nbia@empresa.com.br,Bia\n")
        )
        (job,) = workers.finish(tenant_id, receipt.import_job_id)

        # A campaign of the platform's becomes messages of the platform's.
        with engine.begin() as connection:
            cid = connection.execute(
                text("insert into mtrk.campanhas (tenant_id, name) values (:t, 'Natal') returning cid"),
                {"t": tenant_id},
            ).scalar_one()
        with workers.context.database.unit(tenant_id) as unit:
            choose = "insert into mkt.campaign_audiences (tenant_id, cid, audience_id) select tenant_id, :cid, audience_id from mkt.audiences"
            unit.execute(choose, {"cid": cid})
        (sent,) = workers.finish(tenant_id, sending.request(workers.context, tenant_id, user_id, cid).import_job_id)

        # What an import created goes again, and what the platform has a message to stays.
        wrong = intake(
            workers.context,
            replace(request, again=True),
            io.BytesIO(b"email\nana@empresa.com.br\ncaio@empresa.com.br\n"),
        )
        workers.finish(tenant_id, wrong.import_job_id)
        taken_back = undoing.request(workers.context, tenant_id, user_id, wrong.import_job_id)
        (undone,) = workers.finish(tenant_id, taken_back.import_job_id)

        # What is told of their messages goes into the tables that others keep for it.
        event = Event("1", "ana@empresa.com.br", DeliveryKind.BOUNCE_HARD, datetime(2026, 3, 5, tzinfo=UTC))
        told = [record(workers.context, tenant_id, [event]) for _ in range(2)]

    assert (job.status, job.total_rows) == (JobStatus.DONE, 2)
    assert (sent.status, sent.failure_detail, sent.total_rows) == (JobStatus.DONE, None, 2)
    assert (undone.status, undone.failure_detail, undone.total_rows) == (JobStatus.DONE, None, 2)
    assert told == [Recorded(new=1, suppressions_added=1), Recorded(repeated=1)]
    with engine.connect() as connection:
        contacts = connection.execute(text("select email, name, of_its_own from mtrk.contatos order by email")).all()
    assert [tuple(row) for row in contacts] == [("ana@empresa.com.br", "Ana", "x"), ("bia@empresa.com.br", "Bia", "x")]
