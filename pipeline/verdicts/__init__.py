"""What every address is worth, and why: pure rules, from evidence to a verdict."""

from pipeline.verdicts.evidence import (
    NULL_EXCHANGE,
    TROUBLE,
    DomainFacts,
    MailHost,
    Outcome,
    Override,
    OwnFacts,
    Policy,
    Spf,
    is_public,
)
from pipeline.verdicts.judging import (
    DAY,
    HOUR,
    NOT_YET_CHECKED,
    VALIDATOR_VERSION,
    DomainVerdict,
    ReasonCode,
    Status,
    facts_ttl,
    judge,
)

__all__ = [
    "DAY",
    "HOUR",
    "NOT_YET_CHECKED",
    "NULL_EXCHANGE",
    "TROUBLE",
    "VALIDATOR_VERSION",
    "DomainFacts",
    "DomainVerdict",
    "MailHost",
    "Outcome",
    "Override",
    "OwnFacts",
    "Policy",
    "ReasonCode",
    "Spf",
    "Status",
    "facts_ttl",
    "is_public",
    "judge",
]
