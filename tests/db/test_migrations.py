"""An empty database plus the migrations is what the tables' definitions say."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, text

from config.endpoints import database_url
from config.settings import Settings
from db.engines import as_sqlalchemy_url
from db.tables import metadata
from db.upgrade import expected_revisions, upgrade

COLUMNS = """
    select n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity::text,
           pg_get_expr(d.adbin, d.adrelid), co.collname
    from pg_attribute a
    join pg_class c on c.oid = a.attrelid
    join pg_namespace n on n.oid = c.relnamespace
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    left join pg_collation co on co.oid = a.attcollation
    where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p') and not c.relispartition
      and n.nspname = any(array['core', 'auth', 'mtrk', 'ops', 'audit', 'mkt']) and c.relname <> 'schema_versions'
    order by 1, 2, 3"""
CONSTRAINTS = """
    select n.nspname, c.relname, k.conname, pg_get_constraintdef(k.oid)
    from pg_constraint k
    join pg_class c on c.oid = k.conrelid
    join pg_namespace n on n.oid = c.relnamespace
    where not c.relispartition and n.nspname = any(array['core', 'auth', 'mtrk', 'ops', 'audit', 'mkt']) and c.relname <> 'schema_versions'
    order by 1, 2, 3"""
INDEXES = """
    select n.nspname, t.relname, c.relname, replace(pg_get_indexdef(i.indexrelid), ' ONLY', '')
    from pg_index i
    join pg_class c on c.oid = i.indexrelid
    join pg_class t on t.oid = i.indrelid
    join pg_namespace n on n.oid = t.relnamespace
    where not t.relispartition and n.nspname = any(array['core', 'auth', 'mtrk', 'ops', 'audit', 'mkt']) and t.relname <> 'schema_versions'
    order by 1, 2, 3"""


@pytest.fixture(scope="module")
def engines(settings: Settings) -> Iterator[tuple[Engine, Engine]]:
    """One database from the migrations, one from the definitions."""
    url = as_sqlalchemy_url(database_url(settings))
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    made = []
    for name in ("from_migrations", "from_tables"):
        with admin.connect() as connection:
            connection.execute(text(f"create database {name}"))
        made.append(create_engine(url.replace("/mkt?", f"/{name}?")))
    migrated, defined = made
    upgrade(migrated.url.render_as_string(hide_password=False), standalone=True)
    with defined.begin() as connection:
        for schema in ("core", "auth", "mtrk", "ops", "audit", "mkt"):
            connection.execute(text(f"create schema {schema}"))
        metadata.create_all(connection)
    yield migrated, defined
    for engine in made:
        engine.dispose()
    with admin.connect() as connection:
        for name in ("from_migrations", "from_tables"):
            connection.execute(text(f"drop database {name}"))
    admin.dispose()


@pytest.mark.parametrize("query", [COLUMNS, CONSTRAINTS, INDEXES], ids=["columns", "constraints", "indexes"])
def test_migrations_build_what_the_tables_define(engines: tuple[Engine, Engine], query: str) -> None:
    built = []
    for engine in engines:
        with engine.connect() as connection:
            built.append([tuple(row) for row in connection.execute(text(query))])
    assert built[0] == built[1]
    assert len(built[0]) > 20


def test_a_second_upgrade_finds_nothing_to_do(engines: tuple[Engine, Engine]) -> None:
    url = engines[0].url.render_as_string(hide_password=False)
    assert set(upgrade(url, standalone=True)) == set(expected_revisions().values())


def test_every_table_with_a_tenant_has_a_policy_and_no_other_table_lacks_one(engines: tuple[Engine, Engine]) -> None:
    with engines[0].connect() as connection:
        protected = {
            f"{row[0]}.{row[1]}"
            for row in connection.execute(
                text(
                    "select schemaname, tablename from pg_policies p join pg_class c on c.oid = format('%I.%I', schemaname, tablename)::regclass where relrowsecurity"
                )
            )
        }
    assert protected == {table.fullname for table in metadata.sorted_tables if "tenant_id" in table.c}
    assert {table.fullname for table in metadata.sorted_tables} - protected == {"mkt.domain_checks", "mkt.resolvers"}


def test_no_foreign_key_touches_import_rows(engines: tuple[Engine, Engine]) -> None:
    with engines[0].connect() as connection:
        keys = connection.execute(
            text(
                "select count(*) from pg_constraint where contype = 'f' and 'mkt.import_rows'::regclass in (conrelid, confrelid)"
            )
        ).scalar_one()
    assert keys == 0
