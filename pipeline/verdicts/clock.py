"""How long facts are good for, and when DNS is asked again about a domain that it said nothing of."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from pipeline.verdicts.evidence import TROUBLE, DomainFacts, Outcome
from pipeline.verdicts.mail_hosts import domain_reason, is_trouble
from pipeline.verdicts.reasons import DAY, HOUR, WEEK, ReasonCode

#: Seconds from one answer in a row that told nothing to the next question. Sooner than five minutes is in vain: resolvers
#: keep a failure that long (RFC 9520).
_RETRIES: Final = (300, 1_800, 6 * HOUR, DAY)
#: From here on it is no passing trouble: five tries over 31 hours.
_PERSISTENT: Final = len(_RETRIES) + 1

#: How long, in seconds, records may be reused, whatever their own time to live says.
_SHORTEST, _LONGEST = 300, DAY
#: A negative answer: RFC 2308 section 5 finds one to three hours sensible; the SOA that would say it is not to be had from
#: the resolver library.
_NEGATIVE: Final = HOUR
#: Trouble: RFC 9520 section 3.2 allows no more.
_TROUBLED: Final = 300


def facts_ttl(facts: DomainFacts) -> int:
    """Return for how many seconds the facts may answer for their domain before DNS is asked again."""
    if is_trouble(facts):
        return _TROUBLED
    if facts.outcome in (Outcome.NO_DATA, Outcome.NOT_FOUND):
        return _NEGATIVE
    # No MX beside an address, and mail servers that do not exist, are negative answers as well: a record may come.
    is_negative = facts.outcome is Outcome.ADDRESS or domain_reason(facts) is ReasonCode.MX_UNRESOLVABLE
    return min(max(facts.ttl, _SHORTEST), _NEGATIVE if is_negative else _LONGEST)


def next_attempt(
    heard: DomainFacts | Outcome, *, before: Outcome | None, attempt: int, retry_at: datetime | None, now: datetime
) -> int:
    """Return how many answers in a row have told nothing, counting what was ``heard`` at ``now``.

    ``before`` (None: nothing yet), ``attempt`` and ``retry_at`` are those of the answer before. One that came before its
    time (an import asks whenever it needs to know) counts only when it is a good one: the clock measures days of trouble,
    not questions. Trouble of our own says nothing of the domain: however long it lasts it is not persistent, and the
    domain's own is counted from one after it.
    """
    troubled = is_trouble(heard) if isinstance(heard, DomainFacts) else heard in TROUBLE
    if not troubled:
        return 0
    is_ours = (heard.outcome if isinstance(heard, DomainFacts) else heard) is Outcome.UNHEARD
    if before is Outcome.UNHEARD and not is_ours:
        return 1
    counted = attempt if attempt and retry_at is not None and now < retry_at else attempt + 1
    return min(counted, _PERSISTENT - 1) if is_ours else counted


def retry_delay(attempt: int) -> int:
    """Return after how many seconds DNS is asked again when ``attempt`` answers in a row have told nothing."""
    return WEEK if is_persistent(attempt) else _RETRIES[max(attempt, 1) - 1]


def is_persistent(attempt: int) -> bool:
    """Whether the trouble has lasted so long that it is a property of the domain."""
    return attempt >= _PERSISTENT
