"""How long a send takes: the freeze of whom a campaign chose, each chunk, and the check of the balance.

One worker, in this process: what is measured are the statements, on servers as people run them.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple
from uuid import UUID

from config.settings import Settings
from db.chunks import ChunkRef
from db.statuses import SETTLE_CHUNK, SPLIT_CHUNK, ChunkStage
from pipeline import stages
from pipeline.context import Context
from pipeline.sending import request
from tests.bench.campaign_base import make_campaign
from tests.support.crew import servers
from tests.support.workers import tools

#: Contacts of the campaigns that are sent.
COUNTS: Final = (100_000, 1_000_000)


class Figures(NamedTuple):
    """Seconds: of the freeze, of a chunk in the median and at most, of settle; and what became of people."""

    contacts: int
    messages: int
    chunks: int
    plan: float
    chunk: float
    slowest_chunk: float
    settle: float


def sections() -> Iterator[str]:
    """Measure, and yield the section of the page."""
    figures = []
    for count in COUNTS:
        with (
            tempfile.TemporaryDirectory(prefix="mkt-bench-") as folder,
            servers(Path(folder, "home"), durable=True) as settings,
        ):
            figures.append(measure(settings, Path(folder), count))
    yield render(figures)


def render(figures: list[Figures]) -> str:
    """Return the section of the page."""
    rows = [
        f"| {each.contacts:,} | {each.messages:,} | {each.plan:.1f} | {each.chunks:,} | {each.chunk:.2f} | {each.slowest_chunk:.2f} | {each.settle:.1f} |"
        for each in figures
    ]
    return "\n".join(
        [
            "## Sends",
            "",
            "A campaign over three audiences that overlap. One worker; the chunks are of the default size, one after the other.",
            "",
            "| people | messages | freeze, s | chunks | a chunk, s (median) | slowest chunk, s | balance, s |",
            "|---:|---:|---:|---:|---:|---:|---:|",
            *rows,
            "",
            "An opt-out waits for the chunks that are being judged at that moment, so at most for about as long as one takes.",
            "",
        ]
    )


def measure(settings: Settings, files: Path, count: int) -> Figures:
    """Send a campaign over so many contacts."""
    with tools(settings) as context:
        base = make_campaign(settings, context.database, files, count)
        with context.database.unit(base.tenant_id) as unit:
            user_id = unit.execute("select user_id from auth.users limit 1").scalar_one()
        job_id = request(context, base.tenant_id, user_id, base.cid).import_job_id
        plan = _attempt(context, base.tenant_id, job_id, ChunkStage.PLAN, SPLIT_CHUNK)
        with context.database.reading(base.tenant_id) as unit:
            numbers = unit.execute(
                "select chunk_no from mkt.import_chunks where import_job_id = :job and stage = 'send' order by 1",
                {"job": job_id},
            ).scalars()
            there = list(numbers)
        each = [_attempt(context, base.tenant_id, job_id, ChunkStage.SEND, chunk_no) for chunk_no in there]
        settle = _attempt(context, base.tenant_id, job_id, ChunkStage.SETTLE, SETTLE_CHUNK)
        with context.database.reading(base.tenant_id) as unit:
            status, contacts, messages = unit.execute(
                "select status, total_rows, ok_rows from mkt.import_jobs where import_job_id = :job", {"job": job_id}
            ).one()
        assert status == "done", status
    return Figures(contacts, messages, len(there), plan, statistics.median(each), max(each), settle)


def _attempt(context: Context, tenant_id: UUID, job_id: UUID, stage: ChunkStage, chunk_no: int) -> float:
    """Make one attempt; returns its seconds."""
    with context.database.reading(tenant_id) as unit:
        attempts = unit.execute(
            "select attempts from mkt.import_chunks where import_job_id = :job and chunk_no = :no",
            {"job": job_id, "no": chunk_no},
        ).scalar_one()
    begin = time.monotonic()
    assert stages.run(context, ChunkRef(tenant_id, job_id, chunk_no, stage, attempts))
    return time.monotonic() - begin
