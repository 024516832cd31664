"""Law 7: a tenant sees and touches its own rows only, and it is the database that says so."""

from __future__ import annotations

import uuid
from pathlib import Path
from uuid import UUID

import pytest
from psycopg.errors import NotNullViolation
from sqlalchemy import Table
from sqlalchemy.exc import DBAPIError, ProgrammingError

from config.endpoints import database_url
from config.settings import Settings
from db.tables import domain_checks, metadata, resolvers
from db.unit import Database, Unit
from pipeline.intake import ImportRequest, intake
from pipeline.sweep import upkeep_partitions
from tests.conftest import Tenant
from tests.support.workers import Threads, tools

TENANT_TABLES = [table for table in metadata.sorted_tables if table not in (domain_checks, resolvers)]


def one_row_in_every_table(settings: Settings, tenant: Tenant) -> UUID:
    """Import a file and add what an import does not touch."""
    path = tenant.files / f"{tenant.slug}.csv"
    path.write_text("email,name\nana@empresa.com.br,Ana\nana@empresa.com.br,Ana\nbad,Bia\n", encoding="utf-8")
    with Threads(settings) as threads:
        receipt = intake(
            threads.context, ImportRequest(tenant.tenant_id, tenant.user_id, tenant.audience, path.name), path
        )
        threads.finish(tenant.tenant_id, receipt.import_job_id)
    _as_owner(
        settings,
        "insert into mtrk.campanhas (tenant_id, name) values (:t, 'c')",
        "insert into mkt.campaign_audiences (tenant_id, cid, audience_id) select :t, c.cid, a.audience_id from mtrk.campanhas c, mkt.audiences a where c.tenant_id = :t and a.tenant_id = :t",
        "insert into mtrk.mensagens (tenant_id, cid, rid) select :t, c.cid, k.rid from mtrk.campanhas c, mtrk.contatos k where c.tenant_id = :t and k.tenant_id = :t",
        "insert into ops.suppressions (tenant_id, email, kind, source) values (:t, 'a@b.com', 'manual', 'test')",
        "insert into audit.events (tenant_id, action, subject) values (:t, 'a', 's')",
        "insert into ops.deliveries (tenant_id, event_id, email, kind, occurred_at) values (:t, 'e', 'a@b.com', 'delivered', now())",
        "insert into ops.mailboxes (tenant_id, email, domain) values (:t, 'a@b.com', 'b.com')",
        "insert into mkt.verdict_policies (tenant_id) values (:t)",
        "insert into mkt.verdict_overrides (tenant_id, entry, decision, decided_by_user_id)"
        " select :t, 'b.com', 'allow', user_id from auth.users where tenant_id = :t",
        "insert into mkt.tenant_policies (tenant_id) values (:t)",
        "insert into mkt.campaign_policies (tenant_id, cid) select :t, cid from mtrk.campanhas where tenant_id = :t",
        "insert into mkt.campaign_contacts (tenant_id, cid, rid, import_job_id, chunk_no)"
        " select :t, c.cid, k.rid, uuidv7(), 3 from mtrk.campanhas c, mtrk.contatos k where c.tenant_id = :t and k.tenant_id = :t",
        "insert into mkt.quarantines (tenant_id, import_job_id, rules)"
        " select :t, import_job_id, '[]' from mkt.import_jobs where tenant_id = :t limit 1",
        "insert into mkt.undo_items (tenant_id, import_job_id, rid, thing, outcome)"
        " select :t, import_job_id, 1, 'link', 'reversed' from mkt.import_jobs where tenant_id = :t limit 1",
        "select key_version from mkt.current_pads(:t)",
        "insert into mkt.saved_mappings (tenant_id, name, header, mapping, saved_by_user_id)"
        " select :t, 'm', 'h', '{}', user_id from auth.users where tenant_id = :t",
        "insert into mkt.email_validation_history (tenant_id, rid, status, score, reason_code, validator_version)"
        " select :t, rid, 'valid', 95, 'mx_ok', 'v' from mtrk.contatos where tenant_id = :t",
        tenant=tenant.tenant_id,
    )
    return receipt.import_job_id


def _as_owner(settings: Settings, *statements: str, tenant: UUID) -> None:
    owner = Database(database_url(settings), database_url(settings))
    with owner.unit(tenant) as unit:
        for statement in statements:
            unit.execute(statement, {"t": tenant})
    owner.dispose()


@pytest.fixture(scope="module")
def crowd(
    settings: Settings, database: Database, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Tenant, Tenant, UUID]:
    """Two tenants with a row in every table."""
    from tests.conftest import make_tenant  # noqa: PLC0415 (a plain function beside the fixtures)

    files: Path = tmp_path_factory.mktemp("crowd")
    first, second = make_tenant(settings, database, files), make_tenant(settings, database, files)
    job = one_row_in_every_table(settings, first)
    one_row_in_every_table(settings, second)
    return first, second, job


def _tenants_seen(unit: Unit, table: Table) -> set[UUID]:
    return {row[0] for row in unit.execute(f"select distinct tenant_id from {table.fullname}")}


