"""How long a preview of a campaign over a million contacts takes, beside counting its contacts, and what a send and a sender ask.

The yardstick is ``select count(distinct rid)`` over the same memberships, in the same session: the least that anybody pays who wants
to know how many people there are.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

import psycopg

from config.endpoints import database_url
from config.settings import Settings
from db import eligibility
from db.unit import Unit
from pipeline.context import Context
from pipeline.previews import preview
from tests.bench.campaign_base import Base, make_campaign
from tests.support.crew import servers
from tests.support.workers import tools

T = TypeVar("T")

CONTACTS: Final = 1_000_000
#: Turns that are counted, of each in turn; one more goes before them.
TURNS: Final = 5
#: Contacts that a send judges at a time, and contacts that a sender asks about one by one.
CHUNK, ASKED = 1_000, 200

_COUNT: Final = (
    "select count(distinct rid) from mkt.audience_contacts"
    " where audience_id = any(cast(:audiences as uuid[])) and removed_at is null"
)


class Figures(NamedTuple):
    """Seconds, medians of turns: counting, previewing, previewing with erased persons; of a chunk, and of one contact at hand-over."""

    members: int
    counted: float
    previewed: float
    ratio: float
    with_erased: float
    chunk: float
    asked: float


def sections() -> Iterator[str]:
    """Measure, and yield the section of the page."""
    with (
        tempfile.TemporaryDirectory(prefix="mkt-bench-") as folder,
        servers(Path(folder, "home"), durable=True) as settings,
        tools(settings) as context,
    ):
        base = make_campaign(settings, context.database, Path(folder), CONTACTS)
        yield render(measure(settings, context, base))


def measure(settings: Settings, context: Context, base: Base) -> Figures:
    """Measure everything over one base."""
    counted, previewed = [], []
    for turn in range(TURNS + 1):
        found, seconds = timed(lambda: count(context, base))
        seen, longer = timed(lambda: preview(context, base.tenant_id, str(base.cid)).counts)
        if seen.contacts != found or seen.recipients + sum(seen.exclusions.values()) != found:
            msg = f"{found} contacts were counted, and {seen.contacts} seen"
            raise SystemExit(msg)
        if turn:
            counted.append(seconds)
            previewed.append(longer)
    ratio = statistics.median(long / short for long, short in zip(previewed, counted, strict=True))
    chunk, asked = send(settings, context, base)
    erase_somebody(context, base)
    erased = [timed(lambda: preview(context, base.tenant_id, str(base.cid)))[1] for _ in range(TURNS)]
    with context.database.reading(base.tenant_id) as unit:
        members = unit.execute("select count(*) from mkt.audience_contacts").scalar_one()
    return Figures(
        members,
        statistics.median(counted),
        statistics.median(previewed),
        ratio,
        statistics.median(erased),
        chunk,
        asked,
    )


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """Return what comes of it, and the seconds that it took."""
    begin = time.monotonic()
    return work(), time.monotonic() - begin


def count(context: Context, base: Base) -> int:
    """Count the campaign's contacts."""
    with context.database.reading(base.tenant_id) as unit:
        return int(unit.execute(_COUNT, {"audiences": base.audience_ids}).scalar_one())


def send(settings: Settings, context: Context, base: Base) -> tuple[float, float]:
    """Return the median seconds in which a chunk is judged, and in which a sender has an answer about one contact."""
    with psycopg.connect(database_url(settings), autocommit=True) as connection:
        connection.execute(
            "insert into mkt.campaign_contacts (tenant_id, cid, rid, import_job_id, chunk_no, outcome, decided_at)"
            " select %s, %s, rid, uuidv7(), 3, 'recipient', now() from mtrk.contatos where tenant_id = %s",
            (base.tenant_id, base.cid, base.tenant_id),
        )
        connection.execute("analyze mkt.campaign_contacts")

    def judge(unit: Unit, first: int) -> float:
        rids = [row[0] for row in unit.execute(_SOME, {"tenant": base.tenant_id, "skip": first, "most": CHUNK})]
        return timed(lambda: eligibility.judge(unit, base.cid, rids))[1]

    with context.database.reading(base.tenant_id) as unit:
        chunks = [judge(unit, turn * 10 * CHUNK) for turn in range(10)]
    with context.database.reading(base.tenant_id) as unit:
        rids = [row[0] for row in unit.execute(_SOME, {"tenant": base.tenant_id, "skip": CHUNK, "most": ASKED})]
        asked = [timed(lambda rid=rid: eligibility.may_receive(unit, base.cid, rid))[1] for rid in rids]  # type: ignore[misc]
    return statistics.median(chunks), statistics.median(asked)


_SOME: Final = "select rid from mtrk.contatos where tenant_id = :tenant order by rid offset :skip limit :most"


def erase_somebody(context: Context, base: Base) -> None:
    """Have one person be known by a hash alone, as an erasure leaves one."""
    with context.database.unit(base.tenant_id) as unit:
        unit.execute(
            "insert into ops.suppressions (tenant_id, mailbox_hash, key_version, kind, source)"
            " select :tenant, mkt.keyed_hash(p.inner_pad, p.outer_pad, 'somebody@gmail.com'), p.key_version, 'erasure', 'bench'"
            " from mkt.current_pads(:tenant) p",
            {"tenant": base.tenant_id},
        )


def render(figures: Figures) -> str:
    """Return the section of the page."""
    return "\n".join(
        [
            "## Campaigns",
            "",
            f"A campaign over {CONTACTS:,} contacts in three audiences ({figures.members:,} memberships: three in ten contacts are in two or all of them), 2% of them",
            "opted out, a quarter at Gmail with dots in one in ten of their addresses, verdicts of all kinds. Medians of",
            f"{TURNS} turns of each, side by side.",
            "",
            "| | ratio to counting | s |",
            "|---|---:|---:|",
            f"| `mkt campaign preview` | {figures.ratio:.2f} | {figures.previewed:.2f} |",
            f"| `select count(distinct rid)` over the memberships | 1.00 | {figures.counted:.2f} |",
            f"| the preview where somebody is known by a hash alone, so that every mailbox is hashed | {figures.with_erased / figures.counted:.2f} | {figures.with_erased:.2f} |",
            "",
            "*Preview* is all of it but the start of the command: recipients and exclusions by rule, reason and audience, what the opposite of",
            "every choice would make, and how long those who are unchecked will be so. *Counting* is one statement under row security, as the",
            "same role in the same session.",
            "",
            f"A send judges {CHUNK:,} contacts in {figures.chunk * 1_000:.0f} ms (`mkt.judge_campaign`), by keys; a sender has its answer about one contact",
            f"(`mkt.may_receive`) in {figures.asked * 1_000:.1f} ms.",
            "",
        ]
    )
