"""From what DNS said of a domain to the row that is kept of it: facts, verdict, and when to ask again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from db.domain_checks import DomainClaim
from pipeline.domains.rejudging import verdict_columns
from pipeline.verdicts import DomainFacts, Outcome, facts_ttl, judge_domain, next_attempt, retry_delay


def row_of(facts: DomainFacts, before: DomainClaim, now: datetime) -> dict[str, Any]:
    """Return what is kept of what was heard by ``now`` of a domain, given what was heard ``before``."""
    outcome = None if before.outcome is None else Outcome(before.outcome)
    attempt = next_attempt(facts, before=outcome, attempt=before.attempt, retry_at=before.retry_at, now=now)
    retry_at = _retry_at(attempt, before, now)
    verdict = judge_domain(facts, attempt=attempt, checked_at=now)
    return verdict_columns(verdict) | {
        "domain": facts.domain,
        "outcome": str(facts.outcome),
        "facts": facts.to_json(),
        "ttl": facts_ttl(facts),
        "attempt": attempt,
        "retry_at": retry_at and retry_at.isoformat(),
    }


def _retry_at(attempt: int, before: DomainClaim, now: datetime) -> datetime | None:
    if not attempt:
        return None
    if attempt == before.attempt and before.retry_at is not None and now < before.retry_at:
        # An import asked before the time: the clock is not put back.
        return before.retry_at
    return now + timedelta(seconds=retry_delay(attempt))