@pytest.mark.parametrize("table", TENANT_TABLES, ids=lambda table: table.fullname)
def test_with_no_tenant_set_nobody_sees_anything(
    database: Database, crowd: tuple[Tenant, Tenant, UUID], table: Table
) -> None:
    assert crowd
    for unit_of in (database.reading, database.unit):
        with unit_of(None) as unit:
            assert _tenants_seen(unit, table) == set()


@pytest.mark.parametrize("table", TENANT_TABLES, ids=lambda table: table.fullname)
def test_with_a_tenant_set_only_its_rows_are_seen(
    database: Database, crowd: tuple[Tenant, Tenant, UUID], table: Table
) -> None:
    for tenant in crowd[:2]:
        for unit_of in (database.reading, database.unit):
            with unit_of(tenant.tenant_id) as unit:
                assert _tenants_seen(unit, table) == {tenant.tenant_id}


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.fullname)
def test_the_reader_writes_nothing(database: Database, crowd: tuple[Tenant, Tenant, UUID], table: Table) -> None:
    with (
        pytest.raises(DBAPIError, match=r"permission denied|read-only transaction"),
        database.reading(crowd[0].tenant_id) as unit,
    ):
        unit.execute(f"delete from {table.fullname}")


@pytest.mark.parametrize("table", TENANT_TABLES, ids=lambda table: table.fullname)
def test_the_worker_cannot_write_a_row_of_another_tenant(
    database: Database, crowd: tuple[Tenant, Tenant, UUID], table: Table
) -> None:
    first, second, _ = crowd
    columns = ", ".join(column.name for column in table.c if column.identity is None and column.name != "tenant_id")
    with (
        pytest.raises(ProgrammingError, match=r"row-level security|permission denied"),
        database.unit(first.tenant_id) as unit,
    ):
        # Its own row, under the other's name: the values are fine, only the tenant is not.
        unit.execute(
            f"insert into {table.fullname} ({columns}, tenant_id) select {columns}, :other from {table.fullname} limit 1",
            {"other": second.tenant_id},
        )


def test_copied_rows_belong_to_the_session_s_tenant_and_the_worker_cannot_name_another(
    database: Database, crowd: tuple[Tenant, Tenant, UUID]
) -> None:
    first, second, _ = crowd
    with database.unit(first.tenant_id) as unit:
        partition = unit.execute("select mkt.rows_partition(uuidv7())").scalar_one()
    job = uuid.uuid4()
    with pytest.raises(ProgrammingError, match="permission denied"), database.unit(first.tenant_id) as unit:
        unit.connection.exec_driver_sql(
            f"insert into mkt.{partition} (import_job_id, part_no, row_number, tenant_id, raw_email, parse_status, error_code, error_detail)"
            f" values ('{job}', 0, 1, '{second.tenant_id}', '', 'error', 'x', 'x')"
        )
    with pytest.raises(ProgrammingError, match="permission denied"), database.unit(second.tenant_id) as unit:
        unit.execute(f"select * from mkt.{partition}")  # past the policies of the parent


def test_without_a_tenant_no_row_can_be_copied(database: Database) -> None:
    with database.unit(None) as unit:
        job, partition = unit.execute("select j, mkt.rows_partition(j) from uuidv7() j").one()
    with pytest.raises(NotNullViolation, match="tenant_id"), database.unit(None) as unit:
        unit.copy_in(
            f"copy mkt.{partition} (import_job_id, part_no, row_number, raw_email, parse_status, error_code, error_detail) from stdin with (format csv)",
            f"{job},0,1,x,error,x,x\n".encode(),
        )


class RolledBackError(Exception):
    """Ends a unit without a trace: temporary types would stay with the pooled connection."""


def test_a_caller_s_temporary_types_do_not_run_with_the_owner_s_rights(
    database: Database, crowd: tuple[Tenant, Tenant, UUID]
) -> None:
    """Unless pg_temp is named last, PostgreSQL looks there first, for types at least."""
    with pytest.raises(RolledBackError), database.unit(crowd[0].tenant_id) as unit:  # noqa: PT012 (the unit is the block)
        unit.execute(
            "create function pg_temp.snoop(value pg_catalog.text) returns boolean language plpgsql"
            " as $$ begin raise exception 'ran as %', current_user; end $$"
        )
        unit.execute("create domain pg_temp.text as pg_catalog.text check (pg_temp.snoop(value))")
        assert unit.execute("select mkt.ensure_partitions(3)").scalar_one() >= 0
        raise RolledBackError


def test_rows_without_a_month_are_reported_although_their_month_cannot_be_made(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    with database.unit(tenant.tenant_id) as unit:
        job = unit.execute("select mkt.uuid_floor(timestamptz '2019-05-05')").scalar_one()
        unit.copy_in(
            "copy mkt.import_rows_default (import_job_id, part_no, row_number, raw_email, parse_status, error_code, error_detail) from stdin with (format csv)",
            f"{job},0,{tenant.tenant_id.int % 1_000_000},x,error,x,x\n".encode(),
        )
    with tools(settings) as context:
        assert upkeep_partitions(context) >= 1
    _as_owner(settings, "delete from mkt.import_rows where tenant_id = :t", tenant=tenant.tenant_id)
