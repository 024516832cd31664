"""The rules of a verdict as one table: which reason wins over which, what it is worth, and when it is looked at again."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

#: The statuses of a verdict, from good to bad evidence.
Status = Literal["valid", "risky", "unknown", "invalid"]

HOUR: Final = 3_600
DAY: Final = 86_400
WEEK: Final = 7 * DAY


class ReasonCode(StrEnum):
    """Why a verdict is what it is: exactly one per verdict. Stable: stored, logged, and shown to other programs."""

    # What a tenant decided, and what the platform saw itself
    OVERRIDE_DENY = "override_deny"
    BOUNCED_HARD = "bounced_hard"
    DELIVERED_RECENTLY = "delivered_recently"
    BOUNCED_SOFT_REPEATED = "bounced_soft_repeated"  # behind what DNS denies

    # DNS says no
    DOMAIN_NOT_FOUND = "domain_not_found"
    NULL_MX = "null_mx"
    NO_MAIL_HOST = "no_mail_host"
    UNROUTABLE_MAIL_HOST = "unroutable_mail_host"
    MX_UNRESOLVABLE = "mx_unresolvable"
    MX_UNROUTABLE = "mx_unroutable"

    # DNS says nothing
    MX_LOOKUP_INCOMPLETE = "mx_lookup_incomplete"
    DNS_SERVFAIL = "dns_servfail"
    DNS_TIMEOUT = "dns_timeout"
    DNS_REFUSED = "dns_refused"
    DNS_ERROR = "dns_error"
    NOT_YET_CHECKED = "not_yet_checked"

    # Findings: mail may well arrive, and there is a reason to think twice
    IMPLICIT_MX_NO_MAIL_SPF = "implicit_mx_no_mail_spf"
    IMPLICIT_MX = "implicit_mx"
    LOCAL_PART_TOO_LONG = "local_part_too_long"
    DISPOSABLE_DOMAIN = "disposable_domain"
    DISPOSABLE_MX = "disposable_mx"
    POSSIBLE_TYPO = "possible_typo"
    PARKED_MX = "parked_mx"
    SYSTEM_MAILBOX = "system_mailbox"
    ROLE_ACCOUNT = "role_account"
    SMTPUTF8_REQUIRED = "smtputf8_required"
    CONFUSABLE_DOMAIN = "confusable_domain"
    PROVIDER_RULE = "provider_rule"
    MX_IPV6_ONLY = "mx_ipv6_only"

    # DNS has said nothing for days
    MX_LOOKUP_INCOMPLETE_PERSISTENT = "mx_lookup_incomplete_persistent"
    DNS_SERVFAIL_PERSISTENT = "dns_servfail_persistent"
    DNS_TIMEOUT_PERSISTENT = "dns_timeout_persistent"
    DNS_REFUSED_PERSISTENT = "dns_refused_persistent"
    DNS_ERROR_PERSISTENT = "dns_error_persistent"

    # Nothing is left against the address
    OVERRIDE_ALLOW = "override_allow"
    MX_OK = "mx_ok"


class Flag(StrEnum):
    """What is worth saying of an address and decides nothing. A reason that did not decide is a flag as well."""

    FREE_PROVIDER = "free_provider"
    FORWARDING_ALIAS = "forwarding_alias"  # costs a valid address five points: nobody knows for how long it is kept
    PLUS_TAG = "plus_tag"
    ROLE_ACCOUNT = "role_account"
    FISCAL_MAILBOX = "fiscal_mailbox"
    IDN = "idn"
    IDN_UNDECODABLE = "idn_undecodable"
    NULL_MX_MIXED = "null_mx_mixed"  # rule 12b; costs five points (RFC 7505 3)
    MX_IS_CNAME = "mx_is_cname"  # costs five points (RFC 2181 10.3)
    POSSIBLE_TYPO_WITH_MX = "possible_typo_with_mx"
    DNS_UNCONFIRMED = "dns_unconfirmed"
    DOMAIN_BOUNCES = "domain_bounces"


@dataclass(frozen=True)
class Rule:
    """One line of the table.

    ``number``: shared by reasons of one kind. ``age``: seconds until a contact judged so is judged again; None: it follows
    the clock of retries. ``is_finding``: one of those that are weighed against each other: of several, the one with the
    lowest score is the reason; a tenant's "allow" sets them aside. ``source``: where the rule comes from.
    """

    number: str
    status: Status
    reason_code: ReasonCode
    score: int
    age: int | None
    source: str
    is_finding: bool = False


def _finding(number: str, reason: ReasonCode, score: int, age: int, source: str) -> Rule:
    return Rule(number, "risky", reason, score, age, source, is_finding=True)


_OWN: Final = "the platform's own sending"
_TEMPORARY: Final = "RFC 5321 5.1: a temporary error is queued and retried"

#: In the order in which they are tried: the first that matches is the reason. Among findings the worst is.
#:
#: Ages: what hangs on records that somebody sets and forgets, or on the address itself, is looked at after 60 days. What
#: an owner may mend any day, or a typing error may hide behind, after 7. Domains that are given up or traded, after 30.
RULES: Final = (
    Rule("10", "invalid", ReasonCode.OVERRIDE_DENY, 0, 60 * DAY, "the tenant's decision; it wins over everything"),
    Rule("10a", "invalid", ReasonCode.BOUNCED_HARD, 0, 60 * DAY, _OWN),
    Rule("10b", "valid", ReasonCode.DELIVERED_RECENTLY, 100, 30 * DAY, f"{_OWN}: the only proof of a mailbox"),
    Rule("11", "invalid", ReasonCode.DOMAIN_NOT_FOUND, 0, WEEK, "RFC 5321 5.1, RFC 8020"),
    Rule("12", "invalid", ReasonCode.NULL_MX, 0, 30 * DAY, "RFC 7505 3"),
    Rule("13", "invalid", ReasonCode.NO_MAIL_HOST, 2, WEEK, "RFC 5321 5.1"),
    Rule("13", "invalid", ReasonCode.UNROUTABLE_MAIL_HOST, 3, WEEK, "RFC 5321 5.1, RFC 6890"),
    Rule("16", "invalid", ReasonCode.MX_UNRESOLVABLE, 3, WEEK, 'RFC 5321 5.1: "none of them are usable"'),
    Rule("17", "invalid", ReasonCode.MX_UNROUTABLE, 3, WEEK, "RFC 5321 5.1: an MX names a host; RFC 6890"),
    Rule("10c", "risky", ReasonCode.BOUNCED_SOFT_REPEATED, 30, WEEK, f"{_OWN}; it lifts nothing that DNS denies"),
    Rule("18", "unknown", ReasonCode.MX_LOOKUP_INCOMPLETE, 40, None, _TEMPORARY),
    Rule("19", "unknown", ReasonCode.DNS_SERVFAIL, 40, None, _TEMPORARY),
    Rule("19", "unknown", ReasonCode.DNS_TIMEOUT, 40, None, _TEMPORARY),
    Rule("19", "unknown", ReasonCode.DNS_REFUSED, 40, None, _TEMPORARY),
    Rule("19", "unknown", ReasonCode.DNS_ERROR, 40, None, _TEMPORARY),
    Rule("21", "unknown", ReasonCode.NOT_YET_CHECKED, 40, None, "our own trouble is no evidence"),
    _finding("14", ReasonCode.IMPLICIT_MX_NO_MAIL_SPF, 20, WEEK, "RFC 5321 5.1, RFC 7208: v=spf1 -all"),
    _finding("15", ReasonCode.IMPLICIT_MX, 55, WEEK, "RFC 5321 5.1"),
    _finding(
        "8", ReasonCode.LOCAL_PART_TOO_LONG, 40, 60 * DAY, "RFC 5321 4.5.3.1.1; 4.5.3.1 makes the limit a soft one"
    ),
    _finding("22", ReasonCode.DISPOSABLE_DOMAIN, 15, 30 * DAY, "list: disposable-email-domains, and our additions"),
    _finding("23", ReasonCode.DISPOSABLE_MX, 15, 30 * DAY, "list: mail servers of disposable providers"),
    _finding("24", ReasonCode.POSSIBLE_TYPO, 25, WEEK, "list: typing errors; one letter beside a large provider"),
    _finding("25", ReasonCode.PARKED_MX, 25, 30 * DAY, "list: mail servers of parked domains"),
    _finding("26", ReasonCode.SYSTEM_MAILBOX, 20, 60 * DAY, "RFC 2142 4 and 5; list: system mailboxes"),
    _finding("27", ReasonCode.ROLE_ACCOUNT, 60, 60 * DAY, "RFC 2142 3; list: roles; only where the tenant wants it"),
    _finding("28", ReasonCode.SMTPUTF8_REQUIRED, 50, 60 * DAY, "RFC 6531; not where the tenant's sender has it"),
    _finding("29", ReasonCode.CONFUSABLE_DOMAIN, 35, 60 * DAY, "UTS #39"),
    _finding("30", ReasonCode.PROVIDER_RULE, 30, 60 * DAY, "what the providers say of their own mailboxes"),
    _finding("31", ReasonCode.MX_IPV6_ONLY, 60, WEEK, "judgement: many senders have no IPv6"),
    Rule("20", "unknown", ReasonCode.MX_LOOKUP_INCOMPLETE_PERSISTENT, 30, None, _TEMPORARY),
    Rule("20", "unknown", ReasonCode.DNS_SERVFAIL_PERSISTENT, 30, None, _TEMPORARY),
    Rule("20", "unknown", ReasonCode.DNS_TIMEOUT_PERSISTENT, 30, None, _TEMPORARY),
    Rule("20", "unknown", ReasonCode.DNS_REFUSED_PERSISTENT, 30, None, _TEMPORARY),
    Rule("20", "unknown", ReasonCode.DNS_ERROR_PERSISTENT, 30, None, _TEMPORARY),
    Rule("10", "valid", ReasonCode.OVERRIDE_ALLOW, 100, 60 * DAY, "the tenant's decision; it lifts findings only"),
    Rule("32", "valid", ReasonCode.MX_OK, 95, 60 * DAY, "RFC 5321 5.1; that a mailbox exists, DNS cannot say"),
)

RULE_OF: Final = {rule.reason_code: rule for rule in RULES}

#: What a reason of the group "DNS says nothing" becomes when it has done so for days.
PERSISTENT: Final = {
    rule.reason_code: ReasonCode(f"{rule.reason_code}_persistent") for rule in RULES if rule.number in ("18", "19")
}
