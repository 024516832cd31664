"""Who would receive a campaign that was sent now, who would not and why, and what another choice would make of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from db import previews
from db.campaigns import Campaign, Chosen
from db.previews import Bits, Held, Row, Terms
from db.statuses import AudienceStatus
from db.unit import Unit, transaction_time
from pipeline import campaigns
from pipeline.context import Context
from pipeline.eligibility import Policy
from pipeline.eligibility.counting import (
    ALLOWED,
    CHOSEN,
    FIRST_AUDIENCE_BIT,
    FREE_BIT,
    KEPT_OUT_BIT,
    STATED,
    STRENGTHS,
    Counts,
    Crowd,
    count,
    crowds_of,
    cutoffs,
)
from pipeline.verdicts import domains_with_forms

_BITS = Bits(STATED, CHOSEN, ALLOWED, FREE_BIT, KEPT_OUT_BIT, FIRST_AUDIENCE_BIT)
#: DNS queries for a domain: its mail servers, and the address of one of them.
_QUERIES = 2


@dataclass(frozen=True)
class Reach:
    """An audience with how many contacts it brings to the campaign, and how many of them receive it. A contact may be in several."""

    audience: Chosen
    contacts: int
    recipients: int


@dataclass(frozen=True)
class Preview:
    """All of it, as of one moment. ``seconds``: until those who are still being checked have a verdict; None: nobody can say."""

    campaign: Campaign
    at: datetime
    policy: Policy
    counts: Counts
    reaches: tuple[Reach, ...]
    excluded: tuple[Chosen, ...]
    held: tuple[Held, ...]
    seconds: float | None


def preview(context: Context, tenant_id: UUID, which: str) -> Preview:
    """Count. Raises CampaignRefusedError for a campaign that there is not, or that has nobody to reach, and PolicyError."""
    with context.database.reading(tenant_id, previews.LIMITS) as unit:
        campaign = campaigns.find(unit, which)
        audiences = campaigns.reached(unit, campaign)
        policy = campaigns.policy(unit, campaign.cid)
        now = transaction_time(unit)
        reached = [each for each in audiences if not each.excluded and each.status is AudienceStatus.ACTIVE]
        excluded = [each for each in audiences if each.excluded]
        terms = Terms(
            cid=campaign.cid,
            reached=[each.audience_id for each in reached],
            excluded=[each.audience_id for each in excluded],
            used=[each.audience_id for each in audiences if not each.excluded],
            bases=policy.legal_bases,
            sources=policy.excluded_sources,
            cutoffs=cutoffs(policy, now),
            cap=None if policy.frequency_cap is None else (policy.frequency_cap.messages, policy.frequency_cap.days),
            kinds=STRENGTHS,
            domains=domains_with_forms(),
            quarantined=previews.quarantined(unit),
        )
        held = previews.held(unit, terms)
        rows = previews.count(unit, terms, _BITS)
        counts = count(crowds_of([_crowd(row) for row in rows]), policy, now)
        seconds = _waiting(unit, counts.unchecked, context.settings.dns_queries_per_second) if counts.unchecked else 0.0
    reaches = tuple(Reach(each, *counts.by_audience.get(number, (0, 0))) for number, each in enumerate(reached))
    return Preview(campaign, now, policy, counts, reaches, tuple(excluded), tuple(held), seconds)


def _crowd(row: Row) -> tuple[Crowd, int, tuple[tuple[int, int], ...]]:
    links, status, reason_code, flags, age, said, is_capped, sharers, contacts = row
    return Crowd(links, status, reason_code, flags, age, said, is_capped), contacts, sharers


def _waiting(unit: Unit, unchecked: int, queries_per_second: int | None) -> float | None:
    """Return after how many seconds DNS will have been asked about everybody, at the pace of the last minutes, else of the budget."""
    left = previews.waiting(unit, unchecked)
    pace = left.per_second or (queries_per_second or 0) / _QUERIES
    return left.domains / pace if pace else None
