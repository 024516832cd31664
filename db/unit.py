"""The unit of work: one transaction, bound to one tenant, and the only place that commits."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import psycopg
from sqlalchemy import Connection, CursorResult, Executable, Row, text
from sqlalchemy.exc import DBAPIError

from db.engines import Engines

T = TypeVar("T")
#: What a statement gives back; its rows have as many columns as the statement says.
Result = CursorResult[*tuple[Any, ...]]
ResultRow = Row[*tuple[Any, ...]]

#: Serialization failure, deadlock, lock not available: nothing is wrong with the work, only with the moment.
_TRY_AGAIN = frozenset({"40001", "40P01", "55P03"})


@dataclass(frozen=True)
class Limits:
    """How long a transaction may take, in seconds; it also ends the transaction of a worker that was stopped."""

    transaction: float = 60.0


class Unit:
    """An open transaction of one tenant. Made by `Database`; commits when its block ends, rolls back on an error."""

    def __init__(self, connection: Connection, tenant_id: UUID | None) -> None:
        self.connection = connection
        self._tenant_id = tenant_id

    @property
    def tenant_id(self) -> UUID:
        """The tenant that the transaction is bound to. Raises LookupError when it is bound to none."""
        if self._tenant_id is None:
            msg = "this unit of work is bound to no tenant"
            raise LookupError(msg)
        return self._tenant_id

    def execute(self, statement: str | Executable, parameters: Mapping[str, Any] | None = None) -> Result:
        """Run one statement; text binds ``:name`` parameters."""
        return self.connection.execute(text(statement) if isinstance(statement, str) else statement, parameters)

    def look_up_by_key(self) -> None:
        """Have the rest of the transaction reach rows by their keys only.

        For statements that take some thousand rows to tables of any size. The planner has no statistics, or old ones,
        of rows that were written a moment ago; measured, it compared a chunk's 5,000 rows with every row of the table.
        """
        self.execute(
            "select set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),"
            " set_config('enable_mergejoin', 'off', true), set_config('enable_material', 'off', true)"
        )

    def copy_in(self, statement: str, data: bytes) -> None:
        """Run one ``COPY … FROM STDIN`` with all its data."""
        with self.connection.connection.cursor() as cursor, cursor.copy(statement) as copy:  # type: ignore[attr-defined]
            copy.write(data)


def database_clock(unit: Unit) -> datetime:
    """Return the database's time now: the one clock that all workers share, whatever their machines show."""
    now: datetime = unit.execute("select clock_timestamp()").scalar_one()
    return now


def transaction_time(unit: Unit) -> datetime:
    """Return the moment at which the unit began: what ``now()`` is in all its statements."""
    now: datetime = unit.execute("select now()").scalar_one()
    return now


class Database:
    """The database as the two roles that mkt works with: the worker, who writes, and the reader, who only looks."""

    def __init__(
        self,
        worker_url: str,
        reader_url: str,
        *,
        application_name: str = "mkt",
        idle_limit: float = 60.0,
        hash_secrets: str = "",
    ) -> None:
        self._worker, self._reader = (
            Engines(url, application_name=application_name, idle_limit=idle_limit, hash_secrets=hash_secrets)
            for url in (worker_url, reader_url)
        )

    @contextmanager
    def unit(self, tenant_id: UUID | None, limits: Limits | None = None) -> Iterator[Unit]:
        """Open a unit of work as the worker. ``None`` binds it to no tenant: it sees no tenant's rows."""
        with _interruptible(), self._worker.engine().begin() as connection:
            _bind(connection, tenant_id, limits or Limits())
            yield Unit(connection, tenant_id)

    @contextmanager
    def reading(self, tenant_id: UUID | None, limits: Limits | None = None) -> Iterator[Unit]:
        """Open a read-only unit as the reader; all its statements see one moment."""
        with _interruptible(), self._reader.engine().connect() as connection:
            connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)  # noqa: PLW2901 (the same connection, with options)
            with connection.begin():
                _bind(connection, tenant_id, limits or Limits())
                yield Unit(connection, tenant_id)

    def in_unit(
        self, tenant_id: UUID | None, work: Callable[[Unit], T], limits: Limits | None = None, tries: int = 4
    ) -> T:
        """Run ``work`` in a unit of its own, again when PostgreSQL says that only the moment was wrong.

        Deadlocks (40P01) and serialization failures (40001) roll back everything, so the work must take its inputs
        from the unit and leave nothing outside.
        """
        for attempt in range(1, tries + 1):
            try:
                with self.unit(tenant_id, limits) as unit:
                    return work(unit)
            except (DBAPIError, psycopg.Error) as error:  # COPY speaks to the driver itself
                state = getattr(getattr(error, "orig", error), "sqlstate", None)
                if attempt == tries or state not in _TRY_AGAIN:
                    raise
                time.sleep(random.uniform(0.01, 0.1) * attempt)  # noqa: S311 (jitter, not a secret)
        raise AssertionError

    def dispose(self) -> None:
        """Close this process's connections."""
        self._worker.dispose()
        self._reader.dispose()


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let an interrupt, or an end, in the middle of a query stay one: tidying up after it fails, and that error would take its place."""
    try:
        yield
    except Exception as error:
        cause: BaseException | None = error
        while cause is not None and not isinstance(cause, KeyboardInterrupt | SystemExit):
            cause = cause.__context__
        if cause is None:
            raise
        if isinstance(cause, SystemExit):
            raise SystemExit(cause.code) from error
        raise KeyboardInterrupt from error


def _bind(connection: Connection, tenant_id: UUID | None, limits: Limits) -> None:
    milliseconds = str(int(limits.transaction * 1000))
    connection.execute(
        text(
            "select set_config('app.tenant_id', :tenant, true), set_config('transaction_timeout', :limit, true),"
            " set_config('statement_timeout', :limit, true)"
        ),
        {"tenant": str(tenant_id) if tenant_id else "", "limit": milliseconds},
    )
