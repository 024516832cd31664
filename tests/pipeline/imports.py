"""Running imports in a test: bytes in, job out, with what the database then has."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from config.settings import Settings
from db import reports
from db.jobs import Job
from db.reports import JobReport
from db.statuses import JobKind
from db.unit import Database, ResultRow
from pipeline.intake import ImportRequest, intake
from pipeline.options import ImportOptions
from tests.conftest import Tenant
from tests.support.workers import Threads


@dataclass(frozen=True)
class Desk:
    """Two workers and one tenant."""

    threads: Threads
    tenant: Tenant
    database: Database

    def run(
        self,
        data: bytes | str,
        options: ImportOptions | None = None,
        *,
        name: str = "contatos.csv",
        kind: JobKind = JobKind.IMPORT,
    ) -> Job:
        """Import a file to the job's end."""
        stream = io.BytesIO(data.encode() if isinstance(data, str) else data)
        tenant = self.tenant
        request = ImportRequest(
            tenant.tenant_id, tenant.user_id, tenant.audience, name, options or ImportOptions(), again=True, kind=kind
        )
        return self.finish(intake(self.threads.context, request, stream).import_job_id)

    def finish(self, import_job_id: UUID) -> Job:
        """Wait for the job's end."""
        return self.threads.finish(self.tenant.tenant_id, import_job_id)[0]

    def query(self, sql: str, **parameters: object) -> list[ResultRow]:
        """Look at the tenant's rows."""
        with self.database.reading(self.tenant.tenant_id) as unit:
            return list(unit.execute(sql, parameters))

    def report(self, job: Job) -> JobReport:
        """Return the job with its counters."""
        with self.database.reading(self.tenant.tenant_id) as unit:
            found = reports.job(unit, job.import_job_id)
        assert found is not None
        return found

    def contacts(self) -> dict[str, tuple[str | None, dict[str, str]]]:
        """Return name and attributes by address."""
        return {
            row.email: (row.name, row.attributes)
            for row in self.query("select email, name, attributes from mtrk.contatos order by email")
        }

    def opted_out(self) -> list[tuple[str, str]]:
        """Return who is opted out, and how."""
        return [
            tuple(row)
            for row in self.query(
                "select distinct email, kind from ops.suppressions where lifted_at is null order by 1, 2"
            )
        ]


@contextmanager
def desk(settings: Settings, database: Database, tenant: Tenant, *, chunk_rows: int = 3) -> Iterator[Desk]:
    """Two workers for one tenant's imports."""
    with Threads(settings.model_copy(update={"chunk_rows": chunk_rows}), 2) as threads:
        yield Desk(threads, tenant, database)
