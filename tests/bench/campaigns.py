"""How long the preview of a campaign takes over a million contacts in three audiences that overlap.

The yardstick is counting the different contacts of the same memberships: the least that anybody must do who says how many people
a campaign chooses.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from pipeline.context import Context
from pipeline.previews import preview
from tests.bench.campaign_base import Base, make_campaign
from tests.support.crew import servers
from tests.support.workers import tools

ROWS: Final = 1_000_000
#: Each of them a preview and a count, one after the other.
TURNS: Final = 7
_COUNT: Final = "select count(distinct rid) from mkt.audience_contacts where removed_at is null and audience_id = any(cast(:audiences as uuid[]))"


class Race(NamedTuple):
    """Seconds, medians of turns, and what was counted."""

    contacts: int
    recipients: int
    memberships: int
    preview: float
    counting: float


def sections() -> Iterator[str]:
    """Measure, and yield the section of the page."""
    with (
        tempfile.TemporaryDirectory(prefix="mkt-bench-") as folder,
        servers(Path(folder, "home"), durable=True) as settings,
        tools(settings) as context,
    ):
        base = make_campaign(settings, context.database, Path(folder), ROWS)
        yield render(race(context, base))


def race(context: Context, base: Base) -> Race:
    """Preview and count, turn by turn; the count as a reader of the tenant does it, with the server's own settings."""
    previewed, counted = [], []
    values = {"audiences": base.audience_ids}
    for _ in range(TURNS):
        begin = time.monotonic()
        found = preview(context, base.tenant_id, str(base.cid))
        previewed.append(time.monotonic() - begin)
        with context.database.reading(base.tenant_id) as unit:
            begin = time.monotonic()
            unit.execute(_COUNT, values).scalar_one()
            counted.append(time.monotonic() - begin)
    with context.database.reading(base.tenant_id) as unit:
        memberships = unit.execute(_COUNT.replace("distinct rid", "*"), values).scalar_one()
    return Race(
        found.counts.contacts,
        found.counts.recipients,
        memberships,
        statistics.median(previewed),
        statistics.median(counted),
    )


def render(found: Race) -> str:
    """Return the section of the page."""
    return "\n".join(
        [
            "## Campaigns",
            "",
            f"{found.contacts:,} contacts with {found.memberships:,} memberships in three audiences; {found.recipients:,} may receive. Medians of {TURNS} turns.",
            "",
            "| | ratio | s |",
            "|---|---:|---:|",
            f"| preview: every contact judged by every rule, and every choice turned round | {found.preview / found.counting:.2f} | {found.preview:.2f} |",
            f"| `count(distinct rid)` over the same memberships | 1.00 | {found.counting:.2f} |",
        ]
    )
