"""What the DNS of a domain says about the addresses in it: pure rules, from facts to a verdict.

A verdict is a status (valid, invalid, risky, unknown), one stable reason code, and a score that only orders. Without
asking the mail server nobody can say that a mailbox exists, so the best outcome is called ``mx_ok``, not "deliverable".
Trouble while asking (a time-out, SERVFAIL, …) is never evidence against an address: it is ``unknown``, and asked again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Literal

from pipeline.verdicts.evidence import NULL_EXCHANGE, DomainFacts, Outcome

#: Part of every verdict. Another version means other rules: what an older one judged is judged again.
VALIDATOR_VERSION: Final = "2026.11"

#: The statuses of a verdict, from good to bad evidence.
Status = Literal["valid", "risky", "unknown", "invalid"]

HOUR: Final = 3_600
DAY: Final = 86_400


class ReasonCode(StrEnum):
    """Why a verdict is what it is: exactly one per verdict. Stable: stored, logged, and shown to other programs."""

    MX_OK = "mx_ok"  # valid: at least one usable mail server is named
    IMPLICIT_MX = (
        "implicit_mx"  # risky: no MX, but an address that mail may try (RFC 5321 section 5.1); typos live here
    )
    NULL_MX = "null_mx"  # invalid: the domain says that it takes no mail (RFC 7505)
    DOMAIN_NOT_FOUND = "domain_not_found"  # invalid: the name does not exist, heard twice
    NO_MAIL_HOST = "no_mail_host"  # invalid: neither MX nor address, heard twice
    UNROUTABLE_MAIL_HOST = (
        "unroutable_mail_host"  # invalid: no MX and only addresses outside the public Internet, heard twice
    )
    MX_UNROUTABLE = "mx_unroutable"  # invalid: every MX names localhost or an IP address instead of a host
    DNS_SERVFAIL = "dns_servfail"  # unknown: SERVFAIL
    DNS_TIMEOUT = "dns_timeout"  # unknown: no answer in time
    DNS_REFUSED = "dns_refused"  # unknown: REFUSED
    DNS_ERROR = "dns_error"  # unknown: any other trouble with the answer
    NOT_YET_CHECKED = "not_yet_checked"  # unknown: nobody has answered for the domain so far


@dataclass(frozen=True)
class DomainVerdict:
    """What every address of a domain is worth, as far as its domain decides.

    ``score``: 0 to 100, in the band of the status: invalid 0-10, unknown 30-40, risky 11-79, valid 80-100.
    ``retry_after``: seconds until a contact with this verdict is judged again (not how long the facts may be reused:
    that is ``facts_ttl``). ``details``: the evidence, ready for JSON.
    """

    status: Status
    reason_code: ReasonCode
    score: int
    retry_after: int
    details: Mapping[str, Any]


#: Status, score, retry_after.
_RULES: Final[dict[ReasonCode, tuple[Status, int, int]]] = {
    ReasonCode.MX_OK: ("valid", 95, 60 * DAY),
    ReasonCode.IMPLICIT_MX: ("risky", 55, 7 * DAY),
    ReasonCode.DOMAIN_NOT_FOUND: ("invalid", 0, 7 * DAY),
    ReasonCode.NULL_MX: ("invalid", 0, 30 * DAY),
    ReasonCode.NO_MAIL_HOST: ("invalid", 2, 7 * DAY),
    ReasonCode.UNROUTABLE_MAIL_HOST: ("invalid", 3, 7 * DAY),
    ReasonCode.MX_UNROUTABLE: ("invalid", 3, 7 * DAY),
    # Sooner than five minutes is in vain: resolvers keep a failure that long (RFC 9520).
    ReasonCode.DNS_SERVFAIL: ("unknown", 40, 300),
    ReasonCode.DNS_TIMEOUT: ("unknown", 40, 300),
    ReasonCode.DNS_REFUSED: ("unknown", 40, 300),
    ReasonCode.DNS_ERROR: ("unknown", 40, 300),
}

_REASONS: Final[dict[Outcome, ReasonCode]] = {
    Outcome.NO_DATA: ReasonCode.NO_MAIL_HOST,
    Outcome.NOT_FOUND: ReasonCode.DOMAIN_NOT_FOUND,
    Outcome.SERVFAIL: ReasonCode.DNS_SERVFAIL,
    Outcome.TIMEOUT: ReasonCode.DNS_TIMEOUT,
    Outcome.REFUSED: ReasonCode.DNS_REFUSED,
    Outcome.ERROR: ReasonCode.DNS_ERROR,
    Outcome.UNHEARD: ReasonCode.NOT_YET_CHECKED,
}

#: The verdict where nobody has answered for the domain so far.
NOT_YET_CHECKED: Final = DomainVerdict("unknown", ReasonCode.NOT_YET_CHECKED, 40, 300, {})


def judge(facts: DomainFacts) -> DomainVerdict:
    """Judge a domain by what DNS said of it (RFC 5321 section 5.1, RFC 7505)."""
    reason = _reason(facts)
    status, score, retry_after = _RULES[reason]
    flags = []
    if reason is ReasonCode.MX_OK and any(host == NULL_EXCHANGE for _, host in facts.mx):
        # RFC 7505 section 3 forbids the mixture; senders ignore the null entry.
        flags.append("null_mx_mixed")
        score -= 5
    return DomainVerdict(status, reason, score, retry_after, {"dns": facts.to_json(), "flags": flags})


def facts_ttl(facts: DomainFacts) -> int:
    """Return for how many seconds the facts may answer for their domain before DNS is asked again.

    Answers with records: their TTL, within five minutes and a day. Negative answers: an hour (RFC 2308 section 5 finds
    one to three sensible; the SOA that would say it is not to be had from the resolver library). Trouble: five minutes
    (RFC 9520).
    """
    if facts.outcome in (Outcome.MX, Outcome.ADDRESS):
        return min(max(facts.ttl, 300), DAY)
    if facts.outcome in (Outcome.NO_DATA, Outcome.NOT_FOUND):
        return HOUR
    return 300


def _reason(facts: DomainFacts) -> ReasonCode:
    if facts.outcome is Outcome.MX:
        hosts = [host for _, host in facts.mx if host != NULL_EXCHANGE]
        if not hosts:
            return ReasonCode.NULL_MX
        return ReasonCode.MX_OK if any(map(_is_host_name, hosts)) else ReasonCode.MX_UNROUTABLE
    if facts.outcome is Outcome.ADDRESS:
        return ReasonCode.IMPLICIT_MX if facts.has_public_address else ReasonCode.UNROUTABLE_MAIL_HOST
    return _REASONS[facts.outcome]


def _is_host_name(host: str) -> bool:
    # RFC 5321 section 5.1: an MX names a host. "0.0.0.0" and "localhost" are ways to say "no mail here".
    return host != "localhost" and not host.replace(".", "").isdigit() and ":" not in host
