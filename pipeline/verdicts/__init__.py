"""What every address is worth, and why: pure rules, from evidence to a verdict."""

from pipeline.verdicts.canonical import canonical, domains_with_forms
from pipeline.verdicts.clock import facts_ttl, is_persistent, next_attempt, retry_delay
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
from pipeline.verdicts.judging import NOT_YET_CHECKED, is_plain, judge, judge_domain, not_yet_checked
from pipeline.verdicts.mail_hosts import is_trouble
from pipeline.verdicts.reasons import DAY, HOUR, RULES, Flag, ReasonCode, Rule, Status
from pipeline.verdicts.typos import Typo, suggest_domain
from pipeline.verdicts.version import VALIDATOR_VERSION
from pipeline.verdicts.weighing import Verdict

__all__ = [
    "DAY",
    "HOUR",
    "NOT_YET_CHECKED",
    "NULL_EXCHANGE",
    "RULES",
    "TROUBLE",
    "VALIDATOR_VERSION",
    "DomainFacts",
    "Flag",
    "MailHost",
    "Outcome",
    "Override",
    "OwnFacts",
    "Policy",
    "ReasonCode",
    "Rule",
    "Spf",
    "Status",
    "Typo",
    "Verdict",
    "canonical",
    "domains_with_forms",
    "facts_ttl",
    "is_persistent",
    "is_plain",
    "is_public",
    "is_trouble",
    "judge",
    "judge_domain",
    "next_attempt",
    "not_yet_checked",
    "retry_delay",
    "suggest_domain",
]
