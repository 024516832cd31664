"""Imports that a test takes apart: people to import, a job that nobody works at yet, the chunk that is due, what is written."""

from __future__ import annotations

import io
import random
from uuid import UUID

from db.chunks import ChunkRef
from db.statuses import ChunkStage
from db.unit import Database
from pipeline.intake import ImportRequest, intake
from tests.conftest import Tenant
from tests.support.workers import Threads

SMALL_CHUNKS = {"chunk_rows": 40, "max_attempts": 3}


def people(count: int, seed: int = 0) -> bytes:
    rows = [f"p{n}@empresa{n % 7}.com.br,Pessoa {n}" for n in range(count)]
    random.Random(seed).shuffle(rows)
    return ("email,name\n" + "\n".join(rows) + "\n").encode()


def ask(threads: Threads, tenant: Tenant, data: bytes) -> UUID:
    request = ImportRequest(tenant.tenant_id, tenant.user_id, tenant.audience, "f.csv", again=True)
    return intake(threads.context, request, io.BytesIO(data)).import_job_id


def snapshot(database: Database, tenant: Tenant) -> list[int]:
    tables = (
        "mkt.import_rows",
        "mtrk.contatos",
        "mkt.contact_changes",
        "mkt.audience_contacts",
        "mkt.email_validations",
        "mkt.email_validation_history",
    )
    with database.reading(tenant.tenant_id) as unit:
        return [unit.execute(f"select count(*) from {table}").scalar_one() for table in tables]


def due(database: Database, tenant: Tenant, job_id: UUID, chunk_no: int, stage: ChunkStage) -> ChunkRef:
    with database.unit(tenant.tenant_id) as unit:
        attempts = unit.execute(
            "select attempts from mkt.import_chunks where import_job_id = :job and chunk_no = :chunk_no and stage = :stage",
            {"job": job_id, "chunk_no": chunk_no, "stage": stage},
        ).scalar_one()
    return ChunkRef(tenant.tenant_id, job_id, chunk_no, stage, attempts)
