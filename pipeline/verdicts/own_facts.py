"""What the platform saw itself of a mailbox: it comes before anything that DNS says of its domain."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from pipeline.verdicts.evidence import OwnFacts
from pipeline.verdicts.reasons import HOUR, RULE_OF, Flag, ReasonCode

OWN_REASONS: Final = (ReasonCode.BOUNCED_HARD, ReasonCode.DELIVERED_RECENTLY, ReasonCode.BOUNCED_SOFT_REPEATED)

#: For how long a delivery proves a mailbox.
RECENTLY: Final = timedelta(seconds=RULE_OF[ReasonCode.DELIVERED_RECENTLY].age or 0)
#: Soft bounces in a row from which a mailbox is taken for doubtful.
MANY_SOFT_BOUNCES: Final = 5
#: Share of a domain's mailboxes that bounced from which each of them is flagged.
HIGH_BOUNCE_RATE: Final = 0.05


def own_reasons(own: OwnFacts, *, now: datetime) -> set[ReasonCode]:
    """Return every reason that the platform's own sending gives. Of a delivery and a hard bounce the newer one counts."""
    found = set()
    delivered, bounced = own.delivered_at, own.bounced_hard_at
    if bounced is not None and (delivered is None or delivered <= bounced):
        found.add(ReasonCode.BOUNCED_HARD)
    elif delivered is not None and now - delivered <= RECENTLY:
        found.add(ReasonCode.DELIVERED_RECENTLY)
    if own.soft_bounces >= MANY_SOFT_BOUNCES:
        found.add(ReasonCode.BOUNCED_SOFT_REPEATED)
    return found


def own_flags(own: OwnFacts) -> tuple[str, ...]:
    """Return what is worth saying and decides nothing."""
    rate = own.domain_bounce_rate
    return (Flag.DOMAIN_BOUNCES,) if rate is not None and rate >= HIGH_BOUNCE_RATE else ()


def proof_ends_after(own: OwnFacts, *, now: datetime) -> int:
    """Return for how many seconds a recent delivery still proves the mailbox; an hour at least."""
    delivered = own.delivered_at or now
    left = min(delivered + RECENTLY - now, RECENTLY)
    return max(int(left.total_seconds()), HOUR)


def own_details(own: OwnFacts) -> dict[str, Any]:
    """Return the evidence, ready for JSON."""
    return {
        "delivered_at": own.delivered_at and own.delivered_at.isoformat(),
        "bounced_hard_at": own.bounced_hard_at and own.bounced_hard_at.isoformat(),
        "soft_bounces": own.soft_bounces,
        "domain_bounce_rate": own.domain_bounce_rate,
    }
