"""What the database says about its own state, for operators: looked at as the owner, over all tenants."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.pq import PGconn, Ping
from sqlalchemy import Connection, create_engine, make_url, text

from db import resolvers, waits
from db.engines import as_sqlalchemy_url
from db.hash_keys import Canary, all_canaries
from db.resolvers import DnsState
from db.statements import statement
from db.waits import Waits

#: uuidv7() came with this version.
MINIMUM_VERSION = 180000
ROLES = ("mkt_worker", "mkt_reader")


@dataclass(frozen=True)
class ChunkTrouble:
    """A chunk that is ``silent`` (due for more than a minute, nobody takes it) or was tried more than once."""

    tenant_id: UUID
    import_job_id: UUID
    chunk_no: int
    stage: str
    stage_attempts: int
    claimed_by: str | None
    claimed_at: datetime | None
    due_at: datetime
    last_error: str | None
    silent: bool


@dataclass(frozen=True)
class JobTrouble:
    """A job in which nothing has moved for five minutes."""

    import_job_id: UUID
    stage: str
    moved_at: datetime
    claimed_by: str | None
    claimed_at: datetime | None


@dataclass(frozen=True)
class Health:
    """The state of the database. Chunks, jobs, stray rows and DNS are looked at only where the schema is there."""

    version: int  # as server_version_num
    revisions: tuple[str, ...]
    missing_roles: tuple[str, ...]
    chunks: tuple[ChunkTrouble, ...] = ()
    jobs: tuple[JobTrouble, ...] = ()
    rows_outside_partitions: int = 0
    dns: DnsState | None = None
    canaries: tuple[Canary, ...] = ()  # of the keys that mailboxes were hashed with
    opt_outs_without_hash: int = 0
    unreadable_opt_outs: tuple[int, ...] = ()  # entries of other services that hold no address; the oldest first
    waits: tuple[Waits, ...] = ()  # of the jobs that have not ended
    is_read_only: bool = False  # it takes no writes now


def look(owner_url: str) -> Health:
    """Look at everything once. Raises sqlalchemy.exc.OperationalError where the database does not answer."""
    engine = create_engine(as_sqlalchemy_url(owner_url), connect_args={"connect_timeout": 10})
    try:
        with engine.connect() as connection:
            read_only = text("select cast(current_setting('transaction_read_only') as boolean) or pg_is_in_recovery()")
            return replace(_look(connection), is_read_only=connection.execute(read_only).scalar_one())
    finally:
        engine.dispose()


def is_running(owner_url: str) -> bool:
    """Return whether there is a server that takes connections, also where it has refused ours; False: or the URL says no place."""
    url = make_url(owner_url).set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        return PGconn.ping(make_conninfo(url, connect_timeout=10).encode()) == Ping.OK
    except psycopg.ProgrammingError:
        return False


def _look(connection: Connection) -> Health:
    def column(query: str, **values: Any) -> list[Any]:  # noqa: ANN401 (bound values)
        return list(connection.execute(text(query), values).scalars())

    roles = column("select rolname from pg_roles where rolname = any(:roles)", roles=list(ROLES))
    there = column("select to_regclass('mkt.schema_versions') is not null")[0]
    revisions = tuple(column("select version_num from mkt.schema_versions order by 1")) if there else ()
    missing = tuple(role for role in ROLES if role not in roles)
    version = int(column("show server_version_num")[0])
    if not column("select to_regclass('mkt.import_chunks') is not null")[0]:
        return Health(version, revisions, missing)
    chunks = connection.execute(text(statement("health_chunks")))
    jobs = connection.execute(text(statement("health_jobs")))
    return Health(
        version,
        revisions,
        missing,
        tuple(ChunkTrouble(**row._mapping) for row in chunks),  # noqa: SLF001 (SQLAlchemy's public name for it)
        tuple(JobTrouble(**row._mapping) for row in jobs),  # noqa: SLF001 (as above)
        column("select mkt.rows_outside_partitions()")[0],
        resolvers.look(connection) if column("select to_regclass('mkt.resolvers') is not null")[0] else None,
        *_hashes(connection),
        waits.of_all(connection) if column("select to_regclass('mkt.ix_import_chunks_claimed') is not null")[0] else (),
    )


def _hashes(connection: Connection) -> tuple[tuple[Canary, ...], int, tuple[int, ...]]:
    if connection.execute(text("select to_regclass('mkt.hash_keys') is null")).scalar_one():
        return (), 0, ()
    without = connection.execute(
        text(
            "select suppression_id, evidence ? 'unreadable' as unreadable from ops.suppressions"
            " where mailbox_hash is null and lifted_at is null order by suppression_id"
        )
    ).all()
    unreadable = tuple(row.suppression_id for row in without if row.unreadable)
    return tuple(all_canaries(connection)), len(without) - len(unreadable), unreadable
